//! Links that are sent by mail: to set a forgotten password, and to confirm a new address.

use ipnet::IpNet;

use crate::model::account::Account;
use crate::model::user::Email;
use crate::portal::people::LINK_LIFETIME;
use crate::portal::store::StoreError;
use crate::portal::store::account::Credentials;
use crate::portal::store::audit::Actor;
use crate::portal::store::email_change::EmailChangeError;
use crate::portal::store::member::MemberError;
use crate::portal::store::session::SessionIdHash;
use crate::portal::{LinkToken, Portal};

/// The minimum interval between two mails about a forgotten password to one address: two minutes, in milliseconds.
const RESET_INTERVAL: i64 = 2 * 60 * 1000;

impl Portal {
    /// Counts a request for a link, to set a password or to register, against the limit of failed logins of a network. It does
    /// not check whether the address exists.
    ///
    /// # Errors
    /// The seconds until the next request is allowed.
    pub async fn throttle_link_request(&self, network: Option<IpNet>) -> Result<(), i64> {
        let now = self.clock.now();
        let attempt = self.throttle.attempt(network, None, now).await?;
        for bucket in attempt.buckets() {
            match self.store.take_login_token(bucket, now).await {
                Ok(None) => {}
                Ok(Some(seconds)) => {
                    attempt.withdraw();
                    return Err(seconds);
                }
                Err(cause) => {
                    tracing::warn!(%cause, "a request for a link was counted by this instance only");
                }
            }
        }
        // It counts like a failed login.
        drop(attempt);
        Ok(())
    }

    /// Creates a link to set the password of the account with an address, if there is one that can log in and got none in the
    /// last minutes.
    ///
    /// # Errors
    /// [`MemberError`].
    pub async fn forgotten_password(
        &self,
        email: &Email,
        actor: &Actor,
    ) -> Result<Option<(Account, LinkToken)>, MemberError> {
        // An account without a password logs in with the identity provider only.
        let Some(Credentials {
            account,
            password_hash: Some(_),
        }) = self.store.find_credentials(email).await?
        else {
            return Ok(None);
        };
        if account.is_disabled {
            return Ok(None);
        }
        let (token, now) = (LinkToken::random(), self.clock.now());
        let times = (now, Some(now - RESET_INTERVAL));
        let expires = now + LINK_LIFETIME;
        let store = &self.store;
        let created = store.create_reset_link(account.id, token.hash(), expires, actor, times);
        Ok(created.await?.map(|account| (account, token)))
    }

    /// Creates a link with which the owner of an address confirms that it becomes the address of an account, valid for an
    /// hour.
    ///
    /// # Errors
    /// [`EmailChangeError`].
    pub async fn create_email_change(
        &self,
        account: &Account,
        email: &Email,
    ) -> Result<LinkToken, EmailChangeError> {
        let token = LinkToken::random();
        let expires = self.clock.now() + LINK_LIFETIME;
        let store = &self.store;
        let created = store.create_email_change(account.id, email, token.hash(), expires);
        created.await?;
        Ok(token)
    }

    /// Deletes a link that could not be sent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn withdraw_email_change(&self, token: &LinkToken) -> Result<(), StoreError> {
        self.store.delete_email_change(token.hash()).await
    }

    /// Finds the new address of a link, if the link can be used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_email_change(&self, token: &LinkToken) -> Result<Option<String>, StoreError> {
        let now = self.clock.now();
        self.store.find_email_change(token.hash(), now).await
    }

    /// Changes an address with a link, which is used up, and ends the sessions of the account except `kept`.
    ///
    /// # Errors
    /// [`EmailChangeError`].
    pub async fn confirm_email_change(
        &self,
        token: &LinkToken,
        kept: Option<SessionIdHash>,
        actor: &Actor,
    ) -> Result<Account, EmailChangeError> {
        let (hash, now) = (token.hash(), self.clock.now());
        let store = &self.store;
        store.confirm_email_change(hash, kept, actor, now).await
    }
}
