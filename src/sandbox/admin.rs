//! The counts of a sandbox that the admin resource reports.

use crate::database::{DatabaseError, Statement};
use crate::sandbox::user_row::invalid_column;
use crate::sandbox::{DataScope, Sandboxes};

/// The numbers of users, tokens and sessions in a sandbox.
#[derive(Clone, Copy, Debug)]
pub struct SandboxCounts {
    /// Users with the role `admin`.
    pub admins: i64,
    /// Users with the role `member`.
    pub members: i64,
    /// Tokens that have not expired.
    pub tokens: i64,
    /// Sessions that have not expired.
    pub sessions: i64,
}

impl Sandboxes {
    /// Counts users, tokens and sessions.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn count_contents(&self, scope: &DataScope) -> Result<SandboxCounts, DatabaseError> {
        let sandbox = scope.sandbox.map_or(0, |sandbox| sandbox.0);
        let sql = "SELECT (SELECT COUNT(*) FROM users WHERE sandbox_id = $1 AND role = 'admin') AS admins, \
                   (SELECT COUNT(*) FROM users WHERE sandbox_id = $1 AND role = 'member') AS members, \
                   (SELECT COUNT(*) FROM api_token WHERE sandbox_id = $1 AND expires_at > $2) AS tokens, \
                   (SELECT COUNT(*) FROM api_session WHERE sandbox_id = $1 AND expires_at > $2) AS sessions";
        let count = Statement::new(sql).bind(sandbox).bind(self.now());
        let row = self.database.optional(count.traced(&scope.trace)).await?;
        let row = row.ok_or_else(|| invalid_column("admins"))?;
        Ok(SandboxCounts {
            admins: row.integer("admins")?,
            members: row.integer("members")?,
            tokens: row.integer("tokens")?,
            sessions: row.integer("sessions")?,
        })
    }
}
