//! The table of logins that have begun and need another step.

use crate::database::Statement;
use crate::model::account::AccountId;
use crate::portal::store::{Store, StoreError};

/// The maximum number of rows without an account; beyond it the oldest are deleted, because anybody can begin a login.
const CAPACITY: i64 = 10_000;

/// The step that a login needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PendingStep {
    /// The code of the second factor, after the password.
    Code,
    /// The response of the identity provider.
    Provider,
    /// The response of a passkey.
    Passkey,
    /// The response of a passkey that is being added to the account.
    NewPasskey,
}

/// A login that has begun.
#[derive(Clone, Debug)]
pub struct PendingLogin {
    /// The account, if it is known.
    pub account: Option<AccountId>,
    /// What the step needs.
    pub data: String,
}

impl PendingStep {
    fn as_str(self) -> &'static str {
        match self {
            PendingStep::Code => "code",
            PendingStep::Provider => "provider",
            PendingStep::Passkey => "passkey",
            PendingStep::NewPasskey => "new-passkey",
        }
    }
}

impl Store {
    /// Stores a login with the hash of its token.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_pending_login(
        &self,
        token_hash: Vec<u8>,
        step: PendingStep,
        login: PendingLogin,
        expires: i64,
    ) -> Result<(), StoreError> {
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let sql = "INSERT INTO pending_login \
                               (token_hash, kind, account_id, data, expires) \
                               VALUES ($1, $2, $3, $4, $5)";
                    let insert = Statement::new(sql)
                        .bind(token_hash)
                        .bind(step.as_str())
                        .bind(login.account.map(|id| id.0))
                        .bind(login.data)
                        .bind(expires);
                    transaction.write(insert).await?;
                    let sql = "DELETE FROM pending_login WHERE account_id IS NULL AND expires < \
                               (SELECT MIN(expires) FROM (SELECT expires FROM pending_login \
                               WHERE account_id IS NULL ORDER BY expires DESC LIMIT $1) AS newest)";
                    transaction
                        .write(Statement::new(sql).bind(CAPACITY))
                        .await
                        .map(drop)
                })
            })
            .await
    }

    /// Finds a login that has not expired, by the hash of its token.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_pending_login(
        &self,
        token_hash: Vec<u8>,
        step: PendingStep,
        now: i64,
    ) -> Result<Option<PendingLogin>, StoreError> {
        let sql = "SELECT account_id, data FROM pending_login \
                   WHERE token_hash = $1 AND kind = $2 AND expires > $3";
        let select = Statement::new(sql).bind(token_hash).bind(step.as_str());
        let row = self.database.optional(select.bind(now)).await?;
        row.map(|row| {
            Ok(PendingLogin {
                account: row.optional_integer("account_id")?.map(AccountId),
                data: row.text("data")?,
            })
        })
        .transpose()
    }

    /// Deletes a login. Returns whether there was one, so that it is finished once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_pending_login(&self, token_hash: Vec<u8>) -> Result<bool, StoreError> {
        let delete = Statement::new("DELETE FROM pending_login WHERE token_hash = $1");
        Ok(self.database.write(delete.bind(token_hash)).await? == 1)
    }
}
