package store

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"pressroom/internal/gate"
)

// rest is a limit in SQL: 0 and less are none.
func rest(limit int) int64 {
	if limit <= 0 {
		return math.MaxInt64
	}
	return int64(limit)
}

func (t *tx) Now() time.Time { return t.now }

func (t *tx) Marks(keys ...string) (map[string][]time.Time, error) {
	keys = slices.Clone(keys)
	slices.Sort(keys)
	keys = slices.Compact(keys)
	marks := make(map[string][]time.Time, len(keys))
	if len(keys) == 0 {
		return marks, nil
	}
	names := make([]string, len(keys))
	args := make([]any, len(keys))
	for i, key := range keys {
		names[i], args[i] = fmt.Sprintf("$%d", i+1), key
		marks[key] = nil
	}
	if t.lock != "" {
		// Makes the rows that are missing and locks the others, one after the other
		// in the order given. The condition leaves them as they are.
		rows := strings.Join(names, ", '', 0), (") // '' is an empty BYTEA too
		_, err := t.exec("INSERT INTO marks (key, times, last) VALUES ("+rows+", '', 0) "+
			"ON CONFLICT (key) DO UPDATE SET last = marks.last WHERE false", args...)
		if err != nil {
			return nil, err
		}
	}
	err := t.each("SELECT key, times FROM marks WHERE key IN ("+strings.Join(names, ", ")+")", args, func(scan func(...any) error) error {
		var key string
		var times []byte
		if err := scan(&key, &times); err != nil {
			return err
		}
		for ; len(times) >= 8; times = times[8:] {
			marks[key] = append(marks[key], stamp(binary.BigEndian.Uint64(times)).time())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return marks, nil
}

func (t *tx) SetMarks(key string, at []time.Time) error {
	times := make([]byte, 0, 8*len(at))
	var last stamp
	for _, when := range at {
		s := stampOf(when)
		times = binary.BigEndian.AppendUint64(times, uint64(s))
		last = max(last, s)
	}
	_, err := t.exec("INSERT INTO marks (key, times, last) VALUES ($1, $2, $3) "+
		"ON CONFLICT (key) DO UPDATE SET times = excluded.times, last = excluded.last", key, times, int64(last))
	return err
}

func (t *tx) PurgeMarks(before time.Time) error {
	_, err := t.exec("DELETE FROM marks WHERE last < $1", at{&before})
	return err
}

func (t *tx) Account(id string) (*gate.Account, error) {
	return accounts.get(t, "WHERE id = $1", id)
}

func (t *tx) AccountByKey(key string) (*gate.Account, error) {
	return accounts.get(t, "WHERE key = $1", key)
}

func (t *tx) AddAccount(a *gate.Account) error { return accounts.add(t, a) }
func (t *tx) PutAccount(a *gate.Account) error { return accounts.put(t, a) }

// RemoveAccount leaves it to the tables to remove sessions and familiar networks.
func (t *tx) RemoveAccount(id string) error {
	_, err := t.exec("DELETE FROM accounts WHERE id = $1", id)
	return err
}

// Accounts says ErrNotFound when after is no account, lest a list seems to end there.
func (t *tx) Accounts(after string, limit int) ([]*gate.Account, error) {
	created, id := stamp(math.MinInt64), ""
	if after != "" {
		id = after
		if err := t.one("SELECT created FROM accounts WHERE id = $1", []any{after}, &created); err != nil {
			return nil, err
		}
	}
	return accounts.list(t, "WHERE (created, id) > ($1, $2) ORDER BY created, id LIMIT $3", int64(created), id, rest(limit))
}

func (t *tx) Familiar(account string, network []byte) (time.Time, error) {
	var when time.Time
	err := t.one("SELECT at FROM familiar WHERE account = $1 AND network = $2"+t.lock, []any{account, network}, at{&when})
	return when, err
}

func (t *tx) Familiars(account string) (all []time.Time, err error) {
	err = t.each("SELECT at FROM familiar WHERE account = $1 ORDER BY at DESC", []any{account}, func(scan func(...any) error) error {
		var when time.Time
		err := scan(at{&when})
		all = append(all, when)
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

func (t *tx) PutFamiliar(account string, network []byte, when time.Time) error {
	_, err := t.exec("INSERT INTO familiar (account, network, at) VALUES ($1, $2, $3) "+
		"ON CONFLICT (account, network) DO UPDATE SET at = excluded.at", account, network, at{&when})
	return err
}

func (t *tx) PurgeFamiliar(before time.Time) error {
	_, err := t.exec("DELETE FROM familiar WHERE at < $1", at{&before})
	return err
}

func (t *tx) Flow(id []byte) (*gate.Flow, error) { return flows.get(t, "WHERE id = $1", id) }
func (t *tx) PutFlow(f *gate.Flow) error         { return flows.put(t, f) }

func (t *tx) FlowsOf(key string) ([]*gate.Flow, error) {
	return flows.list(t, "WHERE key = $1 ORDER BY created, id", key)
}

func (t *tx) RemoveFlow(id []byte) error {
	_, err := t.exec("DELETE FROM flows WHERE id = $1", id)
	return err
}

func (t *tx) RemoveFlowsOf(key string, kind gate.FlowKind) error {
	_, err := t.exec("DELETE FROM flows WHERE key = $1 AND kind = $2", key, string(kind))
	return err
}

func (t *tx) PurgeFlows(expired time.Time) error {
	_, err := t.exec("DELETE FROM flows WHERE expires <= $1", at{&expired})
	return err
}

func (t *tx) Session(id []byte) (*gate.Session, error) {
	return sessions.get(t, "WHERE id = $1", id)
}

func (t *tx) PutSession(s *gate.Session) error { return sessions.put(t, s) }

func (t *tx) RemoveSession(id []byte) error {
	_, err := t.exec("DELETE FROM sessions WHERE id = $1", id)
	return err
}

func (t *tx) RemoveSessionsOf(account string, except []byte) error {
	if except == nil {
		except = []byte{} // no session has it, while NULL is unlike everything
	}
	_, err := t.exec("DELETE FROM sessions WHERE account = $1 AND id <> $2", account, except)
	return err
}

func (t *tx) Sessions(account string) ([]*gate.Session, error) {
	return sessions.list(t, "WHERE account = $1 ORDER BY created DESC, id DESC", account)
}

func (t *tx) PurgeSessions(seenBefore, now time.Time) error {
	_, err := t.exec("DELETE FROM sessions WHERE seen < $1 OR expires <= $2", at{&seenBefore}, at{&now})
	return err
}

func (t *tx) AddGrant(g *gate.Grant) error { return grants.add(t, g) }

func (t *tx) Grants(account string, limit int) ([]*gate.Grant, error) {
	return grants.list(t, "WHERE account = $1 ORDER BY at DESC, id DESC LIMIT $2", account, rest(limit))
}

func (t *tx) GrantedBytes(account string, since time.Time) (int64, error) {
	var n int64
	err := t.one("SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM "+
		"(SELECT MAX(bytes) AS bytes FROM grants WHERE account = $1 AND at >= $2 GROUP BY download) AS once", []any{account, at{&since}}, &n)
	return n, err
}

// GrantsBetween asks twice rather than joining, so that an account that took many
// downloads is read once.
func (t *tx) GrantsBetween(from, until time.Time, download string) ([]*gate.Taken, error) {
	const where = "WHERE at >= $1 AND at < $2 AND (download = $3 OR $3 = '')"
	args := []any{at{&from}, at{&until}, download}
	list, err := grants.list(t, where+" ORDER BY at, id", args...)
	if err != nil {
		return nil, err
	}
	people, err := accounts.list(t, "WHERE id IN (SELECT account FROM grants "+where+")", args...)
	if err != nil {
		return nil, err
	}
	by := make(map[string]*gate.Account, len(people))
	for _, a := range people {
		by[a.ID] = a
	}
	all := make([]*gate.Taken, len(list))
	for i, g := range list {
		all[i] = &gate.Taken{Grant: *g, By: by[g.Account]}
	}
	return all, nil
}

func (t *tx) Subscription(id string) (*gate.Subscription, error) {
	return subscriptions.get(t, "WHERE id = $1", id)
}

func (t *tx) SubscriptionByKey(key string) (*gate.Subscription, error) {
	return subscriptions.get(t, "WHERE key = $1", key)
}

func (t *tx) PutSubscription(s *gate.Subscription) error { return subscriptions.put(t, s) }

func (t *tx) RemoveSubscription(id string) error {
	_, err := t.exec("DELETE FROM subscriptions WHERE id = $1", id)
	return err
}

func (t *tx) Subscriptions(after string, limit int) ([]*gate.Subscription, error) {
	return subscriptions.list(t, "WHERE id > $1 ORDER BY id LIMIT $2", after, rest(limit))
}

func (t *tx) Issue(id string) (*gate.Issue, error) { return issues.get(t, "WHERE id = $1", id) }
func (t *tx) PutIssue(i *gate.Issue) error         { return issues.put(t, i) }

func (t *tx) Issues(limit int) ([]*gate.Issue, error) {
	return issues.list(t, "ORDER BY created DESC, id DESC LIMIT $1", rest(limit))
}

func (t *tx) AddLetter(l *gate.Letter) error         { return letters.add(t, l) }
func (t *tx) PutLetter(l *gate.Letter) error         { return letters.put(t, l) }
func (t *tx) Letter(id string) (*gate.Letter, error) { return letters.get(t, "WHERE id = $1", id) }

func (t *tx) LeaseLetters(limit int, lease string, until time.Time) ([]*gate.Letter, error) {
	skip := ""
	if t.lock != "" {
		skip = t.lock + " SKIP LOCKED"
	}
	// MATERIALIZED, or PostgreSQL could choose more than once, each time others.
	list, err := letters.all(t, "WITH due AS MATERIALIZED (SELECT id FROM letters WHERE state = 'waiting' AND not_before <= $1 AND lease_until <= $1 "+
		"ORDER BY bulk, created, id LIMIT $2"+skip+") "+
		"UPDATE letters SET lease = $3, lease_until = $4 WHERE id IN (SELECT id FROM due) RETURNING "+letters.columns,
		at{&t.now}, rest(limit), lease, at{&until})
	slices.SortFunc(list, func(a, b *gate.Letter) int {
		switch {
		case a.Bulk != b.Bulk && b.Bulk:
			return -1
		case a.Bulk != b.Bulk:
			return 1
		case !a.Created.Equal(b.Created):
			return a.Created.Compare(b.Created)
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list, err
}

// DropLetters forgets what they say, too.
func (t *tx) DropLetters(flow []byte) error {
	_, err := t.exec("UPDATE letters SET state = 'dropped', sealed = NULL, done = $1 WHERE flow = $2 AND state = 'waiting'", at{&t.now}, flow)
	return err
}

func (t *tx) WaitingLetters(limit int) ([]*gate.Letter, error) {
	return letters.list(t, "WHERE state = 'waiting' ORDER BY created, id LIMIT $1", limit)
}

func (t *tx) LettersOf(key string) ([]*gate.Letter, error) {
	return letters.list(t, "WHERE key = $1 AND state = 'waiting' ORDER BY created, id", key)
}

// RemoveLettersOf removes those that were sent as well: they hold the address.
func (t *tx) RemoveLettersOf(key string) error {
	_, err := t.exec("DELETE FROM letters WHERE key = $1", key)
	return err
}

func (t *tx) CountLetters(issue string) (map[gate.LetterState]int, error) {
	query, args := "SELECT state, COUNT(*) FROM letters GROUP BY state", []any(nil)
	if issue != "" {
		query, args = "SELECT state, COUNT(*) FROM letters WHERE issue = $1 GROUP BY state", []any{issue}
	}
	counts := map[gate.LetterState]int{}
	err := t.each(query, args, func(scan func(...any) error) error {
		var state gate.LetterState
		var n int
		err := scan(&state, &n)
		counts[state] = n
		return err
	})
	if err != nil {
		return nil, err
	}
	return counts, nil
}

func (t *tx) PurgeLetters(doneBefore time.Time) error {
	_, err := t.exec("DELETE FROM letters WHERE state <> 'waiting' AND done < $1", at{&doneBefore})
	return err
}

func (t *tx) AuditHead() (int64, []byte, error) {
	var seq int64
	var hash []byte
	err := t.one("SELECT seq, hash FROM audit_head WHERE one = 1"+t.lock, nil, &seq, &hash)
	return seq, hash, err
}

// AddAudit moves the head as well, and only by one: a line that was not made from the
// head is not added.
func (t *tx) AddAudit(e *gate.Event) error {
	n, err := t.exec("UPDATE audit_head SET seq = $1, hash = $2 WHERE one = 1 AND seq = $3", e.Seq, e.Hash, e.Seq-1)
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("line %d of the audit: %w", e.Seq, gate.ErrExists)
	}
	return events.add(t, e)
}

func (t *tx) Audit(after int64, limit int) ([]*gate.Event, error) {
	return events.list(t, "WHERE seq > $1 ORDER BY seq LIMIT $2", after, rest(limit))
}

func (t *tx) AuditOf(account string, limit int) ([]*gate.Event, error) {
	return events.list(t, "WHERE account = $1 ORDER BY seq DESC LIMIT $2", account, rest(limit))
}

func (t *tx) Tombstone(key []byte) (time.Time, error) {
	var when time.Time
	err := t.one("SELECT at FROM tombstones WHERE key = $1"+t.lock, []any{key}, at{&when})
	return when, err
}

func (t *tx) PutTombstone(key []byte, when time.Time) error {
	_, err := t.exec("INSERT INTO tombstones (key, at) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET at = excluded.at", key, at{&when})
	return err
}

func (t *tx) Count() (gate.Counts, error) {
	var c gate.Counts
	err := t.one("SELECT (SELECT COUNT(*) FROM accounts), (SELECT COUNT(*) FROM sessions), "+
		"(SELECT COUNT(*) FROM flows), (SELECT COUNT(*) FROM subscriptions)", nil,
		&c.Accounts, &c.Sessions, &c.Flows, &c.Subscriptions)
	return c, err
}
