-- Grows whenever the logins of the account end: a login that began before then begins no session.
ALTER TABLE account ADD COLUMN access_version INTEGER NOT NULL DEFAULT 0;
