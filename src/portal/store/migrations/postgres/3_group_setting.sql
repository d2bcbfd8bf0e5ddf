CREATE TABLE team_group (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        TEXT COLLATE "C" NOT NULL,
    name_folded TEXT COLLATE "C" NOT NULL UNIQUE,
    created     BIGINT NOT NULL
);

CREATE TABLE group_member (
    group_id   BIGINT NOT NULL REFERENCES team_group (id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, account_id)
);

CREATE INDEX group_member_account ON group_member (account_id);

ALTER TABLE invitation ADD COLUMN group_id BIGINT REFERENCES team_group (id) ON DELETE SET NULL;

CREATE TABLE setting (
    name    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value   TEXT COLLATE "C" NOT NULL,
    updated BIGINT NOT NULL
);

CREATE TABLE login_limit (
    bucket  BYTEA NOT NULL PRIMARY KEY,
    full_at BIGINT NOT NULL
);

CREATE INDEX login_limit_full_at ON login_limit (full_at);
