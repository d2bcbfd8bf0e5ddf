CREATE TABLE account (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email         TEXT COLLATE "C" NOT NULL,
    email_folded  TEXT COLLATE "C" NOT NULL UNIQUE,
    name          TEXT COLLATE "C" NOT NULL,
    language      TEXT COLLATE "C" NOT NULL,
    role          TEXT COLLATE "C" NOT NULL CHECK (role IN ('admin', 'mentor', 'learner')),
    password_hash TEXT COLLATE "C",
    issuer        TEXT COLLATE "C",
    subject       TEXT COLLATE "C",
    created       BIGINT NOT NULL,
    updated       BIGINT NOT NULL,
    UNIQUE (issuer, subject)
);

CREATE TABLE session (
    id_hash    BYTEA NOT NULL PRIMARY KEY,
    account_id BIGINT REFERENCES account (id) ON DELETE CASCADE,
    created    BIGINT NOT NULL,
    seen       BIGINT NOT NULL,
    expires    BIGINT NOT NULL,
    address    TEXT COLLATE "C",
    agent      TEXT COLLATE "C",
    data       TEXT COLLATE "C" NOT NULL
);

CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expires ON session (expires);
