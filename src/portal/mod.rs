//! Accounts of members: passwords, login, sessions, and the [`Viewer`] of a request.
//!
//! The sessions and tokens of the taught API are in `sandbox`. Of HTTP, this module contains only
//! the name of the session cookie.

mod email;
mod http_client;
mod link_token;
mod live_streams;
mod mail;
mod member_export;
mod passkey;
mod password;
mod people;
mod provider_account;
mod redirect_path;
mod second_factor;
mod session;
mod settings;
mod single_sign_on;
pub mod store;
mod throttle;

use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use moka::sync::Cache;
use tower_sessions::Session;
use tower_sessions::session::Error as SessionError;

use crate::clock::Clock;
use crate::model::account::{Account, AccountId, DisplayName};
use crate::model::limits::LimitKey;
use crate::model::user::Email;
use crate::portal::store::account::{CreateAccountError, Credentials, NewAccount};
use crate::portal::store::audit::{Actor, AuditAction};
use crate::portal::store::{Store, StoreError};

pub use crate::portal::link_token::LinkToken;
pub use crate::portal::live_streams::{LiveStreamPermit, LiveStreams};
pub use crate::portal::mail::{Mail, MailError, Mailer, MailerError};
pub use crate::portal::member_export::{ExportedLearning, ExportedMember};
pub use crate::portal::passkey::{PasskeyError, PasskeyOptions, PasskeySite};
pub use crate::portal::password::{
    HashingError, Password, PasswordCheck, PasswordError, Passwords,
};
pub use crate::portal::people::{CreatedInvitations, PeopleError, RegisterOutcome};
pub use crate::portal::provider_account::ProviderAccountError;
pub use crate::portal::redirect_path::RedirectPath;
pub use crate::portal::second_factor::NewSecret;
pub use crate::portal::session::{
    LogInError, LoginClient, SESSION_MAX_AGE, Sessions, Viewer, cookie_name, load_viewer, log_in,
    log_in_with_provider, log_out, provider_id_token, session_id_hash,
};
pub use crate::portal::settings::{CurrentSettings, Registration, Settings};
pub use crate::portal::single_sign_on::{
    ProviderError, ProviderIdentity, ProviderLogin, ProviderSettings, SingleSignOn,
};
pub use crate::portal::throttle::Throttle;

/// Accounts, passwords and sessions of the portal; cheap to clone.
#[derive(Clone, Debug)]
pub struct Portal {
    /// The database.
    pub store: Store,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Counts failed attempts to log in.
    pub throttle: Throttle,
    /// Limits the event streams of the team's pages.
    pub live_streams: LiveStreams,
    /// What admins set in the browser.
    pub settings: CurrentSettings,
    /// The source of the current time.
    pub clock: Clock,
    /// The numbers of forms that were sent in the last hour.
    sent_forms: Cache<String, ()>,
    requires_admin_totp: Option<bool>,
    /// The limits that the configuration has fixed.
    fixed_limits: Vec<LimitKey>,
}

