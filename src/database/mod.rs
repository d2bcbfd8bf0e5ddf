//! Opens the pools of either engine, migrates, and runs every statement.
//!
//! One SQL text serves SQLite and PostgreSQL. What is deliberately not here: any table, any
//! statement of the product. Those stand under `portal` and `sandbox`, which describe their
//! database with [`DatabaseOptions`] and speak to it only through [`Database`].

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

/// The engine behind a [`Database`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file, written by one connection.
    Sqlite,
    /// A PostgreSQL server, or a cluster that speaks its protocol.
    Postgres,
}

impl Engine {
    /// Reads the engine off a database address.
    ///
    /// # Errors
    /// [`DatabaseError::Address`] when the scheme is neither `sqlite:` nor `postgres:`.
    pub fn of(url: &str) -> Result<Engine, DatabaseError> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Ok(Engine::Sqlite),
            Some("postgres" | "postgresql") => Ok(Engine::Postgres),
            // The address may hold a password, so it is not repeated.
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
    /// An address that is not understood, a file or server that cannot be reached, a schema newer
    /// than this program, a migration that fails.
    pub async fn open(url: &str, options: DatabaseOptions) -> Result<Database, DatabaseError> {
        open::open(url, &options).await
    }

    /// The engine behind it.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Reads all rows.
    ///
    /// # Errors
    /// Whatever the engine reports; [`DatabaseError::Busy`] when no connection is free in time.
    pub async fn all(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        Ok(self.readers.run(statement, open::ACQUIRE).await?.rows)
    }

    /// Reads the first row, if there is one.
    ///
    /// # Errors
    /// As [`Database::all`].
    pub async fn optional(&self, statement: Statement) -> Result<Option<Row>, DatabaseError> {
        Ok(self.all(statement).await?.into_iter().next())
    }

    /// Writes with one statement and answers how many rows it touched.
    ///
    /// # Errors
    /// As [`Database::all`], and [`DatabaseError::Full`].
    pub async fn write(&self, statement: Statement) -> Result<u64, DatabaseError> {
        Ok(self.written(statement).await?.affected)
    }

    /// Writes with one statement and answers the rows of its `RETURNING` clause.
    ///
    /// # Errors
    /// As [`Database::write`].
    pub async fn write_all(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        Ok(self.written(statement).await?.rows)
    }

    /// Writes with one statement and answers the first row of its `RETURNING` clause.
    ///
    /// # Errors
    /// As [`Database::write`].
    pub async fn write_optional(&self, statement: Statement) -> Result<Option<Row>, DatabaseError> {
        Ok(self.write_all(statement).await?.into_iter().next())
    }

    /// Runs several statements of one text, which begins and commits a transaction of SQLite itself, and
    /// answers the rows of all `RETURNING` clauses in order. They are one message to the thread of the
    /// driver; PostgreSQL does not take several statements with values.
    ///
    /// # Errors
    /// As [`Database::write`]; nothing is written then.
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

    /// Runs `work` in one transaction: commits when it answers `Ok`, rolls back when it answers
    /// `Err` or panics.
    ///
    /// The work runs in a task of its own, so a client that goes away cannot cut it in the middle. It
    /// is repeated when the engine rolled it back because of another transaction, or the connection
    /// was lost before COMMIT; so it must have no effect but through its statements.
    ///
    /// ```ignore
    /// database.transaction(|transaction| Box::pin(async move {
    ///     transaction.write(Statement::new("DELETE FROM note WHERE id = $1").bind(7)).await
    /// })).await
    /// ```
    ///
    /// # Errors
    /// The error of `work`; or that of the engine at begin or commit; or
    /// [`DatabaseError::Aborted`] when `work` answered `Ok` although one of its statements failed.
    ///
    /// # Panics
    /// When `work` panics: the panic goes on in the caller.
    pub async fn transaction<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
        F: for<'a> FnOnce(&'a mut Transaction) -> TransactionFuture<'a, T, E>
            + Clone
            + Send
            + 'static,
    {
        self.traced_transaction(Trace::off(), work).await
    }

    /// As [`Database::transaction`], and tells a trace of every statement, of begin and commit too.
    ///
    /// # Errors
    /// As [`Database::transaction`].
    ///
    /// # Panics
    /// When `work` panics: the panic goes on in the caller.
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

    /// Closes every connection; waits for the statements that are running.
    pub async fn close(&self) {
        self.readers.close().await;
        // The last connection to close an SQLite file folds its log back into it.
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
                // Rolled back. After a lost connection it would be unknown whether the write is done.
                Err(DatabaseError::Conflict(_)) => executor::run(&mut connection, statement).await,
                outcome => outcome,
            }
        })
        .await
    }
}

/// Runs a write to its end, whatever becomes of the caller.
pub(crate) async fn finish<T: Send + 'static>(
    write: impl Future<Output = T> + Send + 'static,
) -> T {
    match tokio::spawn(write.in_current_span()).await {
        Ok(value) => value,
        // Nothing aborts the task, and a runtime that shuts down does not poll this any more.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
