//! The undo log: the changes of each write.
//!
//! A step is written in the transaction of its change, whether or not the exchange is recorded, so
//! the last step is always the last change of the sandbox. The record of exchanges is in
//! `sandbox::recorder`.

use serde::Serialize;

use crate::database::{DatabaseError, Row, Statement, Transaction};
use crate::model::exchange::{RecordedChange, SourceRequest};
use crate::model::user::User;
use crate::sandbox::SandboxId;
use crate::sandbox::sandbox_row::SandboxState;
use crate::sandbox::user_row::invalid_column;
use crate::sandbox::write_context::WriteContext;

/// The number of steps kept for each sandbox.
const MAX_STEPS: i64 = 200;
/// The number of new steps after which the oldest are deleted, so that not every write deletes.
const TRIM_EVERY: i64 = 50;

/// A step that was appended to the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct AppendedStep {
    /// The number of the step within the sandbox.
    pub(super) number: i64,
    /// The size in bytes.
    pub(super) size: i64,
}

/// A step as read from the database.
pub(super) struct UndoStep {
    pub(super) number: i64,
    pub(super) at: i64,
    pub(super) request: SourceRequest,
    pub(super) changes: Vec<RecordedChange>,
    pub(super) reset: Option<SandboxState>,
}

/// Appends the changes of a write as a step, if there are any.
pub(super) async fn append(
    transaction: &mut Transaction,
    context: &WriteContext,
    source: Option<&SourceRequest>,
) -> Result<Option<AppendedStep>, DatabaseError> {
    if context.changes.is_empty() && context.reset.is_none() {
        return Ok(None);
    }
    let request = to_json(&source.cloned().unwrap_or_default());
    let changes = to_json(&context.changes);
    let size = step_size(&request, &changes);
    let sql = "INSERT INTO undo_step (sandbox_id, number, at, size, request, changes, reset) \
               VALUES ($1, COALESCE((SELECT MAX(number) FROM undo_step WHERE sandbox_id = $1), 0) + 1, \
               $2, $3, $4, $5, $6) RETURNING number";
    let insert = Statement::new(sql)
        .bind(context.sandbox.0)
        .bind(context.now)
        .bind(size)
        .bind(request)
        .bind(changes)
        .bind(context.reset.as_ref().map(to_json));
    let row = transaction.optional(insert).await?;
    let number = row
        .ok_or_else(|| invalid_column("number"))?
        .integer("number")?;
    if context.reset.is_some() {
        // The step of a reset can be large, so the log is trimmed at once. The trim can delete the
        // new step too.
        transaction
            .write(trim(context.sandbox, context.limits.exchange_bytes))
            .await?;
    }
    Ok(Some(AppendedStep { number, size }))
}

/// Binds the values of the step to the statement that creates a user and appends the step. Returns
/// the statement and the size of the step.
pub(super) fn bind_creation(
    insert: Statement,
    user: &User,
    source: Option<&SourceRequest>,
) -> (Statement, i64) {
    let request = to_json(&source.cloned().unwrap_or_default());
    let changes = to_json(&[RecordedChange {
        before: None,
        after: Some(user.clone()),
    }]);
    let size = step_size(&request, &changes);
    (insert.bind(size).bind(request).bind(changes), size)
}

impl AppendedStep {
    /// Returns whether old steps are to be deleted now.
    pub(super) fn is_trim_due(self) -> bool {
        self.number % TRIM_EVERY == 0
    }
}

/// Returns the statement that deletes the oldest steps of a sandbox beyond `MAX_STEPS` steps or
/// `bytes` bytes.
pub(super) fn trim(sandbox: SandboxId, bytes: i64) -> Statement {
    let sql = "DELETE FROM undo_step WHERE sandbox_id = $1 AND number IN (SELECT number FROM ( \
               SELECT number, COUNT(*) OVER newer AS steps_since, SUM(size) OVER newer AS size_since \
               FROM undo_step WHERE sandbox_id = $1 WINDOW newer AS (ORDER BY number DESC)) AS sums \
               WHERE steps_since > $2 OR size_since > $3)";
    Statement::new(sql)
        .bind(sandbox.0)
        .bind(MAX_STEPS)
        .bind(bytes)
}

/// Reads the last step of a sandbox.
pub(super) async fn last_step(
    transaction: &mut Transaction,
    sandbox: SandboxId,
) -> Result<Option<UndoStep>, DatabaseError> {
    let row = transaction.optional(select_last_step(sandbox)).await?;
    row.as_ref().map(step_from_row).transpose()
}

/// Returns the statement that reads the last step of a sandbox.
pub(super) fn select_last_step(sandbox: SandboxId) -> Statement {
    let sql = "SELECT number, at, request, changes, reset FROM undo_step WHERE sandbox_id = $1 \
               ORDER BY number DESC LIMIT 1";
    Statement::new(sql).bind(sandbox.0)
}

/// Deletes a step of a sandbox.
pub(super) async fn delete_step(
    transaction: &mut Transaction,
    sandbox: SandboxId,
    number: i64,
) -> Result<(), DatabaseError> {
    let sql = "DELETE FROM undo_step WHERE sandbox_id = $1 AND number = $2";
    let delete = Statement::new(sql).bind(sandbox.0).bind(number);
    transaction.write(delete).await.map(drop)
}

/// Reads a step from a row.
pub(super) fn step_from_row(row: &Row) -> Result<UndoStep, DatabaseError> {
    let reset = row.optional_text("reset")?;
    let reset = reset.as_deref().map(serde_json::from_str).transpose();
    Ok(UndoStep {
        number: row.integer("number")?,
        at: row.integer("at")?,
        request: serde_json::from_str(&row.text("request")?)
            .map_err(|_| invalid_column("request"))?,
        changes: serde_json::from_str(&row.text("changes")?)
            .map_err(|_| invalid_column("changes"))?,
        reset: reset.map_err(|_| invalid_column("reset"))?,
    })
}

fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a step is JSON")
}

fn step_size(request: &str, changes: &str) -> i64 {
    i64::try_from(request.len() + changes.len()).unwrap_or(i64::MAX)
}
