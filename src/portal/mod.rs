//! Who somebody is, and what they may do.
//!
//! Passwords, the portal's session, the way to a [`Viewer`]. Not here: the taught API's own
//! session and tokens, and anything of HTTP but the session's cookie.

mod password;
mod redirect_path;
mod session;
pub mod store;
mod throttle;

use std::sync::Arc;

use ipnet::IpNet;
use tower_sessions::Session;
use tower_sessions::session::Error as SessionError;

use crate::clock::Clock;
use crate::model::account::{Account, AccountId};
use crate::model::user::Email;
use crate::portal::store::account::{CreateAccountError, Credentials, NewAccount};
use crate::portal::store::{Store, StoreError};

pub use crate::portal::password::{
    HashingError, Password, PasswordCheck, PasswordError, Passwords,
};
pub use crate::portal::redirect_path::RedirectPath;
pub use crate::portal::session::{
    ABSOLUTE, IDLE, LoginClient, Sessions, Viewer, cookie_name, log_in, log_out, viewer,
};
pub use crate::portal::throttle::Throttle;

/// Accounts, passwords and sessions of the portal; cheap to clone.
#[derive(Clone, Debug)]
pub struct Portal {
    /// Where they are kept.
    pub store: Store,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Counts failed attempts to log in.
    pub throttle: Throttle,
    /// What time it is.
    pub clock: Clock,
}

/// Why somebody is not who they say.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticationError {
    /// The address is unknown or the password is wrong: nobody is told which.
    #[error("the email address or the password is wrong")]
    Refused,
    /// Too many attempts failed from this network or at this account.
    #[error("too many attempts failed; the next is allowed in {seconds} s")]
    Throttled {
        /// The seconds until the next attempt is allowed.
        seconds: i64,
    },
    /// Too many passwords are being checked; worth another try in a second.
    #[error("too many people are logging in")]
    Busy,
    /// The database or the hashing failed.
    #[error("logging in is not possible")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why an account cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// Another account has this address, or the database failed.
    #[error(transparent)]
    Create(#[from] CreateAccountError),
    /// The password cannot be hashed now.
    #[error(transparent)]
    Hashing(#[from] HashingError),
}

impl Portal {
    /// Opens the portal's database at `url`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open(url: &str, clock: Clock) -> Result<Portal, StoreError> {
        let store = Store::open(url).await?;
        Ok(Portal {
            store,
            passwords: Passwords::new(),
            throttle: Throttle::new(),
            clock,
        })
    }

    /// The sessions, as the session layer wants them.
    #[must_use]
    pub fn sessions(&self) -> Sessions {
        Sessions::new(self.store.clone(), self.clock.clone())
    }

    /// Finds who holds the session that the value of a cookie names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_viewer(&self, cookie: &str) -> Result<Option<Viewer>, SessionError> {
        let Ok(id) = cookie.parse() else {
            return Ok(None);
        };
        viewer(&Session::new(Some(id), Arc::new(self.sessions()), None)).await
    }

    /// Makes an account with a password.
    ///
    /// # Errors
    /// [`RegistrationError`].
    pub async fn register(
        &self,
        account: NewAccount,
        password: Password,
    ) -> Result<AccountId, RegistrationError> {
        let hash = self.passwords.hash(password).await?;
        let created = self.store.create_account(account, hash, self.clock.now());
        Ok(created.await?)
    }

    /// Finds out whether somebody is who they say, for a client in a network. Whatever is wrong,
    /// exactly one password is checked, with the same parameters; none is checked once too many
    /// attempts have failed.
    ///
    /// # Errors
    /// [`AuthenticationError`].
    pub async fn authenticate(
        &self,
        email: &str,
        password: String,
        network: Option<IpNet>,
    ) -> Result<Account, AuthenticationError> {
        let email = Email::parse(email.trim());
        let attempt = self
            .throttle
            .attempt(network, email.as_ref(), self.clock.now())
            .map_err(|seconds| AuthenticationError::Throttled { seconds })?;
        let result = self.check(email, password).await;
        match &result {
            Ok(_) => attempt.succeed(),
            Err(AuthenticationError::Refused) => {}
            Err(_) => attempt.withdraw(),
        }
        result
    }

    async fn check(
        &self,
        email: Option<Email>,
        password: String,
    ) -> Result<Account, AuthenticationError> {
        let found = match email {
            Some(email) => self.store.find_credentials(&email).await?,
            None => None,
        };
        let (account, hash) = match found {
            Some(Credentials {
                account,
                password_hash,
            }) => (Some(account), password_hash),
            None => (None, None),
        };
        let verdict = self
            .passwords
            .verify(password.clone(), hash.clone())
            .await?;
        match (account, hash, verdict) {
            (Some(account), Some(hash), PasswordCheck::Right { weak }) => {
                if weak {
                    self.rehash(&account, hash, password).await;
                }
                Ok(account)
            }
            _ => Err(AuthenticationError::Refused),
        }
    }

    /// Replaces a hash that was made with weaker parameters. A failure is no reason to refuse
    /// somebody whose password was right: it is tried again at the next login.
    async fn rehash(&self, account: &Account, old: String, password: String) {
        let replaced = async {
            let new = self.passwords.hash(Password::verified(password)).await?;
            let now = self.clock.now();
            let stored = self.store.update_password_hash(account.id, old, new, now);
            stored.await.map_err(AuthenticationError::from)
        };
        if let Err(cause) = replaced.await {
            tracing::warn!(account = %account.id, %cause, "a password could not be hashed anew");
        }
    }
}

impl From<StoreError> for AuthenticationError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => AuthenticationError::Busy,
            other => AuthenticationError::Failed(other.into()),
        }
    }
}

impl From<HashingError> for AuthenticationError {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::Busy => AuthenticationError::Busy,
            other => AuthenticationError::Failed(other.into()),
        }
    }
}
