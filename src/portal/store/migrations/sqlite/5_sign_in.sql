-- New addresses of accounts, each until its owner confirms it with a link that was sent there.
CREATE TABLE email_change (
    token_hash BLOB NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL UNIQUE REFERENCES account (id) ON DELETE CASCADE,
    email      TEXT NOT NULL,
    expires    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The second factor of an account. The secret is stored as it is, because codes are computed from it.
CREATE TABLE second_factor (
    account_id   INTEGER NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    secret       BLOB NOT NULL,
    created      INTEGER NOT NULL,
    -- The last period of 30 s whose code was accepted, so that no code is accepted twice.
    last_period  INTEGER NOT NULL,
    -- The time at which the bucket of wrong codes is full again.
    full_at      INTEGER NOT NULL
) STRICT;

-- Codes for the case that the device with the secret is lost, each for one use.
CREATE TABLE recovery_code (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    code_hash  BLOB NOT NULL,
    PRIMARY KEY (account_id, code_hash)
) STRICT, WITHOUT ROWID;

-- Passkeys: the public key of each, and what its device reported last.
CREATE TABLE passkey (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id    INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    credential_id BLOB NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    transports    INTEGER NOT NULL,
    static_state  BLOB NOT NULL,
    dynamic_state BLOB NOT NULL,
    created       INTEGER NOT NULL,
    used          INTEGER
) STRICT;

CREATE INDEX passkey_account ON passkey (account_id);

-- The number by which the devices of an account know it; NULL until its first passkey.
ALTER TABLE account ADD COLUMN user_handle BLOB;
CREATE UNIQUE INDEX account_user_handle ON account (user_handle);

-- Logins that have begun and need another step: the code after the password, the response of the provider, that of a passkey.
CREATE TABLE pending_login (
    token_hash BLOB NOT NULL PRIMARY KEY,
    kind       TEXT NOT NULL,
    account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,
    data       TEXT NOT NULL,
    expires    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX pending_login_expires ON pending_login (expires);
