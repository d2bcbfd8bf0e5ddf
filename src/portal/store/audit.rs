//! The audit log: what was done with accounts, by whom and when. Rows are added, and deleted when they are old; nothing but their old network
//! addresses is changed.

use std::fmt;

use crate::database::{Row, Statement, Transaction};
use crate::model::account::{Account, AccountId, DisplayName};
use crate::portal::store::like::lower_pattern;
use crate::portal::store::{Store, StoreError};

/// Who does something, and the request by which it is done.
#[derive(Clone, Default)]
pub struct Actor {
    /// The account and its name; `None` for somebody without an account and, without a request, for the system.
    pub account: Option<(AccountId, DisplayName)>,
    /// The IP address.
    pub address: Option<String>,
    /// The id of the request.
    pub request_id: String,
}

/// Shows the id of the account only, because the name and the address are personal data and must not be logged.
impl fmt::Debug for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = self.account.as_ref().map(|(id, _)| id);
        formatter
            .debug_struct("Actor")
            .field("account", &account)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditAction {
    /// A login succeeded.
    LogIn,
    /// A login failed.
    LogInFailed,
    /// Somebody created an account with an invitation.
    Join,
    /// An account was created with the command line.
    CreateAccount,
    /// An invitation was created.
    Invite,
    /// An invitation was revoked.
    RevokeInvitation,
    /// A role was changed.
    ChangeRole,
    /// An account was disabled.
    Disable,
    /// A disabled account was enabled.
    Enable,
    /// An account was deleted.
    Delete,
    /// A link to set a new password was created.
    CreateResetLink,
    /// A password was set with such a link.
    ResetPassword,
    /// A member changed the password.
    ChangePassword,
    /// A member changed the own address.
    ChangeEmail,
    /// A member began to use a second factor.
    EnableSecondFactor,
    /// A member stopped using the second factor.
    DisableSecondFactor,
    /// A member got other recovery codes.
    NewRecoveryCodes,
    /// A login used a recovery code.
    UseRecoveryCode,
    /// An admin removed the second factor and the passkeys of a member.
    ResetSecondFactor,
    /// An account was linked to one of the identity provider.
    LinkProvider,
    /// A member added a passkey.
    AddPasskey,
    /// A member removed a passkey.
    RemovePasskey,
    /// A member exported the own data, or an admin the audit log.
    Export,
    /// Lessons were assigned.
    Assign,
    /// An assignment was deleted.
    DeleteAssignment,
    /// A group was created.
    CreateGroup,
    /// A group got another name.
    RenameGroup,
    /// A group was deleted.
    DeleteGroup,
    /// A member was added to a group.
    AddToGroup,
    /// A member was removed from a group.
    RemoveFromGroup,
    /// A setting of the site was changed.
    ChangeSetting,
    /// The content folder was loaded again.
    ReloadContent,
    /// A member asked the mentors about an exercise; the question is not part of the log.
    AskForHelp,
    /// A mentor answered such a question; the answer is not part of the log.
    AnswerHelp,
    /// A backup was made with the command line.
    BackUp,
    /// The database was restored from a backup with the command line.
    Restore,
    /// An admin ended sessions of a member.
    EndSessions,
    /// A member changed the own name.
    ChangeName,
    /// A member chose another language.
    ChangeLanguage,
}

impl AuditAction {
    /// Every action.
    pub const ALL: [AuditAction; 39] = [
        AuditAction::LogIn,
        AuditAction::LogInFailed,
        AuditAction::Join,
        AuditAction::CreateAccount,
        AuditAction::Invite,
        AuditAction::RevokeInvitation,
        AuditAction::ChangeRole,
        AuditAction::Disable,
        AuditAction::Enable,
        AuditAction::Delete,
        AuditAction::CreateResetLink,
        AuditAction::ResetPassword,
        AuditAction::ChangePassword,
        AuditAction::ChangeEmail,
        AuditAction::EnableSecondFactor,
        AuditAction::DisableSecondFactor,
        AuditAction::NewRecoveryCodes,
        AuditAction::UseRecoveryCode,
        AuditAction::ResetSecondFactor,
        AuditAction::LinkProvider,
        AuditAction::AddPasskey,
        AuditAction::RemovePasskey,
        AuditAction::Export,
        AuditAction::Assign,
        AuditAction::DeleteAssignment,
        AuditAction::CreateGroup,
        AuditAction::RenameGroup,
        AuditAction::DeleteGroup,
        AuditAction::AddToGroup,
        AuditAction::RemoveFromGroup,
        AuditAction::ChangeSetting,
        AuditAction::ReloadContent,
        AuditAction::AskForHelp,
        AuditAction::AnswerHelp,
        AuditAction::BackUp,
        AuditAction::Restore,
        AuditAction::EndSessions,
        AuditAction::ChangeName,
        AuditAction::ChangeLanguage,
    ];

