-- The picture beside the name of the site that admins have uploaded. Its name is in the setting `logo`.
CREATE TABLE logo (
    name       TEXT NOT NULL PRIMARY KEY,
    media_type TEXT NOT NULL,
    width      BIGINT NOT NULL,
    height     BIGINT NOT NULL,
    bytes      BYTEA NOT NULL
);

-- The backups of this database: when each was made, and the name and the size in bytes of its file.
CREATE TABLE backup (
    id   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at   BIGINT NOT NULL,
    name TEXT NOT NULL,
    size BIGINT NOT NULL
);
