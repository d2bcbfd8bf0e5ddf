//! The table of passkeys.

use crate::database::{Row, Statement};
use crate::model::account::{Account, AccountId};
use crate::portal::store::account::from_row;
use crate::portal::store::audit::{self, Actor, AuditAction};
use crate::portal::store::session::end_logins;
use crate::portal::store::{Store, StoreError};

/// A passkey, as its owner sees it.
#[derive(Clone, Debug)]
pub struct Passkey {
    /// The id of the row.
    pub id: i64,
    /// The name that its owner gave it.
    pub name: String,
    /// The time of creation, in milliseconds since 1970.
    pub created: i64,
    /// The time of the last login with it; `None` when there was none.
    pub used: Option<i64>,
}

/// What the server keeps of a passkey to check it.
#[derive(Clone)]
pub struct PasskeyKey {
    /// The id that the device gave it.
    pub credential_id: Vec<u8>,
    /// How the device can be reached.
    pub transports: i64,
    /// The public key.
    pub static_state: Vec<u8>,
    /// What the device reported last.
    pub dynamic_state: Vec<u8>,
}

impl Store {
    /// Returns the number by which devices know an account, or stores `new` as it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn user_handle(
        &self,
        id: AccountId,
        new: Vec<u8>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "UPDATE account SET user_handle = COALESCE(user_handle, $1) WHERE id = $2 \
                   RETURNING user_handle";
        let update = Statement::new(sql).bind(new).bind(id.0);
        match self.database.write_optional(update).await? {
            Some(row) => row.optional_blob("user_handle"),
            None => Ok(None),
        }
    }

    /// Lists the passkeys of an account, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_passkeys(&self, id: AccountId) -> Result<Vec<Passkey>, StoreError> {
        let sql = "SELECT id, name, created, used FROM passkey WHERE account_id = $1 ORDER BY id";
        let rows = self.database.all(Statement::new(sql).bind(id.0)).await?;
        let passkey = |row: &Row| {
            Ok(Passkey {
                id: row.integer("id")?,
                name: row.text("name")?,
                created: row.integer("created")?,
                used: row.optional_integer("used")?,
            })
        };
        rows.iter().map(passkey).collect()
    }

    /// Lists what identifies the passkeys of an account to a device.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_passkey_keys(&self, id: AccountId) -> Result<Vec<PasskeyKey>, StoreError> {
        let sql = "SELECT credential_id, transports, static_state, dynamic_state FROM passkey \
                   WHERE account_id = $1";
        let rows = self.database.all(Statement::new(sql).bind(id.0)).await?;
        rows.iter().map(key_from_row).collect()
    }

    /// Adds a passkey to an account. Returns `false` when a passkey with its id exists.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_passkey(
        &self,
        account: &Account,
        name: &str,
        key: PasskeyKey,
        actor: &Actor,
        now: i64,
    ) -> Result<bool, StoreError> {
        let (id, email) = (account.id, account.email.as_str().to_owned());
        let (name, actor) = (name.to_owned(), actor.clone());
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let sql = "INSERT INTO passkey (account_id, credential_id, name, transports, \
                               static_state, dynamic_state, created) \
                               VALUES ($1, $2, $3, $4, $5, $6, $7) \
                               ON CONFLICT (credential_id) DO NOTHING";
                    let insert = Statement::new(sql)
                        .bind(id.0)
                        .bind(key.credential_id)
                        .bind(name.as_str())
                        .bind(key.transports)
                        .bind(key.static_state)
                        .bind(key.dynamic_state)
                        .bind(now);
                    if transaction.write(insert).await? == 0 {
                        return Ok(false);
                    }
                    let action = AuditAction::AddPasskey;
                    audit::record(transaction, &actor, action, (&email, &name), now).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Removes a passkey of an account. Returns whether the account had it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_passkey(
        &self,
        account: &Account,
        passkey: i64,
        actor: &Actor,
        now: i64,
    ) -> Result<bool, StoreError> {
        let (id, email) = (account.id, account.email.as_str().to_owned());
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let sql =
                        "DELETE FROM passkey WHERE id = $1 AND account_id = $2 RETURNING name";
                    let delete = Statement::new(sql).bind(passkey).bind(id.0);
                    let Some(row) = transaction.optional(delete).await? else {
                        return Ok(false);
                    };
                    let name = row.text("name")?;
                    end_logins(transaction, id).await?;
                    let action = AuditAction::RemovePasskey;
                    audit::record(transaction, &actor, action, (&email, &name), now).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Finds a passkey by the id that its device gave it, if its account has this number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_passkey(
        &self,
        credential_id: &[u8],
        user_handle: &[u8],
    ) -> Result<Option<(Account, PasskeyKey)>, StoreError> {
        let sql = "SELECT account.id, email, account.name, language, role, account.created, \
                   disabled, access_version, credential_id, transports, static_state, dynamic_state \
                   FROM passkey JOIN account ON account.id = account_id \
                   WHERE credential_id = $1 AND user_handle = $2";
        let select = Statement::new(sql)
            .bind(credential_id.to_vec())
            .bind(user_handle.to_vec());
        let row = self.database.optional(select).await?;
        row.map(|row| Ok((from_row(&row)?, key_from_row(&row)?)))
            .transpose()
    }

    /// Stores what the device of a passkey reported at a login.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn update_passkey(
        &self,
        credential_id: Vec<u8>,
        dynamic_state: Vec<u8>,
        now: i64,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE passkey SET dynamic_state = $1, used = $2 WHERE credential_id = $3";
        let update = Statement::new(sql).bind(dynamic_state).bind(now);
        let update = update.bind(credential_id);
        self.database.write(update).await.map(drop)
    }
}

fn key_from_row(row: &Row) -> Result<PasskeyKey, StoreError> {
    Ok(PasskeyKey {
        credential_id: row.blob("credential_id")?,
        transports: row.integer("transports")?,
        static_state: row.blob("static_state")?,
        dynamic_state: row.blob("dynamic_state")?,
    })
}
