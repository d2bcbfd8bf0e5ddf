//! Several statements that hold together.
//!
//! Not here: the task in which they run; see [`super::Database::transaction`].

use std::pin::Pin;

use sqlx::{Any, AnyPool};

use super::{DatabaseError, Engine, Row, Statement, executor};

/// The future that does the work of a transaction: `Box::pin(async move { … })`.
pub type Work<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// A transaction that is under way. It ends with the work that got it.
pub struct Transaction {
    inner: sqlx::Transaction<'static, Any>,
    engine: Engine,
    failed: bool,
}

impl Transaction {
    /// The engine behind it.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Runs a statement and answers all rows, of a SELECT or of a RETURNING clause.
    ///
    /// # Errors
    /// Whatever the engine reports. The transaction cannot be committed any more.
    pub async fn all(&mut self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        Ok(self.run(statement).await?.rows)
    }

    /// Runs a statement and answers the first row, if there is one.
    ///
    /// # Errors
    /// As [`Transaction::all`].
    pub async fn optional(&mut self, statement: Statement) -> Result<Option<Row>, DatabaseError> {
        Ok(self.all(statement).await?.into_iter().next())
    }

    /// Runs a statement and answers how many rows it touched.
    ///
    /// # Errors
    /// As [`Transaction::all`].
    pub async fn write(&mut self, statement: Statement) -> Result<u64, DatabaseError> {
        Ok(self.run(statement).await?.affected)
    }

    async fn run(&mut self, statement: Statement) -> Result<executor::Outcome, DatabaseError> {
        let result = executor::run(&mut self.inner, statement).await;
        self.failed |= result.is_err();
        result
    }
}

/// Begins, works, and commits or rolls back.
pub(super) async fn run<T, E, F>(writer: AnyPool, engine: Engine, work: F) -> Result<T, E>
where
    E: From<DatabaseError>,
    F: for<'a> FnOnce(&'a mut Transaction) -> Work<'a, T, E>,
{
    let begin = match engine {
        // A deferred transaction that turns to writing does not wait for a lock, it fails.
        Engine::Sqlite => "BEGIN IMMEDIATE",
        Engine::Postgres => "BEGIN",
    };
    let mut transaction = Transaction {
        inner: writer
            .begin_with(begin)
            .await
            .map_err(DatabaseError::from)?,
        engine,
        failed: false,
    };
    let result = work(&mut transaction).await;
    let Transaction { inner, failed, .. } = transaction;
    match result {
        Ok(value) if !failed => {
            inner.commit().await.map_err(DatabaseError::from)?;
            Ok(value)
        }
        // PostgreSQL answers COMMIT with a silent rollback here; nobody shall believe it.
        Ok(_) => {
            inner.rollback().await.map_err(DatabaseError::from)?;
            Err(DatabaseError::Aborted.into())
        }
        Err(error) => {
            if let Err(cause) = inner.rollback().await {
                tracing::warn!(%cause, "a rollback failed");
            }
            Err(error)
        }
    }
}
