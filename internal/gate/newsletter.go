package gate

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Subscribe puts somebody who is logged in on the list, or changes their choices: the
// address was proven when the account was made, so no second mail asks again.
func (g *Gate) Subscribe(ctx context.Context, v Visitor, s *Session, language string, topics []string) error {
	err := g.Store.Update(ctx, func(tx Tx) error {
		a, err := tx.Account(s.Account)
		if err != nil {
			return err
		}
		if err := g.subscribe(tx, a.Email, a.Key, language, topics); err != nil {
			return err
		}
		return g.audit(tx, v, "newsletter", "subscribed", a.ID, g.addressTag(a.Key))
	})
	if err == nil {
		g.observed("newsletter", "subscribed")
	}
	return err
}

func (g *Gate) subscribe(tx Tx, email, key, language string, topics []string) error {
	sub, err := found(tx.SubscriptionByKey(key))
	if err != nil {
		return err
	}
	if sub == nil {
		id, err := g.newID()
		if err != nil {
			return err
		}
		sub = &Subscription{ID: id, Email: email, Key: key, Created: tx.Now()}
	}
	sub.Language, sub.Topics = language, topics
	return tx.PutSubscription(sub)
}

// Subscription finds the choices of somebody who is logged in; nil when there are none.
func (g *Gate) Subscription(ctx context.Context, a *Account) (*Subscription, error) {
	return view(ctx, g, func(tx Tx) (*Subscription, error) { return found(tx.SubscriptionByKey(a.Key)) })
}

// BeginSubscription asks an address without an account whether it wants the newsletter,
// by a code: one mail, and no other until the code is typed.
func (g *Gate) BeginSubscription(ctx context.Context, v Visitor, in Begin) (*Begun, error) {
	to, err := ParseAddress(in.Email)
	if r := g.addressWrong(to, err); r != nil {
		return nil, g.refused(ctx, v, string(FlowConfirm), refusals{r}.err(), "", "")
	}
	if err := g.mailSoon(ctx, v, to.Key); err != nil {
		return nil, g.refused(ctx, v, string(FlowConfirm), err, "", g.addressTag(to.Key))
	}
	begun, err := g.begin(ctx, v, FlowConfirm, to, in, func(tx Tx, f *Flow) error {
		f.Topics = in.Topics
		return nil
	})
	if err != nil {
		return nil, g.refused(ctx, v, string(FlowConfirm), err, "", g.addressTag(to.Key))
	}
	return begun, nil
}

// Confirm puts the address of a flow on the list when its code is right, and returns the
// path to go back to.
func (g *Gate) Confirm(ctx context.Context, v Visitor, token, code string) (back string, err error) {
	err = g.check(ctx, v, token, code, []FlowKind{FlowConfirm}, func(tx Tx, f *Flow) error {
		if err := g.subscribe(tx, f.Email, f.Key, f.Language, f.Topics); err != nil {
			return err
		}
		f.Code, f.Used, back = "", tx.Now(), f.Return
		return errors.Join(tx.PutFlow(f), g.audit(tx, v, "newsletter", "subscribed", "", g.addressTag(f.Key)))
	})
	return back, err
}

// UnsubscribeToken is what the links of a mail carry. It names one subscription and is
// good for ending it, and for nothing else.
func (g *Gate) UnsubscribeToken(subscription string) string {
	return subscription + "." + base64.RawURLEncoding.EncodeToString(mac(g.Keys.token, "unsubscribe", subscription))
}

func (g *Gate) subscriptionOf(token string) (id string, err error) {
	id, _, _ = strings.Cut(token, ".")
	if !hmac.Equal([]byte(token), []byte(g.UnsubscribeToken(id))) {
		return "", refuse(BadToken)
	}
	return id, nil
}

// CheckUnsubscribe tells whether a token is one of ours, without doing anything.
func (g *Gate) CheckUnsubscribe(token string) error {
	_, err := g.subscriptionOf(token)
	return err
}

// Unsubscribe takes an address off the list, by the token of a mail. It is done when it
// returns, and doing it again is fine.
func (g *Gate) Unsubscribe(ctx context.Context, v Visitor, token string) error {
	id, err := g.subscriptionOf(token)
	if err != nil {
		return g.refused(ctx, v, "newsletter", err, "", "")
	}
	return g.unsubscribe(ctx, v, "", func(tx Tx) (*Subscription, error) { return tx.Subscription(id) })
}

// UnsubscribeAccount takes somebody who is logged in off the list.
func (g *Gate) UnsubscribeAccount(ctx context.Context, v Visitor, a *Account) error {
	return g.unsubscribe(ctx, v, a.ID, func(tx Tx) (*Subscription, error) { return tx.SubscriptionByKey(a.Key) })
}

func (g *Gate) unsubscribe(ctx context.Context, v Visitor, account string, find func(Tx) (*Subscription, error)) error {
	err := g.Store.Update(ctx, func(tx Tx) error {
		sub, err := found(find(tx))
		if err != nil || sub == nil {
			return err
		}
		return errors.Join(tx.RemoveSubscription(sub.ID), g.audit(tx, v, "newsletter", "unsubscribed", account, g.addressTag(sub.Key)))
	})
	if err == nil {
		g.observed("newsletter", "unsubscribed")
	}
	return err
}