    /// Returns the name, which is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            AuditAction::LogIn => "log-in",
            AuditAction::LogInFailed => "log-in-failed",
            AuditAction::Join => "join",
            AuditAction::CreateAccount => "create-account",
            AuditAction::Invite => "invite",
            AuditAction::RevokeInvitation => "revoke-invitation",
            AuditAction::ChangeRole => "change-role",
            AuditAction::Disable => "disable",
            AuditAction::Enable => "enable",
            AuditAction::Delete => "delete",
            AuditAction::CreateResetLink => "create-reset-link",
            AuditAction::ResetPassword => "reset-password",
            AuditAction::ChangePassword => "change-password",
            AuditAction::ChangeEmail => "change-email",
            AuditAction::EnableSecondFactor => "enable-second-factor",
            AuditAction::DisableSecondFactor => "disable-second-factor",
            AuditAction::NewRecoveryCodes => "new-recovery-codes",
            AuditAction::UseRecoveryCode => "use-recovery-code",
            AuditAction::ResetSecondFactor => "reset-second-factor",
            AuditAction::LinkProvider => "link-provider",
            AuditAction::AddPasskey => "add-passkey",
            AuditAction::RemovePasskey => "remove-passkey",
            AuditAction::Export => "export",
            AuditAction::Assign => "assign",
            AuditAction::DeleteAssignment => "delete-assignment",
            AuditAction::CreateGroup => "create-group",
            AuditAction::RenameGroup => "rename-group",
            AuditAction::DeleteGroup => "delete-group",
            AuditAction::AddToGroup => "add-to-group",
            AuditAction::RemoveFromGroup => "remove-from-group",
            AuditAction::ChangeSetting => "change-setting",
            AuditAction::ReloadContent => "reload-content",
            AuditAction::AskForHelp => "ask-for-help",
            AuditAction::AnswerHelp => "answer-help",
            AuditAction::BackUp => "back-up",
            AuditAction::Restore => "restore",
            AuditAction::EndSessions => "end-sessions",
            AuditAction::ChangeName => "change-name",
            AuditAction::ChangeLanguage => "change-language",
        }
    }

    /// Returns the action with a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<AuditAction> {
        AuditAction::ALL
            .into_iter()
            .find(|action| action.as_str() == name)
    }
}

/// Which entries are listed.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// A part of the name or the address of who did it or with whose account it was done; empty for all.
    pub person: String,
    /// The only action that is listed.
    pub action: Option<AuditAction>,
    /// The earliest time in milliseconds since 1970.
    pub from: Option<i64>,
    /// The time before which the entries are.
    pub until: Option<i64>,
}

/// A row of the audit log.
#[derive(Clone, serde::Serialize)]
pub struct AuditEntry {
    /// The id; later entries have higher ones.
    pub id: i64,
    /// The time in milliseconds since 1970.
    pub at: i64,
    /// What was done.
    pub action: String,
    /// The name of who did it; `None` for somebody without an account.
    pub actor: Option<String>,
    /// The account or invitation with which it was done.
    pub subject: String,
    /// More about it, such as the old and the new role; empty when there is nothing more to say.
    pub detail: String,
    /// The IP address.
    pub address: Option<String>,
    /// The id of the request.
    pub request_id: String,
}

/// An entry that concerns a member.
#[derive(Clone)]
pub struct MemberAudit {
    /// Whether the member did it.
    pub is_own: bool,
    /// The entry.
    pub entry: AuditEntry,
}

