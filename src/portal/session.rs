//! The portal's session: how it is kept, begins, ends, and who it shows to be looking.
//!
//! [`Sessions`] is what the session layer stores through. A session is found by the SHA-256 of its
//! id, so the table opens nothing; it is made at login only, and a change never makes one. The
//! layer's own idea of expiry is not used: the times are those of our clock. Not here: the attributes
//! of the cookie.

use std::collections::HashMap;
use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tower_sessions::session::{Error, Id, Record, Session};
use tower_sessions::session_store::{Error as LayerError, Result as LayerResult};
use tower_sessions::{SessionStore, cookie::time::OffsetDateTime};

use crate::clock::Clock;
use crate::model::account::{AccountId, DisplayName, TeamRole};
use crate::model::locale::Locale;
use crate::portal::store::session::{NewSession, SessionAccount, SessionIdHash};
use crate::portal::store::{Store, StoreError};

/// A session that is not used for so long ends: 14 days, in milliseconds.
pub const IDLE: i64 = 14 * 24 * HOUR;
/// A session ends so long after the login: 60 days, in milliseconds.
pub const ABSOLUTE: i64 = 60 * 24 * HOUR;
/// A use is noted at most so often.
const TOUCH: i64 = HOUR;
const HOUR: i64 = 60 * 60 * 1000;

/// The longest program name that is kept, in characters.
const AGENT_MAX: usize = 256;

/// The session's cookie under https: the prefix makes browsers refuse it from anywhere but this host.
const SECURE_NAME: &str = "__Host-routebook";
/// The session's cookie on plain http, where browsers refuse the prefix.
const PLAIN_NAME: &str = "routebook";

/// Under this key a session that begins says whose it is. Kept in columns, not in the data.
const LOGIN: &str = "login";
/// Under this key a session that was found says who holds it. Read anew at every request.
const HOLDER: &str = "holder";

/// Who looks at a page.
#[derive(Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The account.
    pub account: AccountId,
    /// The name shown to others.
    pub name: DisplayName,
    /// The language it prefers.
    pub language: Locale,
    /// Its part in the team.
    pub role: TeamRole,
}

/// Shows the account and the role only: the name is personal data, which must not reach a log.
impl fmt::Debug for Viewer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Viewer")
            .field("account", &self.account)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// What a login comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoginClient {
    /// The network address.
    pub address: Option<String>,
    /// The `User-Agent` field (RFC 9110, section 10.1.5).
    pub agent: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct LoginKey {
    account: i64,
    address: Option<String>,
    agent: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct HolderValue {
    account: i64,
    name: String,
    language: Locale,
    role: String,
}

/// The name of the session's cookie.
#[must_use]
pub fn cookie_name(secure: bool) -> &'static str {
    if secure { SECURE_NAME } else { PLAIN_NAME }
}

/// Begins a session for an account, under a new id; what the browser had before is gone.
///
/// # Errors
/// When the database fails. Nobody is logged in then.
pub async fn log_in(
    session: &Session,
    account: AccountId,
    client: LoginClient,
) -> Result<(), Error> {
    session.clear().await;
    let agent = client
        .agent
        .map(|agent| agent.chars().take(AGENT_MAX).collect());
    let login = LoginKey {
        account: account.0,
        address: client.address,
        agent,
    };
    session.insert(LOGIN, login).await?;
    session.cycle_id().await?;
    session.save().await
}

/// Ends the session, at once and for everybody who holds its cookie.
///
/// # Errors
/// When the database fails. The session is still there then.
pub async fn log_out(session: &Session) -> Result<(), Error> {
    session.flush().await
}

/// Who holds the session.
///
/// # Errors
/// When the database fails.
pub async fn viewer(session: &Session) -> Result<Option<Viewer>, Error> {
    let Some(holder) = session.get::<HolderValue>(HOLDER).await? else {
        return Ok(None);
    };
    let names = DisplayName::parse(&holder.name).zip(TeamRole::parse(&holder.role));
    Ok(names.map(|(name, role)| Viewer {
        account: AccountId(holder.account),
        name,
        language: holder.language,
        role,
    }))
}

