//! The tables of second factors and of their recovery codes.

use crate::database::{Statement, Transaction};
use crate::model::account::AccountId;
use crate::portal::store::audit::{self, Actor, AuditAction};
use crate::portal::store::session::{SessionIdHash, end_sessions};
use crate::portal::store::{Store, StoreError};

/// How many wrong codes are allowed at once.
const BURST: i64 = 10;
/// The time after which one more wrong code is allowed: five minutes, in milliseconds.
const INTERVAL: i64 = 5 * 60 * 1000;

/// What became of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeOutcome {
    /// The code was correct and cannot be used again.
    Accepted,
    /// The code was wrong, used before, or the account has no second factor.
    Wrong,
    /// Too many codes were wrong; the next is allowed after this number of seconds.
    Throttled(i64),
}

/// A code as it was typed, in both of its meanings.
#[derive(Clone)]
pub struct TypedCode {
    /// The SHA-256 of the code as a recovery code.
    pub recovery_hash: Vec<u8>,
    /// Returns the period of a secret in which the code is valid, if there is one at the time.
    pub find_period: fn(&[u8], &str, i64) -> Option<i64>,
    /// The code.
    pub text: String,
}

impl Store {
    /// Returns whether an account has a second factor.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_second_factor(&self, id: AccountId) -> Result<bool, StoreError> {
        let sql = "SELECT account_id FROM second_factor WHERE account_id = $1";
        let select = Statement::new(sql).bind(id.0);
        Ok(self.database.optional(select).await?.is_some())
    }

    /// Returns whether an account can log in with a password alone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_password_only(&self, id: AccountId) -> Result<bool, StoreError> {
        let sql = "SELECT id FROM account WHERE id = $1 AND password_hash IS NOT NULL \
                   AND NOT EXISTS (SELECT 1 FROM second_factor WHERE account_id = $1)";
        let select = Statement::new(sql).bind(id.0);
        Ok(self.database.optional(select).await?.is_some())
    }

    /// Returns the accounts with a second factor or a passkey.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn accounts_with_second_factor(&self) -> Result<Vec<AccountId>, StoreError> {
        let sql = "SELECT account_id FROM second_factor UNION SELECT account_id FROM passkey";
        let rows = self.database.all(Statement::new(sql)).await?;
        let ids = rows.iter().map(|row| row.integer("account_id"));
        ids.map(|id| id.map(AccountId)).collect()
    }

    /// Returns the number of recovery codes that an account has left.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_recovery_codes(&self, id: AccountId) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) AS count FROM recovery_code WHERE account_id = $1";
        let row = self
            .database
            .optional(Statement::new(sql).bind(id.0))
            .await?;
        row.map_or(Ok(0), |row| row.integer("count"))
    }

    /// Stores the second factor of an account with its recovery codes, and ends the sessions of the account but one. `period` is
    /// that of the code by which the secret was confirmed. Returns `false` when the account has a second factor already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_second_factor(
        &self,
        id: AccountId,
        (secret, period): (Vec<u8>, i64),
        code_hashes: Vec<Vec<u8>>,
        kept: Option<SessionIdHash>,
        (actor, email): (&Actor, &str),
        now: i64,
    ) -> Result<bool, StoreError> {
        let (actor, email) = (actor.clone(), email.to_owned());
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let sql = "INSERT INTO second_factor \
                               (account_id, secret, created, last_period, full_at) \
                               VALUES ($1, $2, $3, $4, 0) ON CONFLICT (account_id) DO NOTHING";
                    let insert = Statement::new(sql).bind(id.0).bind(secret).bind(now);
                    if transaction.write(insert.bind(period)).await? == 0 {
                        return Ok(false);
                    }
                    replace_codes(transaction, id, code_hashes).await?;
                    end_sessions(transaction, id, kept).await?;
                    let action = AuditAction::EnableSecondFactor;
                    audit::record(transaction, &actor, action, (&email, ""), now).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Replaces the recovery codes of an account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replace_recovery_codes(
        &self,
        id: AccountId,
        code_hashes: Vec<Vec<u8>>,
        (actor, email): (&Actor, &str),
        now: i64,
    ) -> Result<(), StoreError> {
        let (actor, email) = (actor.clone(), email.to_owned());
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    replace_codes(transaction, id, code_hashes).await?;
                    let action = AuditAction::NewRecoveryCodes;
                    audit::record(transaction, &actor, action, (&email, ""), now).await
                })
            })
            .await
    }

    /// Checks a code of an account and uses it up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn use_code(
        &self,
        id: AccountId,
        code: TypedCode,
        (actor, email): (&Actor, &str),
        now: i64,
    ) -> Result<CodeOutcome, StoreError> {
        let (actor, email) = (actor.clone(), email.to_owned());
        self.database
            .transaction(move |transaction| {
                Box::pin(
                    async move { use_code(transaction, id, code, (&actor, &email), now).await },
                )
            })
            .await
    }

    /// Removes the second factor of an account, with `AuditAction::ResetSecondFactor` also its passkeys and sessions. Returns
    /// whether there was something to remove.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_second_factor(
        &self,
        id: AccountId,
        action: AuditAction,
        (actor, email): (&Actor, &str),
        now: i64,
    ) -> Result<bool, StoreError> {
        let (actor, email) = (actor.clone(), email.to_owned());
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let delete = |sql| Statement::new(sql).bind(id.0);
                    let sql = "DELETE FROM recovery_code WHERE account_id = $1";
                    transaction.write(delete(sql)).await?;
                    let sql = "DELETE FROM second_factor WHERE account_id = $1";
                    let mut removed = transaction.write(delete(sql)).await?;
                    if action == AuditAction::ResetSecondFactor {
                        let sql = "DELETE FROM passkey WHERE account_id = $1";
                        removed += transaction.write(delete(sql)).await?;
                        end_sessions(transaction, id, None).await?;
                    }
                    if removed > 0 {
                        audit::record(transaction, &actor, action, (&email, ""), now).await?;
                    }
                    Ok(removed > 0)
                })
            })
            .await
    }
}

