//! How people get an account and keep it: the link of the first admin, invitations, and new passwords.

use crate::model::account::{Account, AccountId, TeamRole};
use crate::model::user::Email;
use crate::portal::link_token::LinkToken;
use crate::portal::password::{HashingError, Password};
use crate::portal::store::StoreError;
use crate::portal::store::account::NewAccount;
use crate::portal::store::audit::{Actor, AuditAction};
use crate::portal::store::invitation::{
    CreateInvitationsError, Invitation, JoinError, NewInvitation,
};
use crate::portal::store::member::MemberError;
use crate::portal::{AuthenticationError, Portal, Registration};
use ipnet::IpNet;

/// How long the link of the first admin and a link to set a password are valid: an hour, in milliseconds.
pub(super) const LINK_LIFETIME: i64 = 60 * 60 * 1000;
/// How long the link that is sent to who wants to register is valid: a day, in milliseconds.
const REGISTRATION_LIFETIME: i64 = 24 * LINK_LIFETIME;

/// The reasons for which somebody does not get an account or a new password.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The link is unknown, expired, used or revoked.
    #[error("the link is not valid")]
    InvalidLink,
    /// The admins have closed the registration.
    #[error("the registration is closed")]
    Closed,
    /// The invitation is for another address.
    #[error("the invitation is for another address")]
    OtherAddress,
    /// Another account has this address.
    #[error("the email address belongs to another account")]
    EmailTaken,
    /// The current password was not accepted.
    #[error(transparent)]
    Authentication(#[from] AuthenticationError),
    /// The new password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Invitations that were created together.
pub struct CreatedInvitations {
    /// The tokens of the links, each with the address that it is for.
    pub links: Vec<(Option<Email>, LinkToken)>,
    /// The addresses that have accounts, which get no link.
    pub members: Vec<Email>,
}

/// What became of a registration with an address.
pub enum RegisterOutcome {
    /// The token of the link with which an account is created.
    Created(LinkToken),
    /// There is an account with the address.
    HasAccount,
    /// A member has invited the address; the invitation stays as it is.
    Invited,
}

impl From<JoinError> for PeopleError {
    fn from(error: JoinError) -> PeopleError {
        match error {
            JoinError::Invalid => PeopleError::InvalidLink,
            JoinError::OtherAddress => PeopleError::OtherAddress,
            JoinError::EmailTaken => PeopleError::EmailTaken,
            JoinError::Store(error) => PeopleError::Store(error),
        }
    }
}

impl Portal {
    /// Creates a link with which the first admin creates an account, valid for an hour, beside earlier ones. Returns `None` when
    /// there is an account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn first_admin_link(&self) -> Result<Option<LinkToken>, StoreError> {
        let (token, now) = (LinkToken::random(), self.clock.now());
        let invitation = NewInvitation {
            role: TeamRole::Admin,
            group: None,
            email: None,
            uses: 1,
            expires: now + LINK_LIFETIME,
        };
        let store = &self.store;
        let created = store.create_first_invitation(invitation, token.hash(), now);
        Ok(created.await?.then_some(token))
    }

    /// Creates invitations, or none of them after an error.
    ///
    /// # Errors
    /// [`CreateInvitationsError`].
    pub async fn invite(
        &self,
        invitations: Vec<NewInvitation>,
        actor: &Actor,
    ) -> Result<CreatedInvitations, CreateInvitationsError> {
        let now = self.clock.now();
        let links: Vec<(NewInvitation, LinkToken)> = invitations
            .into_iter()
            .map(|invitation| (invitation, LinkToken::random()))
            .collect();
        let rows = links
            .iter()
            .map(|(invitation, token)| (invitation.clone(), token.hash()));
        let created = self.store.create_invitations(rows.collect(), actor, now);
        let members = created.await?;
        let links = links
            .into_iter()
            .map(|(invitation, token)| (invitation.email, token))
            .filter(|(email, _)| email.as_ref().is_none_or(|email| !members.contains(email)));
        Ok(CreatedInvitations {
            links: links.collect(),
            members,
        })
    }

    /// Creates an invitation for an address whose owner wants to register, valid for a day.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invite_to_register(
        &self,
        email: &Email,
        actor: &Actor,
    ) -> Result<RegisterOutcome, StoreError> {
        if self.store.find_credentials(email).await?.is_some() {
            return Ok(RegisterOutcome::HasAccount);
        }
        let (token, now) = (LinkToken::random(), self.clock.now());
        let invitation = NewInvitation {
            role: TeamRole::Learner,
            group: None,
            email: Some(email.clone()),
            uses: 1,
            expires: now + REGISTRATION_LIFETIME,
        };
        // Nobody in the team has created it, even if a member is logged in in the browser.
        let actor = Actor {
            account: None,
            ..actor.clone()
        };
        let store = &self.store;
        let created = store.create_registration(email, invitation, token.hash(), &actor, now);
        Ok(match created.await? {
            true => RegisterOutcome::Created(token),
            false => RegisterOutcome::Invited,
        })
    }

    /// Finds the invitation of a link, if it can be used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_invitation(
        &self,
        token: &LinkToken,
    ) -> Result<Option<Invitation>, StoreError> {
        let now = self.clock.now();
        let invitation = self.store.find_invitation(token.hash(), now).await?;
        match invitation {
            // The link of the first admin is void as soon as there is an account.
            Some(first) if first.is_for_first_admin() && self.store.has_accounts().await? => {
                Ok(None)
            }
            other => Ok(other),
        }
    }

    /// Returns whether the registration is closed for who has an invitation; it never is for the first admin. Who has registered
    /// with an address needs a registration that is still open for its domain.
    #[must_use]
    pub fn is_closed_for(&self, invitation: &Invitation) -> bool {
        let settings = self.settings.get();
        match invitation.registered_email() {
            Some(email) => !settings.is_open_to(email),
            None => {
                !invitation.is_for_first_admin() && settings.registration == Registration::Closed
            }
        }
    }

    /// Creates an account with an invitation, whose role it gets.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn join(
        &self,
        token: &LinkToken,
        account: NewAccount,
        password: Password,
        actor: Actor,
    ) -> Result<AccountId, PeopleError> {
        // A password is hashed only for a valid link, because that takes time.
        let invitation = self.find_invitation(token).await?;
        let invitation = invitation.ok_or(PeopleError::InvalidLink)?;
        if self.is_closed_for(&invitation) {
            return Err(PeopleError::Closed);
        }
        let hash = self.passwords.hash(password).await?;
        let now = self.clock.now();
        Ok(self
            .store
            .join(token.hash(), account, hash, actor, now)
            .await?)
    }

    /// Creates a link with which the owner of an account sets a new password, valid for an hour.
    ///
    /// # Errors
    /// [`MemberError`].
    pub async fn create_reset_link(
        &self,
        account: AccountId,
        actor: &Actor,
    ) -> Result<(Account, LinkToken), MemberError> {
        let (token, now) = (LinkToken::random(), self.clock.now());
        let expires = now + LINK_LIFETIME;
        let store = &self.store;
        let created = store.create_reset_link(account, token.hash(), expires, actor, (now, None));
        let account = created.await?.ok_or(MemberError::NotFound)?;
        Ok((account, token))
    }

    /// Finds the account whose password a link sets, if the link can be used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_reset(&self, token: &LinkToken) -> Result<Option<Account>, StoreError> {
        self.store.find_reset(token.hash(), self.clock.now()).await
    }

    /// Sets a password with a link, which is used up, and ends the sessions of the account.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn reset_password(
        &self,
        token: &LinkToken,
        password: Password,
        actor: &Actor,
    ) -> Result<AccountId, PeopleError> {
        if self.find_reset(token).await?.is_none() {
            return Err(PeopleError::InvalidLink);
        }
        let hash = self.passwords.hash(password).await?;
        let now = self.clock.now();
        let store = &self.store;
        let set = store.reset_password(token.hash(), hash, actor, now).await?;
        set.ok_or(PeopleError::InvalidLink)
    }

    /// Sets the password of an account whose current password was typed, and ends its sessions. Wrong passwords count as
    /// failed logins. Returns the account as it is then.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub async fn change_password(
        &self,
        account: &Account,
        current: String,
        new: Password,
        network: Option<IpNet>,
        actor: &Actor,
    ) -> Result<Account, PeopleError> {
        let email = account.email.as_str();
        let proved = self.authenticate(email, current, network, actor).await?;
        let hash = self.passwords.hash(new).await?;
        let now = self.clock.now();
        let changed = self.store.change_password(&proved, hash, actor, now);
        // The current password is not the current one any more.
        let changed = changed.await?;
        changed.ok_or(AuthenticationError::WrongCredentials.into())
    }

    /// Adds an entry to the audit log about something that changed no row. A failure is logged only, because what is
    /// recorded has happened.
    pub async fn record_audit(&self, actor: &Actor, action: AuditAction, subject: &str) {
        self.record_audit_detail(actor, action, (subject, "")).await;
    }

    /// Does the same with more about what was done.
    pub async fn record_audit_detail(
        &self,
        actor: &Actor,
        action: AuditAction,
        entry: (&str, &str),
    ) {
        let now = self.clock.now();
        if let Err(cause) = self.store.record_audit(actor, action, entry, now).await {
            tracing::error!(%cause, "an entry of the audit log was lost");
        }
    }
}
