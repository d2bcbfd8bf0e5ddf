-- A part of the team. The name is unique without regard to case.
CREATE TABLE team_group (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL,
    name_folded TEXT NOT NULL UNIQUE,
    created     INTEGER NOT NULL
) STRICT;

-- Who belongs to a group. A mentor who belongs to groups sees their members only; one without sees the whole team.
CREATE TABLE group_member (
    group_id   INTEGER NOT NULL REFERENCES team_group (id) ON DELETE CASCADE,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_member_account ON group_member (account_id);

-- The group of the accounts that are created with an invitation.
ALTER TABLE invitation ADD COLUMN group_id INTEGER REFERENCES team_group (id) ON DELETE SET NULL;

-- What admins set in the browser, each value as JSON.
CREATE TABLE setting (
    name    TEXT NOT NULL PRIMARY KEY,
    value   TEXT NOT NULL,
    updated INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The token buckets of failed logins: the time at which the bucket with this key is full again.
CREATE TABLE login_limit (
    bucket  BLOB NOT NULL PRIMARY KEY,
    full_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX login_limit_full_at ON login_limit (full_at);
