//! Changes of accounts by their owner and by admins, each with its entry in the audit log.

use crate::database::{Row, Statement, Transaction};
use crate::model::account::{Account, AccountId, DisplayName, TeamRole};
use crate::model::locale::Locale;
use crate::portal::store::account::from_row;
use crate::portal::store::audit::{self, Actor, AuditAction};
use crate::portal::store::group::GroupId;
use crate::portal::store::like::lower_pattern;
use crate::portal::store::session::{
    SessionIdHash, SessionReference, end_session, end_sessions, id_hash_of,
};
use crate::portal::store::{Store, StoreError};

/// Which members are listed.
#[derive(Clone, Debug, Default)]
pub struct MemberFilter {
    /// A part of the name or of the address, without regard to case; empty for all.
    pub text: String,
    /// Only those with this role.
    pub role: Option<TeamRole>,
    /// Only those that are disabled, or only those that are not.
    pub is_disabled: Option<bool>,
    /// Only those who belong to this group.
    pub group: Option<GroupId>,
}

/// A member in a list.
#[derive(Clone, Debug)]
pub struct Member {
    /// The account.
    pub account: Account,
    /// When the account was last used, in milliseconds since 1970, accurate to five minutes; `None` when it never was.
    pub last_seen: Option<i64>,
}

/// A session of an account, as its owner sees it.
#[derive(Clone)]
pub struct OwnSession {
    /// What names it in a form.
    pub reference: SessionReference,
    /// The time of the login, in milliseconds since 1970.
    pub created: i64,
    /// The time of the last use, in milliseconds since 1970, accurate to five minutes.
    pub seen: i64,
    /// The IP address of the login.
    pub address: Option<String>,
    /// The `User-Agent` of the login.
    pub agent: Option<String>,
}

/// What is changed of an account by an admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberChange {
    /// The role.
    Role(TeamRole),
    /// Whether the account is disabled.
    Disabled(bool),
    /// The account is deleted with everything that belongs to it.
    Delete,
}

/// The reasons for which an account is not changed.
#[derive(Debug, thiserror::Error)]
pub enum MemberError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// The change would leave no admin who can log in.
    #[error("the team would have no admin")]
    LastAdmin,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The accounts of a [`MemberFilter`]: `$1` is the pattern, `$2` the role, `$3` whether they are disabled, -1 for both, and `$4` the
/// group, 0 for all.
macro_rules! in_member_filter {
    () => {
        "FROM account \
         WHERE (LOWER(name) LIKE $1 ESCAPE '\\' OR email_folded LIKE $1 ESCAPE '\\') \
         AND ($2 = '' OR role = $2) \
         AND ($3 = -1 OR ($3 = 1) = (disabled IS NOT NULL)) \
         AND ($4 = 0 OR EXISTS (SELECT 1 FROM group_member \
         WHERE group_id = $4 AND account_id = account.id))"
    };
}

impl Store {
    /// Finds an account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        let sql = "SELECT id, email, name, language, role, created, disabled, access_version FROM account \
                   WHERE id = $1";
        let row = self
            .database
            .optional(Statement::new(sql).bind(id.0))
            .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Returns the password hash of an account, if it has a password.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_password_hash(&self, id: AccountId) -> Result<Option<String>, StoreError> {
        let select = Statement::new("SELECT password_hash FROM account WHERE id = $1").bind(id.0);
        match self.database.optional(select).await? {
            Some(row) => row.optional_text("password_hash"),
            None => Ok(None),
        }
    }

