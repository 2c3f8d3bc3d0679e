-- The tables of the gate. Times are microseconds since 1970 in UTC, 0 for none;
-- lists of topics are JSON. Text is compared byte by byte, as SQLite does.
-- The columns are those of ../sqlite/00001_gate.sql.

-- +goose Up

CREATE TABLE accounts (
	id           TEXT COLLATE "C" PRIMARY KEY,
	email        TEXT COLLATE "C" NOT NULL,
	key          TEXT COLLATE "C" NOT NULL UNIQUE,
	name         TEXT COLLATE "C" NOT NULL,
	organisation TEXT COLLATE "C" NOT NULL,
	language     TEXT COLLATE "C" NOT NULL,
	password     TEXT COLLATE "C" NOT NULL,
	password_at  BIGINT NOT NULL,
	created      BIGINT NOT NULL,
	blocked      BIGINT NOT NULL
);
CREATE INDEX accounts_created ON accounts (created, id);

CREATE TABLE familiar (
	account TEXT COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	network BYTEA NOT NULL,
	at      BIGINT NOT NULL,
	PRIMARY KEY (account, network)
);

CREATE TABLE flows (
	id           BYTEA PRIMARY KEY,
	kind         TEXT COLLATE "C" NOT NULL,
	email        TEXT COLLATE "C" NOT NULL,
	key          TEXT COLLATE "C" NOT NULL,
	account      TEXT COLLATE "C" NOT NULL,
	password     TEXT COLLATE "C" NOT NULL,
	name         TEXT COLLATE "C" NOT NULL,
	organisation TEXT COLLATE "C" NOT NULL,
	language     TEXT COLLATE "C" NOT NULL,
	topics       TEXT COLLATE "C" NOT NULL,
	return_to    TEXT COLLATE "C" NOT NULL,
	code         TEXT COLLATE "C" NOT NULL,
	code_until   BIGINT NOT NULL,
	generation   BIGINT NOT NULL,
	guesses      BIGINT NOT NULL,
	created      BIGINT NOT NULL,
	passed       BIGINT NOT NULL,
	used         BIGINT NOT NULL,
	expires      BIGINT NOT NULL
);
CREATE INDEX flows_key ON flows (key, kind);

CREATE TABLE sessions (
	id      BYTEA PRIMARY KEY,
	account TEXT COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	created BIGINT NOT NULL,
	proved  BIGINT NOT NULL,
	seen    BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	agent   TEXT COLLATE "C" NOT NULL,
	network TEXT COLLATE "C" NOT NULL
);
CREATE INDEX sessions_account ON sessions (account, created);

-- Grants and the audit outlive the accounts that they name.
CREATE TABLE grants (
	id       TEXT COLLATE "C" PRIMARY KEY,
	account  TEXT COLLATE "C" NOT NULL,
	download TEXT COLLATE "C" NOT NULL,
	title    TEXT COLLATE "C" NOT NULL,
	bytes    BIGINT NOT NULL,
	at       BIGINT NOT NULL
);
CREATE INDEX grants_account ON grants (account, at);
CREATE INDEX grants_at ON grants (at);

CREATE TABLE subscriptions (
	id       TEXT COLLATE "C" PRIMARY KEY,
	email    TEXT COLLATE "C" NOT NULL,
	key      TEXT COLLATE "C" NOT NULL UNIQUE,
	language TEXT COLLATE "C" NOT NULL,
	topics   TEXT COLLATE "C" NOT NULL,
	created  BIGINT NOT NULL
);

CREATE TABLE issues (
	id         TEXT COLLATE "C" PRIMARY KEY,
	content    BYTEA,
	news_from  BIGINT NOT NULL,
	news_until BIGINT NOT NULL,
	created    BIGINT NOT NULL,
	cursor     TEXT COLLATE "C" NOT NULL,
	queued     BIGINT NOT NULL,
	done       BIGINT NOT NULL
);

CREATE TABLE letters (
	id          TEXT COLLATE "C" PRIMARY KEY,
	kind        TEXT COLLATE "C" NOT NULL,
	key         TEXT COLLATE "C" NOT NULL,
	sealed      BYTEA,
	flow        BYTEA,
	generation  BIGINT NOT NULL,
	issue       TEXT COLLATE "C" NOT NULL,
	bulk        BOOLEAN NOT NULL,
	state       TEXT COLLATE "C" NOT NULL,
	created     BIGINT NOT NULL,
	not_before  BIGINT NOT NULL,
	expires     BIGINT NOT NULL,
	attempts    BIGINT NOT NULL,
	lease       TEXT COLLATE "C" NOT NULL,
	lease_until BIGINT NOT NULL,
	problem     TEXT COLLATE "C" NOT NULL,
	done        BIGINT NOT NULL
);
CREATE INDEX letters_waiting ON letters (bulk, created, id) WHERE state = 'waiting';
CREATE INDEX letters_key ON letters (key);
CREATE INDEX letters_flow ON letters (flow) WHERE flow IS NOT NULL;
CREATE INDEX letters_issue ON letters (issue, state);

-- When things happened that are limited: times holds 8 bytes for each, last the
-- newest of them.
CREATE TABLE marks (
	key   TEXT COLLATE "C" PRIMARY KEY,
	times BYTEA NOT NULL,
	last  BIGINT NOT NULL
);

CREATE TABLE tombstones (
	key BYTEA PRIMARY KEY,
	at  BIGINT NOT NULL
);

CREATE TABLE audit (
	seq     BIGINT PRIMARY KEY,
	at      BIGINT NOT NULL,
	what    TEXT COLLATE "C" NOT NULL,
	result  TEXT COLLATE "C" NOT NULL,
	account TEXT COLLATE "C" NOT NULL,
	subject TEXT COLLATE "C" NOT NULL,
	network TEXT COLLATE "C" NOT NULL,
	request TEXT COLLATE "C" NOT NULL,
	before  BYTEA,
	hash    BYTEA
);
CREATE INDEX audit_account ON audit (account, seq);

-- The end of the chain, in the only row: whoever adds a line locks it.
CREATE TABLE audit_head (
	one  INTEGER PRIMARY KEY CHECK (one = 1),
	seq  BIGINT NOT NULL,
	hash BYTEA
);
INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, NULL);

-- +goose StatementBegin
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'the audit is only added to';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit
	FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_remains BEFORE TRUNCATE ON audit
	FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
