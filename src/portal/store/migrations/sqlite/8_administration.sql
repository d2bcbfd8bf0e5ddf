-- The picture beside the name of the site that admins have uploaded. Its name is in the setting `logo`.
CREATE TABLE logo (
    name       TEXT NOT NULL PRIMARY KEY,
    media_type TEXT NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    bytes      BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The backups of this database: when each was made, and the name and the size in bytes of its file.
CREATE TABLE backup (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    at   INTEGER NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL
) STRICT;
