CREATE TABLE lesson_progress (
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    lesson     TEXT COLLATE "C" NOT NULL,
    opened     BIGINT NOT NULL,
    seen       BIGINT NOT NULL,
    read       BIGINT,
    PRIMARY KEY (account_id, lesson)
);

CREATE INDEX lesson_progress_lesson ON lesson_progress (lesson);

CREATE TABLE assessment_pass (
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    kind       TEXT COLLATE "C" NOT NULL CHECK (kind IN ('exercise', 'quiz')),
    assessment TEXT COLLATE "C" NOT NULL,
    passed     BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind, assessment)
);

CREATE INDEX assessment_pass_assessment ON assessment_pass (kind, assessment);

CREATE TABLE exercise_attempt (
    id             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id     BIGINT REFERENCES account (id) ON DELETE SET NULL,
    exercise       TEXT COLLATE "C" NOT NULL,
    started        BIGINT NOT NULL,
    checked        BIGINT NOT NULL,
    passed         BIGINT,
    step           BIGINT NOT NULL,
    failures       BIGINT NOT NULL,
    hints          BIGINT NOT NULL,
    solution_shown BIGINT NOT NULL,
    verdict        TEXT COLLATE "C" NOT NULL,
    UNIQUE (account_id, exercise, started)
);

CREATE INDEX exercise_attempt_exercise ON exercise_attempt (exercise, started);
CREATE INDEX exercise_attempt_started ON exercise_attempt (started);

CREATE TABLE account_answer (
    account_id   BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    quiz         TEXT COLLATE "C" NOT NULL,
    question     TEXT COLLATE "C" NOT NULL,
    first_answer TEXT COLLATE "C" NOT NULL,
    last_answer  TEXT COLLATE "C" NOT NULL,
    is_correct   BIGINT NOT NULL,
    answered     BIGINT NOT NULL,
    solved       BIGINT,
    PRIMARY KEY (account_id, quiz, question)
);

CREATE INDEX account_answer_quiz ON account_answer (quiz, question);

CREATE TABLE sandbox_claim (
    key_hash   BYTEA NOT NULL PRIMARY KEY,
    account_id BIGINT REFERENCES account (id) ON DELETE SET NULL,
    claimed    BIGINT NOT NULL
);

CREATE INDEX sandbox_claim_account ON sandbox_claim (account_id);
CREATE INDEX sandbox_claim_claimed ON sandbox_claim (claimed);

CREATE TABLE assignment (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    group_id   BIGINT REFERENCES team_group (id) ON DELETE CASCADE,
    due        TEXT COLLATE "C" NOT NULL,
    created    BIGINT NOT NULL,
    created_by BIGINT REFERENCES account (id) ON DELETE SET NULL
);

CREATE INDEX assignment_group ON assignment (group_id);
CREATE INDEX assignment_created_by ON assignment (created_by);

CREATE TABLE assignment_lesson (
    assignment_id BIGINT NOT NULL REFERENCES assignment (id) ON DELETE CASCADE,
    position      BIGINT NOT NULL,
    lesson        TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (assignment_id, lesson)
);

CREATE TABLE help_request (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id  BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    attempt_id  BIGINT REFERENCES exercise_attempt (id) ON DELETE SET NULL,
    exercise    TEXT COLLATE "C" NOT NULL,
    question    TEXT COLLATE "C" NOT NULL,
    verdict     TEXT COLLATE "C" NOT NULL,
    created     BIGINT NOT NULL,
    answer      TEXT COLLATE "C",
    answered    BIGINT,
    answered_by BIGINT REFERENCES account (id) ON DELETE SET NULL
);

CREATE INDEX help_request_account ON help_request (account_id, exercise);
CREATE INDEX help_request_attempt ON help_request (attempt_id);
CREATE INDEX help_request_answered_by ON help_request (answered_by);
CREATE INDEX help_request_created ON help_request (created);
