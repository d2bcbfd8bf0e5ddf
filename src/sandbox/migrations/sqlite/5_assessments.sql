-- What a visitor has done of an exercise. `attempts` counts how often it was started. Exchanges count that began at
-- `started_at` or later and are newer than `last_exchange`, the newest one when it was started.
CREATE TABLE exercise_progress (
    sandbox_id INTEGER NOT NULL REFERENCES sandbox (id) ON DELETE CASCADE,
    exercise TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    started_at INTEGER,
    last_exchange TEXT,
    hints INTEGER NOT NULL,
    solution_shown INTEGER NOT NULL,
    passed_at INTEGER,
    PRIMARY KEY (sandbox_id, exercise)
) STRICT, WITHOUT ROWID;

-- The answers to the questions of quizzes, each a JSON array of options. `first_answer` counts and is never changed.
CREATE TABLE quiz_answer (
    sandbox_id INTEGER NOT NULL REFERENCES sandbox (id) ON DELETE CASCADE,
    quiz TEXT NOT NULL,
    question TEXT NOT NULL,
    first_answer TEXT NOT NULL,
    last_answer TEXT NOT NULL,
    answered_at INTEGER NOT NULL,
    PRIMARY KEY (sandbox_id, quiz, question)
) STRICT, WITHOUT ROWID;
