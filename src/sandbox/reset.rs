//! The reset of a sandbox to the seed or to the starting data of a lesson, which undo can revert.

use std::sync::Arc;

use crate::database::{Statement, Transaction, run_to_completion};
use crate::model::behaviors::Behaviors;
use crate::model::exchange::compare_users;
use crate::model::user::User;
use crate::sandbox::sandbox_row::{self, SandboxState};
use crate::sandbox::user_row::{insert_row, list_by_id};
use crate::sandbox::write_context::WriteContext;
use crate::sandbox::{DataScope, Sandboxes, WriteError, seed};

impl Sandboxes {
    /// Restores the seed exactly, restarts the ids after it, sets the behaviors to their defaults,
    /// and deletes sessions and tokens. The changes of users, ids and behaviors are one step of the
    /// undo log.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn reset_sandbox(&self, scope: &DataScope) -> Result<(), WriteError> {
        self.reset_to(scope, None).await
    }

    /// Does the same as [`Sandboxes::reset_sandbox`] with other users, sorted by id; the next id follows the highest one.
    ///
    /// # Errors
    /// [`WriteError`], among them [`WriteError::UsersFull`] for more users than a sandbox may have.
    pub async fn reset_sandbox_to(
        &self,
        scope: &DataScope,
        users: &Arc<[User]>,
    ) -> Result<(), WriteError> {
        self.reset_to(scope, Some(users.clone())).await
    }

    /// Replaces the users by the given ones, or by the seed.
    async fn reset_to(
        &self,
        scope: &DataScope,
        users: Option<Arc<[User]>>,
    ) -> Result<(), WriteError> {
        let Some(sandbox) = scope.sandbox else {
            // A visitor without a sandbox reads the seed already.
            return Ok(());
        };
        let (sandboxes, scope) = (self.clone(), scope.clone());
        run_to_completion(async move {
            // Blocks the flush, because exchanges recorded before the reset must not be written
            // after the reset has deleted the record.
            let _flush = sandboxes.recorder.block_flush().await;
            let (seed, first_id) = (sandboxes.seed.clone(), sandboxes.first_id());
            let outcome = sandboxes
                .write(&scope, move |transaction, context| {
                    Box::pin(async move {
                        match users {
                            None => {
                                let start = (&seed[..], first_id);
                                reset(transaction, context, start, true).await
                            }
                            Some(users) => {
                                check_room(&users, context.limits.users)?;
                                let last = users.last().map_or(0, |user| user.id.get());
                                reset(transaction, context, (&users, last + 1), false).await
                            }
                        }
                    })
                })
                .await?;
            sandboxes.cache.invalidate(&outcome.value);
            sandboxes.recorder.discard(sandbox);
            Ok(())
        })
        .await
    }
}

/// Refuses more users than a sandbox may have.
fn check_room(users: &[User], limit: i64) -> Result<(), WriteError> {
    match i64::try_from(users.len()).is_ok_and(|count| count <= limit) {
        true => Ok(()),
        false => Err(WriteError::UsersFull { limit }),
    }
}

/// Replaces the users and the next id. `is_seed` copies the users within the database. Returns the hash of the sandbox's key, because the cached row with its
/// behaviors is out of date.
async fn reset(
    transaction: &mut Transaction,
    context: &mut WriteContext,
    (users, first_id): (&[User], i64),
    is_seed: bool,
) -> Result<Vec<u8>, WriteError> {
    let before = list_by_id(transaction, context.sandbox).await?;
    let replaced = SandboxState {
        floor: context.floor,
        behaviors: sandbox_row::behaviors(transaction, context.sandbox).await?,
    };
    // Foreign keys delete the sessions and tokens of the deleted users.
    for sql in [
        "DELETE FROM users WHERE sandbox_id = $1",
        "DELETE FROM idempotency WHERE sandbox_id = $1",
        "DELETE FROM exchange WHERE sandbox_id = $1",
    ] {
        let delete = Statement::new(sql).bind(context.sandbox.0);
        transaction.write(delete).await?;
    }
    match is_seed {
        true => seed::copy(transaction, context.sandbox).await?,
        false => {
            for user in users {
                insert_row(transaction, context.sandbox, user).await?;
            }
        }
    }
    let after = SandboxState {
        floor: first_id,
        behaviors: Behaviors::default(),
    };
    let key_hash = sandbox_row::set_state(transaction, context.sandbox, after).await?;
    context.changes = compare_users(before.values(), users);
    // A reset that changed nothing is not a step, because undo would then revert nothing instead of
    // the change before it.
    let has_changed = !context.changes.is_empty() || replaced != after;
    context.reset = has_changed.then_some(replaced);
    Ok(key_hash)
}
