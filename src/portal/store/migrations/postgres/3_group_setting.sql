-- A part of the team. The name is unique without regard to case.
CREATE TABLE team_group (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        TEXT NOT NULL,
    name_folded TEXT NOT NULL UNIQUE,
    created     BIGINT NOT NULL
);

-- Who belongs to a group. A mentor who belongs to groups sees their members only; one without sees the whole team.
CREATE TABLE group_member (
    group_id   BIGINT NOT NULL REFERENCES team_group (id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, account_id)
);

CREATE INDEX group_member_account ON group_member (account_id);

-- The group of the accounts that are created with an invitation.
ALTER TABLE invitation ADD COLUMN group_id BIGINT REFERENCES team_group (id) ON DELETE SET NULL;

-- What admins set in the browser, each value as JSON.
CREATE TABLE setting (
    name    TEXT NOT NULL PRIMARY KEY,
    value   TEXT NOT NULL,
    updated BIGINT NOT NULL
);

-- The token buckets of failed logins: the time at which the bucket with this key is full again.
CREATE TABLE login_limit (
    bucket  BYTEA NOT NULL PRIMARY KEY,
    full_at BIGINT NOT NULL
);

CREATE INDEX login_limit_full_at ON login_limit (full_at);
