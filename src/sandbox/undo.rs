//! Undo: reverts the last change of a sandbox.

use std::collections::BTreeMap;

use crate::database::{DatabaseError, Statement, Transaction, run_to_completion};
use crate::model::behaviors::Behaviors;
use crate::model::exchange::{RecordedChange, SourceRequest, UndoneStep};
use crate::model::timestamp::Timestamp;
use crate::model::user::UserId;
use crate::sandbox::sandbox_row::{self, SandboxState};
use crate::sandbox::user_row::{
    find_user, insert_row, is_email_taken, list_by_id, raise_floor, update_row,
};
use crate::sandbox::write_context::WriteContext;
use crate::sandbox::{DataScope, SandboxId, Sandboxes, WriteError, undo_log};

impl Sandboxes {
    /// Reverts the last write with all its changes, or the last reset, and removes it from the undo log.
    /// Returns what was reverted, or `None` when the log is empty or there is no sandbox.
    ///
    /// # Errors
    /// [`WriteError::ChangedSince`] when a user differs from its state after the change;
    /// [`WriteError::EmailTaken`] when another user has the email address now. Nothing is written
    /// in these cases.
    pub async fn undo(&self, scope: &DataScope) -> Result<Option<UndoneStep>, WriteError> {
        if scope.sandbox.is_none() {
            return Ok(None);
        }
        let (sandboxes, scope) = (self.clone(), scope.clone());
        run_to_completion(async move {
            let outcome = sandboxes
                .write(&scope, |transaction, context| {
                    Box::pin(async move { revert_last_step(transaction, context).await })
                })
                .await?;
            let Some((step, key_hash)) = outcome.value else {
                return Ok(None);
            };
            if let Some(key_hash) = key_hash {
                sandboxes.cache.invalidate(&key_hash);
            }
            Ok(Some(step))
        })
        .await
    }

    /// Returns the request that [`undo`](Sandboxes::undo) would revert; `None` when the undo log is empty.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn last_change(
        &self,
        sandbox: SandboxId,
    ) -> Result<Option<SourceRequest>, DatabaseError> {
        let select = undo_log::select_last_step(sandbox);
        let row = self.database.optional(select).await?;
        row.as_ref()
            .map(|row| undo_log::step_from_row(row).map(|step| step.request))
            .transpose()
    }
}

async fn revert_last_step(
    transaction: &mut Transaction,
    context: &WriteContext,
) -> Result<Option<(UndoneStep, Option<Vec<u8>>)>, WriteError> {
    let Some(step) = undo_log::last_step(transaction, context.sandbox).await? else {
        return Ok(None);
    };
    let floor = revert_changes(transaction, context, &step.changes).await?;
    let key_hash = match step.reset {
        Some(reset) => Some(restore_state(transaction, context, reset, floor).await?),
        None => {
            raise_floor(transaction, context, floor).await?;
            None
        }
    };
    undo_log::delete_step(transaction, context.sandbox, step.number).await?;
    let undone = UndoneStep {
        request: step.request,
        at: Timestamp::from_milliseconds(step.at),
        changed: step.changes.len(),
    };
    Ok(Some((undone, key_hash)))
}

/// Restores the users as they were before a step. Returns the lowest id that a new user may be
/// assigned.
async fn revert_changes(
    transaction: &mut Transaction,
    context: &WriteContext,
    changes: &[RecordedChange],
) -> Result<i64, WriteError> {
    // For a single change only its row is read and updated. For several, all rows are read, and the changed
    // rows are deleted and inserted.
    let has_single_change = changes.len() == 1;
    let mut stored = match has_single_change {
        true => BTreeMap::new(),
        false => list_by_id(transaction, context.sandbox).await?,
    };
    let mut floor = context.floor;
    for change in changes {
        let Some(id) = id_of_change(change) else {
            continue;
        };
        let current = match has_single_change {
            true => find_user(transaction, context, id).await?,
            false => stored.remove(&id),
        };
        if current != change.after {
            return Err(WriteError::ChangedSince(id));
        }
        // Several changes may have moved an email address from one user to another, so all changed
        // rows are deleted before any row is inserted.
        if change.after.is_some() && (change.before.is_none() || !has_single_change) {
            let sql = "DELETE FROM users WHERE sandbox_id = $1 AND id = $2";
            let delete = Statement::new(sql).bind(context.sandbox.0).bind(id.get());
            transaction.write(delete).await?;
            floor = floor.max(id.get() + 1);
        }
    }
    for change in changes {
        let Some(user) = &change.before else { continue };
        if is_email_taken(transaction, context, &user.email, user.id.get()).await? {
            return Err(WriteError::EmailTaken);
        }
        match has_single_change && change.after.is_some() {
            true => update_row(transaction, context.sandbox, user).await?,
            false => insert_row(transaction, context.sandbox, user).await?,
        }
    }
    Ok(floor)
}

/// Raises the id floor to at least its value before a reset and, unless they were changed after the reset, the
/// behaviors. Returns the hash of the sandbox's key.
async fn restore_state(
    transaction: &mut Transaction,
    context: &WriteContext,
    state_before_reset: SandboxState,
    floor: i64,
) -> Result<Vec<u8>, WriteError> {
    let current = sandbox_row::behaviors(transaction, context.sandbox).await?;
    let restored = SandboxState {
        floor: floor.max(state_before_reset.floor),
        behaviors: match current == Behaviors::default() {
            true => state_before_reset.behaviors,
            false => current,
        },
    };
    sandbox_row::set_state(transaction, context.sandbox, restored).await
}

fn id_of_change(change: &RecordedChange) -> Option<UserId> {
    let user = change.after.as_ref().or(change.before.as_ref());
    user.map(|user| user.id)
}
