//! The one function through which every statement runs, timed.
//!
//! Not here: who runs it and on which connection. If the driver changes, this file does.

use std::time::{Duration, Instant};

use futures_util::TryStreamExt as _;
use sqlx::{AnyConnection, Either, Executor as _};

use super::{DatabaseError, Row, Statement};

/// From here on a statement is reported as slow.
const SLOW: Duration = Duration::from_millis(250);

/// What a statement did.
pub(super) struct StatementOutcome {
    /// The rows that came back.
    pub(super) rows: Vec<Row>,
    /// How many rows it inserted, updated or deleted.
    pub(super) affected: u64,
}

/// Runs a statement to its end.
///
/// To its end also where one row is wanted: a write whose rows are left unread may be answered
/// before it is committed.
pub(super) async fn run(
    connection: &mut AnyConnection,
    statement: Statement,
) -> Result<StatementOutcome, DatabaseError> {
    let text = statement.text;
    let trace = statement.trace.clone();
    let parameters = match trace.is_on() {
        true => statement.literals(),
        false => Vec::new(),
    };
    let begun = Instant::now();
    let result = fetch(connection, statement).await;
    if trace.is_on() {
        let told = match &result {
            Ok(outcome) => Ok((outcome.rows.len(), outcome.affected)),
            Err(error) => Err(error.to_string()),
        };
        trace.sql(text, begun, parameters, told);
    }
    report(text, begun.elapsed(), &result);
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
    // The drivers report a number for statements that change nothing too: SQLite's that of the statement
    // before, PostgreSQL's that of the rows read.
    match text.split_ascii_whitespace().next() {
        Some("SELECT") => outcome.affected = 0,
        Some("BEGIN") => outcome.affected = outcome.rows.len() as u64,
        _ => {}
    }
    Ok(outcome)
}

/// Ends the transaction that a text of several statements has left open when it failed.
pub(super) async fn roll_back(connection: &mut AnyConnection) {
    // Without a transaction, for it did not begin or SQLite has ended it, this fails and need not be done.
    if let Err(error) = connection.execute("ROLLBACK").await {
        tracing::debug!(%error, "no transaction was left open");
    }
}

/// Tells how long it took; the text only, for the values can be secrets.
fn report(text: &'static str, elapsed: Duration, result: &Result<StatementOutcome, DatabaseError>) {
    let microseconds = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    match result {
        Ok(outcome) if elapsed >= SLOW => {
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
