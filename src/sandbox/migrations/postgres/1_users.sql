-- One row a sandbox. `floor` is the lowest id that may come next: what was used is not used again.
CREATE TABLE sandbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key_hash BYTEA NOT NULL UNIQUE,
    floor BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    cookie_at BIGINT NOT NULL
);

CREATE INDEX sandbox_last_used_at ON sandbox (last_used_at);

-- The users of all sandboxes. `email_folded` is the address without regard to case.
CREATE TABLE users (
    sandbox_id BIGINT NOT NULL REFERENCES sandbox (id) ON DELETE CASCADE,
    id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    email_folded TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    bio TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (sandbox_id, id),
    UNIQUE (sandbox_id, email_folded)
);

-- What a fresh sandbox holds; filled at start from seed.json.
CREATE TABLE seed (
    id BIGINT PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    email_folded TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    bio TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
