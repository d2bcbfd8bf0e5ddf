-- The lessons that an account has opened, by their path without the language. `seen` is when it was last opened.
CREATE TABLE lesson_progress (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    lesson     TEXT NOT NULL,
    opened     INTEGER NOT NULL,
    seen       INTEGER NOT NULL,
    read       INTEGER,
    PRIMARY KEY (account_id, lesson)
) STRICT, WITHOUT ROWID;

CREATE INDEX lesson_progress_lesson ON lesson_progress (lesson);

-- The exercises and quizzes that an account has passed, and when for the first time. Stays when attempts are deleted.
CREATE TABLE assessment_pass (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL CHECK (kind IN ('exercise', 'quiz')),
    assessment TEXT NOT NULL,
    passed     INTEGER NOT NULL,
    PRIMARY KEY (account_id, kind, assessment)
) STRICT, WITHOUT ROWID;

CREATE INDEX assessment_pass_assessment ON assessment_pass (kind, assessment);

-- Each time that an account has started an exercise, as it was last graded. Without an account when that was deleted.
CREATE TABLE exercise_attempt (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id     INTEGER REFERENCES account (id) ON DELETE SET NULL,
    exercise       TEXT NOT NULL,
    started        INTEGER NOT NULL,
    checked        INTEGER NOT NULL,
    passed         INTEGER,
    -- The number of steps that are passed: the one after them is where the attempt stopped.
    step           INTEGER NOT NULL,
    -- The number of requests that did not meet their step.
    failures       INTEGER NOT NULL,
    hints          INTEGER NOT NULL,
    solution_shown INTEGER NOT NULL,
    -- What was expected and what came instead, as JSON.
    verdict        TEXT NOT NULL,
    UNIQUE (account_id, exercise, started)
) STRICT;

CREATE INDEX exercise_attempt_exercise ON exercise_attempt (exercise, started);
CREATE INDEX exercise_attempt_started ON exercise_attempt (started);

-- The answers of an account to the questions of quizzes: the first, which counts, and the last. `solved` is when it was first
-- answered correctly.
CREATE TABLE account_answer (
    account_id   INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    quiz         TEXT NOT NULL,
    question     TEXT NOT NULL,
    first_answer TEXT NOT NULL,
    last_answer  TEXT NOT NULL,
    is_correct   INTEGER NOT NULL,
    answered     INTEGER NOT NULL,
    solved       INTEGER,
    PRIMARY KEY (account_id, quiz, question)
) STRICT, WITHOUT ROWID;

CREATE INDEX account_answer_quiz ON account_answer (quiz, question);

-- The account to which the progress of a sandbox belongs, by the hash of its key; without one when it was deleted.
CREATE TABLE sandbox_claim (
    key_hash   BLOB NOT NULL PRIMARY KEY,
    account_id INTEGER REFERENCES account (id) ON DELETE SET NULL,
    claimed    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sandbox_claim_account ON sandbox_claim (account_id);
CREATE INDEX sandbox_claim_claimed ON sandbox_claim (claimed);

-- Lessons that a group, or with NULL everybody, is to do until the end of a day (YYYY-MM-DD).
CREATE TABLE assignment (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id   INTEGER REFERENCES team_group (id) ON DELETE CASCADE,
    due        TEXT NOT NULL,
    created    INTEGER NOT NULL,
    created_by INTEGER REFERENCES account (id) ON DELETE SET NULL
) STRICT;

CREATE INDEX assignment_group ON assignment (group_id);
CREATE INDEX assignment_created_by ON assignment (created_by);

CREATE TABLE assignment_lesson (
    assignment_id INTEGER NOT NULL REFERENCES assignment (id) ON DELETE CASCADE,
    position      INTEGER NOT NULL,
    lesson        TEXT NOT NULL,
    PRIMARY KEY (assignment_id, lesson)
) STRICT, WITHOUT ROWID;

-- What members ask mentors about an exercise, with the verdict as it was then, and the answer.
CREATE TABLE help_request (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id  INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    attempt_id  INTEGER REFERENCES exercise_attempt (id) ON DELETE SET NULL,
    exercise    TEXT NOT NULL,
    question    TEXT NOT NULL,
    verdict     TEXT NOT NULL,
    created     INTEGER NOT NULL,
    answer      TEXT,
    answered    INTEGER,
    answered_by INTEGER REFERENCES account (id) ON DELETE SET NULL
) STRICT;

CREATE INDEX help_request_account ON help_request (account_id, exercise);
CREATE INDEX help_request_attempt ON help_request (attempt_id);
CREATE INDEX help_request_answered_by ON help_request (answered_by);
CREATE INDEX help_request_created ON help_request (created);
