//! The table of the portal's sessions, by the hash of their id.
//!
//! A session is created at login, with its account. A change is an UPDATE only, so that it cannot
//! restore a session that a logout has deleted.

use sha2::{Digest as _, Sha256};

use crate::database::{Row, Statement, Transaction};
use crate::model::account::{AccountId, DisplayName, TeamRole};
use crate::model::locale::Locale;
use crate::portal::store::{Store, StoreError, invalid_column};

/// The SHA-256 of the id of a session.
pub type SessionIdHash = [u8; 32];

/// What a form says to name a session among those of its account. It is derived from the stored hash, so that a page contains
/// neither the id of a session nor its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionReference(String);

impl SessionReference {
    /// What the stored hash is hashed with, so that the result is used for nothing else.
    const PREFIX: &str = "session reference:";
    /// The number of bytes of the hash that are used.
    const LENGTH: usize = 8;

    /// Returns the reference of a session.
    #[must_use]
    pub fn of(id_hash: &SessionIdHash) -> SessionReference {
        let hash = Sha256::new_with_prefix(SessionReference::PREFIX).chain_update(id_hash);
        let hash = hash.finalize();
        let digits = hash.iter().take(SessionReference::LENGTH);
        SessionReference(digits.map(|byte| format!("{byte:02x}")).collect())
    }

    /// Returns the reference as forms contain it: 16 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The values of a session to create.
pub struct NewSession {
    /// The hash of its id.
    pub id_hash: SessionIdHash,
    /// The account that logged in.
    pub account: AccountId,
    /// The version of its access when the login began.
    pub access_version: i64,
    /// The IP address of the login.
    pub address: Option<String>,
    /// The `User-Agent` of the login.
    pub agent: Option<String>,
    /// Its data, a JSON object.
    pub data: String,
    /// The time at which it expires unless it is used, in milliseconds since 1970.
    pub expires: i64,
}

/// What became of a session to create.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateSessionOutcome {
    /// It was created.
    Created,
    /// A session with its id exists.
    IdTaken,
    /// The account was disabled or deleted, or its logins ended after this one had begun.
    LoginEnded,
}

/// A session that has not expired.
pub struct StoredSession {
    /// The account that is logged in.
    pub account: Option<SessionAccount>,
    /// Its data, a JSON object.
    pub data: String,
    /// The time of the login, in milliseconds since 1970.
    pub created: i64,
    /// The time of the last use, in milliseconds since 1970, accurate to five minutes.
    pub last_used: i64,
}

/// The account of a session, with its current values.
pub struct SessionAccount {
    /// The id of the account.
    pub id: AccountId,
    /// The name that others see.
    pub name: DisplayName,
    /// The preferred language.
    pub language: Locale,
    /// The team role.
    pub role: TeamRole,
}

