//! The portal's tables: accounts and their sessions, invitations, and the audit log.
//!
//! This module contains all SQL of the portal, one file for each table. The rules for passwords and
//! sessions are in `portal`. Times are parameters, in milliseconds since 1970.

pub mod account;
pub mod assessment_kind;
pub mod assignment;
pub mod audit;
pub mod backup;
pub mod email_change;
pub mod group;
pub mod help;
pub mod invitation;
pub mod learning;
mod like;
pub mod login_limit;
pub mod logo;
pub mod member;
pub mod passkey;
pub mod pending_login;
pub mod provider_account;
pub mod second_factor;
pub mod session;
pub mod setting;
pub mod team;

use crate::database::{Database, DatabaseOptions, Engine, Migration};

pub use crate::database::DatabaseError as StoreError;

/// The migrations of the schema. A released migration is never changed.
static MIGRATIONS: [Migration; 11] = [
    Migration {
        version: 1,
        name: "account, session",
        sqlite: include_str!("migrations/sqlite/1_account_session.sql"),
        postgres: include_str!("migrations/postgres/1_account_session.sql"),
    },
    Migration {
        version: 2,
        name: "invitation, password_reset, audit",
        sqlite: include_str!("migrations/sqlite/2_people.sql"),
        postgres: include_str!("migrations/postgres/2_people.sql"),
    },
    Migration {
        version: 3,
        name: "team_group, group_member, setting, login_limit",
        sqlite: include_str!("migrations/sqlite/3_group_setting.sql"),
        postgres: include_str!("migrations/postgres/3_group_setting.sql"),
    },
    Migration {
        version: 4,
        name: "progress, assignments, help requests",
        sqlite: include_str!("migrations/sqlite/4_learning.sql"),
        postgres: include_str!("migrations/postgres/4_learning.sql"),
    },
    Migration {
        version: 5,
        name: "email_change, second_factor, recovery_code, passkey, pending_login",
        sqlite: include_str!("migrations/sqlite/5_sign_in.sql"),
        postgres: include_str!("migrations/postgres/5_sign_in.sql"),
    },
    Migration {
        version: 6,
        name: "exercise_state",
        sqlite: include_str!("migrations/sqlite/6_team.sql"),
        postgres: include_str!("migrations/postgres/6_team.sql"),
    },
    Migration {
        version: 7,
        name: "learn_visit",
        sqlite: include_str!("migrations/sqlite/7_learn_visit.sql"),
        postgres: include_str!("migrations/postgres/7_learn_visit.sql"),
    },
    Migration {
        version: 8,
        name: "logo, backup",
        sqlite: include_str!("migrations/sqlite/8_administration.sql"),
        postgres: include_str!("migrations/postgres/8_administration.sql"),
    },
    Migration {
        version: 9,
        name: "assignments to members",
        sqlite: include_str!("migrations/sqlite/9_learning_details.sql"),
        postgres: include_str!("migrations/postgres/9_learning_details.sql"),
    },
    Migration {
        version: 10,
        name: "exercises passed before a login",
        sqlite: include_str!("migrations/sqlite/10_exercise_passed.sql"),
        postgres: include_str!("migrations/postgres/10_exercise_passed.sql"),
    },
    Migration {
        version: 11,
        name: "protection of accounts",
        sqlite: include_str!("migrations/sqlite/11_protection.sql"),
        postgres: include_str!("migrations/postgres/11_protection.sql"),
    },
];

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

    /// Returns the kind of the database.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.database.engine()
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

/// Returns the error for a column whose value this program never writes.
fn invalid_column(column: &str) -> StoreError {
    StoreError::Column {
        column: column.to_owned(),
        expected: "a valid value",
    }
}
