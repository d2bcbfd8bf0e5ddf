//! The undo log: the changes of each write, and how the last change is reverted.
//!
//! A step is written in the transaction of its change, whether or not the exchange is recorded, so
//! the last step is always the last change of the sandbox. The record of exchanges is in
//! `sandbox::exchange`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::database::{DatabaseError, Row, Statement, Transaction, finish};
use crate::model::behaviors::Behaviors;
use crate::model::exchange::{RecordedChange, SourceRequest, UndoneStep};
use crate::model::timestamp::Timestamp;
use crate::model::user::{User, UserId};
use crate::sandbox::user::{find, from_row, put_row, raise_floor, set_row, taken, unreadable};
use crate::sandbox::{DataScope, SandboxId, Sandboxes, WriteContext, WriteError, lifetime, seed};

/// The number of steps kept for each sandbox.
const KEPT: i64 = 200;
/// The number of new steps after which the oldest are deleted, so that not every write deletes.
const TRIM_EVERY: i64 = 50;

/// The state besides the users that a reset replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ResetState {
    /// The lowest id that a new user may be assigned.
    pub(super) floor: i64,
    /// The behaviors.
    pub(super) behaviors: Behaviors,
}

/// A step that was appended to the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Appended {
    /// The number of the step within the sandbox.
    pub(super) number: i64,
    /// The size in bytes.
    pub(super) size: i64,
}

/// A step as read from the database.
struct Step {
    number: i64,
    at: i64,
    request: SourceRequest,
    changes: Vec<RecordedChange>,
    reset: Option<ResetState>,
}

impl Sandboxes {
    /// Restores the seed exactly, restarts the ids after it, sets the behaviors to their defaults,
    /// and deletes sessions and tokens. The changes of users, ids and behaviors are one step of the
    /// undo log.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn reset_sandbox(&self, scope: &DataScope) -> Result<(), WriteError> {
        let Some(sandbox) = scope.sandbox() else {
            // A visitor without a sandbox reads the seed already.
            return Ok(());
        };
        let (sandboxes, scope) = (self.clone(), scope.clone());
        finish(async move {
            // Blocks the flush, because exchanges recorded before the reset must not be written
            // after the reset has deleted the record.
            let _flush = sandboxes.recording.block_flush().await;
            let (seed, first_id) = (sandboxes.seed.clone(), sandboxes.first_id());
            let written = sandboxes
                .write(&scope, move |transaction, place| {
                    Box::pin(async move { reset(transaction, place, &seed, first_id).await })
                })
                .await?;
            sandboxes.memory.forget(&written.value);
            sandboxes.recording.forget(sandbox);
            Ok(())
        })
        .await
    }

    /// Reverts the last change, which can be a reset, and removes it from the undo log. Returns the
    /// reverted step, or `None` when the log is empty.
    ///
    /// # Errors
    /// [`WriteError::ChangedSince`] when a user differs from its state after the change;
    /// [`WriteError::EmailTaken`] when another user has the email address now. Nothing is written
    /// in these cases.
    pub async fn undo(&self, scope: &DataScope) -> Result<Option<UndoneStep>, WriteError> {
        if scope.sandbox().is_none() {
            return Ok(None);
        }
        let (sandboxes, scope) = (self.clone(), scope.clone());
        finish(async move {
            let written = sandboxes
                .write(&scope, |transaction, place| {
                    Box::pin(async move { take_back_last(transaction, place).await })
                })
                .await?;
            let Some((step, key_hash)) = written.value else {
                return Ok(None);
            };
            if let Some(key_hash) = key_hash {
                sandboxes.memory.forget(&key_hash);
            }
            Ok(Some(step))
        })
        .await
    }
}

/// Restores the seed. Returns the hash of the sandbox's key, because the cached row with its
/// behaviors is out of date.
async fn reset(
    transaction: &mut Transaction,
    place: &mut WriteContext,
    seed: &[User],
    first_id: i64,
) -> Result<Vec<u8>, WriteError> {
    let before = users(transaction, place.sandbox).await?;
    let replaced = ResetState {
        floor: place.floor,
        behaviors: lifetime::behaviors(transaction, place.sandbox).await?,
    };
    // Foreign keys delete the sessions and tokens of the deleted users.
    for sql in [
        "DELETE FROM users WHERE sandbox_id = $1",
        "DELETE FROM idempotency WHERE sandbox_id = $1",
        "DELETE FROM exchange WHERE sandbox_id = $1",
    ] {
        let delete = Statement::new(sql).bind(place.sandbox.0);
        transaction.write(delete).await?;
    }
    seed::copy(transaction, place.sandbox).await?;
    let after = ResetState {
        floor: first_id,
        behaviors: Behaviors::default(),
    };
    let key_hash = lifetime::set_state(transaction, place.sandbox, after).await?;
    place.changes = differences(before, seed);
    // A reset that changed nothing is not a step, because undo would then revert nothing instead of
    // the change before it.
    let changed = !place.changes.is_empty() || replaced != after;
    place.reset = changed.then_some(replaced);
    Ok(key_hash)
}