async fn replace_codes(
    transaction: &mut Transaction,
    id: AccountId,
    code_hashes: Vec<Vec<u8>>,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM recovery_code WHERE account_id = $1";
    transaction.write(Statement::new(sql).bind(id.0)).await?;
    for hash in code_hashes {
        let sql = "INSERT INTO recovery_code (account_id, code_hash) VALUES ($1, $2)";
        let insert = Statement::new(sql).bind(id.0).bind(hash);
        transaction.write(insert).await?;
    }
    Ok(())
}

async fn use_code(
    transaction: &mut Transaction,
    id: AccountId,
    code: TypedCode,
    (actor, email): (&Actor, &str),
    now: i64,
) -> Result<CodeOutcome, StoreError> {
    // The code counts as wrong until it is found to be correct. The statement also locks the row, so that a code sent twice
    // at the same time is accepted once.
    let sql = "UPDATE second_factor \
               SET full_at = CASE WHEN full_at < $1 THEN $1 ELSE full_at END + $2 \
               WHERE account_id = $3 AND full_at <= $4 \
               RETURNING secret, last_period";
    let take = Statement::new(sql).bind(now).bind(INTERVAL).bind(id.0);
    let take = take.bind(now + (BURST - 1) * INTERVAL);
    let Some(row) = transaction.optional(take).await? else {
        let sql = "SELECT full_at FROM second_factor WHERE account_id = $1";
        let row = transaction.optional(Statement::new(sql).bind(id.0)).await?;
        return Ok(match row {
            Some(row) => {
                let wait = row.integer("full_at")? - (BURST - 1) * INTERVAL - now;
                CodeOutcome::Throttled((wait + 999) / 1000)
            }
            None => CodeOutcome::Wrong,
        });
    };
    let (secret, last_period) = (row.blob("secret")?, row.integer("last_period")?);
    let period = (code.find_period)(&secret, &code.text, now);
    let period = period.filter(|period| *period > last_period);
    if period.is_none() {
        let sql = "DELETE FROM recovery_code WHERE account_id = $1 AND code_hash = $2";
        let delete = Statement::new(sql).bind(id.0).bind(code.recovery_hash);
        if transaction.write(delete).await? == 0 {
            return Ok(CodeOutcome::Wrong);
        }
        let action = AuditAction::UseRecoveryCode;
        audit::record(transaction, actor, action, (email, ""), now).await?;
    }
    let sql = "UPDATE second_factor SET last_period = $1, full_at = full_at - $2 \
               WHERE account_id = $3";
    let update = Statement::new(sql).bind(period.unwrap_or(last_period));
    let update = update.bind(INTERVAL).bind(id.0);
    transaction.write(update).await?;
    Ok(CodeOutcome::Accepted)
}
