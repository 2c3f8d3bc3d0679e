package gate

import (
	"fmt"
	"time"
)

// Refusal is a visitor's mistake, or what the rules do not allow them. It is told to them
// in one plain sentence of their language; everything else that goes wrong is an error
// for the operator.
type Refusal struct {
	Kind   Kind
	Field  string        // the form's field it concerns, or ""
	Wait   time.Duration // until it makes sense to try again, or 0
	Left   int           // WrongCode: tries that are left
	Rules  []Rule        // BadPassword: the unmet ones
	Fields []*Refusal    // Invalid: one for each field
}

// Kind is why something was refused. Its text is a key of the interface's words, after
// "refused_".
type Kind string

// The kinds of refusal.
const (
	Invalid     Kind = "invalid"      // several fields, see Fields
	BadAddress  Kind = "address"      // not a mail address
	BadDomain   Kind = "domain"       // no mail goes to such a domain
	BadPassword Kind = "password"     // see Rules
	BadName     Kind = "name"         // empty, too long or not plain text
	BadCode     Kind = "code_form"    // not so many digits: no guess was used
	WrongCode   Kind = "code_wrong"   // see Left
	DeadCode    Kind = "code_dead"    // guessed wrong too often: ask for a new one
	ExpiredCode Kind = "code_expired" //
	UsedCode    Kind = "code_used"    //
	NoFlow      Kind = "flow"         // begun in another browser, or forgotten
	TooMany     Kind = "too_many"     // see Wait
	NeedsWork   Kind = "work"         // a puzzle must be solved, or Wait passed
	Busy        Kind = "busy"         // too many passwords at once
	WrongLogin  Kind = "login"        // address or password, nobody learns which; or too many tries
	Unverified  Kind = "unverified"   // the code is still missing; told only after the right password
	WrongOld    Kind = "old_password" // of somebody who is logged in
	Blocked     Kind = "blocked"      // by an operator; told only after the right password
	NotLoggedIn Kind = "logged_out"   //
	NotFresh    Kind = "not_fresh"    // the password must be typed again
	NoDownload  Kind = "download"     // there is none of that name
	NotYet      Kind = "not_yet"      // its embargo has not ended
	NoLonger    Kind = "no_longer"    //
	TooMuch     Kind = "too_much"     // for one day
	BadToken    Kind = "token"        // of an unsubscribe link
)

// Error is for the log and for tests; visitors get a sentence in their language.
func (r *Refusal) Error() string {
	if r.Field != "" {
		return fmt.Sprintf("refused: %s (%s)", r.Kind, r.Field)
	}
	return fmt.Sprintf("refused: %s", r.Kind)
}

// Is lets errors.Is find a refusal by its kind alone.
func (r *Refusal) Is(target error) bool {
	t, ok := target.(*Refusal)
	return ok && t.Kind == r.Kind
}

func refuse(kind Kind) error { return &Refusal{Kind: kind} }

// refusals gathers what is wrong with the fields of a form, to be told all at once.
type refusals []*Refusal

func (l *refusals) add(r *Refusal) {
	if r != nil {
		*l = append(*l, r)
	}
}

func (l refusals) err() error {
	if len(l) == 0 {
		return nil
	}
	return &Refusal{Kind: Invalid, Fields: l}
}