    /// Returns how many members a filter has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_members(&self, filter: &MemberFilter) -> Result<i64, StoreError> {
        let sql = concat!("SELECT COUNT(*) AS members ", in_member_filter!());
        let row = self
            .database
            .optional(self.bind_filter(sql, filter))
            .await?;
        row.map_or(Ok(0), |row| row.integer("members"))
    }

    /// Lists the members of a filter by name: at most `limit` after the first `offset`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_members(
        &self,
        filter: &MemberFilter,
        (offset, limit): (i64, i64),
    ) -> Result<Vec<Member>, StoreError> {
        let sql = concat!(
            "SELECT id, email, name, language, role, created, disabled, access_version, \
             seen AS last_seen ",
            in_member_filter!(),
            " ORDER BY name, id LIMIT $5 OFFSET $6"
        );
        let select = self.bind_filter(sql, filter).bind(limit).bind(offset);
        let rows = self.database.all(select).await?;
        let members = rows.iter().map(|row| {
            Ok(Member {
                account: from_row(row)?,
                last_seen: row.optional_integer("last_seen")?,
            })
        });
        members.collect()
    }

    /// Binds the values of [`in_member_filter!`].
    fn bind_filter(&self, sql: &'static str, filter: &MemberFilter) -> Statement {
        let disabled = match filter.is_disabled {
            None => -1,
            Some(is_disabled) => i64::from(is_disabled),
        };
        Statement::new(sql)
            .bind(lower_pattern(&filter.text, self.engine()))
            .bind(filter.role.map_or("", TeamRole::as_str))
            .bind(disabled)
            .bind(filter.group.map_or(0, |group| group.0))
    }

    /// Changes an account. A change of the role, disabling and deleting end its sessions, the links to set its password, and the
    /// invitations and links that it has created.
    ///
    /// # Errors
    /// [`MemberError`].
    pub async fn change_member(
        &self,
        id: AccountId,
        change: MemberChange,
        actor: &Actor,
        now: i64,
    ) -> Result<Account, MemberError> {
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move { change_member(transaction, id, change, &actor, now).await })
            })
            .await
    }

    /// Stores the name and the language of an account, and records what is different. Returns whether something was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn update_profile(
        &self,
        id: AccountId,
        name: &DisplayName,
        language: Locale,
        actor: &Actor,
        now: i64,
    ) -> Result<bool, StoreError> {
        let (name, actor) = (name.clone(), actor.clone());
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    // Locks the account on PostgreSQL, so that the log has each value that it had.
                    let sql = "UPDATE account SET updated = updated WHERE id = $1 \
                               RETURNING email, name, language";
                    let locked = transaction.optional(Statement::new(sql).bind(id.0));
                    let Some(row) = locked.await? else {
                        return Ok(false);
                    };
                    let email = row.text("email")?;
                    let changes = [
                        (AuditAction::ChangeName, row.text("name")?, name.to_string()),
                        (
                            AuditAction::ChangeLanguage,
                            row.text("language")?,
                            language.to_string(),
                        ),
                    ];
                    let changes = changes.into_iter().filter(|(_, old, new)| old != new);
                    let changes: Vec<_> = changes.collect();
                    for (action, old, new) in &changes {
                        let detail = format!("{old} → {new}");
                        let about = (email.as_str(), detail.as_str());
                        audit::record(transaction, &actor, *action, about, now).await?;
                    }
                    if changes.is_empty() {
                        return Ok(false);
                    }
                    let sql =
                        "UPDATE account SET name = $1, language = $2, updated = $3 WHERE id = $4";
                    let update = Statement::new(sql)
                        .bind(name.as_str())
                        .bind(language.as_str());
                    transaction.write(update.bind(now).bind(id.0)).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Sets the password of an account and ends its sessions, unless its logins have ended since `account` was read. Returns the
    /// account as it is then.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_password(
        &self,
        account: &Account,
        password_hash: String,
        actor: &Actor,
        now: i64,
    ) -> Result<Option<Account>, StoreError> {
        let (id, version) = (account.id, account.access_version);
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let sql = "UPDATE account SET updated = $1 \
                               WHERE id = $2 AND access_version = $3 AND disabled IS NULL";
                    let lock = Statement::new(sql).bind(now).bind(id.0).bind(version);
                    if transaction.write(lock).await? == 0 {
                        return Ok(None);
                    }
                    let email = set_password(transaction, id, password_hash, now).await?;
                    let about = (email.as_str(), "");
                    let action = AuditAction::ChangePassword;
                    audit::record(transaction, &actor, action, about, now).await?;
                    let sql = "SELECT id, email, name, language, role, created, disabled, \
                               access_version FROM account WHERE id = $1";
                    let row = transaction.optional(Statement::new(sql).bind(id.0)).await?;
                    row.as_ref().map(from_row).transpose()
                })
            })
            .await
    }

    /// Creates a link to set the password of an account, in place of earlier ones. With `since` returns `None`, and creates nothing, when
    /// there is one that was created after that time.
    ///
    /// # Errors
    /// [`MemberError::NotFound`], or the error of the database.
    pub async fn create_reset_link(
        &self,
        id: AccountId,
        token_hash: Vec<u8>,
        expires: i64,
        actor: &Actor,
        (now, since): (i64, Option<i64>),
    ) -> Result<Option<Account>, MemberError> {
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    // Locks the account on PostgreSQL, so that of two requests at once one finds the other's link.
                    let sql = "UPDATE account SET updated = updated WHERE id = $1";
                    transaction.write(Statement::new(sql).bind(id.0)).await?;
                    let account = find(transaction, id).await?;
                    let sql =
                        "SELECT created FROM password_reset WHERE account_id = $1 AND created > $2";
                    let recent = Statement::new(sql)
                        .bind(id.0)
                        .bind(since.unwrap_or(i64::MAX));
                    if transaction.optional(recent).await?.is_some() {
                        return Ok(None);
                    }
                    let sql = "DELETE FROM password_reset WHERE account_id = $1";
                    transaction.write(Statement::new(sql).bind(id.0)).await?;
                    let sql = "INSERT INTO password_reset \
                               (token_hash, account_id, created_by, created, expires) \
                               VALUES ($1, $2, $3, $4, $5)";
                    let creator = actor.account.as_ref().map(|(id, _)| id.0);
                    let insert = Statement::new(sql)
                        .bind(token_hash)
                        .bind(id.0)
                        .bind(creator);
                    transaction.write(insert.bind(now).bind(expires)).await?;
                    let about = (account.email.as_str(), "");
                    let action = AuditAction::CreateResetLink;
                    audit::record(transaction, &actor, action, about, now).await?;
                    Ok(Some(account))
                })
            })
            .await
    }

    /// Finds the account whose password a link sets, by the hash of its token.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_reset(
        &self,
        token_hash: Vec<u8>,
        now: i64,
    ) -> Result<Option<Account>, StoreError> {
        let sql = "SELECT id, email, name, language, role, account.created, disabled, access_version FROM account \
                   JOIN password_reset ON account_id = id \
                   WHERE token_hash = $1 AND expires > $2 AND disabled IS NULL";
        let select = Statement::new(sql).bind(token_hash).bind(now);
        let row = self.database.optional(select).await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Sets a password with a link, which is used up, and ends the sessions of the account. Returns the account, or
    /// `None` when the link cannot be used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reset_password(
        &self,
        token_hash: Vec<u8>,
        password_hash: String,
        actor: &Actor,
        now: i64,
    ) -> Result<Option<AccountId>, StoreError> {
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let sql = "DELETE FROM password_reset WHERE token_hash = $1 AND expires > $2 \
                               RETURNING account_id";
                    let delete = Statement::new(sql).bind(token_hash).bind(now);
                    let Some(row) = transaction.optional(delete).await? else {
                        return Ok(None);
                    };
                    let id = AccountId(row.integer("account_id")?);
                    let email = set_password(transaction, id, password_hash, now).await?;
                    let about = (email.as_str(), "");
                    let action = AuditAction::ResetPassword;
                    audit::record(transaction, &actor, action, about, now).await?;
                    Ok(Some(id))
                })
            })
            .await
    }

    /// Returns the key of the sandbox of an account, if it has one. The sandbox may be gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_sandbox_key(&self, id: AccountId) -> Result<Option<String>, StoreError> {
        let select = Statement::new("SELECT sandbox_key FROM account WHERE id = $1").bind(id.0);
        match self.database.optional(select).await? {
            Some(row) => row.optional_text("sandbox_key"),
            None => Ok(None),
        }
    }

    /// Stores the key of the sandbox of an account. Returns `false` when another account has it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_sandbox_key(&self, id: AccountId, key: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE account SET sandbox_key = $1 WHERE id = $2 \
                   AND NOT EXISTS (SELECT 1 FROM account AS other \
                   WHERE other.sandbox_key = $1 AND other.id <> $2)";
        let update = Statement::new(sql).bind(key).bind(id.0);
        Ok(self.database.write(update).await? == 1)
    }

    /// Adds a sandbox to those that accounts have left when they were deleted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_left_sandbox(&self, key: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO left_sandbox (key) VALUES ($1) ON CONFLICT (key) DO NOTHING";
        let insert = Statement::new(sql).bind(key);
        self.database.write(insert).await.map(drop)
    }

    /// Lists the keys of the sandboxes that accounts have left when they were deleted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_left_sandboxes(&self) -> Result<Vec<String>, StoreError> {
        let rows = self
            .database
            .all(Statement::new("SELECT key FROM left_sandbox"));
        rows.await?.iter().map(|row| row.text("key")).collect()
    }

    /// Removes a sandbox from that list, after it was deleted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_left_sandbox(&self, key: &str) -> Result<(), StoreError> {
        let delete = Statement::new("DELETE FROM left_sandbox WHERE key = $1").bind(key);
        self.database.write(delete).await.map(drop)
    }

    /// Lists the sessions of an account that have not expired, the last used first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_sessions(
        &self,
        id: AccountId,
        now: i64,
    ) -> Result<Vec<OwnSession>, StoreError> {
        let sql = "SELECT id_hash, created, seen, address, agent FROM session \
                   WHERE account_id = $1 AND expires > $2 ORDER BY seen DESC, created DESC";
        let select = Statement::new(sql).bind(id.0).bind(now);
        let rows = self.database.all(select).await?;
        let session = |row: &Row| {
            Ok(OwnSession {
                reference: SessionReference::of(&id_hash_of(row)?),
                created: row.integer("created")?,
                seen: row.integer("seen")?,
                address: row.optional_text("address")?,
                agent: row.optional_text("agent")?,
            })
        };
        rows.iter().map(session).collect()
    }

    /// Ends the session of an account that a reference names. Returns whether the account had it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_session(&self, id: AccountId, reference: String) -> Result<bool, StoreError> {
        self.database
            .transaction(move |transaction| {
                Box::pin(async move { end_session(transaction, id, &reference).await })
            })
            .await
    }

    /// Ends one session of an account, named by its reference, or all with the logins that have begun, for an admin. Returns how many sessions were ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_sessions_of(
        &self,
        account: &Account,
        session: Option<String>,
        actor: &Actor,
        now: i64,
    ) -> Result<u64, StoreError> {
        let (id, email) = (account.id, account.email.as_str().to_owned());
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let count = match session {
                        Some(reference) => {
                            u64::from(end_session(transaction, id, &reference).await?)
                        }
                        None => {
                            let sql = "DELETE FROM pending_login WHERE account_id = $1";
                            transaction.write(Statement::new(sql).bind(id.0)).await?;
                            let sql = "DELETE FROM session WHERE account_id = $1";
                            transaction.write(Statement::new(sql).bind(id.0)).await?
                        }
                    };
                    if count > 0 {
                        let (action, detail) = (AuditAction::EndSessions, count.to_string());
                        audit::record(transaction, &actor, action, (&email, &detail), now).await?;
                    }
                    Ok(count)
                })
            })
            .await
    }

    /// Ends all sessions of an account except one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_other_sessions(
        &self,
        id: AccountId,
        kept: SessionIdHash,
    ) -> Result<u64, StoreError> {
        let sql = "DELETE FROM session WHERE account_id = $1 AND id_hash <> $2";
        let delete = Statement::new(sql).bind(id.0).bind(kept);
        self.database.write(delete).await
    }
}