/// The reasons for which a login fails.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticationError {
    /// The email address is unknown or the password is wrong. The response does not reveal which.
    #[error("the email address or the password is wrong")]
    WrongCredentials,
    /// The password is correct, but an admin has disabled the account.
    #[error("the account is disabled")]
    Disabled,
    /// Too many attempts from this network, or from it at this account, have failed.
    #[error("too many attempts failed; the next is allowed in {seconds} s")]
    Throttled {
        /// The seconds until the next attempt is allowed.
        seconds: i64,
    },
    /// Too many passwords are being checked. The client can retry after a second.
    #[error("too many passwords are being checked")]
    Busy,
    /// The database or the hashing failed.
    #[error("the login could not be checked")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The reasons for which an account cannot be created.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// Another account has this email address, or the database failed.
    #[error(transparent)]
    Create(#[from] CreateAccountError),
    /// The password could not be hashed.
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
        let portal = Portal {
            store,
            live_streams: LiveStreams::new(),
            settings: CurrentSettings::default(),
            passwords: Passwords::new(),
            throttle: Throttle::new(),
            clock,
            sent_forms: Cache::builder()
                .max_capacity(10_000)
                .time_to_live(Duration::from_secs(3600))
                .build(),
            requires_admin_totp: None,
            fixed_limits: Vec::new(),
        };
        portal.reload_settings().await?;
        Ok(portal)
    }

    /// Returns the portal with the rule whether admins who log in with a password need a second factor.
    #[must_use]
    pub fn with_admin_totp(self, requires_admin_totp: Option<bool>) -> Portal {
        Portal {
            requires_admin_totp,
            ..self
        }
    }

    /// Returns the portal of a site whose configuration fixes limits.
    #[must_use]
    pub fn with_fixed_limits(self, fixed_limits: Vec<LimitKey>) -> Portal {
        Portal {
            fixed_limits,
            ..self
        }
    }

    /// Returns whether a form with this number is sent for the first time; a reload sends it again. A form without a
    /// number is never the same.
    #[must_use]
    pub fn is_first_use_of_form(&self, number: &str) -> bool {
        number.is_empty()
            || self
                .sent_forms
                .entry_by_ref(number)
                .or_insert(())
                .is_fresh()
    }

    /// Allows a form to be sent again, after it had no effect.
    pub fn forget_form(&self, number: &str) {
        self.sent_forms.invalidate(number);
    }

    /// Returns the session store for the session layer.
    #[must_use]
    pub fn sessions(&self) -> Sessions {
        Sessions::new(self.store.clone(), self.clock.clone())
    }

    /// Finds the viewer of the session with the id in the value of a cookie.
    ///
    /// # Errors
    /// The error of the session layer when the database fails.
    pub async fn find_viewer(&self, cookie: &str) -> Result<Option<Viewer>, SessionError> {
        let Ok(id) = cookie.parse() else {
            return Ok(None);
        };
        load_viewer(&Session::new(Some(id), Arc::new(self.sessions()), None)).await
    }

    /// Creates an account with a password, for the command line.
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

    /// Checks an email address and a password that a client in `network` sent, and returns the
    /// account.
    ///
    /// Checks exactly one password with the same parameters also when the account does not exist,
    /// so that the duration does not reveal it. Checks no password when too many attempts have
    /// failed. A wrong password is recorded in the audit log, with the account if there is one.
    ///
    /// # Errors
    /// [`AuthenticationError`].
    pub async fn authenticate(
        &self,
        email: &str,
        password: String,
        network: Option<IpNet>,
        actor: &Actor,
    ) -> Result<Account, AuthenticationError> {
        let email = Email::parse(email.trim());
        let now = self.clock.now();
        let attempt = self.throttle.attempt(network, email.as_ref(), now).await;
        let attempt = attempt.map_err(|seconds| AuthenticationError::Throttled { seconds })?;
        let buckets = attempt.buckets();
        let refused = match self.store.login_wait(&buckets, now).await {
            Ok(None) => None,
            Ok(Some(seconds)) => Some(AuthenticationError::Throttled { seconds }),
            Err(error) => Some(error.into()),
        };
        if let Some(error) = refused {
            attempt.withdraw();
            return Err(error);
        }
        let credentials = match &email {
            Some(email) => self.store.find_credentials(email).await,
            None => Ok(None),
        };
        let known = credentials.as_ref().ok().and_then(Option::as_ref);
        let known = known.map(|known| known.account.name.clone());
        let result = match credentials {
            Ok(credentials) => self.check(credentials, password).await,
            Err(error) => Err(error.into()),
        };
        match &result {
            Err(AuthenticationError::WrongCredentials | AuthenticationError::Disabled) => {
                // What is not an address may be a password that was typed into the wrong field.
                let typed = email.as_ref().map_or("", Email::as_str);
                let entry = (typed, known.as_ref().map_or("", DisplayName::as_str));
                let action = AuditAction::LogInFailed;
                self.record_audit_detail(actor, action, entry).await;
                if let Err(cause) = self.store.record_failed_login(buckets, now).await {
                    tracing::warn!(%cause, "a failed login was counted by this instance only");
                }
                drop(attempt);
            }
            Ok(_) | Err(_) => attempt.withdraw(),
        }
        result
    }

    async fn check(
        &self,
        credentials: Option<Credentials>,
        password: String,
    ) -> Result<Account, AuthenticationError> {
        let (account, hash) = match credentials {
            Some(Credentials {
                account,
                password_hash,
            }) => (Some(account), password_hash),
            None => (None, None),
        };
        let check = self
            .passwords
            .verify(password.clone(), hash.clone())
            .await?;
        match (account, hash, check) {
            (Some(account), Some(hash), PasswordCheck::Correct { is_outdated }) => {
                if is_outdated {
                    self.rehash(&account, hash, password).await;
                }
                match account.is_disabled {
                    true => Err(AuthenticationError::Disabled),
                    false => Ok(account),
                }
            }
            _ => Err(AuthenticationError::WrongCredentials),
        }
    }

    /// Replaces a hash that was computed with weaker parameters. A failure is logged only, because
    /// the password was correct; the next login tries again.
    async fn rehash(&self, account: &Account, old: String, password: String) {
        let replaced = async {
            let new = self
                .passwords
                .hash(Password::from_verified(password))
                .await?;
            let now = self.clock.now();
            let stored = self.store.update_password_hash(account.id, old, new, now);
            stored.await.map_err(AuthenticationError::from)
        };
        if let Err(cause) = replaced.await {
            tracing::warn!(account = %account.id, %cause, "a password could not be hashed again");
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
