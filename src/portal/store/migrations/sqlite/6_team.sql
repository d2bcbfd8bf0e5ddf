-- What an account has come to in an exercise: the sum of its attempts, and the last one. Without an account when that was
-- deleted. It is written with each attempt, so that the pages of the team need not read all attempts.
CREATE TABLE exercise_state (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER REFERENCES account (id) ON DELETE SET NULL,
    exercise   TEXT NOT NULL,
    attempts   INTEGER NOT NULL,
    -- The number of requests that did not meet their step.
    failures   INTEGER NOT NULL,
    -- The number of steps that the last attempt has passed.
    step       INTEGER NOT NULL,
    checked    INTEGER NOT NULL,
    passed     INTEGER,
    -- Whether the solution was shown before it was passed.
    solution_shown INTEGER NOT NULL,
    UNIQUE (account_id, exercise)
) STRICT;

CREATE INDEX exercise_state_exercise ON exercise_state (exercise);
CREATE INDEX exercise_state_checked ON exercise_state (checked);
CREATE INDEX lesson_progress_seen ON lesson_progress (seen);
