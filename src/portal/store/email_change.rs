//! The table of new addresses that their owners have not confirmed yet, and the change of an address.

use crate::database::{Statement, Transaction};
use crate::model::account::{Account, AccountId};
use crate::model::user::Email;
use crate::portal::store::account::from_row;
use crate::portal::store::audit::{self, Actor, AuditAction};
use crate::portal::store::session::{SessionIdHash, end_sessions};
use crate::portal::store::{Store, StoreError};

/// The reasons for which an address is not changed.
#[derive(Debug, thiserror::Error)]
pub enum EmailChangeError {
    /// The link is unknown, expired or used, or the account is gone.
    #[error("the link is not valid")]
    Invalid,
    /// Another account has this address.
    #[error("the email address belongs to another account")]
    EmailTaken,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Stores a new address until its owner confirms it, in place of an earlier one.
    ///
    /// # Errors
    /// [`EmailChangeError`].
    pub async fn create_email_change(
        &self,
        id: AccountId,
        email: &Email,
        token_hash: Vec<u8>,
        expires: i64,
    ) -> Result<(), EmailChangeError> {
        let email = email.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    refuse_taken(transaction, id, &email).await?;
                    let sql = "INSERT INTO email_change (token_hash, account_id, email, expires) \
                               VALUES ($1, $2, $3, $4) ON CONFLICT (account_id) \
                               DO UPDATE SET token_hash = $1, email = $3, expires = $4";
                    let insert = Statement::new(sql)
                        .bind(token_hash)
                        .bind(id.0)
                        .bind(email.as_str())
                        .bind(expires);
                    transaction.write(insert).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Finds the new address of a link that can be used, by the hash of its token.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_email_change(
        &self,
        token_hash: Vec<u8>,
        now: i64,
    ) -> Result<Option<String>, StoreError> {
        let sql = "SELECT email_change.email FROM email_change \
                   JOIN account ON account.id = account_id \
                   WHERE token_hash = $1 AND expires > $2 AND disabled IS NULL";
        let select = Statement::new(sql).bind(token_hash).bind(now);
        let row = self.database.optional(select).await?;
        row.map(|row| row.text("email")).transpose()
    }

    /// Finds the new address of an account that its owner can still confirm.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_pending_email(
        &self,
        id: AccountId,
        now: i64,
    ) -> Result<Option<String>, StoreError> {
        let sql = "SELECT email FROM email_change WHERE account_id = $1 AND expires > $2";
        let select = Statement::new(sql).bind(id.0).bind(now);
        let row = self.database.optional(select).await?;
        row.map(|row| row.text("email")).transpose()
    }

    /// Deletes a link by the hash of its token.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_email_change(&self, token_hash: Vec<u8>) -> Result<(), StoreError> {
        let delete = Statement::new("DELETE FROM email_change WHERE token_hash = $1");
        self.database.write(delete.bind(token_hash)).await.map(drop)
    }

    /// Uses up a link and changes the address as [`Store::change_email`] does. Returns the account as it was before.
    ///
    /// # Errors
    /// [`EmailChangeError`].
    pub async fn confirm_email_change(
        &self,
        token_hash: Vec<u8>,
        kept: Option<SessionIdHash>,
        actor: &Actor,
        now: i64,
    ) -> Result<Account, EmailChangeError> {
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let sql = "DELETE FROM email_change WHERE token_hash = $1 AND expires > $2 \
                               RETURNING account_id, email";
                    let delete = Statement::new(sql).bind(token_hash).bind(now);
                    let row = transaction.optional(delete).await?;
                    let row = row.ok_or(EmailChangeError::Invalid)?;
                    let id = AccountId(row.integer("account_id")?);
                    let email = Email::parse(&row.text("email")?);
                    let email = email.ok_or(EmailChangeError::Invalid)?;
                    change_email(transaction, id, &email, kept, &actor, now).await
                })
            })
            .await
    }

    /// Changes the address of an account, and ends its sessions but one and its links to set a password, which were sent to the
    /// old address. Returns the account as it was before.
    ///
    /// # Errors
    /// [`EmailChangeError`].
    pub async fn change_email(
        &self,
        id: AccountId,
        email: &Email,
        kept: Option<SessionIdHash>,
        actor: &Actor,
        now: i64,
    ) -> Result<Account, EmailChangeError> {
        let (email, actor) = (email.clone(), actor.clone());
        self.database
            .transaction(move |transaction| {
                Box::pin(
                    async move { change_email(transaction, id, &email, kept, &actor, now).await },
                )
            })
            .await
    }
}

/// Fails when an account other than `id` has an address.
async fn refuse_taken(
    transaction: &mut Transaction,
    id: AccountId,
    email: &Email,
) -> Result<(), EmailChangeError> {
    let sql = "SELECT id FROM account WHERE email_folded = $1 AND id <> $2";
    let select = Statement::new(sql).bind(email.folded()).bind(id.0);
    match transaction.optional(select).await? {
        Some(_) => Err(EmailChangeError::EmailTaken),
        None => Ok(()),
    }
}

async fn change_email(
    transaction: &mut Transaction,
    id: AccountId,
    email: &Email,
    kept: Option<SessionIdHash>,
    actor: &Actor,
    now: i64,
) -> Result<Account, EmailChangeError> {
    refuse_taken(transaction, id, email).await?;
    let sql = "SELECT id, email, name, language, role, created, disabled, access_version FROM account \
               WHERE id = $1 AND disabled IS NULL";
    let row = transaction.optional(Statement::new(sql).bind(id.0)).await?;
    let account = from_row(&row.ok_or(EmailChangeError::Invalid)?)?;
    let sql = "UPDATE account SET email = $1, email_folded = $2, updated = $3 WHERE id = $4";
    let update = Statement::new(sql)
        .bind(email.as_str())
        .bind(email.folded())
        .bind(now)
        .bind(id.0);
    transaction.write(update).await?;
    end_sessions(transaction, id, kept).await?;
    for sql in [
        "DELETE FROM password_reset WHERE account_id = $1",
        "DELETE FROM email_change WHERE account_id = $1",
    ] {
        transaction.write(Statement::new(sql).bind(id.0)).await?;
    }
    let detail = format!("{} → {}", account.email.as_str(), email.as_str());
    let about = (email.as_str(), detail.as_str());
    let actor = Actor {
        account: Some((account.id, account.name.clone())),
        ..actor.clone()
    };
    audit::record(transaction, &actor, AuditAction::ChangeEmail, about, now).await?;
    Ok(account)
}
