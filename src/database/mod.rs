//! Opens the pools of either engine, migrates, and runs every statement.
//!
//! One SQL text serves SQLite and PostgreSQL. This module contains no table and no statement of the
//! application. Those are in `portal` and `sandbox`, which describe their database with
//! [`DatabaseOptions`] and access it through [`Database`] only.

mod error;
mod executor;
mod file;
mod migration;
mod open;
mod readers;
mod row;
mod statement;
mod transaction;

use sqlx::AnyPool;
use tracing::Instrument;

use crate::model::trace::Trace;
use readers::ReaderPool;

pub use error::DatabaseError;
pub use file::{FileLock, lock};
pub use migration::Migration;
pub use open::{DatabaseOptions, Synchronous};
pub use row::Row;
pub use statement::{Statement, Value, ValueType};
pub use transaction::{Transaction, TransactionFuture};

/// The database engine of a [`Database`].
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

/// An open, migrated database; cheap to clone.
///
/// On SQLite reads go to a pool of read-only connections and writes to a single connection; on
/// PostgreSQL both are the same pool.
#[derive(Clone, Debug)]
pub struct Database {
    engine: Engine,
    readers: ReaderPool,
    writer: AnyPool,
}

impl Database {
    /// Opens `sqlite:PATH` or `postgres://…` and brings its schema up to date.
    ///
    /// # Errors
    /// [`DatabaseError`] for an invalid address, a file or server that cannot be reached, a schema
    /// that is newer than this program, or a migration that fails.
    pub async fn open(url: &str, options: DatabaseOptions) -> Result<Database, DatabaseError> {
        open::open(url, &options).await
    }

    /// Returns the engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Runs a reading statement and returns all rows.
    ///
    /// # Errors
    /// The error of the engine; [`DatabaseError::Busy`] when no connection is free in time.
    pub async fn all(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        Ok(self.readers.run(statement, open::ACQUIRE).await?.rows)
    }

    /// Runs a reading statement and returns the first row, if there is one.
    ///
    /// # Errors
    /// As [`Database::all`].
    pub async fn optional(&self, statement: Statement) -> Result<Option<Row>, DatabaseError> {
        Ok(self.all(statement).await?.into_iter().next())
    }

    /// Runs a writing statement and returns the number of rows that it changed.
    ///
    /// # Errors
    /// As [`Database::all`], and [`DatabaseError::Full`].
    pub async fn write(&self, statement: Statement) -> Result<u64, DatabaseError> {
        Ok(self.written(statement).await?.affected)
    }

    /// Runs a writing statement and returns the rows of its `RETURNING` clause.
    ///
    /// # Errors
    /// As [`Database::write`].
    pub async fn write_all(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        Ok(self.written(statement).await?.rows)
    }

    /// Runs a writing statement and returns the first row of its `RETURNING` clause.
    ///
    /// # Errors
    /// As [`Database::write`].
    pub async fn write_optional(&self, statement: Statement) -> Result<Option<Row>, DatabaseError> {
        Ok(self.write_all(statement).await?.into_iter().next())
    }

    /// Runs one SQL text of several statements on SQLite and returns the rows of all `RETURNING`
    /// clauses in order. The text begins and commits the transaction itself. It is one message to
    /// the thread of the driver. PostgreSQL does not accept several statements with values.
    ///
    /// # Errors
    /// As [`Database::write`]. Nothing is written in this case.
    pub async fn batch(&self, batch: Statement) -> Result<Vec<Row>, DatabaseError> {
        let writer = self.writer.clone();
        finish(async move {
            let mut connection = writer.acquire().await?;
            let result = executor::run(&mut connection, batch).await;
            if result.is_err() {
                executor::roll_back(&mut connection).await;
            }
            Ok(result?.rows)
        })
        .await
    }

    /// Runs `work` in one transaction: commits when it returns `Ok`, rolls back when it returns
    /// `Err` or panics.
    ///
    /// The work runs in its own task, so a client that disconnects does not interrupt it. The work
    /// is repeated when the engine rolled it back because of another transaction, or when the
    /// connection was lost before COMMIT. Therefore it must have no effects other than its
    /// statements.
    ///
    /// ```ignore
    /// database.transaction(|transaction| Box::pin(async move {
    ///     transaction.write(Statement::new("DELETE FROM note WHERE id = $1").bind(7)).await
    /// })).await
    /// ```
    ///
    /// # Errors
    /// The error of `work`; the error of the engine at begin or commit; [`DatabaseError::Aborted`]
    /// when `work` returned `Ok` although one of its statements failed.
    ///
    /// # Panics
    /// When `work` panics. The panic is resumed in the caller.
    pub async fn transaction<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
        F: for<'a> FnOnce(&'a mut Transaction) -> TransactionFuture<'a, T, E>
            + Clone
            + Send
            + 'static,
    {
        self.traced_transaction(Trace::disabled(), work).await
    }

    /// Does the same as [`Database::transaction`], and adds every statement, including begin and
    /// commit, to a trace.
    ///
    /// # Errors
    /// As [`Database::transaction`].
    ///
    /// # Panics
    /// When `work` panics. The panic is resumed in the caller.
    pub async fn traced_transaction<T, E, F>(&self, trace: Trace, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
        F: for<'a> FnOnce(&'a mut Transaction) -> TransactionFuture<'a, T, E>
            + Clone
            + Send
            + 'static,
    {
        let (writer, engine) = (self.writer.clone(), self.engine);
        finish(transaction::run(writer, engine, trace, work)).await
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        self.readers.close().await;
        // SQLite writes the log back into the database file when the last connection closes.
        self.writer.close().await;
    }

    async fn written(
        &self,
        statement: Statement,
    ) -> Result<executor::StatementOutcome, DatabaseError> {
        let writer = self.writer.clone();
        finish(async move {
            let mut connection = writer.acquire().await?;
            match executor::run(&mut connection, statement.clone()).await {
                // A conflict was rolled back, so the write is repeated. It is not repeated after a
                // lost connection, because the write may have been committed.
                Err(DatabaseError::Conflict(_)) => executor::run(&mut connection, statement).await,
                outcome => outcome,
            }
        })
        .await
    }
}

/// Runs a write to completion, even when the caller is dropped.
pub(crate) async fn finish<T: Send + 'static>(
    write: impl Future<Output = T> + Send + 'static,
) -> T {
    match tokio::spawn(write.in_current_span()).await {
        Ok(value) => value,
        // The task is never aborted, and a runtime that shuts down does not poll this future any
        // more, so the error is a panic.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
