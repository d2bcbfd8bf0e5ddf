//! The sessions of the portal: their store, their beginning and end, and their viewer.
//!
//! [`Sessions`] is the store of the session layer. A session is found by the SHA-256 of its id, so
//! that a copy of the table does not open a session. A session is created at login only; saving a
//! change never creates one. The expiry of the layer is not used, because the times come from the
//! clock of the portal. The attributes of the cookie are in `server::session`.

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
use crate::model::account::{Account, AccountId, DisplayName, TeamRole};
use crate::model::locale::Locale;
use crate::portal::store::session::{
    CreateSessionOutcome, NewSession, SessionAccount, SessionIdHash,
};
use crate::portal::store::{Store, StoreError};

/// A session that was not used for this time ends: 14 days, in milliseconds.
const SESSION_MAX_IDLE: i64 = 14 * 24 * HOUR;
/// A session ends this time after the login: 60 days, in milliseconds.
pub const SESSION_MAX_AGE: i64 = 60 * 24 * HOUR;
/// The minimum interval between two updates of the time of last use, which mentors see of members: five minutes, in milliseconds.
const USE_RECORDING_INTERVAL: i64 = 5 * 60 * 1000;
const HOUR: i64 = 60 * 60 * 1000;

/// The maximum length of a stored `User-Agent`, in characters; longer ones are cut.
const AGENT_MAX: usize = 256;

/// The name of the session cookie under https. Browsers accept the prefix from this host only.
const SECURE_NAME: &str = "__Host-routebook";
/// The name of the session cookie on plain http, where browsers refuse the prefix.
const PLAIN_NAME: &str = "routebook";

/// The key of the account of a new session. It is stored in columns, not in the data.
const LOGIN: &str = "login";
/// The key of the token by which a logout names the session at the identity provider.
const ID_TOKEN: &str = "id_token";
/// The key of the account of a loaded session. It is read from the database at every request.
const ACCOUNT: &str = "account";

/// The account that looks at a page.
#[derive(Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The id of the account.
    pub account: AccountId,
    /// The name that others see.
    pub name: DisplayName,
    /// The preferred language.
    pub language: Locale,
    /// The team role.
    pub role: TeamRole,
}

/// Shows the account and the role only, because the name is personal data and must not be logged.
impl fmt::Debug for Viewer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Viewer")
            .field("account", &self.account)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// The client of a login.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct LoginClient {
    /// The IP address.
    pub address: Option<String>,
    /// The `User-Agent` field (RFC 9110, section 10.1.5).
    pub agent: Option<String>,
}

/// The value of [`LOGIN`].
#[derive(Serialize, Deserialize)]
struct LoginValue {
    account: i64,
    access_version: i64,
    address: Option<String>,
    agent: Option<String>,
}

/// The value of [`ACCOUNT`].
#[derive(Serialize, Deserialize)]
struct AccountValue {
    account: i64,
    name: String,
    language: Locale,
    role: String,
}

/// Returns the name of the session cookie, under https (`secure`) or plain http.
#[must_use]
pub fn cookie_name(secure: bool) -> &'static str {
    if secure { SECURE_NAME } else { PLAIN_NAME }
}

/// The error of the session store for a login that has ended. The session layer hands on texts only.
const LOGIN_ENDED: &str = "the login has ended";

/// The reasons for which no session begins.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// The account was disabled or its logins ended, after the account was read: by a new password or by an admin.
    #[error("the login has ended")]
    Ended,
    /// The session layer failed.
    #[error(transparent)]
    Session(#[from] Error),
}

/// Begins a session of an account with a new id, and deletes the previous session of the browser. `account` is as it was read
/// with what has proved the login, so that no session begins when that has changed since.
///
/// # Errors
/// [`LogInError`]. No session begins in this case.
pub async fn log_in(
    session: &Session,
    account: &Account,
    client: LoginClient,
) -> Result<(), LogInError> {
    session.clear().await;
    begin(session, account, client).await
}

/// Does the same as [`log_in`] for a login with the identity provider, whose ID token the logout needs.
///
/// # Errors
/// [`LogInError`]. No session begins in this case.
pub async fn log_in_with_provider(
    session: &Session,
    account: &Account,
    client: LoginClient,
    id_token: String,
) -> Result<(), LogInError> {
    session.clear().await;
    session.insert(ID_TOKEN, id_token).await?;
    begin(session, account, client).await
}

/// Returns the ID token of a session that began with the identity provider.
///
/// # Errors
/// The error of the session layer when the database fails.
pub async fn provider_id_token(session: &Session) -> Result<Option<String>, Error> {
    session.get(ID_TOKEN).await
}

async fn begin(
    session: &Session,
    account: &Account,
    client: LoginClient,
) -> Result<(), LogInError> {
    let agent = client
        .agent
        .map(|agent| agent.chars().take(AGENT_MAX).collect());
    let login = LoginValue {
        account: account.id.0,
        access_version: account.access_version,
        address: client.address,
        agent,
    };
    session.insert(LOGIN, login).await?;
    session.cycle_id().await?;
    match session.save().await {
        Err(Error::Store(LayerError::Backend(text))) if text == LOGIN_ENDED => {
            // The response must set no cookie of a session that does not exist.
            session.flush().await?;
            Err(LogInError::Ended)
        }
        saved => Ok(saved?),
    }
}

