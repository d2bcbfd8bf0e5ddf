//! The portal's tables: accounts and sessions.
//!
//! All SQL of the portal stands here, one file a table. Not here: what a password or a session is
//! worth; see `portal`. Times are handed in as milliseconds since 1970.

pub mod account;
pub mod session;

use crate::database::{Database, DatabaseOptions, Migration};

pub use crate::database::DatabaseError as StoreError;

/// The steps of the schema. A released one is never changed.
static MIGRATIONS: [Migration; 1] = [Migration {
    version: 1,
    name: "account, session",
    sqlite: include_str!("migrations/sqlite/1_account_session.sql"),
    postgres: include_str!("migrations/postgres/1_account_session.sql"),
}];

/// The portal's database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
}

impl Store {
    /// Opens the database at `url` and brings its schema up to date.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn open(url: &str) -> Result<Store, StoreError> {
        let database = Database::open(url, DatabaseOptions::new("portal", &MIGRATIONS)).await?;
        Ok(Store { database })
    }

    /// Closes every connection; waits for what is running.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

/// A column holds what this program would never have written.
fn unreadable(column: &str) -> StoreError {
    StoreError::Column {
        column: column.to_owned(),
        expected: "a valid value",
    }
}
