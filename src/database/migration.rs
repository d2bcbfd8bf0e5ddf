//! Brings a schema up to date, one process at a time.
//!
//! Not here: the migrations themselves; they stand beside the statements that need them.

use std::borrow::Cow;

use sqlx::migrate::{MigrationType, Migrator};
use sqlx::{AnyConnection, Connection as _, SqlSafeStr as _};

use super::{DatabaseError, Engine};

/// One step of a schema, in the words of both engines, with identical tables and columns.
///
/// A step that was released is never changed.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its place in the order; from 1.
    pub version: i64,
    /// What it does, in a word or two.
    pub name: &'static str,
    /// For SQLite; tables are STRICT.
    pub sqlite: &'static str,
    /// For PostgreSQL; text is COLLATE "C".
    pub postgres: &'static str,
}

/// Runs what has not run yet, in `schema` on PostgreSQL.
///
/// Processes that start together take turns: on SQLite all steps are one immediate transaction, on
/// PostgreSQL an advisory lock is held. The connection shall be closed afterwards, for an error
/// leaves that lock to it.
pub(super) async fn migrate(
    connection: &mut AnyConnection,
    engine: Engine,
    schema: &'static str,
    migrations: &[Migration],
) -> Result<(), DatabaseError> {
    let steps = migrations.iter().map(|step| {
        let text = match engine {
            Engine::Sqlite => step.sqlite,
            Engine::Postgres => step.postgres,
        };
        let name = Cow::Borrowed(step.name);
        let text = text.into_sql_str();
        sqlx::migrate::Migration::new(step.version, name, MigrationType::Simple, text, false)
    });
    let mut migrator = Migrator::with_migrations(steps.collect());
    // `run_direct`, for the future of `run` cannot be sent between threads.
    match engine {
        Engine::Sqlite => {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            migrator.run_direct(None, &mut *transaction, false).await?;
            transaction.commit().await?;
        }
        Engine::Postgres => {
            migrator.create_schema(schema);
            migrator.run_direct(None, connection, false).await?;
        }
    }
    Ok(())
}
