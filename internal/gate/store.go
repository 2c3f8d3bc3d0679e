package gate

import (
	"context"
	"errors"
	"time"
)

// What a store says when there is no such row, when a row would be there twice, and when
// it cannot write just now (a full disk, a database that is read only or restarting).
var (
	ErrNotFound = errors.New("not found")
	ErrExists   = errors.New("exists already")
	ErrStore    = errors.New("the database cannot be written")
)

// Store keeps what the gate must not forget. It holds rows and knows no rule: every
// decision is made in this package, between reading a row and writing it.
type Store interface {
	// Update runs f in one transaction. All of it happens, or nothing: then Update
	// returns f's error, or the database's wrapped in ErrStore. Rows that f reads by
	// their key stay locked until the end, so that what it decides on cannot change
	// under it, on this machine or another. f may run more than once and has no other
	// effect than on the Tx.
	Update(ctx context.Context, f func(Tx) error) error

	// View runs f in a transaction that only reads and locks nothing.
	View(ctx context.Context, f func(Tx) error) error

	// SignedIn finds a session with its account and the database's time, in one query:
	// it is asked for by every page that a reader opens.
	SignedIn(ctx context.Context, id []byte) (*Session, *Account, time.Time, error)

	Ping(ctx context.Context) error
	Close() error
}

// Tx is what can be read and written in a transaction. A row that is not there is
// ErrNotFound. Times are UTC, to the microsecond; a zero time stays one. Put makes a
// row or replaces the whole of it; Add says ErrExists instead.
type Tx interface {
	// Now is the time of the database when the transaction began: instances whose
	// clocks differ agree about what has expired.
	Now() time.Time

	// Marks reads when things happened that are limited, and locks the keys in an
	// order that is the same for everybody. A key without marks has none, and is
	// locked all the same.
	Marks(keys ...string) (map[string][]time.Time, error)
	SetMarks(key string, at []time.Time) error
	// PurgeMarks forgets keys whose last mark is older.
	PurgeMarks(before time.Time) error

	Account(id string) (*Account, error)
	AccountByKey(key string) (*Account, error)
	AddAccount(*Account) error // ErrExists when the key is taken
	PutAccount(*Account) error
	RemoveAccount(id string) error // with its sessions and familiar networks
	// Accounts lists them by time of creation, those after a given one.
	Accounts(after string, limit int) ([]*Account, error)

	// Familiar tells when an account was last logged in from a network (a keyed hash).
	Familiar(account string, network []byte) (time.Time, error)
	// Familiars lists when an account was last logged in from each of its networks,
	// newest first.
	Familiars(account string) ([]time.Time, error)
	PutFamiliar(account string, network []byte, at time.Time) error
	PurgeFamiliar(before time.Time) error

	Flow(id []byte) (*Flow, error)
	FlowsOf(key string) ([]*Flow, error) // oldest first
	PutFlow(*Flow) error
	RemoveFlow(id []byte) error
	RemoveFlowsOf(key string, kind FlowKind) error
	PurgeFlows(expired time.Time) error

	Session(id []byte) (*Session, error)
	PutSession(*Session) error
	RemoveSession(id []byte) error
	RemoveSessionsOf(account string, except []byte) error // except may be nil
	Sessions(account string) ([]*Session, error)          // newest first
	PurgeSessions(seenBefore, now time.Time) error        // idle, or past their end

	AddGrant(*Grant) error
	Grants(account string, limit int) ([]*Grant, error) // newest first
	// GrantedBytes counts each download once, however often it was resumed.
	GrantedBytes(account string, since time.Time) (int64, error)
	// GrantsBetween lists from (inclusive) to until, oldest first, with the accounts
	// that still exist; download may be "".
	GrantsBetween(from, until time.Time, download string) ([]*Taken, error)

	Subscription(id string) (*Subscription, error)
	SubscriptionByKey(key string) (*Subscription, error)
	PutSubscription(*Subscription) error
	RemoveSubscription(id string) error
	// Subscriptions lists them by id, those after a given one.
	Subscriptions(after string, limit int) ([]*Subscription, error)

	Issue(id string) (*Issue, error)
	PutIssue(*Issue) error
	Issues(limit int) ([]*Issue, error) // newest first

	AddLetter(*Letter) error // ErrExists when one with its id was added before
	PutLetter(*Letter) error
	Letter(id string) (*Letter, error)
	// LeaseLetters takes up to limit letters that are waiting, whose NotBefore has
	// come and that nobody holds, the urgent before the bulk and then by age, and
	// sets Lease and LeaseUntil. Two callers never get the same one.
	LeaseLetters(limit int, lease string, until time.Time) ([]*Letter, error)
	// DropLetters marks the waiting letters of a flow as dropped.
	DropLetters(flow []byte) error
	// WaitingLetters lists what still waits, oldest first.
	WaitingLetters(limit int) ([]*Letter, error)
	// LettersOf lists what still waits for an address.
	LettersOf(key string) ([]*Letter, error)
	RemoveLettersOf(key string) error
	// CountLetters counts by state; issue may be "" for all.
	CountLetters(issue string) (map[LetterState]int, error)
	PurgeLetters(doneBefore time.Time) error // sent, failed and dropped ones

	// AuditHead reads and locks the end of the audit's chain; an empty one has
	// sequence 0 and no hash. Lock it last: everybody waits for it.
	AuditHead() (seq int64, hash []byte, err error)
	AddAudit(*Event) error
	Audit(after int64, limit int) ([]*Event, error)      // by sequence
	AuditOf(account string, limit int) ([]*Event, error) // newest first

	// Tombstone tells when an address was deleted; key is a keyed hash.
	Tombstone(key []byte) (time.Time, error)
	PutTombstone(key []byte, at time.Time) error

	// Count counts the rows of accounts, sessions, flows and subscriptions.
	Count() (Counts, error)
}

