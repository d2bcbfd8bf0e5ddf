-- Everything here is disposable, so the tables of the first step are made anew rather than changed.
DROP TABLE users;
DROP TABLE sandbox;
DROP TABLE seed;

-- One row a sandbox. `floor` is the lowest id that may come next: what was used is not used again.
-- `behaviours` is a JSON object, `undone` a JSON array of ids of exchanges. An id is never given twice.
CREATE TABLE sandbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key_hash BYTEA NOT NULL UNIQUE,
    floor BIGINT NOT NULL,
    behaviours TEXT COLLATE "C" NOT NULL DEFAULT '{}',
    undone TEXT COLLATE "C" NOT NULL DEFAULT '[]',
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    cookie_at BIGINT NOT NULL
);

CREATE INDEX sandbox_last_used_at ON sandbox (last_used_at);

-- The users of all sandboxes. The folded columns are those without regard to case.
CREATE TABLE users (
    sandbox_id BIGINT NOT NULL REFERENCES sandbox (id) ON DELETE CASCADE,
    id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    name_folded TEXT COLLATE "C" NOT NULL,
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
    name_folded TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    email_folded TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    bio TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Who is logged in to the API; ends with its user. Only the hash of what the cookie holds.
CREATE TABLE api_session (
    hash BYTEA PRIMARY KEY,
    sandbox_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    FOREIGN KEY (sandbox_id, user_id) REFERENCES users (sandbox_id, id) ON DELETE CASCADE
);

CREATE INDEX api_session_user ON api_session (sandbox_id, user_id);

-- The tokens of users, opaque (by hash) and JWT (by its id); end with their user.
CREATE TABLE api_token (
    id TEXT COLLATE "C" PRIMARY KEY,
    sandbox_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    hash BYTEA UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT,
    FOREIGN KEY (sandbox_id, user_id) REFERENCES users (sandbox_id, id) ON DELETE CASCADE
);

CREATE INDEX api_token_user ON api_token (sandbox_id, user_id);

-- What a POST with an Idempotency-Key made: `fingerprint` of what was sent, `reply` the user as JSON.
CREATE TABLE idempotency (
    sandbox_id BIGINT NOT NULL REFERENCES sandbox (id) ON DELETE CASCADE,
    key TEXT COLLATE "C" NOT NULL,
    fingerprint BYTEA NOT NULL,
    reply TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (sandbox_id, key)
);

-- Recorded exchanges, several to a row as they were written together: a JSON array, the oldest first.
CREATE TABLE exchange (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sandbox_id BIGINT NOT NULL REFERENCES sandbox (id) ON DELETE CASCADE,
    held BIGINT NOT NULL,
    size BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL
);

CREATE INDEX exchange_sandbox ON exchange (sandbox_id, id);

-- Keys of the server, made at the first start, shared by all that serve this database.
CREATE TABLE secret (
    name TEXT COLLATE "C" PRIMARY KEY,
    value BYTEA NOT NULL
);