/// Returns the changes that turn `before` into the seed.
fn differences(mut before: BTreeMap<UserId, User>, seed: &[User]) -> Vec<RecordedChange> {
    let mut changes = Vec::new();
    for user in seed {
        let old = before.remove(&user.id);
        if old.as_ref() != Some(user) {
            changes.push(RecordedChange {
                before: old,
                after: Some(user.clone()),
            });
        }
    }
    changes.extend(before.into_values().map(|old| RecordedChange {
        before: Some(old),
        after: None,
    }));
    changes
}

/// Appends the changes of a write as a step, if there are any.
pub(super) async fn append(
    transaction: &mut Transaction,
    place: &WriteContext,
    source: Option<&SourceRequest>,
) -> Result<Option<Appended>, DatabaseError> {
    if place.changes.is_empty() && place.reset.is_none() {
        return Ok(None);
    }
    let request = json(&source.cloned().unwrap_or_default());
    let changes = json(&place.changes);
    let size = size(&request, &changes);
    let sql = "INSERT INTO undo_step (sandbox_id, number, at, size, request, changes, reset) \
               VALUES ($1, COALESCE((SELECT MAX(number) FROM undo_step WHERE sandbox_id = $1), 0) + 1, \
               $2, $3, $4, $5, $6) RETURNING number";
    let insert = Statement::new(sql)
        .bind(place.sandbox.0)
        .bind(place.now)
        .bind(size)
        .bind(request)
        .bind(changes)
        .bind(place.reset.as_ref().map(json));
    let row = transaction.optional(insert).await?;
    let number = row.ok_or_else(|| unreadable("number"))?.integer("number")?;
    if place.reset.is_some() {
        // The step of a reset can be large, so the log is trimmed at once. The trim can delete the
        // new step too.
        transaction
            .write(trim(place.sandbox, place.limits.exchange_bytes))
            .await?;
    }
    Ok(Some(Appended { number, size }))
}

/// Binds the values of the step to the statement that creates a user and appends the step. Returns
/// the statement and the size of the step.
pub(super) fn bind_creation(
    insert: Statement,
    user: &User,
    source: Option<&SourceRequest>,
) -> (Statement, i64) {
    let request = json(&source.cloned().unwrap_or_default());
    let changes = json(&[RecordedChange {
        before: None,
        after: Some(user.clone()),
    }]);
    let size = size(&request, &changes);
    (insert.bind(size).bind(request).bind(changes), size)
}

impl Appended {
    /// Returns whether old steps are to be deleted now.
    pub(super) fn is_trim_due(self) -> bool {
        self.number % TRIM_EVERY == 0
    }
}

/// Returns the statement that deletes the oldest steps of a sandbox beyond `KEPT` steps or `bytes`
/// bytes.
pub(super) fn trim(sandbox: SandboxId, bytes: i64) -> Statement {
    let sql = "DELETE FROM undo_step WHERE sandbox_id = $1 AND number IN (SELECT number FROM ( \
               SELECT number, COUNT(*) OVER newer AS steps_since, SUM(size) OVER newer AS size_since \
               FROM undo_step WHERE sandbox_id = $1 WINDOW newer AS (ORDER BY number DESC)) AS sums \
               WHERE steps_since > $2 OR size_since > $3)";
    Statement::new(sql).bind(sandbox.0).bind(KEPT).bind(bytes)
}