async fn find(transaction: &mut Transaction, id: AccountId) -> Result<Account, MemberError> {
    let sql = "SELECT id, email, name, language, role, created, disabled, access_version FROM account WHERE id = $1";
    let row = transaction.optional(Statement::new(sql).bind(id.0)).await?;
    let row = row.ok_or(MemberError::NotFound)?;
    Ok(from_row(&row)?)
}

async fn change_member(
    transaction: &mut Transaction,
    id: AccountId,
    change: MemberChange,
    actor: &Actor,
    now: i64,
) -> Result<Account, MemberError> {
    // Locks the admins on PostgreSQL, so that two of them cannot remove each other at the same time.
    let sql = "UPDATE account SET updated = updated WHERE role = 'admin' AND disabled IS NULL";
    let admins = transaction.write(Statement::new(sql)).await?;
    let account = find(transaction, id).await?;
    let is_admin = account.role == TeamRole::Admin && !account.is_disabled;
    let stays_admin = match change {
        MemberChange::Role(role) => role == TeamRole::Admin,
        MemberChange::Disabled(is_disabled) => !is_disabled,
        MemberChange::Delete => false,
    };
    if is_admin && !stays_admin && admins == 1 {
        return Err(MemberError::LastAdmin);
    }
    let (update, action, detail) = match change {
        MemberChange::Role(role) => {
            let sql = "UPDATE account SET role = $1, updated = $2 WHERE id = $3";
            let update = Statement::new(sql).bind(role.as_str()).bind(now).bind(id.0);
            let detail = format!("{} → {role}", account.role);
            (update, AuditAction::ChangeRole, detail)
        }
        MemberChange::Disabled(true) => {
            let sql = "UPDATE account SET disabled = $1, updated = $1 WHERE id = $2";
            let update = Statement::new(sql).bind(now).bind(id.0);
            (update, AuditAction::Disable, String::new())
        }
        MemberChange::Disabled(false) => {
            let sql = "UPDATE account SET disabled = NULL, updated = $1 WHERE id = $2";
            let update = Statement::new(sql).bind(now).bind(id.0);
            (update, AuditAction::Enable, String::new())
        }
        MemberChange::Delete => {
            make_anonymous(transaction, id).await?;
            // Nothing is known of the sandboxes' database here; whoever deletes them reads the table.
            let sql = "INSERT INTO left_sandbox (key) SELECT sandbox_key FROM account \
                       WHERE id = $1 AND sandbox_key IS NOT NULL ON CONFLICT (key) DO NOTHING";
            transaction.write(Statement::new(sql).bind(id.0)).await?;
            let delete = Statement::new("DELETE FROM account WHERE id = $1").bind(id.0);
            (delete, AuditAction::Delete, String::new())
        }
    };
    transaction.write(update).await?;
    if change != MemberChange::Disabled(false) {
        end_access(transaction, id).await?;
        // Somebody who is no admin any more must not come back by a link that was made before.
        delete_links_of(transaction, id).await?;
    }
    let about = (account.email.as_str(), detail.as_str());
    audit::record(transaction, actor, action, about, now).await?;
    Ok(account)
}

