//! Transactions: several statements that take effect together or not at all.
//!
//! The task in which a transaction runs is in [`super::Database::transaction`].

use std::pin::Pin;
use std::time::{Duration, Instant};

use sqlx::{Any, AnyPool};

use super::executor::{self, StatementOutcome};
use super::{DatabaseError, Engine, Row, Statement};
use crate::model::trace::Trace;

/// The maximum number of attempts when a conflict or a lost connection ends a transaction.
const MAX_ATTEMPTS: u32 = 4;
/// The wait before the second attempt. Each further wait is longer by the same time.
const RETRY_PAUSE: Duration = Duration::from_millis(10);

/// The future that does the work of a transaction: `Box::pin(async move { … })`.
pub type TransactionFuture<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// A running transaction. It ends when the work that received it ends.
pub struct Transaction {
    inner: sqlx::Transaction<'static, Any>,
    engine: Engine,
    trace: Trace,
    has_failed: bool,
    /// Whether a statement failed with an error that allows the transaction to be retried.
    can_retry: bool,
}

impl Transaction {
    /// Returns the engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Runs a statement and returns all rows of the SELECT or of the RETURNING clause.
    ///
    /// # Errors
    /// The error of the engine. The transaction cannot be committed afterwards.
    pub async fn all(&mut self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        Ok(self.run(statement).await?.rows)
    }

    /// Runs a statement and returns the first row, if there is one.
    ///
    /// # Errors
    /// As [`Transaction::all`].
    pub async fn optional(&mut self, statement: Statement) -> Result<Option<Row>, DatabaseError> {
        Ok(self.all(statement).await?.into_iter().next())
    }

    /// Runs a statement and returns the number of rows that it changed.
    ///
    /// # Errors
    /// As [`Transaction::all`].
    pub async fn write(&mut self, statement: Statement) -> Result<u64, DatabaseError> {
        Ok(self.run(statement).await?.affected)
    }

    async fn run(&mut self, statement: Statement) -> Result<StatementOutcome, DatabaseError> {
        let result = executor::run(&mut self.inner, statement.traced(&self.trace)).await;
        if let Err(error) = &result {
            self.has_failed = true;
            self.can_retry |= error.can_retry();
        }
        result
    }
}

/// Runs `work` in a transaction, and retries it when it was rolled back because of another
/// transaction or a lost connection. `work` has no effects other than its statements, so a
/// repetition does not do anything twice.
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
        let (result, can_retry) = run_once(&writer, engine, &trace, work.clone()).await;
        if result.is_ok() || !can_retry || attempt == MAX_ATTEMPTS {
            return result;
        }
        tracing::debug!(attempt, "retrying a transaction");
        tokio::time::sleep(RETRY_PAUSE * attempt).await;
        attempt += 1;
    }
}

/// Runs `work` in a transaction once. Returns its result, and whether the transaction was not
/// committed and may be retried.
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
        // A deferred transaction would fail at its first write instead of waiting for the lock.
        Engine::Sqlite => "BEGIN IMMEDIATE",
        Engine::Postgres => "BEGIN",
    };
    let started = Instant::now();
    let inner = writer.begin_with(begin).await;
    trace_statement(trace, begin, started, &inner);
    let inner = match inner.map_err(DatabaseError::from) {
        Ok(inner) => inner,
        Err(error) => {
            let can_retry = error.can_retry();
            return (Err(error.into()), can_retry);
        }
    };
    let mut transaction = Transaction {
        inner,
        engine,
        trace: trace.clone(),
        has_failed: false,
        can_retry: false,
    };
    let result = work(&mut transaction).await;
    let Transaction {
        inner,
        has_failed,
        can_retry,
        ..
    } = transaction;
    let started = Instant::now();
    match result {
        Ok(value) if !has_failed => {
            let committed = inner.commit().await;
            trace_statement(trace, "COMMIT", started, &committed);
            match committed.map_err(DatabaseError::from) {
                Ok(()) => (Ok(value), false),
                Err(error) => {
                    // After a connection was lost during COMMIT it is unknown whether the
                    // transaction was committed, so only a conflict is repeated.
                    let can_retry = matches!(error, DatabaseError::Conflict(_));
                    (Err(error.into()), can_retry)
                }
            }
        }
        // A statement failed although the work returned `Ok`. PostgreSQL would answer COMMIT with a
        // rollback and no error, so the transaction is rolled back here with an error.
        Ok(_) => {
            roll_back(inner, trace, started).await;
            (Err(DatabaseError::Aborted.into()), can_retry)
        }
        Err(error) => {
            roll_back(inner, trace, started).await;
            (Err(error), can_retry)
        }
    }
}

async fn roll_back(inner: sqlx::Transaction<'static, Any>, trace: &Trace, started: Instant) {
    let rolled_back = inner.rollback().await;
    trace_statement(trace, "ROLLBACK", started, &rolled_back);
    if let Err(cause) = rolled_back {
        tracing::warn!(%cause, "a rollback failed");
    }
}

fn trace_statement<T>(
    trace: &Trace,
    text: &'static str,
    started: Instant,
    result: &Result<T, sqlx::Error>,
) {
    if trace.is_enabled() {
        let outcome = result.as_ref().map(|_| (0, 0)).map_err(ToString::to_string);
        trace.add_statement(text, started, Vec::new(), outcome);
    }
}
