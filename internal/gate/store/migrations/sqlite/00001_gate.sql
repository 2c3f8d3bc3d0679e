-- The tables of the gate. Times are microseconds since 1970 in UTC, 0 for none;
-- lists of topics are JSON. The columns are those of ../postgres/00001_gate.sql.

-- +goose Up

CREATE TABLE accounts (
	id           TEXT PRIMARY KEY,
	email        TEXT NOT NULL,
	key          TEXT NOT NULL UNIQUE,
	name         TEXT NOT NULL,
	organisation TEXT NOT NULL,
	language     TEXT NOT NULL,
	password     TEXT NOT NULL,
	password_at  INTEGER NOT NULL,
	created      INTEGER NOT NULL,
	blocked      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX accounts_created ON accounts (created, id);

CREATE TABLE familiar (
	account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	network BLOB NOT NULL,
	at      INTEGER NOT NULL,
	PRIMARY KEY (account, network)
) STRICT, WITHOUT ROWID;

CREATE TABLE flows (
	id           BLOB PRIMARY KEY,
	kind         TEXT NOT NULL,
	email        TEXT NOT NULL,
	key          TEXT NOT NULL,
	account      TEXT NOT NULL,
	password     TEXT NOT NULL,
	name         TEXT NOT NULL,
	organisation TEXT NOT NULL,
	language     TEXT NOT NULL,
	topics       TEXT NOT NULL,
	return_to    TEXT NOT NULL,
	code         TEXT NOT NULL,
	code_until   INTEGER NOT NULL,
	generation   INTEGER NOT NULL,
	guesses      INTEGER NOT NULL,
	created      INTEGER NOT NULL,
	passed       INTEGER NOT NULL,
	used         INTEGER NOT NULL,
	expires      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX flows_key ON flows (key, kind);

CREATE TABLE sessions (
	id      BLOB PRIMARY KEY,
	account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	created INTEGER NOT NULL,
	proved  INTEGER NOT NULL,
	seen    INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	agent   TEXT NOT NULL,
	network TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_account ON sessions (account, created);

-- Grants and the audit outlive the accounts that they name.
CREATE TABLE grants (
	id       TEXT PRIMARY KEY,
	account  TEXT NOT NULL,
	download TEXT NOT NULL,
	title    TEXT NOT NULL,
	bytes    INTEGER NOT NULL,
	at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX grants_account ON grants (account, at);
CREATE INDEX grants_at ON grants (at);

CREATE TABLE subscriptions (
	id       TEXT PRIMARY KEY,
	email    TEXT NOT NULL,
	key      TEXT NOT NULL UNIQUE,
	language TEXT NOT NULL,
	topics   TEXT NOT NULL,
	created  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE issues (
	id         TEXT PRIMARY KEY,
	content    BLOB,
	news_from  INTEGER NOT NULL,
	news_until INTEGER NOT NULL,
	created    INTEGER NOT NULL,
	cursor     TEXT NOT NULL,
	queued     INTEGER NOT NULL,
	done       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE letters (
	id          TEXT PRIMARY KEY,
	kind        TEXT NOT NULL,
	key         TEXT NOT NULL,
	sealed      BLOB,
	flow        BLOB,
	generation  INTEGER NOT NULL,
	issue       TEXT NOT NULL,
	bulk        INTEGER NOT NULL,
	state       TEXT NOT NULL,
	created     INTEGER NOT NULL,
	not_before  INTEGER NOT NULL,
	expires     INTEGER NOT NULL,
	attempts    INTEGER NOT NULL,
	lease       TEXT NOT NULL,
	lease_until INTEGER NOT NULL,
	problem     TEXT NOT NULL,
	done        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX letters_waiting ON letters (bulk, created, id) WHERE state = 'waiting';
CREATE INDEX letters_key ON letters (key);
CREATE INDEX letters_flow ON letters (flow) WHERE flow IS NOT NULL;
CREATE INDEX letters_issue ON letters (issue, state);

-- When things happened that are limited: times holds 8 bytes for each, last the
-- newest of them.
CREATE TABLE marks (
	key   TEXT PRIMARY KEY,
	times BLOB NOT NULL,
	last  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tombstones (
	key BLOB PRIMARY KEY,
	at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
	seq     INTEGER PRIMARY KEY NOT NULL,
	at      INTEGER NOT NULL,
	what    TEXT NOT NULL,
	result  TEXT NOT NULL,
	account TEXT NOT NULL,
	subject TEXT NOT NULL,
	network TEXT NOT NULL,
	request TEXT NOT NULL,
	before  BLOB,
	hash    BLOB
) STRICT;
CREATE INDEX audit_account ON audit (account, seq);

-- The end of the chain, in the only row: whoever adds a line locks it.
CREATE TABLE audit_head (
	one  INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
	seq  INTEGER NOT NULL,
	hash BLOB
) STRICT;
INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, NULL);

-- +goose StatementBegin
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN
	SELECT RAISE(ABORT, 'the audit is only added to');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_remains BEFORE DELETE ON audit BEGIN
	SELECT RAISE(ABORT, 'the audit is only added to');
END;
-- +goose StatementEnd
