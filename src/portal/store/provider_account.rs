//! Accounts of people whom an identity provider knows: found by issuer and subject, linked, or created.

use crate::database::Statement;
use crate::model::account::{Account, AccountId};
use crate::portal::store::account::{NewAccount, from_row};
use crate::portal::store::audit::{self, Actor, AuditAction};
use crate::portal::store::group::insert_group_member;
use crate::portal::store::invitation::use_invitation_of;
use crate::portal::store::{Store, StoreError};

/// Who somebody is at an identity provider.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LinkedIdentity {
    /// The address of the provider.
    pub issuer: String,
    /// The id of the person there.
    pub subject: String,
}

/// An account to create for a person at a provider.
#[derive(Clone)]
pub struct NewProviderAccount {
    /// Its values.
    pub account: NewAccount,
    /// Whether the provider has said its role.
    pub has_role: bool,
    /// Whether the person has proved to own the address, so that an invitation for it can be used.
    pub joins: bool,
}

impl Store {
    /// Returns to whom at a provider an account is linked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_provider_identity(
        &self,
        id: AccountId,
    ) -> Result<Option<LinkedIdentity>, StoreError> {
        let sql = "SELECT issuer, subject FROM account WHERE id = $1 AND issuer IS NOT NULL";
        let row = self.database.optional(Statement::new(sql).bind(id.0));
        let Some(row) = row.await? else {
            return Ok(None);
        };
        Ok(Some(LinkedIdentity {
            issuer: row.text("issuer")?,
            subject: row.text("subject")?,
        }))
    }

    /// Finds the account of a person at a provider.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_provider_account(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<Account>, StoreError> {
        let sql = "SELECT id, email, name, language, role, created, disabled, access_version FROM account \
                   WHERE issuer = $1 AND subject = $2";
        let select = Statement::new(sql).bind(issuer).bind(subject);
        let row = self.database.optional(select).await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Links an account that is linked to nobody to a person at a provider. Returns whether it was linked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn link_provider_account(
        &self,
        account: &Account,
        (issuer, subject): (&str, &str),
        actor: &Actor,
        now: i64,
    ) -> Result<bool, StoreError> {
        let (id, email) = (account.id, account.email.as_str().to_owned());
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let sql = "UPDATE account SET issuer = $1, subject = $2, updated = $3 \
                               WHERE id = $4 AND issuer IS NULL";
                    let update = Statement::new(sql).bind(issuer.as_str()).bind(subject);
                    let update = update.bind(now).bind(id.0);
                    if transaction.write(update).await? == 0 {
                        return Ok(false);
                    }
                    let action = AuditAction::LinkProvider;
                    audit::record(transaction, &actor, action, (&email, &issuer), now).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Creates an account without a password for a person at a provider. Returns `None` when another account has the address.
    /// An account with `joins` uses up the invitation for its address: it gets the group and, unless the provider has said one,
    /// the role.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_provider_account(
        &self,
        new: NewProviderAccount,
        (issuer, subject): (&str, &str),
        actor: &Actor,
        now: i64,
    ) -> Result<Option<AccountId>, StoreError> {
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let NewProviderAccount {
                        account,
                        has_role,
                        joins,
                    } = new;
                    let sql = "INSERT INTO account (email, email_folded, name, language, role, \
                               issuer, subject, created, updated) \
                               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) \
                               ON CONFLICT DO NOTHING RETURNING id";
                    let insert = Statement::new(sql)
                        .bind(account.email.as_str())
                        .bind(account.email.folded())
                        .bind(account.name.as_str())
                        .bind(account.language.as_str())
                        .bind(account.role.as_str())
                        .bind(issuer.as_str())
                        .bind(subject)
                        .bind(now);
                    let Some(row) = transaction.optional(insert).await? else {
                        return Ok(None);
                    };
                    let id = AccountId(row.integer("id")?);
                    // Only now, because an account that is not created uses up nothing.
                    let invitation = match joins {
                        true => use_invitation_of(transaction, &account.email, now).await?,
                        false => None,
                    };
                    let invited_as = invitation.map(|(role, _)| role).filter(|_| !has_role);
                    let role = invited_as.unwrap_or(account.role);
                    if role != account.role {
                        let sql = "UPDATE account SET role = $1 WHERE id = $2";
                        let update = Statement::new(sql).bind(role.as_str()).bind(id.0);
                        transaction.write(update).await?;
                    }
                    if let Some((_, Some(group))) = invitation {
                        insert_group_member(transaction, group, id).await?;
                    }
                    let actor = Actor {
                        account: Some((id, account.name.clone())),
                        ..actor
                    };
                    let detail = format!("role={role}, {issuer}");
                    let about = (account.email.as_str(), detail.as_str());
                    audit::record(transaction, &actor, AuditAction::Join, about, now).await?;
                    Ok(Some(id))
                })
            })
            .await
    }
}