// Content is what an issue says: for each language, the news since the last one.
type Content map[string][]Item

// Item is one piece of news in an issue.
type Item struct {
	ID      string // stable, of the feed
	Title   string
	Summary string
	URL     string // absolute
	Date    time.Time
	Topics  []string
}

// For is what one subscriber gets: their language, their topics. Topics that an item
// has none of are everybody's.
func (c Content) For(s *Subscription) (items []Item) {
	for _, i := range c[s.Language] {
		if len(s.Topics) == 0 || len(i.Topics) == 0 || overlap(i.Topics, s.Topics) {
			items = append(items, i)
		}
	}
	return items
}

func overlap(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}

// LastIssue is the newest issue, or nil.
func (g *Gate) LastIssue(ctx context.Context) (*Issue, error) {
	l, err := view(ctx, g, func(tx Tx) ([]*Issue, error) { return tx.Issues(1) })
	if len(l) == 0 {
		return nil, err
	}
	return l[0], err
}

// ErrIssueOpen is said when an issue is begun while another is still being queued.
var ErrIssueOpen = errors.New("an issue is still being sent: resume it first")

// BeginIssue makes an issue of the news of a time; nothing is sent by that. Only one can
// be under way.
func (g *Gate) BeginIssue(ctx context.Context, content Content, from, until time.Time) (*Issue, error) {
	b, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}
	id, err := g.newID()
	if err != nil {
		return nil, err
	}
	var issue *Issue
	err = g.Store.Update(ctx, func(tx Tx) error {
		// The marks' lock stands for the list: two operators begin one after the other.
		if _, err := tx.Marks("issue"); err != nil {
			return err
		}
		last, err := tx.Issues(1)
		if err != nil {
			return err
		}
		if len(last) > 0 && last[0].Done.IsZero() {
			return ErrIssueOpen
		}
		issue = &Issue{ID: id, Content: b, From: from, Until: until, Created: tx.Now()}
		return errors.Join(tx.PutIssue(issue), g.audit(tx, Visitor{}, "issue", "begun", "", id))
	})
	return issue, err
}

// QueueIssue puts the issue's next letters into the outbox, up to limit, and tells how
// many were and whether that was all. It goes on where it stopped: the place is written
// in the same transaction as the letters, so nobody gets two, whenever it is killed.
// Rate is letters a second: each may leave when its turn has come.
func (g *Gate) QueueIssue(ctx context.Context, id string, limit int, rate float64) (queued int, done bool, err error) {
	err = g.Store.Update(ctx, func(tx Tx) error {
		queued, done = 0, false
		issue, err := tx.Issue(id)
		if err != nil {
			return fmt.Errorf("find issue %s: %w", id, err)
		}
		if !issue.Done.IsZero() {
			done = true
			return nil
		}
		var content Content
		if err := json.Unmarshal(issue.Content, &content); err != nil {
			return fmt.Errorf("read issue %s: %w", id, err)
		}
		subs, err := tx.Subscriptions(issue.Cursor, limit)
		if err != nil {
			return err
		}
		for _, s := range subs {
			issue.Cursor = s.ID
			if len(content.For(s)) == 0 {
				continue
			}
			l := &Letter{
				ID: id + "-" + s.ID, Kind: LetterNewsletter, Key: g.addressTag(s.Key), Issue: id, Bulk: true,
				NotBefore: issue.Created.Add(time.Duration(float64(issue.Queued+queued) / rate * float64(time.Second))),
			}
			data := map[string]string{"issue": id, "subscription": s.ID}
			err := g.post(tx, l, sealed{To: s.Email, Language: s.Language, Data: data})
			if errors.Is(err, ErrExists) {
				continue
			}
			if err != nil {
				return err
			}
			queued++
		}
		issue.Queued += queued
		if len(subs) < limit {
			issue.Done, done = tx.Now(), true
			if err := g.audit(tx, Visitor{}, "issue", "queued", "", id); err != nil {
				return err
			}
		}
		return tx.PutIssue(issue)
	})
	if err == nil {
		g.posted()
	}
	return queued, done, err
}

// IssueFor is what a letter of an issue says, made when it leaves. Who has unsubscribed
// since it was queued gets nothing: ErrNotFound.
func (g *Gate) IssueFor(ctx context.Context, issue, subscription string) (items []Item, token string, err error) {
	items, err = view(ctx, g, func(tx Tx) ([]Item, error) {
		sub, err := tx.Subscription(subscription)
		if err != nil {
			return nil, err
		}
		i, err := tx.Issue(issue)
		if err != nil {
			return nil, err
		}
		var content Content
		if err := json.Unmarshal(i.Content, &content); err != nil {
			return nil, fmt.Errorf("read issue %s: %w", issue, err)
		}
		return content.For(sub), nil
	})
	return items, g.UnsubscribeToken(subscription), err
}
