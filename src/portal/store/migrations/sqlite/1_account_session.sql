-- Ids are never given twice, so that what remembers one never means somebody else.
CREATE TABLE account (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    email         TEXT NOT NULL,
    email_folded  TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    language      TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('admin', 'mentor', 'learner')),
    password_hash TEXT,
    issuer        TEXT,
    subject       TEXT,
    created       INTEGER NOT NULL,
    updated       INTEGER NOT NULL,
    UNIQUE (issuer, subject)
) STRICT;

CREATE TABLE session (
    id_hash    BLOB NOT NULL PRIMARY KEY,
    account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,
    created    INTEGER NOT NULL,
    seen       INTEGER NOT NULL,
    expires    INTEGER NOT NULL,
    address    TEXT,
    agent      TEXT,
    data       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expires ON session (expires);
