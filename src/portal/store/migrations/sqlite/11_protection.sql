-- Grows whenever the logins of the account end: a login that began before then begins no session.
ALTER TABLE account ADD COLUMN access_version INTEGER NOT NULL DEFAULT 0;

-- The keys of the sandboxes of deleted accounts, until they are deleted too: they are in another database.
CREATE TABLE left_sandbox (
    key TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- How many deleted accounts have opened and read a lesson, and passed a quiz: the numbers of the team count them.
CREATE TABLE left_lesson (
    lesson TEXT NOT NULL PRIMARY KEY,
    opened INTEGER NOT NULL,
    read   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE left_quiz (
    quiz   TEXT NOT NULL PRIMARY KEY,
    passed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
