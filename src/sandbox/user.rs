//! Reads, replaces, updates and deletes single users. Their creation is in
//! `sandbox::user_creation`, their list in `sandbox::listing`.

use std::sync::Arc;

use crate::database::{DatabaseError, Statement, Transaction};
use crate::model::user::{NewUser, User, UserId, UserPatch, UserReplacement};
use crate::sandbox::user_row::{
    build_user, count_users, find_user, insert_row, is_email_taken, raise_floor, select_user,
    update_row, user_from_row,
};
use crate::sandbox::write_context::WriteContext;
use crate::sandbox::{DataScope, Sandboxes, WriteError, WriteOutcome};

/// A check that decides whether a write to the stored user is allowed; called with `None` when the
/// user does not exist.
pub type WriteGuard = Arc<dyn Fn(Option<&User>) -> Result<(), WriteError> + Send + Sync>;

/// The result of replacing a user.
#[derive(Clone, Debug)]
pub struct ReplaceOutcome {
    /// The user after the write.
    pub user: User,
    /// Whether the user did not exist before.
    pub created: bool,
}

impl Sandboxes {
    /// Finds a user.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn find_user(
        &self,
        scope: &DataScope,
        id: UserId,
    ) -> Result<Option<User>, DatabaseError> {
        let Some(sandbox) = scope.sandbox else {
            return Ok(self.seed().iter().find(|user| user.id == id).cloned());
        };
        let select = select_user(sandbox, id).traced(&scope.trace);
        let row = self.database.optional(select).await?;
        row.as_ref().map(user_from_row).transpose()
    }

    /// Replaces the user with this id, or creates it.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn replace_user(
        &self,
        scope: &DataScope,
        id: UserId,
        replacement: UserReplacement,
        guard: Option<WriteGuard>,
    ) -> Result<WriteOutcome<ReplaceOutcome>, WriteError> {
        self.write(scope, move |transaction, context| {
            Box::pin(async move {
                let stored = find_user(transaction, context, id).await?;
                check_guard(guard, stored.as_ref())?;
                let fields = replacement
                    .check_against(id, stored.as_ref())
                    .map_err(WriteError::BodyConflict)?;
                let created = stored.is_none();
                let user = match stored {
                    Some(stored) => update_fields(transaction, context, stored, fields).await?,
                    None => create_with_id(transaction, context, id, fields).await?,
                };
                Ok(ReplaceOutcome { user, created })
            })
        })
        .await
    }

    /// Changes a user by a merge patch (RFC 7396).
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn update_user(
        &self,
        scope: &DataScope,
        id: UserId,
        patch: UserPatch,
        guard: Option<WriteGuard>,
    ) -> Result<WriteOutcome<User>, WriteError> {
        self.write(scope, move |transaction, context| {
            Box::pin(async move {
                let stored = find_user(transaction, context, id).await?;
                let stored = stored.ok_or(WriteError::UserNotFound)?;
                check_guard(guard, Some(&stored))?;
                let fields = patch.apply(&stored).map_err(WriteError::BodyConflict)?;
                update_fields(transaction, context, stored, fields).await
            })
        })
        .await
    }

    /// Deletes a user.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn delete_user(
        &self,
        scope: &DataScope,
        id: UserId,
        guard: Option<WriteGuard>,
    ) -> Result<WriteOutcome<()>, WriteError> {
        self.write(scope, move |transaction, context| {
            Box::pin(async move {
                let stored = find_user(transaction, context, id).await?;
                let stored = stored.ok_or(WriteError::UserNotFound)?;
                check_guard(guard, Some(&stored))?;
                let sql = "DELETE FROM users WHERE sandbox_id = $1 AND id = $2";
                let delete = Statement::new(sql).bind(context.sandbox.0).bind(id.get());
                transaction.write(delete).await?;
                raise_floor(transaction, context, id.get() + 1).await?;
                context.change(Some(&stored), None);
                Ok(())
            })
        })
        .await
    }
}

fn check_guard(guard: Option<WriteGuard>, stored: Option<&User>) -> Result<(), WriteError> {
    guard.map_or(Ok(()), |guard| guard(stored))
}

/// Creates a user with the given id.
async fn create_with_id(
    transaction: &mut Transaction,
    context: &mut WriteContext,
    id: UserId,
    new: NewUser,
) -> Result<User, WriteError> {
    if is_email_taken(transaction, context, &new.email, 0).await? {
        return Err(WriteError::EmailTaken);
    }
    if count_users(transaction, context).await? >= context.limits.users {
        return Err(WriteError::UsersFull {
            limit: context.limits.users,
        });
    }
    let user = build_user(id, new, context.now);
    insert_row(transaction, context.sandbox, &user).await?;
    context.change(None, Some(&user));
    Ok(user)
}

/// Updates the fields of a user. When they are equal to the stored ones nothing changes, including
/// `updated_at`.
async fn update_fields(
    transaction: &mut Transaction,
    context: &mut WriteContext,
    stored: User,
    fields: NewUser,
) -> Result<User, WriteError> {
    if stored.has_fields(&fields) {
        return Ok(stored);
    }
    if is_email_taken(transaction, context, &fields.email, stored.id.get()).await? {
        return Err(WriteError::EmailTaken);
    }
    let user = User {
        created_at: stored.created_at,
        ..build_user(stored.id, fields, context.now)
    };
    update_row(transaction, context.sandbox, &user).await?;
    context.change(Some(&stored), Some(&user));
    Ok(user)
}
