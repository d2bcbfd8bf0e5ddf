CREATE TABLE learn_visit (
    account_id BIGINT PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    seen       BIGINT NOT NULL
);
