//! The function that runs every statement, and measures its duration.
//!
//! The choice of the connection is in the callers. A change of the driver affects this file.

use std::time::{Duration, Instant};

use futures_util::TryStreamExt as _;
use sqlx::{AnyConnection, Either, Executor as _};

use super::{DatabaseError, Row, Statement};

/// A statement that takes this time or longer is logged as slow.
const SLOW_THRESHOLD: Duration = Duration::from_millis(250);

/// The result of a statement.
pub(super) struct StatementOutcome {
    /// The rows that it returned.
    pub(super) rows: Vec<Row>,
    /// The number of rows that it inserted, updated or deleted.
    pub(super) affected: u64,
}

/// Runs a statement and reads all of its rows.
///
/// Reads all rows even when the caller needs one only, because a write whose rows are not all read
/// can return before it is committed.
pub(super) async fn run(
    connection: &mut AnyConnection,
    statement: Statement,
) -> Result<StatementOutcome, DatabaseError> {
    let text = statement.text;
    let trace = statement.trace.clone();
    let parameters = match trace.is_enabled() {
        true => statement.literals(),
        false => Vec::new(),
    };
    let started = Instant::now();
    let result = fetch(connection, statement).await;
    if trace.is_enabled() {
        let counts = match &result {
            Ok(outcome) => Ok((outcome.rows.len(), outcome.affected)),
            Err(error) => Err(error.to_string()),
        };
        trace.add_statement(text, started, parameters, counts);
    }
    log_statement(text, started.elapsed(), &result);
    result
}

async fn fetch(
    connection: &mut AnyConnection,
    statement: Statement,
) -> Result<StatementOutcome, DatabaseError> {
    let mut outcome = StatementOutcome {
        rows: Vec::new(),
        affected: 0,
    };
    let text = statement.text;
    let query = sqlx::query_with(text, statement.into_arguments()?);
    let mut stream = connection.fetch_many(query);
    while let Some(step) = stream.try_next().await? {
        match step {
            Either::Left(done) => outcome.affected += done.rows_affected(),
            Either::Right(row) => outcome.rows.push(Row(row)),
        }
    }
    // The drivers report a number of affected rows for statements that change nothing too: SQLite
    // the number of the previous statement, PostgreSQL the number of rows read.
    match text.split_ascii_whitespace().next() {
        Some("SELECT") => outcome.affected = 0,
        Some("BEGIN") => outcome.affected = outcome.rows.len() as u64,
        _ => {}
    }
    Ok(outcome)
}

/// Rolls back the transaction that a failed text of several statements has left open.
pub(super) async fn roll_back(connection: &mut AnyConnection) {
    // ROLLBACK fails, without harm, when there is no transaction because it did not begin or SQLite
    // has ended it.
    if let Err(error) = connection.execute("ROLLBACK").await {
        tracing::debug!(%error, "no transaction was left open");
    }
}

/// Logs a statement and its duration. Logs the text without the values, because they can be
/// secrets.
fn log_statement(
    text: &'static str,
    elapsed: Duration,
    result: &Result<StatementOutcome, DatabaseError>,
) {
    let microseconds = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    match result {
        Ok(outcome) if elapsed >= SLOW_THRESHOLD => {
            let (rows, affected) = (outcome.rows.len(), outcome.affected);
            tracing::warn!(target: "routebook::statement", text, rows, affected, microseconds, "slow");
        }
        Ok(outcome) => {
            let (rows, affected) = (outcome.rows.len(), outcome.affected);
            tracing::debug!(target: "routebook::statement", text, rows, affected, microseconds);
        }
        Err(error) => {
            tracing::debug!(target: "routebook::statement", text, microseconds, %error);
        }
    }
}
