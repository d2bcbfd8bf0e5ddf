//! The table of the portal's sessions, by the hash of their id.
//!
//! A session is made with an account, at login. A change is an update and nothing else, so that it
//! cannot bring back what a logout has deleted.

use crate::database::Statement;
use crate::model::account::{AccountId, DisplayName, TeamRole};
use crate::model::locale::Locale;
use crate::portal::store::{Store, StoreError, unreadable};

/// The SHA-256 of a session's id.
pub type SessionIdHash = [u8; 32];

/// A session to be made.
pub struct NewSession {
    /// Under which hash it is found.
    pub id_hash: SessionIdHash,
    /// Whose it is.
    pub account: AccountId,
    /// The address it was made from.
    pub address: Option<String>,
    /// The program it was made with.
    pub agent: Option<String>,
    /// Its data, a JSON object.
    pub data: String,
    /// When it ends unless it is used: milliseconds since 1970.
    pub expires: i64,
}

/// A session that has not expired.
pub struct StoredSession {
    /// Who is logged in.
    pub holder: Option<SessionAccount>,
    /// Its data, a JSON object.
    pub data: String,
    /// When it was made: milliseconds since 1970.
    pub created: i64,
    /// When it was last used, to about an hour.
    pub seen: i64,
}

/// The account that holds a session, as it is now.
pub struct SessionAccount {
    /// Its id.
    pub account: AccountId,
    /// The name shown to others.
    pub name: DisplayName,
    /// The language it prefers.
    pub language: Locale,
    /// Its part in the team.
    pub role: TeamRole,
}

impl Store {
    /// Makes a session; `false` when the id is taken.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_session(&self, session: NewSession, now: i64) -> Result<bool, StoreError> {
        let sql = "INSERT INTO session \
                   (id_hash, account_id, created, seen, expires, address, agent, data) \
                   VALUES ($1, $2, $3, $3, $4, $5, $6, $7) ON CONFLICT (id_hash) DO NOTHING";
        let insert = Statement::new(sql)
            .bind(session.id_hash)
            .bind(session.account.0)
            .bind(now)
            .bind(session.expires)
            .bind(session.address)
            .bind(session.agent)
            .bind(session.data);
        Ok(self.database.write(insert).await? == 1)
    }

    /// Finds a session that has not expired, with who holds it.
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
                   WHERE session.id_hash = $1 AND session.expires > $2";
        let select = Statement::new(sql).bind(id_hash).bind(now);
        let Some(row) = self.database.optional(select).await? else {
            return Ok(None);
        };
        let holder = match row.optional_integer("id")? {
            None => None,
            Some(id) => Some(SessionAccount {
                account: AccountId(id),
                name: DisplayName::parse(&row.text("name")?).ok_or_else(|| unreadable("name"))?,
                language: Locale::parse(&row.text("language")?).unwrap_or_default(),
                role: TeamRole::parse(&row.text("role")?).ok_or_else(|| unreadable("role"))?,
            }),
        };
        Ok(Some(StoredSession {
            holder,
            data: row.text("data")?,
            created: row.integer("created")?,
            seen: row.integer("seen")?,
        }))
    }

    /// Changes the data of a session, if it is still there.
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

    /// Notes that a session was used, if it is still there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn touch_session(
        &self,
        id_hash: SessionIdHash,
        seen: i64,
        expires: i64,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE session SET seen = $1, expires = $2 WHERE id_hash = $3";
        let update = Statement::new(sql).bind(seen).bind(expires).bind(id_hash);
        self.database.write(update).await.map(drop)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_session(&self, id_hash: SessionIdHash) -> Result<(), StoreError> {
        let delete = Statement::new("DELETE FROM session WHERE id_hash = $1").bind(id_hash);
        self.database.write(delete).await.map(drop)
    }

    /// Deletes what has expired and answers how many sessions that were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_expired_sessions(&self, now: i64) -> Result<u64, StoreError> {
        let delete = Statement::new("DELETE FROM session WHERE expires <= $1").bind(now);
        self.database.write(delete).await
    }
}
