//! Runs the missing migrations of a schema, in one process at a time.
//!
//! The migrations themselves are next to the statements that need them, in `portal` and `sandbox`.

use std::borrow::Cow;

use sqlx::migrate::{MigrationType, Migrator};
use sqlx::{AnyConnection, Connection as _, SqlSafeStr as _};

use super::{DatabaseError, Engine};

/// One step of a schema, in the SQL of each engine, with identical tables and columns.
///
/// A released migration is never changed.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// The position in the order, from 1.
    pub version: i64,
    /// A short description.
    pub name: &'static str,
    /// The SQL for SQLite. Tables are STRICT.
    pub sqlite: &'static str,
    /// The SQL for PostgreSQL. Text columns are COLLATE "C".
    pub postgres: &'static str,
}

/// Runs the migrations that have not run yet; on PostgreSQL, in the schema `schema`.
///
/// Processes that start at the same time run one after the other: on SQLite all migrations are one
/// immediate transaction, on PostgreSQL an advisory lock is held. The caller must close the
/// connection afterwards, because after an error the connection still holds that lock.
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
    // Uses `run_direct`, because the future of `run` is not `Send`.
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