/// Returns the hash of the id of a session, by which it is stored; `None` when it has none.
#[must_use]
pub fn session_id_hash(session: &Session) -> Option<SessionIdHash> {
    session.id().as_ref().map(hash)
}

/// Ends the session at once, for every client that has its cookie.
///
/// # Errors
/// The error of the session layer when the database fails. The session continues in this case.
pub async fn log_out(session: &Session) -> Result<(), Error> {
    session.flush().await
}

/// Returns the account of the session, or `None` when the session is not logged in.
///
/// # Errors
/// The error of the session layer when the database fails.
pub async fn load_viewer(session: &Session) -> Result<Option<Viewer>, Error> {
    let Some(value) = session.get::<AccountValue>(ACCOUNT).await? else {
        return Ok(None);
    };
    let names = DisplayName::parse(&value.name).zip(TeamRole::parse(&value.role));
    Ok(names.map(|(name, role)| Viewer {
        account: AccountId(value.account),
        name,
        language: value.language,
        role,
    }))
}

/// The store of the session layer, in the database of the portal.
#[derive(Clone, Debug)]
pub struct Sessions {
    store: Store,
    clock: Clock,
}

impl Sessions {
    pub(super) fn new(store: Store, clock: Clock) -> Sessions {
        Sessions { store, clock }
    }

    /// Deletes the expired sessions and returns their number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_expired(&self) -> Result<u64, StoreError> {
        self.store.delete_expired_sessions(self.clock.now()).await
    }
}

#[async_trait]
impl SessionStore for Sessions {
    /// Creates the session of a login, with another id when the id exists already.
    async fn create(&self, record: &mut Record) -> LayerResult<()> {
        let login = record
            .data
            .remove(LOGIN)
            .and_then(|login| serde_json::from_value(login).ok());
        let Some(LoginValue {
            account,
            access_version,
            address,
            agent,
        }) = login
        else {
            return Err(LayerError::Backend(
                "a session can be created by a login only".to_owned(),
            ));
        };
        let now = self.clock.now();
        loop {
            let session = NewSession {
                id_hash: hash(&record.id),
                account: AccountId(account),
                access_version,
                address: address.clone(),
                agent: agent.clone(),
                data: encode(&record.data)?,
                expires: now + SESSION_MAX_IDLE,
            };
            let created = self.store.create_session(session, now).await;
            match created.map_err(layer_error)? {
                CreateSessionOutcome::Created => return Ok(()),
                CreateSessionOutcome::IdTaken => record.id = Id::default(),
                CreateSessionOutcome::LoginEnded => {
                    return Err(LayerError::Backend(LOGIN_ENDED.to_owned()));
                }
            }
        }
    }

    /// Updates the data of a session. Does nothing when the session was deleted.
    async fn save(&self, record: &Record) -> LayerResult<()> {
        let update = self
            .store
            .update_session(hash(&record.id), encode(&record.data)?);
        update.await.map_err(layer_error)
    }

    /// Finds a session that has not expired, and records its use.
    async fn load(&self, id: &Id) -> LayerResult<Option<Record>> {
        let (id_hash, now) = (hash(id), self.clock.now());
        let stored = self
            .store
            .find_session(id_hash, now)
            .await
            .map_err(layer_error)?;
        let Some(session) = stored else {
            return Ok(None);
        };
        if now - session.last_used >= USE_RECORDING_INTERVAL {
            let expires = (now + SESSION_MAX_IDLE).min(session.created + SESSION_MAX_AGE);
            // A failed update does not fail the request, because reads must work while the database
            // cannot be written.
            if let Err(cause) = self.store.record_session_use(id_hash, now, expires).await {
                tracing::warn!(%cause, "the use of a session was not recorded");
            }
        }
        let mut data = decode(&session.data)?;
        if let Some(account) = session.account {
            data.insert(ACCOUNT.to_owned(), account_value(&account)?);
        }
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date: OffsetDateTime::UNIX_EPOCH,
        }))
    }

    async fn delete(&self, id: &Id) -> LayerResult<()> {
        self.store
            .delete_session(hash(id))
            .await
            .map_err(layer_error)
    }
}

fn hash(id: &Id) -> SessionIdHash {
    Sha256::digest(id.0.to_le_bytes()).into()
}

fn encode(data: &HashMap<String, Value>) -> LayerResult<String> {
    let stored: HashMap<_, _> = data
        .iter()
        .filter(|(key, _)| !matches!(key.as_str(), LOGIN | ACCOUNT))
        .collect();
    serde_json::to_string(&stored).map_err(|error| LayerError::Encode(error.to_string()))
}

fn decode(data: &str) -> LayerResult<HashMap<String, Value>> {
    serde_json::from_str(data).map_err(|error| LayerError::Decode(error.to_string()))
}

fn account_value(account: &SessionAccount) -> LayerResult<Value> {
    let value = AccountValue {
        account: account.id.0,
        name: account.name.as_str().to_owned(),
        language: account.language,
        role: account.role.as_str().to_owned(),
    };
    serde_json::to_value(value).map_err(|error| LayerError::Encode(error.to_string()))
}

fn layer_error(error: StoreError) -> LayerError {
    LayerError::Backend(error.to_string())
}
