//! Several statements that hold together.
//!
//! Not here: the task in which they run; see [`super::Database::transaction`].

use std::pin::Pin;
use std::time::Instant;

use sqlx::{Any, AnyPool};

use super::{DatabaseError, Engine, Row, Statement, executor};
use crate::model::trace::Trace;

/// The future that does the work of a transaction: `Box::pin(async move { … })`.
pub type Work<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// A transaction that is under way. It ends with the work that got it.
pub struct Transaction {
    inner: sqlx::Transaction<'static, Any>,
    engine: Engine,
    trace: Trace,
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
        let result = executor::run(&mut self.inner, statement.traced(&self.trace)).await;
        self.failed |= result.is_err();
        result
    }
}

/// Begins, works, and commits or rolls back.
pub(super) async fn run<T, E, F>(
    writer: AnyPool,
    engine: Engine,
    trace: Trace,
    work: F,
) -> Result<T, E>
where
    E: From<DatabaseError>,
    F: for<'a> FnOnce(&'a mut Transaction) -> Work<'a, T, E>,
{
    let begin = match engine {
        // A deferred transaction that turns to writing does not wait for a lock, it fails.
        Engine::Sqlite => "BEGIN IMMEDIATE",
        Engine::Postgres => "BEGIN",
    };
    let begun = Instant::now();
    let inner = writer.begin_with(begin).await;
    told(&trace, begin, begun, &inner);
    let mut transaction = Transaction {
        inner: inner.map_err(DatabaseError::from)?,
        engine,
        trace,
        failed: false,
    };
    let result = work(&mut transaction).await;
    let Transaction {
        inner,
        failed,
        trace,
        ..
    } = transaction;
    let begun = Instant::now();
    match result {
        Ok(value) if !failed => {
            let done = inner.commit().await;
            told(&trace, "COMMIT", begun, &done);
            done.map_err(DatabaseError::from)?;
            Ok(value)
        }
        // PostgreSQL answers COMMIT with a silent rollback here; nobody shall believe it.
        Ok(_) => {
            let done = inner.rollback().await;
            told(&trace, "ROLLBACK", begun, &done);
            done.map_err(DatabaseError::from)?;
            Err(DatabaseError::Aborted.into())
        }
        Err(error) => {
            let done = inner.rollback().await;
            told(&trace, "ROLLBACK", begun, &done);
            if let Err(cause) = done {
                tracing::warn!(%cause, "a rollback failed");
            }
            Err(error)
        }
    }
}

fn told<T>(trace: &Trace, text: &'static str, begun: Instant, result: &Result<T, sqlx::Error>) {
    if trace.is_on() {
        let outcome = result.as_ref().map(|_| (0, 0)).map_err(ToString::to_string);
        trace.sql(text, begun, Vec::new(), outcome);
    }
}
