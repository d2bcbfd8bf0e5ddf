-- When a member has last looked at the own path, where the answers of mentors are.
CREATE TABLE learn_visit (
    account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    seen       INTEGER NOT NULL
) STRICT;
