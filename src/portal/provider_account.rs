//! Which account somebody gets who logs in with the identity provider.

use crate::model::account::{Account, DisplayName, TeamRole};
use crate::model::locale::Locale;
use crate::portal::Portal;
use crate::portal::single_sign_on::ProviderIdentity;
use crate::portal::store::StoreError;
use crate::portal::store::account::NewAccount;
use crate::portal::store::audit::Actor;
use crate::portal::store::member::{MemberChange, MemberError};
use crate::portal::store::provider_account::NewProviderAccount;

/// The reasons for which somebody whom the provider knows gets no account.
#[derive(Debug, thiserror::Error)]
pub enum ProviderAccountError {
    /// The provider says no address.
    #[error("the identity provider says no address")]
    NoEmail,
    /// The provider has not checked the address.
    #[error("the identity provider has not verified the address")]
    Unverified,
    /// An account that is not linked has the address.
    #[error("the email address belongs to another account")]
    EmailTaken,
    /// An admin has disabled the account.
    #[error("the account is disabled")]
    Disabled,
    /// The first account must be an admin's.
    #[error("the team has no admin yet")]
    NoAdmin,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Portal {
    /// Finds the account of a person at the provider, links it by its verified address if `links_accounts`, or creates it.
    /// Gives it the role of the person's groups, but never takes the team its last admin.
    ///
    /// # Errors
    /// [`ProviderAccountError`].
    pub async fn enter_with_provider(
        &self,
        identity: &ProviderIdentity,
        links_accounts: bool,
        language: Locale,
        actor: &Actor,
    ) -> Result<Account, ProviderAccountError> {
        let key = (identity.issuer.as_str(), identity.subject.as_str());
        let store = &self.store;
        let account = match store.find_provider_account(key.0, key.1).await? {
            Some(account) => account,
            None => {
                self.new_provider_account(identity, links_accounts, language, actor)
                    .await?
            }
        };
        if account.is_disabled {
            return Err(ProviderAccountError::Disabled);
        }
        self.update_role(account, identity.role, actor).await
    }

    async fn new_provider_account(
        &self,
        identity: &ProviderIdentity,
        links_accounts: bool,
        language: Locale,
        actor: &Actor,
    ) -> Result<Account, ProviderAccountError> {
        let email = identity.email.as_ref();
        let email = email.ok_or(ProviderAccountError::NoEmail)?;
        if identity.is_email_verified == Some(false) {
            return Err(ProviderAccountError::Unverified);
        }
        let key = (identity.issuer.as_str(), identity.subject.as_str());
        let (store, now) = (&self.store, self.clock.now());
        if let Some(known) = store.find_credentials(email).await? {
            // Whoever can choose an address at the provider must not get the account of its owner.
            let may_link = links_accounts && identity.is_email_verified == Some(true);
            let account = known.account;
            let actor = Actor {
                account: Some((account.id, account.name.clone())),
                ..actor.clone()
            };
            return match may_link && !account.is_disabled {
                true if store
                    .link_provider_account(&account, key, &actor, now)
                    .await? =>
                {
                    Ok(account)
                }
                _ => Err(ProviderAccountError::EmailTaken),
            };
        }
        let role = identity.role.unwrap_or(TeamRole::Learner);
        if role != TeamRole::Admin && !store.has_accounts().await? {
            return Err(ProviderAccountError::NoAdmin);
        }
        let local_part = email.as_str().split('@').next().unwrap_or_default();
        let name = identity
            .name
            .clone()
            .or_else(|| DisplayName::parse(local_part));
        let account = NewAccount {
            email: email.clone(),
            name: name.ok_or(ProviderAccountError::NoEmail)?,
            language,
            role,
        };
        let account = NewProviderAccount {
            account,
            has_role: identity.role.is_some(),
            joins: identity.is_email_verified == Some(true),
        };
        let created = store.create_provider_account(account, key, actor, now);
        let id = created.await?.ok_or(ProviderAccountError::EmailTaken)?;
        let account = store.find_account(id).await?;
        account.ok_or(ProviderAccountError::Disabled)
    }

    /// Gives an account the role that its groups have now.
    async fn update_role(
        &self,
        account: Account,
        role: Option<TeamRole>,
        actor: &Actor,
    ) -> Result<Account, ProviderAccountError> {
        let Some(role) = role.filter(|role| *role != account.role) else {
            return Ok(account);
        };
        let actor = Actor {
            account: Some((account.id, account.name.clone())),
            ..actor.clone()
        };
        let (change, now) = (MemberChange::Role(role), self.clock.now());
        let changed = self.store.change_member(account.id, change, &actor, now);
        match changed.await {
            // Read again, because the change has ended the logins that began before it.
            Ok(_) => {
                let changed = self.store.find_account(account.id).await?;
                changed.ok_or(ProviderAccountError::Disabled)
            }
            Err(MemberError::LastAdmin) => {
                tracing::warn!(account = %account.id, "the last admin is no admin by the groups of the provider, and stays one");
                Ok(account)
            }
            Err(MemberError::NotFound) => Err(ProviderAccountError::Disabled),
            Err(MemberError::Store(error)) => Err(error.into()),
        }
    }
}
