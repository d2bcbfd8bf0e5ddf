-- One row a sandbox. `floor` is the lowest id that may come next: what was used is not used again.
CREATE TABLE sandbox (
    id INTEGER PRIMARY KEY,
    key_hash BLOB NOT NULL UNIQUE,
    floor INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    cookie_at INTEGER NOT NULL
) STRICT;

CREATE INDEX sandbox_last_used_at ON sandbox (last_used_at);

-- The users of all sandboxes. `email_folded` is the address without regard to case.
CREATE TABLE users (
    sandbox_id INTEGER NOT NULL REFERENCES sandbox (id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    role TEXT NOT NULL,
    bio TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (sandbox_id, id),
    UNIQUE (sandbox_id, email_folded)
) STRICT, WITHOUT ROWID;

-- What a fresh sandbox holds; filled at start from seed.json.
CREATE TABLE seed (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    role TEXT NOT NULL,
    bio TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
