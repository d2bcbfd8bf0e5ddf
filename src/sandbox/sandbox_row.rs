//! The rows of the table of sandboxes, as transactions read and write them.

use serde::{Deserialize, Serialize};

use crate::database::{Statement, Transaction};
use crate::model::behaviors::Behaviors;
use crate::sandbox::{SandboxId, SandboxKey, WriteError, seed};

/// The state of a sandbox besides its users, which a reset replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SandboxState {
    /// The lowest id that a new user may be assigned.
    pub(super) floor: i64,
    /// The behaviors.
    pub(super) behaviors: Behaviors,
}

/// Reads the behaviors of a sandbox.
pub(super) async fn behaviors(
    transaction: &mut Transaction,
    sandbox: SandboxId,
) -> Result<Behaviors, WriteError> {
    let select = Statement::new("SELECT behaviors FROM sandbox WHERE id = $1").bind(sandbox.0);
    let row = transaction.optional(select).await?;
    let text = row.ok_or(WriteError::SandboxDeleted)?.text("behaviors")?;
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

/// Writes the id floor and the behaviors of a sandbox. Returns the hash of its key, by which the
/// caller invalidates the cached row.
pub(super) async fn set_state(
    transaction: &mut Transaction,
    sandbox: SandboxId,
    state: SandboxState,
) -> Result<Vec<u8>, WriteError> {
    let sql = "UPDATE sandbox SET floor = $2, behaviors = $3 WHERE id = $1 RETURNING key_hash";
    let set = Statement::new(sql)
        .bind(sandbox.0)
        .bind(state.floor)
        .bind(serde_json::to_string(&state.behaviors).expect("switches are JSON"));
    let row = transaction.optional(set).await?;
    Ok(row.ok_or(WriteError::SandboxDeleted)?.blob("key_hash")?)
}

/// Creates a sandbox that contains the seed.
pub(super) async fn insert(
    transaction: &mut Transaction,
    key: &SandboxKey,
    first_id: i64,
    now: i64,
) -> Result<SandboxId, WriteError> {
    let sql = "INSERT INTO sandbox (key_hash, floor, created_at, last_used_at, cookie_at) \
               VALUES ($1, $2, $3, $3, $3) RETURNING id";
    let insert = Statement::new(sql)
        .bind(key.hash())
        .bind(first_id)
        .bind(now);
    // The INSERT returns a row, because 128 random bits never collide with an existing key.
    let row = transaction
        .optional(insert)
        .await?
        .ok_or(WriteError::SandboxDeleted)?;
    let sandbox = SandboxId(row.integer("id")?);
    seed::copy(transaction, sandbox).await?;
    Ok(sandbox)
}

/// Updates the time of last use and returns the id floor. Until the transaction ends, the lock of
/// this UPDATE blocks all other writes to the sandbox.
pub(super) async fn lock(
    transaction: &mut Transaction,
    sandbox: SandboxId,
    now: i64,
) -> Result<i64, WriteError> {
    let sql = "UPDATE sandbox SET last_used_at = $2 WHERE id = $1 RETURNING floor";
    let row = transaction
        .optional(Statement::new(sql).bind(sandbox.0).bind(now))
        .await?;
    Ok(row.ok_or(WriteError::SandboxDeleted)?.integer("floor")?)
}
