-- The member who is to do the lessons of an assignment. Without a member and a group it is for everybody.
ALTER TABLE assignment ADD COLUMN account_id BIGINT REFERENCES account (id) ON DELETE CASCADE;

CREATE INDEX assignment_account ON assignment (account_id);
