package gate

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Register begins an account: nothing exists of it but a flow until the code from the
// mail is typed. For an address that has an account the answer is the same, and the mail
// says so instead of bringing a code.
func (g *Gate) Register(ctx context.Context, v Visitor, in Begin) (*Begun, error) {
	var wrong refusals
	to, err := ParseAddress(in.Email)
	wrong.add(g.addressWrong(to, err))
	in.Name, in.Organisation = strings.TrimSpace(in.Name), strings.TrimSpace(in.Organisation)
	if in.Name == "" || !plain(in.Name) {
		wrong.add(&Refusal{Kind: BadName, Field: "name"})
	}
	if !plain(in.Organisation) {
		wrong.add(&Refusal{Kind: BadName, Field: "organisation"})
	}
	about := g.personal(to.Key, in.Name, in.Organisation)
	if len(wrong) > 0 {
		about = g.personal(to.Key, "", "") // a name that is none may be very long
	}
	if rules := g.Policy.Check(in.Password, about); len(rules) > 0 {
		wrong.add(&Refusal{Kind: BadPassword, Field: "password", Rules: rules})
	}
	if err := wrong.err(); err != nil {
		return nil, g.refused(ctx, v, string(FlowRegister), err, "", "")
	}
	if err := g.mailSoon(ctx, v, to.Key); err != nil {
		return nil, g.refused(ctx, v, string(FlowRegister), err, "", g.addressTag(to.Key))
	}
	hash, err := g.Passwords.Hash(ctx, in.Password)
	if err != nil {
		return nil, g.busy(string(FlowRegister), err)
	}
	begun, err := g.begin(ctx, v, FlowRegister, to, in, func(tx Tx, f *Flow) error {
		a, err := found(tx.AccountByKey(to.Key))
		if err != nil {
			return err
		}
		f.Account, f.Password, f.Name, f.Organisation = "", hash, in.Name, in.Organisation
		if a != nil {
			f.Account = a.ID // the hash stays, for log-ins to be refused alike
		}
		return nil
	})
	if err != nil {
		return nil, g.refused(ctx, v, string(FlowRegister), err, "", g.addressTag(to.Key))
	}
	return begun, nil
}

// Verify makes the account of a flow whose code was typed, and logs it in.
func (g *Gate) Verify(ctx context.Context, v Visitor, token, code string) (*Entered, error) {
	var in *Entered
	err := g.check(ctx, v, token, code, []FlowKind{FlowRegister}, func(tx Tx, f *Flow) error {
		id, err := g.newID()
		if err != nil {
			return err
		}
		now := tx.Now()
		a := &Account{
			ID: id, Email: f.Email, Key: f.Key, Name: f.Name, Organisation: f.Organisation, Language: f.Language,
			Password: f.Password, PasswordAt: now, Created: now,
		}
		if err := tx.AddAccount(a); errors.Is(err, ErrExists) {
			return refuse(UsedCode) // by the same person in another browser
		} else if err != nil {
			return err
		}
		if in, err = g.enter(tx, v, a); err != nil {
			return err
		}
		in.Return = f.Return
		f.Account, f.Password, f.Code, f.Used = a.ID, "", "", now
		return errors.Join(tx.PutFlow(f), g.audit(tx, v, "account", "created", a.ID, g.addressTag(a.Key)))
	})
	if err != nil {
		return nil, err
	}
	return in, nil
}

// addressWrong is what is wrong with an address, judged before anybody looks whether it
// has an account.
func (g *Gate) addressWrong(to Address, err error) *Refusal {
	switch {
	case err != nil:
		return &Refusal{Kind: BadAddress, Field: "email"}
	case g.Domains.Refused(to):
		return &Refusal{Kind: BadDomain, Field: "email"}
	}
	return nil
}

// mailSoon refuses early, before anything costly, what the limits of mail will refuse.
// The gap between two mails is not among them: a form may have been sent twice.
func (g *Gate) mailSoon(ctx context.Context, v Visitor, key string) error {
	return g.Store.View(ctx, func(tx Tx) error {
		keys := g.mailKeys(v, key)
		marks, err := tx.Marks(keys...)
		if err != nil {
			return err
		}
		l := &g.Limits
		w := max(wait(marks[keys[0]], tx.Now(), 0, l.MailAddress...), wait(marks[keys[1]], tx.Now(), 0, l.MailNetwork), wait(marks[keys[2]], tx.Now(), 0, l.MailAll))
		if w > 0 {
			return &Refusal{Kind: TooMany, Wait: w}
		}
		return nil
	})
}

// personal is what a password must not be made of.
func (g *Gate) personal(email, name, organisation string) Personal {
	p := Personal{Email: email, Name: name, Organisation: organisation}
	if names := g.names.Load(); names != nil {
		p.Site = *names
	}
	return p
}

// longestName is enough for a desk of an agency with its full title, in characters.
const longestName = 120

// plain tells whether a name can stand on a page, in a report and in a log as it is: no
// control or invisible format characters, no line breaks.
func plain(s string) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= longestName && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsPrint(r)
	})
}

// busy turns away who comes when too many passwords are being hashed.
func (g *Gate) busy(what string, err error) error {
	if errors.Is(err, ErrBusy) {
		g.observed(what, string(Busy))
		return &Refusal{Kind: Busy, Wait: busyFor}
	}
	return err
}

// busyFor is when a queue of passwords that was full is likely to have gone.
const busyFor = 5 * time.Second

// Rules are those that are worth telling before anybody has typed a password.
func (p Policy) Rules() []Rule {
	rules := []Rule{{RuleLength, p.MinLength()}}
	if p.Profile != Standard {
		rules = append(rules, Rule{Name: RuleUpper}, Rule{Name: RuleLower}, Rule{Name: RuleNumber}, Rule{Name: RuleSymbol}, Rule{Name: RuleSpaces})
	}
	return rules
}
