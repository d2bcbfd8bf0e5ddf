CREATE TABLE email_change (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL UNIQUE REFERENCES account (id) ON DELETE CASCADE,
    email      TEXT COLLATE "C" NOT NULL,
    expires    BIGINT NOT NULL
);

CREATE TABLE second_factor (
    account_id   BIGINT NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    secret       BYTEA NOT NULL,
    created      BIGINT NOT NULL,
    last_period  BIGINT NOT NULL,
    full_at      BIGINT NOT NULL
);

CREATE TABLE recovery_code (
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    code_hash  BYTEA NOT NULL,
    PRIMARY KEY (account_id, code_hash)
);

CREATE TABLE passkey (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id    BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    credential_id BYTEA NOT NULL UNIQUE,
    name          TEXT COLLATE "C" NOT NULL,
    transports    BIGINT NOT NULL,
    static_state  BYTEA NOT NULL,
    dynamic_state BYTEA NOT NULL,
    created       BIGINT NOT NULL,
    used          BIGINT
);

CREATE INDEX passkey_account ON passkey (account_id);

ALTER TABLE account ADD COLUMN user_handle BYTEA;
CREATE UNIQUE INDEX account_user_handle ON account (user_handle);

CREATE TABLE pending_login (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    kind       TEXT COLLATE "C" NOT NULL,
    account_id BIGINT REFERENCES account (id) ON DELETE CASCADE,
    data       TEXT COLLATE "C" NOT NULL,
    expires    BIGINT NOT NULL
);

CREATE INDEX pending_login_expires ON pending_login (expires);
