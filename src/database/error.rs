//! The errors of the database.
//!
//! Conflicts with a meaning in the application, such as a taken email address, are not errors here.
//! A store detects them with a SELECT in the write transaction, or with `ON CONFLICT DO NOTHING
//! RETURNING`.

use std::io;
use std::path::PathBuf;

use sqlx::migrate::MigrateError;
use sqlx::postgres::PgDatabaseError;

/// An error of the engine, of its files, or of the schema.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// The address of the database is not valid.
    #[error("the address of the database is not understood: {0}")]
    Address(&'static str),
    /// A file of the database cannot be created or opened.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Another process serves this file.
    #[error("{} is in use by another process that serves it", .0.display())]
    Locked(PathBuf),
    /// The schema has a migration that is not part of this program.
    #[error("the schema is newer than this program: it has migration {0}")]
    NewerSchema(i64),
    /// A migration failed, or was changed after it ran.
    #[error("the schema cannot be brought up to date")]
    Migration(#[source] MigrateError),
    /// No connection, or no lock, became free in time.
    #[error("the database is busy")]
    Busy,
    /// The transaction conflicted with another one and was rolled back. It can be repeated.
    #[error("the transaction was rolled back because of another one")]
    Conflict(#[source] sqlx::Error),
    /// The connection was lost or could not be opened. A statement that was sent may have run.
    #[error("the connection to the database failed")]
    ConnectionLost(#[source] sqlx::Error),
    /// The disk is full, or the database has reached its maximum size.
    #[error("the database is full")]
    Full,
    /// The work returned `Ok` although one of its statements had failed.
    #[error("a statement of the transaction had failed, so it was rolled back")]
    Aborted,
    /// A row does not have this column with the requested type.
    #[error("column {column}: {expected} expected")]
    Column {
        /// The requested column.
        column: String,
        /// The requested type.
        expected: &'static str,
    },
    /// Any other error of the engine or the connection.
    #[error("the database failed")]
    Driver(#[source] sqlx::Error),
}

impl DatabaseError {
    /// Returns whether a UNIQUE or PRIMARY KEY constraint was violated.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        self.driver_error()
            .is_some_and(|error| error.is_unique_violation())
    }

    /// Returns whether a foreign key was violated.
    #[must_use]
    pub fn is_foreign_key_violation(&self) -> bool {
        self.driver_error()
            .is_some_and(|error| error.is_foreign_key_violation())
    }

    /// Returns whether a transaction that failed with this error before its COMMIT was sent can be
    /// repeated, because it was rolled back.
    pub(super) fn can_retry(&self) -> bool {
        matches!(
            self,
            DatabaseError::Conflict(_) | DatabaseError::ConnectionLost(_)
        )
    }

    /// Returns whether the connection that reported this error must not be used again.
    pub(super) fn is_connection_broken(&self) -> bool {
        match self {
            DatabaseError::ConnectionLost(_) => true,
            DatabaseError::Driver(error) => sqlite_code(error).is_some_and(is_broken_sqlite),
            _ => false,
        }
    }

    fn driver_error(&self) -> Option<&dyn sqlx::error::DatabaseError> {
        match self {
            DatabaseError::Driver(error) => error.as_database_error(),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        let class = match &error {
            sqlx::Error::PoolTimedOut => ErrorClass::Busy,
            sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed | sqlx::Error::PoolClosed => {
                ErrorClass::ConnectionLost
            }
            error => match (sqlite_code(error), postgres_code(error)) {
                (Some(code), _) => sqlite_class(code),
                (_, Some(code)) => postgres_class(code),
                _ => ErrorClass::Other,
            },
        };
        match class {
            ErrorClass::Busy => DatabaseError::Busy,
            ErrorClass::Full => DatabaseError::Full,
            ErrorClass::Conflict => DatabaseError::Conflict(error),
            ErrorClass::ConnectionLost => DatabaseError::ConnectionLost(error),
            ErrorClass::Other => DatabaseError::Driver(error),
        }
    }
}

/// The class of an error code of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ErrorClass {
    Busy,
    Full,
    Conflict,
    ConnectionLost,
    Other,
}

/// Returns the class of a result code of SQLite (<https://www.sqlite.org/rescode.html>). The low
/// byte of an extended code is the primary code.
fn sqlite_class(code: i32) -> ErrorClass {
    match code & 0xff {
        // SQLITE_BUSY, SQLITE_LOCKED. The driver has already waited for the lock.
        5 | 6 => ErrorClass::Busy,
        // SQLITE_FULL
        13 => ErrorClass::Full,
        _ => ErrorClass::Other,
    }
}

/// Returns whether a connection to SQLite must be replaced after this result code, because it may
/// have a file open that is no longer the file at its path.
fn is_broken_sqlite(code: i32) -> bool {
    // SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_CANTOPEN, SQLITE_NOTADB
    matches!(code & 0xff, 10 | 11 | 14 | 26)
}

/// Returns the class of an SQLSTATE (PostgreSQL documentation, appendix A).
fn postgres_class(code: &str) -> ErrorClass {
    match code {
        // lock_not_available, too_many_connections
        "55P03" | "53300" => ErrorClass::Busy,
        // disk_full
        "53100" => ErrorClass::Full,
        // serialization_failure, deadlock_detected
        "40001" | "40P01" => ErrorClass::Conflict,
        // admin_shutdown, crash_shutdown, cannot_connect_now, idle_session_timeout
        "57P01" | "57P02" | "57P03" | "57P05" => ErrorClass::ConnectionLost,
        // Class 08: connection exceptions.
        code if code.starts_with("08") => ErrorClass::ConnectionLost,
        _ => ErrorClass::Other,
    }
}

fn sqlite_code(error: &sqlx::Error) -> Option<i32> {
    let error = error.as_database_error()?;
    error.try_downcast_ref::<sqlx::sqlite::SqliteError>()?;
    error.code()?.parse().ok()
}

fn postgres_code(error: &sqlx::Error) -> Option<&str> {
    let error = error.as_database_error()?;
    Some(error.try_downcast_ref::<PgDatabaseError>()?.code())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_codes_have_the_class_of_their_primary_code() {
        for code in [5, 261, 517, 773, 6, 262] {
            assert_eq!(sqlite_class(code), ErrorClass::Busy, "{code}");
        }
        assert_eq!(sqlite_class(13), ErrorClass::Full);
        // SQLITE_CONSTRAINT_UNIQUE, SQLITE_ERROR
        for code in [2067, 1] {
            assert_eq!(sqlite_class(code), ErrorClass::Other, "{code}");
            assert!(!is_broken_sqlite(code), "{code}");
        }
        // SQLITE_IOERR_SHORT_READ, SQLITE_CORRUPT, SQLITE_NOTADB
        for code in [522, 11, 26] {
            assert!(is_broken_sqlite(code), "{code}");
        }
    }

    #[test]
    fn postgres_codes_have_their_class() {
        for (code, class) in [
            ("55P03", ErrorClass::Busy),
            ("53300", ErrorClass::Busy),
            ("53100", ErrorClass::Full),
            ("40001", ErrorClass::Conflict),
            ("40P01", ErrorClass::Conflict),
            ("57P01", ErrorClass::ConnectionLost),
            ("08006", ErrorClass::ConnectionLost),
            ("23505", ErrorClass::Other),
            // A result code of SQLite is not an SQLSTATE.
            ("5", ErrorClass::Other),
        ] {
            assert_eq!(postgres_class(code), class, "{code}");
        }
    }
}