async fn take_back_last(
    transaction: &mut Transaction,
    place: &WriteContext,
) -> Result<Option<(UndoneStep, Option<Vec<u8>>)>, WriteError> {
    let sql = "SELECT number, at, request, changes, reset FROM undo_step WHERE sandbox_id = $1 \
               ORDER BY number DESC LIMIT 1";
    let select = Statement::new(sql).bind(place.sandbox.0);
    let Some(row) = transaction.optional(select).await? else {
        return Ok(None);
    };
    let step = step_of(&row)?;
    let floor = take_back(transaction, place, &step.changes).await?;
    let key_hash = match step.reset {
        Some(reset) => Some(restore(transaction, place, reset, floor).await?),
        None => {
            raise_floor(transaction, place, floor).await?;
            None
        }
    };
    let sql = "DELETE FROM undo_step WHERE sandbox_id = $1 AND number = $2";
    let delete = Statement::new(sql).bind(place.sandbox.0).bind(step.number);
    transaction.write(delete).await?;
    let undone = UndoneStep {
        request: step.request,
        at: Timestamp::from_milliseconds(step.at),
        changed: step.changes.len(),
    };
    Ok(Some((undone, key_hash)))
}

/// Restores the users as they were before a step. Returns the lowest id that a new user may be
/// assigned.
async fn take_back(
    transaction: &mut Transaction,
    place: &WriteContext,
    changes: &[RecordedChange],
) -> Result<i64, WriteError> {
    let is_one = changes.len() == 1;
    let mut stored = match is_one {
        true => BTreeMap::new(),
        false => users(transaction, place.sandbox).await?,
    };
    let mut floor = place.floor;
    for change in changes {
        let Some(id) = id_of(change) else { continue };
        let now = match is_one {
            true => find(transaction, place, id).await?,
            false => stored.remove(&id),
        };
        if now != change.after {
            return Err(WriteError::ChangedSince(id));
        }
        // Several changes may have moved an email address from one user to another, so all changed
        // rows are deleted before any row is inserted.
        if change.after.is_some() && (change.before.is_none() || !is_one) {
            let sql = "DELETE FROM users WHERE sandbox_id = $1 AND id = $2";
            let delete = Statement::new(sql).bind(place.sandbox.0).bind(id.get());
            transaction.write(delete).await?;
            floor = floor.max(id.get() + 1);
        }
    }
    for change in changes {
        let Some(user) = &change.before else { continue };
        if taken(transaction, place, &user.email, user.id.get()).await? {
            return Err(WriteError::EmailTaken);
        }
        match is_one && change.after.is_some() {
            true => set_row(transaction, place.sandbox, user).await?,
            false => put_row(transaction, place.sandbox, user).await?,
        }
    }
    Ok(floor)
}

/// Restores the id floor that a reset replaced and, unless they were changed after the reset, the
/// behaviors. Returns the hash of the sandbox's key.
async fn restore(
    transaction: &mut Transaction,
    place: &WriteContext,
    reset: ResetState,
    floor: i64,
) -> Result<Vec<u8>, WriteError> {
    let now = lifetime::behaviors(transaction, place.sandbox).await?;
    let restored = ResetState {
        floor: floor.max(reset.floor),
        behaviors: match now == Behaviors::default() {
            true => reset.behaviors,
            false => now,
        },
    };
    lifetime::set_state(transaction, place.sandbox, restored).await
}

async fn users(
    transaction: &mut Transaction,
    sandbox: SandboxId,
) -> Result<BTreeMap<UserId, User>, DatabaseError> {
    let sql = "SELECT id, name, email, role, bio, created_at, updated_at FROM users WHERE sandbox_id = $1";
    let rows = transaction.all(Statement::new(sql).bind(sandbox.0)).await?;
    let users = rows.iter().map(from_row);
    users.map(|user| user.map(|user| (user.id, user))).collect()
}

fn id_of(change: &RecordedChange) -> Option<UserId> {
    let user = change.after.as_ref().or(change.before.as_ref());
    user.map(|user| user.id)
}

fn step_of(row: &Row) -> Result<Step, DatabaseError> {
    let reset = row.optional_text("reset")?;
    let reset = reset.as_deref().map(serde_json::from_str).transpose();
    Ok(Step {
        number: row.integer("number")?,
        at: row.integer("at")?,
        request: serde_json::from_str(&row.text("request")?).map_err(|_| unreadable("request"))?,
        changes: serde_json::from_str(&row.text("changes")?).map_err(|_| unreadable("changes"))?,
        reset: reset.map_err(|_| unreadable("reset"))?,
    })
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a step is JSON")
}

fn size(request: &str, changes: &str) -> i64 {
    i64::try_from(request.len() + changes.len()).unwrap_or(i64::MAX)
}