impl Store {
    /// Creates a session, unless the account was disabled or its logins ended since this one began.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_session(
        &self,
        session: NewSession,
        now: i64,
    ) -> Result<CreateSessionOutcome, StoreError> {
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    // Locks the account on PostgreSQL: whoever ends its sessions at the same time finds this one.
                    let sql = "UPDATE account SET seen = $1 \
                               WHERE id = $2 AND disabled IS NULL AND access_version = $3";
                    let update = Statement::new(sql)
                        .bind(now)
                        .bind(session.account.0)
                        .bind(session.access_version);
                    if transaction.write(update).await? == 0 {
                        return Ok(CreateSessionOutcome::LoginEnded);
                    }
                    let sql = "INSERT INTO session \
                               (id_hash, account_id, created, seen, expires, address, agent, data) \
                               VALUES ($1, $2, $3, $3, $4, $5, $6, $7) \
                               ON CONFLICT (id_hash) DO NOTHING";
                    let insert = Statement::new(sql)
                        .bind(session.id_hash)
                        .bind(session.account.0)
                        .bind(now)
                        .bind(session.expires)
                        .bind(session.address)
                        .bind(session.agent)
                        .bind(session.data);
                    Ok(match transaction.write(insert).await? {
                        0 => CreateSessionOutcome::IdTaken,
                        _ => CreateSessionOutcome::Created,
                    })
                })
            })
            .await
    }

    /// Finds a session that has not expired and whose account is not disabled, with the account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_session(
        &self,
        id_hash: SessionIdHash,
        now: i64,
    ) -> Result<Option<StoredSession>, StoreError> {
        let sql = "SELECT session.data, session.created, session.seen, \
                   account.id, account.name, account.language, account.role \
                   FROM session LEFT JOIN account ON account.id = session.account_id \
                   WHERE session.id_hash = $1 AND session.expires > $2 \
                   AND account.disabled IS NULL";
        let select = Statement::new(sql).bind(id_hash).bind(now);
        let Some(row) = self.database.optional(select).await? else {
            return Ok(None);
        };
        let account = match row.optional_integer("id")? {
            None => None,
            Some(id) => Some(SessionAccount {
                id: AccountId(id),
                name: DisplayName::parse(&row.text("name")?)
                    .ok_or_else(|| invalid_column("name"))?,
                language: Locale::parse(&row.text("language")?).unwrap_or_default(),
                role: TeamRole::parse(&row.text("role")?).ok_or_else(|| invalid_column("role"))?,
            }),
        };
        Ok(Some(StoredSession {
            account,
            data: row.text("data")?,
            created: row.integer("created")?,
            last_used: row.integer("seen")?,
        }))
    }

    /// Updates the data of a session, if it exists.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn update_session(
        &self,
        id_hash: SessionIdHash,
        data: String,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE session SET data = $1 WHERE id_hash = $2";
        let update = Statement::new(sql).bind(data).bind(id_hash);
        self.database.write(update).await.map(drop)
    }

    /// Records the use of a session, if it exists.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_session_use(
        &self,
        id_hash: SessionIdHash,
        last_used: i64,
        expires: i64,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE session SET seen = $1, expires = $2 WHERE id_hash = $3";
        let update = Statement::new(sql)
            .bind(last_used)
            .bind(expires)
            .bind(id_hash);
        self.database.write(update).await?;
        let sql = "UPDATE account SET seen = $1 \
                   WHERE id = (SELECT account_id FROM session WHERE id_hash = $2)";
        let update = Statement::new(sql).bind(last_used).bind(id_hash);
        self.database.write(update).await.map(drop)
    }

    /// Deletes a session.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_session(&self, id_hash: SessionIdHash) -> Result<(), StoreError> {
        let delete = Statement::new("DELETE FROM session WHERE id_hash = $1").bind(id_hash);
        self.database.write(delete).await.map(drop)
    }

    /// Deletes the expired sessions and returns their number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_expired_sessions(&self, now: i64) -> Result<u64, StoreError> {
        let delete = Statement::new("DELETE FROM session WHERE expires <= $1").bind(now);
        self.database.write(delete).await
    }
}

/// Ends the session of an account that a reference names. Returns whether the account had it.
pub(super) async fn end_session(
    transaction: &mut Transaction,
    id: AccountId,
    reference: &str,
) -> Result<bool, StoreError> {
    let select = Statement::new("SELECT id_hash FROM session WHERE account_id = $1").bind(id.0);
    for row in transaction.all(select).await? {
        let id_hash = id_hash_of(&row)?;
        if SessionReference::of(&id_hash).as_str() == reference {
            let delete = Statement::new("DELETE FROM session WHERE id_hash = $1").bind(id_hash);
            return Ok(transaction.write(delete).await? == 1);
        }
    }
    Ok(false)
}

/// Returns the hash of the id of a session from its row.
pub(super) fn id_hash_of(row: &Row) -> Result<SessionIdHash, StoreError> {
    let id_hash = row.blob("id_hash")?.try_into();
    id_hash.map_err(|_| invalid_column("id_hash"))
}

/// Ends the sessions of an account except `kept`, and the logins that have begun.
pub(super) async fn end_sessions(
    transaction: &mut Transaction,
    id: AccountId,
    kept: Option<SessionIdHash>,
) -> Result<(), StoreError> {
    end_logins(transaction, id).await?;
    let sql = "DELETE FROM session WHERE account_id = $1 AND id_hash <> $2";
    let kept = kept.map_or_else(Vec::new, |hash| hash.to_vec());
    let delete = Statement::new(sql).bind(id.0).bind(kept);
    transaction.write(delete).await.map(drop)
}

/// Ends the logins of an account that have begun, so that no session comes of them.
pub(super) async fn end_logins(
    transaction: &mut Transaction,
    id: AccountId,
) -> Result<(), StoreError> {
    for sql in [
        "UPDATE account SET access_version = access_version + 1 WHERE id = $1",
        "DELETE FROM pending_login WHERE account_id = $1",
    ] {
        transaction.write(Statement::new(sql).bind(id.0)).await?;
    }
    Ok(())
}
