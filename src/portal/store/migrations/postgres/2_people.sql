ALTER TABLE account ADD COLUMN disabled BIGINT;
ALTER TABLE account ADD COLUMN seen BIGINT;

ALTER TABLE account ADD COLUMN sandbox_key TEXT COLLATE "C";

CREATE TABLE invitation (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    role       TEXT COLLATE "C" NOT NULL CHECK (role IN ('admin', 'mentor', 'learner')),
    email      TEXT COLLATE "C",
    email_folded TEXT COLLATE "C",
    uses_left  BIGINT NOT NULL,
    created    BIGINT NOT NULL,
    created_by BIGINT REFERENCES account (id) ON DELETE CASCADE,
    expires    BIGINT NOT NULL
);

CREATE TABLE password_reset (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created_by BIGINT REFERENCES account (id) ON DELETE CASCADE,
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL
);

CREATE TABLE audit (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         BIGINT NOT NULL,
    action     TEXT COLLATE "C" NOT NULL,
    actor_id   BIGINT,
    actor_name TEXT COLLATE "C",
    subject    TEXT COLLATE "C" NOT NULL,
    detail     TEXT COLLATE "C" NOT NULL,
    address    TEXT COLLATE "C",
    request_id TEXT COLLATE "C" NOT NULL
);

CREATE INDEX audit_at ON audit (at);
