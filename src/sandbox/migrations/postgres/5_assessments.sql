-- What a visitor has done of an exercise. `attempts` counts how often it was started. Exchanges count that began at
-- `started_at` or later and are newer than `last_exchange`, the newest one when it was started.
CREATE TABLE exercise_progress (
    sandbox_id BIGINT NOT NULL REFERENCES sandbox (id) ON DELETE CASCADE,
    exercise TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL,
    started_at BIGINT,
    last_exchange TEXT COLLATE "C",
    hints BIGINT NOT NULL,
    solution_shown BIGINT NOT NULL,
    passed_at BIGINT,
    PRIMARY KEY (sandbox_id, exercise)
);

-- The answers to the questions of quizzes, each a JSON array of options. `first_answer` counts and is never changed.
CREATE TABLE quiz_answer (
    sandbox_id BIGINT NOT NULL REFERENCES sandbox (id) ON DELETE CASCADE,
    quiz TEXT COLLATE "C" NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    first_answer TEXT COLLATE "C" NOT NULL,
    last_answer TEXT COLLATE "C" NOT NULL,
    answered_at BIGINT NOT NULL,
    PRIMARY KEY (sandbox_id, quiz, question)
);
