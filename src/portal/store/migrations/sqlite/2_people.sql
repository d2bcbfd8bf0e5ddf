-- The time at which an admin disabled the account; NULL while it may log in.
ALTER TABLE account ADD COLUMN disabled INTEGER;
-- When the account was last used, accurate to one hour.
ALTER TABLE account ADD COLUMN seen INTEGER;

-- The key of the sandbox that follows the account.
ALTER TABLE account ADD COLUMN sandbox_key TEXT;

-- Who may create an account: each row is one link. The first admin's has no creator.
CREATE TABLE invitation (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB NOT NULL UNIQUE,
    role       TEXT NOT NULL CHECK (role IN ('admin', 'mentor', 'learner')),
    email      TEXT,
    email_folded TEXT,
    uses_left  INTEGER NOT NULL,
    created    INTEGER NOT NULL,
    created_by INTEGER REFERENCES account (id) ON DELETE CASCADE,
    expires    INTEGER NOT NULL
) STRICT;

-- Links with which a member sets a new password.
CREATE TABLE password_reset (
    token_hash BLOB NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created_by INTEGER REFERENCES account (id) ON DELETE CASCADE,
    created    INTEGER NOT NULL,
    expires    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was done with accounts. The name of a deleted actor stays; nothing is ever changed.
CREATE TABLE audit (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    action     TEXT NOT NULL,
    actor_id   INTEGER,
    actor_name TEXT,
    subject    TEXT NOT NULL,
    detail     TEXT NOT NULL,
    address    TEXT,
    request_id TEXT NOT NULL
) STRICT;

CREATE INDEX audit_at ON audit (at);
