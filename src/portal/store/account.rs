//! The table of accounts.
//!
//! A password hash leaves this file only in [`Credentials`], which implements neither `Debug` nor
//! `Serialize`.

use crate::database::{Row, Statement, Transaction};
use crate::model::account::{Account, AccountId, DisplayName, TeamRole};
use crate::model::locale::Locale;
use crate::model::user::Email;
use crate::portal::store::audit::{self, Actor, AuditAction};
use crate::portal::store::{Store, StoreError, invalid_column};

/// The values of an account to create.
#[derive(Clone)]
pub struct NewAccount {
    /// The email address for the login.
    pub email: Email,
    /// The name that others see.
    pub name: DisplayName,
    /// The preferred language.
    pub language: Locale,
    /// The team role.
    pub role: TeamRole,
}

/// An account with its password hash.
pub struct Credentials {
    /// The account.
    pub account: Account,
    /// The hash of the password as a PHC string; `None` when the account has no password.
    pub password_hash: Option<String>,
}

/// The reasons for which an account cannot be created.
#[derive(Debug, thiserror::Error)]
pub enum CreateAccountError {
    /// Another account has this email address.
    #[error("the email address belongs to another account")]
    EmailTaken,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Creates an account for the command line, and records it. `password_hash` is a PHC string.
    ///
    /// # Errors
    /// [`CreateAccountError`].
    pub async fn create_account(
        &self,
        account: NewAccount,
        password_hash: String,
        now: i64,
    ) -> Result<AccountId, CreateAccountError> {
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let id = insert_account(transaction, &account, password_hash, now).await?;
                    let detail = format!("role={}, routebook account create", account.role);
                    let about = (account.email.as_str(), detail.as_str());
                    let (actor, action) = (Actor::default(), AuditAction::CreateAccount);
                    audit::record(transaction, &actor, action, about, now).await?;
                    Ok(id)
                })
            })
            .await
    }

    /// Finds the account with an email address, and its password hash.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_credentials(&self, email: &Email) -> Result<Option<Credentials>, StoreError> {
        let sql = "SELECT id, email, name, language, role, password_hash, created, disabled, access_version FROM account \
                   WHERE email_folded = $1";
        let select = Statement::new(sql).bind(email.folded());
        let Some(row) = self.database.optional(select).await? else {
            return Ok(None);
        };
        Ok(Some(Credentials {
            account: from_row(&row)?,
            password_hash: row.optional_text("password_hash")?,
        }))
    }

    /// Lists all accounts, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_accounts(&self) -> Result<Vec<Account>, StoreError> {
        let sql = "SELECT id, email, name, language, role, created, disabled, access_version FROM account ORDER BY id";
        let rows = self.database.all(Statement::new(sql)).await?;
        rows.iter().map(from_row).collect()
    }

    /// Returns whether an account exists.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_accounts(&self) -> Result<bool, StoreError> {
        let select = Statement::new("SELECT id FROM account LIMIT 1");
        Ok(self.database.optional(select).await?.is_some())
    }

    /// Replaces the password hash `old` by `new`, unless the password was changed in the meantime.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn update_password_hash(
        &self,
        account: AccountId,
        old: String,
        new: String,
        now: i64,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE account SET password_hash = $1, updated = $2 \
                   WHERE id = $3 AND password_hash = $4";
        let update = Statement::new(sql).bind(new).bind(now);
        let update = update.bind(account.0).bind(old);
        self.database.write(update).await.map(drop)
    }
}

/// Returns the statement that inserts an account and returns its id, or nothing when the address is taken.
fn insert(account: &NewAccount, password_hash: String, now: i64) -> Statement {
    let sql = "INSERT INTO account \
               (email, email_folded, name, language, role, password_hash, created, updated) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $7) \
               ON CONFLICT (email_folded) DO NOTHING RETURNING id";
    Statement::new(sql)
        .bind(account.email.as_str())
        .bind(account.email.folded())
        .bind(account.name.as_str())
        .bind(account.language.as_str())
        .bind(account.role.as_str())
        .bind(password_hash)
        .bind(now)
}

/// Creates an account in a transaction.
pub(super) async fn insert_account(
    transaction: &mut Transaction,
    account: &NewAccount,
    password_hash: String,
    now: i64,
) -> Result<AccountId, CreateAccountError> {
    let insert = insert(account, password_hash, now);
    let row = transaction.optional(insert).await?;
    let row = row.ok_or(CreateAccountError::EmailTaken)?;
    Ok(AccountId(row.integer("id")?))
}

/// Reads the columns `id, email, name, language, role, created, disabled, access_version`.
pub(super) fn from_row(row: &Row) -> Result<Account, StoreError> {
    Ok(Account {
        id: AccountId(row.integer("id")?),
        email: Email::parse(&row.text("email")?).ok_or_else(|| invalid_column("email"))?,
        name: DisplayName::parse(&row.text("name")?).ok_or_else(|| invalid_column("name"))?,
        // A site can drop a language after an account has chosen it.
        language: Locale::parse(&row.text("language")?).unwrap_or_default(),
        role: TeamRole::parse(&row.text("role")?).ok_or_else(|| invalid_column("role"))?,
        created: row.integer("created")?,
        is_disabled: row.optional_integer("disabled")?.is_some(),
        access_version: row.integer("access_version")?,
    })
}
