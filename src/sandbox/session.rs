//! The sessions of the taught API, stored by the hash of their key.
//!
//! The cookie is in `api::http::cookies`, the sessions of the portal are in
//! `portal::store::session`.

use crate::database::{DatabaseError, Statement};
use crate::model::trace::{StepKind, TraceText};
use crate::model::user::{Email, User};
use crate::sandbox::user_row::user_from_row;
use crate::sandbox::{DataScope, SandboxKey, Sandboxes, WriteError, WriteOutcome};

/// The time from the login to the end of a session, in milliseconds: one day.
pub const SESSION_AGE: i64 = 24 * 3_600_000;
/// The maximum number of sessions of one sandbox. A login beyond it deletes the oldest.
const MAX_SESSIONS: i64 = 100;

/// The result of a login.
#[derive(Clone, Debug)]
pub struct ApiLogin {
    /// The user that has logged in.
    pub user: User,
    /// The key of the session. Only its hash is stored, so this is the only copy.
    pub key: SandboxKey,
}

impl Sandboxes {
    /// Creates a session with a new key for the user with this email address, and deletes the
    /// client's previous session. The caller has verified the password.
    ///
    /// # Errors
    /// [`WriteError::UserNotFound`] when no user has the email address. Nothing is created in
    /// this case.
    pub async fn log_in(
        &self,
        scope: &DataScope,
        email: Email,
        old: Option<SandboxKey>,
    ) -> Result<WriteOutcome<ApiLogin>, WriteError> {
        self.write(scope, move |transaction, context| {
            Box::pin(async move {
                let sql = "SELECT id, name, email, role, bio, created_at, updated_at FROM users \
                           WHERE sandbox_id = $1 AND email_folded = $2";
                let find = Statement::new(sql)
                    .bind(context.sandbox.0)
                    .bind(email.folded());
                let row = transaction.optional(find).await?;
                let user = user_from_row(&row.ok_or(WriteError::UserNotFound)?)?;
                let sql = "DELETE FROM api_session WHERE sandbox_id = $1 AND (expires_at <= $2 OR hash = $3 \
                           OR hash IN (SELECT hash FROM api_session WHERE sandbox_id = $1 \
                           ORDER BY created_at DESC, hash LIMIT 1000 OFFSET $4))";
                let delete = Statement::new(sql)
                    .bind(context.sandbox.0)
                    .bind(context.now)
                    .bind(old.map(|old| old.hash()))
                    .bind(MAX_SESSIONS - 1);
                transaction.write(delete).await?;
                let key = SandboxKey::random();
                let sql = "INSERT INTO api_session (hash, sandbox_id, user_id, created_at, expires_at) \
                           VALUES ($1, $2, $3, $4, $5)";
                let insert = Statement::new(sql)
                    .bind(key.hash())
                    .bind(context.sandbox.0)
                    .bind(user.id.get())
                    .bind(context.now)
                    .bind(context.now + SESSION_AGE);
                transaction.write(insert).await?;
                context.trace.add_passed(StepKind::Authentication, TraceText::translatable("email and password"), || {
                    Some(TraceText::translatable_with("user {id}", &[("id", &user.id.to_string())]))
                });
                Ok(ApiLogin { user, key })
            })
        })
        .await
    }

    /// Finds the user whose session has this key. Returns `None` when the sandbox has no such
    /// session.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn find_session(
        &self,
        scope: &DataScope,
        key: &SandboxKey,
    ) -> Result<Option<User>, DatabaseError> {
        let Some(sandbox) = scope.sandbox else {
            return Ok(None);
        };
        let sql = "SELECT users.id, name, email, role, bio, users.created_at, updated_at \
                   FROM api_session JOIN users ON users.sandbox_id = api_session.sandbox_id AND users.id = user_id \
                   WHERE hash = $1 AND api_session.sandbox_id = $2 AND expires_at > $3";
        let select = Statement::new(sql)
            .bind(key.hash())
            .bind(sandbox.0)
            .bind(self.now())
            .traced(&scope.trace);
        let row = self.database.optional(select).await?;
        row.as_ref().map(user_from_row).transpose()
    }

    /// Deletes a session, for every client that has its key. Does nothing when it does not exist.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn log_out(&self, scope: &DataScope, key: &SandboxKey) -> Result<(), DatabaseError> {
        let Some(sandbox) = scope.sandbox else {
            return Ok(());
        };
        let sql = "DELETE FROM api_session WHERE hash = $1 AND sandbox_id = $2";
        let delete = Statement::new(sql).bind(key.hash()).bind(sandbox.0);
        self.database
            .write(delete.traced(&scope.trace))
            .await
            .map(drop)
    }
}
