CREATE TABLE exercise_state (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT REFERENCES account (id) ON DELETE SET NULL,
    exercise   TEXT COLLATE "C" NOT NULL,
    attempts   BIGINT NOT NULL,
    failures   BIGINT NOT NULL,
    step       BIGINT NOT NULL,
    checked    BIGINT NOT NULL,
    passed     BIGINT,
    solution_shown BIGINT NOT NULL,
    UNIQUE (account_id, exercise)
);

CREATE INDEX exercise_state_exercise ON exercise_state (exercise);
CREATE INDEX exercise_state_checked ON exercise_state (checked);
CREATE INDEX lesson_progress_seen ON lesson_progress (seen);
