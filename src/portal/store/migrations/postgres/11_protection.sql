-- Grows whenever the logins of the account end: a login that began before then begins no session.
ALTER TABLE account ADD COLUMN access_version BIGINT NOT NULL DEFAULT 0;

-- The keys of the sandboxes of deleted accounts, until they are deleted too: they are in another database.
CREATE TABLE left_sandbox (
    key TEXT COLLATE "C" NOT NULL PRIMARY KEY
);

-- How many deleted accounts have opened and read a lesson, and passed a quiz: the numbers of the team count them.
CREATE TABLE left_lesson (
    lesson TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    opened BIGINT NOT NULL,
    read   BIGINT NOT NULL
);

CREATE TABLE left_quiz (
    quiz   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    passed BIGINT NOT NULL
);
