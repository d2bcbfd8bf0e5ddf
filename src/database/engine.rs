//! The database engines and how an address names them.

use super::DatabaseError;

/// The database engine of a [`super::Database`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file, written by one connection.
    Sqlite,
    /// A PostgreSQL server, or a cluster with the same protocol.
    Postgres,
}

impl Engine {
    /// Returns the engine of a database address.
    ///
    /// # Errors
    /// [`DatabaseError::Address`] when the scheme is neither `sqlite:` nor `postgres:`.
    pub fn of(url: &str) -> Result<Engine, DatabaseError> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Ok(Engine::Sqlite),
            Some("postgres" | "postgresql") => Ok(Engine::Postgres),
            // The error does not repeat the address, because it may contain a password.
            _ => Err(DatabaseError::Address(
                "it must begin with `sqlite:` or `postgres:`",
            )),
        }
    }
}