/// Keeps sessions in the portal's database, for the session layer.
#[derive(Clone, Debug)]
pub struct Sessions {
    store: Store,
    clock: Clock,
}

impl Sessions {
    pub(super) fn new(store: Store, clock: Clock) -> Sessions {
        Sessions { store, clock }
    }

    /// Deletes what has expired and answers how many sessions that were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_expired(&self) -> Result<u64, StoreError> {
        self.store.delete_expired_sessions(self.clock.now()).await
    }
}

#[async_trait]
impl SessionStore for Sessions {
    /// Makes the session that a login has begun.
    async fn create(&self, record: &mut Record) -> LayerResult<()> {
        let login = record
            .data
            .remove(LOGIN)
            .and_then(|login| serde_json::from_value(login).ok());
        let Some(LoginKey {
            account,
            address,
            agent,
        }) = login
        else {
            return Err(LayerError::Backend(
                "a session begins with a login".to_owned(),
            ));
        };
        let now = self.clock.now();
        loop {
            let session = NewSession {
                id_hash: hash(&record.id),
                account: AccountId(account),
                address: address.clone(),
                agent: agent.clone(),
                data: encode(&record.data)?,
                expires: now + IDLE,
            };
            if self
                .store
                .create_session(session, now)
                .await
                .map_err(failed)?
            {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    /// Changes a session that is there. One that is gone stays gone, and nobody is told.
    async fn save(&self, record: &Record) -> LayerResult<()> {
        let update = self
            .store
            .update_session(hash(&record.id), encode(&record.data)?);
        update.await.map_err(failed)
    }

    /// Finds a session that has not expired, and notes its use.
    async fn load(&self, id: &Id) -> LayerResult<Option<Record>> {
        let (id_hash, now) = (hash(id), self.clock.now());
        let found = self
            .store
            .find_session(id_hash, now)
            .await
            .map_err(failed)?;
        let Some(session) = found else {
            return Ok(None);
        };
        if now - session.seen >= TOUCH {
            let expires = (now + IDLE).min(session.created + ABSOLUTE);
            // A session that can be read is good, also while nothing can be written.
            if let Err(cause) = self.store.touch_session(id_hash, now, expires).await {
                tracing::warn!(%cause, "the use of a session could not be noted");
            }
        }
        let mut data = decode(&session.data)?;
        if let Some(holder) = session.holder {
            data.insert(HOLDER.to_owned(), holder_value(&holder)?);
        }
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date: OffsetDateTime::UNIX_EPOCH,
        }))
    }

    async fn delete(&self, id: &Id) -> LayerResult<()> {
        self.store.delete_session(hash(id)).await.map_err(failed)
    }
}

fn hash(id: &Id) -> SessionIdHash {
    Sha256::digest(id.0.to_le_bytes()).into()
}

fn encode(data: &HashMap<String, Value>) -> LayerResult<String> {
    let kept: HashMap<_, _> = data
        .iter()
        .filter(|(key, _)| !matches!(key.as_str(), LOGIN | HOLDER))
        .collect();
    serde_json::to_string(&kept).map_err(|error| LayerError::Encode(error.to_string()))
}

fn decode(data: &str) -> LayerResult<HashMap<String, Value>> {
    serde_json::from_str(data).map_err(|error| LayerError::Decode(error.to_string()))
}

fn holder_value(holder: &SessionAccount) -> LayerResult<Value> {
    let value = HolderValue {
        account: holder.account.0,
        name: holder.name.as_str().to_owned(),
        language: holder.language,
        role: holder.role.as_str().to_owned(),
    };
    serde_json::to_value(value).map_err(|error| LayerError::Encode(error.to_string()))
}

fn failed(error: StoreError) -> LayerError {
    LayerError::Backend(error.to_string())
}
