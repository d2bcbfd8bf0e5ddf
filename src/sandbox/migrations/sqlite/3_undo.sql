-- The undo log: one row for each request that changed users, and for each reset. It is written in the
-- transaction of the change. `number` counts in each sandbox. `request` is a JSON object (id, method,
-- target), `changes` a JSON array of users before and after, `reset` a JSON object with what a reset
-- replaced besides the users.
CREATE TABLE undo_step (
    sandbox_id INTEGER NOT NULL REFERENCES sandbox (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    size INTEGER NOT NULL,
    request TEXT NOT NULL,
    changes TEXT NOT NULL,
    reset TEXT,
    PRIMARY KEY (sandbox_id, number)
) STRICT, WITHOUT ROWID;

-- It named the recorded exchanges that were taken back.
ALTER TABLE sandbox DROP COLUMN undone;
