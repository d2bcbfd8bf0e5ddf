-- The undo log: one row for each request that changed users, and for each reset. It is written in the
-- transaction of the change. `number` counts in each sandbox. `request` is a JSON object (id, method,
-- target), `changes` a JSON array of users before and after, `reset` a JSON object with what a reset
-- replaced besides the users.
CREATE TABLE undo_step (
    sandbox_id BIGINT NOT NULL REFERENCES sandbox (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    size BIGINT NOT NULL,
    request TEXT COLLATE "C" NOT NULL,
    changes TEXT COLLATE "C" NOT NULL,
    reset TEXT COLLATE "C",
    PRIMARY KEY (sandbox_id, number)
);

-- It named the recorded exchanges that were taken back.
ALTER TABLE sandbox DROP COLUMN undone;
