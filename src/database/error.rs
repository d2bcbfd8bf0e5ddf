//! What can go wrong between the program and its database.
//!
//! Not here: conflicts that the product knows by name. A store finds those with a SELECT in the
//! write transaction, or with `ON CONFLICT DO NOTHING RETURNING`.

use std::io;
use std::path::PathBuf;

use sqlx::migrate::MigrateError;

/// An error of the engine, of its files, or of the schema.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// The address of the database is not understood.
    #[error("the address of the database is not understood: {0}")]
    Address(&'static str),
    /// A file of the database cannot be made or opened.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another process serves these files.
    #[error("{} is in use by another process that serves it", .0.display())]
    Locked(PathBuf),
    /// The schema has a migration that this program does not know.
    #[error("the schema is newer than this program: it has migration {0}")]
    NewerSchema(i64),
    /// A migration failed, or was changed after it ran.
    #[error("the schema cannot be brought up to date")]
    Migration(#[source] MigrateError),
    /// No connection, or no lock, was free in time.
    #[error("the database is busy")]
    Busy,
    /// The disk, or the quota of the database, is full.
    #[error("the database is full")]
    Full,
    /// The work wanted to commit although one of its statements had failed.
    #[error("a statement of the transaction had failed, so it was rolled back")]
    Aborted,
    /// A row does not have this column in the type asked for.
    #[error("column {column}: {expected} expected")]
    Column {
        /// The name asked for.
        column: String,
        /// The type asked for.
        expected: &'static str,
    },
    /// Anything else that the engine or the connection reports.
    #[error("the database failed")]
    Driver(#[source] sqlx::Error),
}

impl DatabaseError {
    /// Whether a UNIQUE or PRIMARY KEY constraint was violated.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        self.driver()
            .is_some_and(|error| error.is_unique_violation())
    }

    /// Whether a foreign key was violated.
    #[must_use]
    pub fn is_foreign_key_violation(&self) -> bool {
        self.driver()
            .is_some_and(|error| error.is_foreign_key_violation())
    }

    fn driver(&self) -> Option<&dyn sqlx::error::DatabaseError> {
        match self {
            DatabaseError::Driver(error) => error.as_database_error(),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::PoolTimedOut) {
            return DatabaseError::Busy;
        }
        let code = error.as_database_error().and_then(|error| error.code());
        match code.as_deref() {
            // SQLITE_BUSY and its extended codes; lock_not_available.
            Some("5" | "261" | "517" | "773" | "55P03") => DatabaseError::Busy,
            // SQLITE_FULL; disk_full.
            Some("13" | "53100") => DatabaseError::Full,
            _ => DatabaseError::Driver(error),
        }
    }
}

impl From<MigrateError> for DatabaseError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(version) => DatabaseError::NewerSchema(version),
            MigrateError::Execute(error) => error.into(),
            other => DatabaseError::Migration(other),
        }
    }
}