/// Leaves the attempts of an account without it, and without what was sent, and the sums of what it has read and passed, before the
/// account is deleted.
async fn make_anonymous(
    transaction: &mut Transaction,
    account: AccountId,
) -> Result<(), StoreError> {
    for sql in [
        "UPDATE exercise_attempt SET account_id = NULL, verdict = '' WHERE account_id = $1",
        "INSERT INTO left_lesson (lesson, opened, read) \
         SELECT lesson, 1, CASE WHEN read IS NULL THEN 0 ELSE 1 END FROM lesson_progress \
         WHERE account_id = $1 ON CONFLICT (lesson) DO UPDATE SET \
         opened = left_lesson.opened + 1, read = left_lesson.read + excluded.read",
        "INSERT INTO left_quiz (quiz, passed) SELECT assessment, 1 FROM assessment_pass \
         WHERE account_id = $1 AND kind = 'quiz' \
         ON CONFLICT (quiz) DO UPDATE SET passed = left_quiz.passed + 1",
    ] {
        let statement = Statement::new(sql).bind(account.0);
        transaction.write(statement).await?;
    }
    Ok(())
}

/// Deletes the invitations and the links to set a password that an account has created.
async fn delete_links_of(transaction: &mut Transaction, id: AccountId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM invitation WHERE created_by = $1",
        "DELETE FROM password_reset WHERE created_by = $1",
    ] {
        transaction.write(Statement::new(sql).bind(id.0)).await?;
    }
    Ok(())
}

/// Ends the sessions of an account, the logins that have begun, and its links to set a password or to change the address.
async fn end_access(transaction: &mut Transaction, id: AccountId) -> Result<(), StoreError> {
    end_sessions(transaction, id, None).await?;
    for sql in [
        "DELETE FROM password_reset WHERE account_id = $1",
        "DELETE FROM email_change WHERE account_id = $1",
    ] {
        transaction.write(Statement::new(sql).bind(id.0)).await?;
    }
    Ok(())
}

/// Sets a password and ends the sessions of the account. Returns its address.
async fn set_password(
    transaction: &mut Transaction,
    id: AccountId,
    password_hash: String,
    now: i64,
) -> Result<String, StoreError> {
    let sql = "UPDATE account SET password_hash = $1, updated = $2 WHERE id = $3 RETURNING email";
    let update = Statement::new(sql).bind(password_hash).bind(now).bind(id.0);
    let row = transaction.optional(update).await?;
    end_access(transaction, id).await?;
    row.map_or(Ok(String::new()), |row| row.text("email"))
}