// Counts are sizes, for the metrics.
type Counts struct{ Accounts, Sessions, Flows, Subscriptions int64 }

// Account is a person who may download.
type Account struct {
	ID           string // random; the only name by which other rows know the account
	Email        string // as the person typed it: mail goes there and nowhere else
	Key          string // the address folded, unique
	Name         string
	Organisation string
	Language     string // BCP 47
	Password     string // PHC string of argon2id
	PasswordAt   time.Time
	Created      time.Time
	Blocked      time.Time // by an operator; zero when not
}

// FlowKind is what a code proves an address for.
type FlowKind string

// The kinds of flow.
const (
	FlowRegister FlowKind = "register"
	FlowReset    FlowKind = "reset"
	FlowConfirm  FlowKind = "confirm" // a newsletter for somebody without an account
)

// Flow is something begun that waits for a code: no account exists, and nothing of one
// changes, before the code is right. The browser holds the key to it in a cookie.
type Flow struct {
	ID           []byte // SHA-256 of the cookie's token
	Kind         FlowKind
	Email, Key   string
	Account      string // whose address it is; "" when nobody's. A register flow that has one is never right
	Password     string // register: PHC string, of the account to be
	Name         string
	Organisation string
	Language     string
	Topics       []string // confirm
	Return       string   // path of this site
	Code         string   // PHC string of the sealed code; "" when no code can be right
	CodeUntil    time.Time
	Generation   int // counts the codes
	Guesses      int // wrong ones for the present code
	Created      time.Time
	Passed       time.Time // reset: when the code was right; zero before
	Used         time.Time // when it did what it was for
	Expires      time.Time // when the row may go
}

// Session is a browser that is logged in.
type Session struct {
	ID      []byte // SHA-256 of the cookie's token
	Account string
	Created time.Time // logged in, by password or code
	Proved  time.Time // when the password was last typed
	Seen    time.Time
	Expires time.Time
	Agent   string // "Firefox on Linux"
	Network string // "192.0.2.0/24", coarse on purpose
}

// Grant is a download that was allowed.
type Grant struct {
	ID       string
	Account  string
	Download string // "<video id>/<rendition>"
	Title    string
	Bytes    int64
	At       time.Time
}

// Taken is a grant with the account that took it; Account is nil when it is deleted.
type Taken struct {
	Grant
	By *Account
}

// Subscription is an address that gets the newsletter.
type Subscription struct {
	ID         string // random; stands in the links of its mails
	Email, Key string
	Language   string
	Topics     []string // empty: all
	Created    time.Time
}

// Issue is a newsletter that is being sent, or was.
type Issue struct {
	ID      string
	Content []byte    // JSON, per language
	From    time.Time // news after this
	Until   time.Time // and up to this
	Created time.Time
	Cursor  string // the last subscription that was queued
	Queued  int
	Done    time.Time // when the last one was queued
}

// LetterState is how far a letter has come.
type LetterState string

// The states of a letter.
const (
	LetterWaiting LetterState = "waiting"
	LetterSent    LetterState = "sent"
	LetterFailed  LetterState = "failed"  // refused for good
	LetterDropped LetterState = "dropped" // its code had expired or was replaced
)

// Letter is a mail in the outbox. What it says is sealed while it waits and gone when
// it is sent.
type Letter struct {
	ID         string // also of the Message-ID, so that a second copy can be known as one
	Kind       string
	Key        string // the address folded
	Sealed     []byte // address, language and data
	Flow       []byte // whose code it carries; nil for others
	Generation int
	Issue      string // of a newsletter
	Bulk       bool   // leaves after what somebody waits for
	State      LetterState
	Created    time.Time
	NotBefore  time.Time
	Expires    time.Time // zero: never
	Attempts   int
	Lease      string // who holds it
	LeaseUntil time.Time
	Problem    string // the last one, for the operator
	Done       time.Time
}

// Event is one line of the audit. It names people by the ids of their accounts and
// addresses by keyed hashes: the line stays when the person goes.
type Event struct {
	Seq     int64
	At      time.Time
	What    string // "login", "code", "grant", …
	Result  string // "ok", or why it was refused
	Account string // whom it concerns; "" when nobody is known
	Subject string // what it was about: a download, a keyed hash of an address
	Network string // keyed hash of the network
	Request string // id of the request, as in the log
	Before  []byte // hash of the line before
	Hash    []byte // of this line and Before
}
