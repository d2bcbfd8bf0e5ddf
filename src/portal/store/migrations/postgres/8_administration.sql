-- The picture beside the name of the site that admins have uploaded. Its name is in the setting `logo`.
CREATE TABLE logo (
    name       TEXT NOT NULL PRIMARY KEY,
    media_type TEXT NOT NULL,
    width      BIGINT NOT NULL,
    height     BIGINT NOT NULL,
    bytes      BYTEA NOT NULL
);
