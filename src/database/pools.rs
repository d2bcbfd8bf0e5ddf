//! The pools of an open database, and the methods that run statements on them.

use std::time::Duration;

use sqlx::AnyPool;

use super::executor::{self, StatementOutcome};
use super::readers::ReaderPool;
use super::task::run_to_completion;
use super::transaction;
use super::{DatabaseError, Engine, Row, Statement, Transaction, TransactionFuture};
use crate::model::trace::Trace;

/// How long a request waits for a connection before [`DatabaseError::Busy`].
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// An open, migrated database; cheap to clone.
///
/// On SQLite reads go to a pool of read-only connections and writes to a single connection; on
/// PostgreSQL both are the same pool.
#[derive(Clone, Debug)]
pub struct Database {
    pub(super) engine: Engine,
    pub(super) readers: ReaderPool,
    pub(super) writer: AnyPool,
}

impl Database {
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
        Ok(self.readers.run(statement, ACQUIRE_TIMEOUT).await?.rows)
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
        Ok(self.run_write(statement).await?.affected)
    }

    /// Runs a writing statement and returns the rows of its `RETURNING` clause.
    ///
    /// # Errors
    /// As [`Database::write`].
    pub async fn write_all(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        Ok(self.run_write(statement).await?.rows)
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
        run_to_completion(async move {
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
        run_to_completion(transaction::run(writer, engine, trace, work)).await
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        self.readers.close().await;
        // SQLite writes the log back into the database file when the last connection closes.
        self.writer.close().await;
    }

    async fn run_write(&self, statement: Statement) -> Result<StatementOutcome, DatabaseError> {
        let writer = self.writer.clone();
        run_to_completion(async move {
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
