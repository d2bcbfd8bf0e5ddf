-- Everything here is disposable, so the tables of the first step are made anew rather than changed.
DROP TABLE users;
DROP TABLE sandbox;
DROP TABLE seed;

-- One row a sandbox. `floor` is the lowest id that may come next: what was used is not used again.
-- `behaviours` is a JSON object, `undone` a JSON array of ids of exchanges. An id is never given twice.
CREATE TABLE sandbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key_hash BLOB NOT NULL UNIQUE,
    floor INTEGER NOT NULL,
    behaviours TEXT NOT NULL DEFAULT '{}',
    undone TEXT NOT NULL DEFAULT '[]',
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    cookie_at INTEGER NOT NULL
) STRICT;

CREATE INDEX sandbox_last_used_at ON sandbox (last_used_at);

-- The users of all sandboxes. The folded columns are those without regard to case.
CREATE TABLE users (
    sandbox_id INTEGER NOT NULL REFERENCES sandbox (id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
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
    name_folded TEXT NOT NULL,
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    role TEXT NOT NULL,
    bio TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- Who is logged in to the API; ends with its user. Only the hash of what the cookie holds.
CREATE TABLE api_session (
    hash BLOB PRIMARY KEY,
    sandbox_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    FOREIGN KEY (sandbox_id, user_id) REFERENCES users (sandbox_id, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX api_session_user ON api_session (sandbox_id, user_id);

-- The tokens of users, opaque (by hash) and JWT (by its id); end with their user.
CREATE TABLE api_token (
    id TEXT PRIMARY KEY,
    sandbox_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    hash BLOB UNIQUE,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used_at INTEGER,
    FOREIGN KEY (sandbox_id, user_id) REFERENCES users (sandbox_id, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX api_token_user ON api_token (sandbox_id, user_id);

-- What a POST with an Idempotency-Key made: `fingerprint` of what was sent, `reply` the user as JSON.
CREATE TABLE idempotency (
    sandbox_id INTEGER NOT NULL REFERENCES sandbox (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    reply TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (sandbox_id, key)
) STRICT;

-- Recorded exchanges, several to a row as they were written together: a JSON array, the oldest first.
CREATE TABLE exchange (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sandbox_id INTEGER NOT NULL REFERENCES sandbox (id) ON DELETE CASCADE,
    held INTEGER NOT NULL,
    size INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE INDEX exchange_sandbox ON exchange (sandbox_id, id);

-- Keys of the server, made at the first start, shared by all that serve this database.
CREATE TABLE secret (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;