/// Returns the statement that adds an entry.
fn insert(actor: &Actor, action: AuditAction, subject: &str, detail: &str, now: i64) -> Statement {
    let sql = "INSERT INTO audit \
               (at, action, actor_id, actor_name, subject, detail, address, request_id) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let (id, name) = match &actor.account {
        Some((id, name)) => (Some(id.0), Some(name.as_str().to_owned())),
        None => (None, None),
    };
    Statement::new(sql)
        .bind(now)
        .bind(action.as_str())
        .bind(id)
        .bind(name)
        .bind(subject)
        .bind(detail)
        .bind(actor.address.clone())
        .bind(actor.request_id.as_str())
}

/// Adds an entry in the transaction of the change that it describes.
pub(super) async fn record(
    transaction: &mut Transaction,
    actor: &Actor,
    action: AuditAction,
    (subject, detail): (&str, &str),
    now: i64,
) -> Result<(), StoreError> {
    let insert = insert(actor, action, subject, detail, now);
    transaction.write(insert).await.map(drop)
}

impl Store {
    /// Adds an entry about something that changed no row, such as a failed login.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_audit(
        &self,
        actor: &Actor,
        action: AuditAction,
        (subject, detail): (&str, &str),
        now: i64,
    ) -> Result<(), StoreError> {
        let insert = insert(actor, action, subject, detail, now);
        self.database.write(insert).await.map(drop)
    }

    /// Lists the entries of a filter before an id (or the newest), the newest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_audit(
        &self,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        // The signs keep SQLite from sorting all entries of the time: it reads them by id, the newest first, until there are enough.
        let sql = "SELECT id, at, action, actor_name, subject, detail, address, request_id \
                   FROM audit WHERE id < $1 AND ($2 = '' OR action = $2) AND +at >= $3 AND +at < $4 \
                   AND ($5 = '%%' OR LOWER(COALESCE(actor_name, '')) LIKE $5 ESCAPE '\\' \
                   OR LOWER(subject) LIKE $5 ESCAPE '\\' \
                   OR actor_id IN (SELECT account.id FROM account WHERE email_folded LIKE $5 ESCAPE '\\') \
                   OR subject IN (SELECT email FROM account WHERE LOWER(name) LIKE $5 ESCAPE '\\')) \
                   ORDER BY id DESC LIMIT $6";
        let select = Statement::new(sql)
            .bind(before.unwrap_or(i64::MAX))
            .bind(filter.action.map_or("", AuditAction::as_str))
            .bind(filter.from.unwrap_or(i64::MIN))
            .bind(filter.until.unwrap_or(i64::MAX))
            .bind(lower_pattern(filter.person.trim(), self.engine()))
            .bind(limit);
        let rows = self.database.all(select).await?;
        rows.iter().map(from_row).collect()
    }

    /// Lists what a member did and what was done with the account, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_audit_of(&self, account: &Account) -> Result<Vec<MemberAudit>, StoreError> {
        let sql = "SELECT id, at, action, actor_id, actor_name, subject, detail, address, request_id \
                   FROM audit WHERE actor_id = $1 OR subject = $2 ORDER BY id";
        let select = Statement::new(sql).bind(account.id.0);
        let rows = self.database.all(select.bind(account.email.as_str()));
        let entry = |row: &Row| {
            Ok(MemberAudit {
                is_own: row.optional_integer("actor_id")? == Some(account.id.0),
                entry: from_row(row)?,
            })
        };
        rows.await?.iter().map(entry).collect()
    }

    /// Removes the network addresses of entries and of sessions before a time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_addresses_before(&self, time: i64) -> Result<(), StoreError> {
        for sql in [
            "UPDATE audit SET address = NULL WHERE at < $1 AND address IS NOT NULL",
            "UPDATE session SET address = NULL WHERE created < $1 AND address IS NOT NULL",
        ] {
            self.database.write(Statement::new(sql).bind(time)).await?;
        }
        Ok(())
    }

    /// Deletes the entries before a time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_audit_before(&self, time: i64) -> Result<u64, StoreError> {
        let delete = Statement::new("DELETE FROM audit WHERE at < $1").bind(time);
        self.database.write(delete).await
    }
}

fn from_row(row: &Row) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        id: row.integer("id")?,
        at: row.integer("at")?,
        action: row.text("action")?,
        actor: row.optional_text("actor_name")?,
        subject: row.text("subject")?,
        detail: row.text("detail")?,
        address: row.optional_text("address")?,
        request_id: row.text("request_id")?,
    })
}
