//! Several statements that hold together.
//!
//! Not here: the task in which they run; see [`super::Database::transaction`].

use std::pin::Pin;
use std::time::{Duration, Instant};

use sqlx::{Any, AnyPool};

use super::{DatabaseError, Engine, Row, Statement, executor};
use crate::model::trace::Trace;

/// How often a transaction is begun that another one or a lost connection keeps from its end.
const ATTEMPTS: u32 = 4;
/// Pause before the second attempt; each next one waits longer by as much.
const PAUSE: Duration = Duration::from_millis(10);

/// The future that does the work of a transaction: `Box::pin(async move { … })`.
pub type TransactionFuture<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// A transaction that is under way. It ends with the work that got it.
pub struct Transaction {
    inner: sqlx::Transaction<'static, Any>,
    engine: Engine,
    trace: Trace,
    failed: bool,
    /// Whether a statement failed with an error after which the transaction can be repeated.
    is_repeatable: bool,
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

    async fn run(
        &mut self,
        statement: Statement,
    ) -> Result<executor::StatementOutcome, DatabaseError> {
        let result = executor::run(&mut self.inner, statement.traced(&self.trace)).await;
        if let Err(error) = &result {
            self.failed = true;
            self.is_repeatable |= error.is_repeatable();
        }
        result
    }
}

/// Begins, works, and commits or rolls back; repeats the whole while it was rolled back because of
/// another transaction or a lost connection. `work` has no effect but through its statements, so a
/// repetition does everything once.
pub(super) async fn run<T, E, F>(
    writer: AnyPool,
    engine: Engine,
    trace: Trace,
    work: F,
) -> Result<T, E>
where
    E: From<DatabaseError>,
    F: for<'a> FnOnce(&'a mut Transaction) -> TransactionFuture<'a, T, E> + Clone,
{
    let mut attempt = 1;
    loop {
        let (result, is_repeatable) = run_once(&writer, engine, &trace, work.clone()).await;
        if result.is_ok() || !is_repeatable || attempt == ATTEMPTS {
            return result;
        }
        tracing::debug!(attempt, "a transaction is repeated");
        tokio::time::sleep(PAUSE * attempt).await;
        attempt += 1;
    }
}

/// Begins, works, and commits or rolls back; with whether nothing was committed for a reason that may
/// be gone the next time.
async fn run_once<T, E, F>(
    writer: &AnyPool,
    engine: Engine,
    trace: &Trace,
    work: F,
) -> (Result<T, E>, bool)
where
    E: From<DatabaseError>,
    F: for<'a> FnOnce(&'a mut Transaction) -> TransactionFuture<'a, T, E>,
{
    let begin = match engine {
        // A deferred transaction that turns to writing does not wait for a lock, it fails.
        Engine::Sqlite => "BEGIN IMMEDIATE",
        Engine::Postgres => "BEGIN",
    };
    let begun = Instant::now();
    let inner = writer.begin_with(begin).await;
    told(trace, begin, begun, &inner);
    let inner = match inner.map_err(DatabaseError::from) {
        Ok(inner) => inner,
        Err(error) => {
            let is_repeatable = error.is_repeatable();
            return (Err(error.into()), is_repeatable);
        }
    };
    let mut transaction = Transaction {
        inner,
        engine,
        trace: trace.clone(),
        failed: false,
        is_repeatable: false,
    };
    let result = work(&mut transaction).await;
    let Transaction {
        inner,
        failed,
        is_repeatable,
        ..
    } = transaction;
    let begun = Instant::now();
    match result {
        Ok(value) if !failed => {
            let done = inner.commit().await;
            told(trace, "COMMIT", begun, &done);
            match done.map_err(DatabaseError::from) {
                Ok(()) => (Ok(value), false),
                Err(error) => {
                    // When the connection was lost here, nobody knows whether it was committed.
                    let is_repeatable = matches!(error, DatabaseError::Conflict(_));
                    (Err(error.into()), is_repeatable)
                }
            }
        }
        // PostgreSQL answers COMMIT with a silent rollback here; nobody shall believe it.
        Ok(_) => {
            roll_back(inner, trace, begun).await;
            (Err(DatabaseError::Aborted.into()), is_repeatable)
        }
        Err(error) => {
            roll_back(inner, trace, begun).await;
            (Err(error), is_repeatable)
        }
    }
}

async fn roll_back(inner: sqlx::Transaction<'static, Any>, trace: &Trace, begun: Instant) {
    let done = inner.rollback().await;
    told(trace, "ROLLBACK", begun, &done);
    if let Err(cause) = done {
        tracing::warn!(%cause, "a rollback failed");
    }
}

fn told<T>(trace: &Trace, text: &'static str, begun: Instant, result: &Result<T, sqlx::Error>) {
    if trace.is_on() {
        let outcome = result.as_ref().map(|_| (0, 0)).map_err(ToString::to_string);
        trace.sql(text, begun, Vec::new(), outcome);
    }
}
