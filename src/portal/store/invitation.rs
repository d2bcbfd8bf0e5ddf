//! The table of invitations: links with which somebody creates an account.

use std::collections::BTreeSet;

use crate::database::{Row, Statement, Transaction};
use crate::model::account::{AccountId, TeamRole};
use crate::model::user::Email;
use crate::portal::store::account::{CreateAccountError, NewAccount, insert_account};
use crate::portal::store::audit::{self, Actor, AuditAction};
use crate::portal::store::group::{GroupId, insert_group_member};
use crate::portal::store::{Store, StoreError, invalid_column};

/// The detail of the audit entry of an invitation that a new one for the same address has replaced.
pub const REPLACED: &str = "replaced";

/// The values of an invitation to create.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// The role of the accounts that are created with it.
    pub role: TeamRole,
    /// The group to which they belong; `None` for none.
    pub group: Option<GroupId>,
    /// The only address that can use it; `None` for any.
    pub email: Option<Email>,
    /// How many accounts can be created with it.
    pub uses: i64,
    /// The time at which it expires, in milliseconds since 1970.
    pub expires: i64,
}

/// An invitation that can still be used.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The id.
    pub id: i64,
    /// The role of the accounts that are created with it.
    pub role: TeamRole,
    /// The name of the group to which they belong, if any.
    pub group: Option<String>,
    /// The only address that can use it; `None` for any.
    pub email: Option<Email>,
    /// How many accounts can still be created with it.
    pub uses_left: i64,
    /// The time of creation, in milliseconds since 1970.
    pub created: i64,
    /// The name of the account that created it; `None` for the link of the first admin and for those of a registration.
    pub creator: Option<String>,
    /// The time at which it expires, in milliseconds since 1970.
    pub expires: i64,
}

impl Invitation {
    /// Returns whether it is the link of the first admin. Nobody has created that; nor those that are sent to who registers, but
    /// these are for an address.
    #[must_use]
    pub fn is_for_first_admin(&self) -> bool {
        self.creator.is_none() && self.email.is_none()
    }

    /// Returns the address of who registered, if the link was sent to somebody who did.
    #[must_use]
    pub fn registered_email(&self) -> Option<&Email> {
        self.email.as_ref().filter(|_| self.creator.is_none())
    }
}

/// The reasons for which no invitation is created.
#[derive(Debug, thiserror::Error)]
pub enum CreateInvitationsError {
    /// A group does not exist, or was deleted meanwhile.
    #[error("there is no such group")]
    NoGroup,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The reasons for which no account is created with an invitation.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The link is unknown, expired, used or revoked.
    #[error("the invitation is not valid")]
    Invalid,
    /// The invitation is for another address.
    #[error("the invitation is for another address")]
    OtherAddress,
    /// Another account has this address.
    #[error("the email address belongs to another account")]
    EmailTaken,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CreateAccountError> for JoinError {
    fn from(error: CreateAccountError) -> JoinError {
        match error {
            CreateAccountError::EmailTaken => JoinError::EmailTaken,
            CreateAccountError::Store(error) => JoinError::Store(error),
        }
    }
}

/// The condition for an invitation that can be used at a time.
macro_rules! usable {
    ($now:literal) => {
        concat!("uses_left > 0 AND expires > ", $now)
    };
}

/// The condition for all invitations but the link of the first admin.
macro_rules! not_for_first_admin {
    () => {
        "(created_by IS NOT NULL OR invitation.email IS NOT NULL)"
    };
}

/// The statement that selects invitations that can be used at `$1` and satisfy another condition.
macro_rules! select_usable {
    ($($condition:tt)+) => {
        concat!(
            "SELECT invitation.id, invitation.role, invitation.email, uses_left, \
             invitation.created, account.name AS creator, expires, team_group.name AS group_name \
             FROM invitation LEFT JOIN account ON account.id = created_by \
             LEFT JOIN team_group ON team_group.id = group_id WHERE ",
            usable!("$1"),
            " AND ",
            $($condition)+
        )
    };
}

impl Store {
    /// Creates invitations, each with the hash of its token and in place of earlier ones for its address: all of them, or none
    /// after an error. An address that has an account gets none. Returns these addresses.
    ///
    /// # Errors
    /// [`CreateInvitationsError`].
    pub async fn create_invitations(
        &self,
        invitations: Vec<(NewInvitation, Vec<u8>)>,
        actor: &Actor,
        now: i64,
    ) -> Result<Vec<Email>, CreateInvitationsError> {
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let groups = invitations.iter();
                    let groups = groups.filter_map(|(invitation, _)| invitation.group);
                    for group in groups.collect::<BTreeSet<GroupId>>() {
                        lock_group(transaction, group).await?;
                    }
                    let mut members = Vec::new();
                    for (invitation, token_hash) in invitations {
                        if let Some(email) = &invitation.email {
                            if has_account(transaction, email).await? {
                                members.push(email.clone());
                                continue;
                            }
                            if delete_invitations_of(transaction, email).await? > 0 {
                                let about = (email.as_str(), REPLACED);
                                let action = AuditAction::RevokeInvitation;
                                audit::record(transaction, &actor, action, about, now).await?;
                            }
                        }
                        invite(transaction, &invitation, token_hash, &actor, now).await?;
                    }
                    Ok(members)
                })
            })
            .await
    }

    /// Creates the invitation of somebody who registers with an address, in place of earlier ones of that kind. Returns `false`,
    /// and creates none, when a member has invited the address: anybody can type an address, and must not make an invitation void.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_registration(
        &self,
        email: &Email,
        invitation: NewInvitation,
        token_hash: Vec<u8>,
        actor: &Actor,
        now: i64,
    ) -> Result<bool, StoreError> {
        let (email, actor) = (email.folded(), actor.clone());
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let sql = "SELECT id FROM invitation WHERE email_folded = $1 \
                               AND created_by IS NOT NULL AND uses_left > 0 AND expires > $2";
                    let select = Statement::new(sql).bind(email.as_str()).bind(now);
                    if transaction.optional(select).await?.is_some() {
                        return Ok(false);
                    }
                    let sql = "DELETE FROM invitation \
                               WHERE email_folded = $1 AND created_by IS NULL";
                    transaction.write(Statement::new(sql).bind(email)).await?;
                    invite(transaction, &invitation, token_hash, &actor, now).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Creates an invitation of the first admin while there is no account. Returns whether there is none.
    ///
    /// Earlier ones stay valid until they expire: of instances that start together, each shows a link, and who loses a link gets
    /// another one with a restart. The first account makes all of them void.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_first_invitation(
        &self,
        invitation: NewInvitation,
        token_hash: Vec<u8>,
        now: i64,
    ) -> Result<bool, StoreError> {
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    if has_accounts(transaction).await? {
                        return Ok(false);
                    }
                    insert_invitation(transaction, &invitation, token_hash, None, now).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Finds an invitation that can be used, by the hash of its token.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_invitation(
        &self,
        token_hash: Vec<u8>,
        now: i64,
    ) -> Result<Option<Invitation>, StoreError> {
        let sql = select_usable!("token_hash = $2");
        let select = Statement::new(sql).bind(now).bind(token_hash);
        let row = self.database.optional(select).await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Returns how many invitations can be used, with those of who registers.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_invitations(&self, now: i64) -> Result<i64, StoreError> {
        let sql = concat!(
            "SELECT COUNT(*) AS invitations FROM invitation WHERE ",
            usable!("$1"),
            " AND ",
            not_for_first_admin!()
        );
        let row = self
            .database
            .optional(Statement::new(sql).bind(now))
            .await?;
        row.map_or(Ok(0), |row| row.integer("invitations"))
    }

    /// Lists invitations that can be used, with those of who registers, the newest first: at most `limit` after the first `offset`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_invitations(
        &self,
        now: i64,
        (offset, limit): (i64, i64),
    ) -> Result<Vec<Invitation>, StoreError> {
        let sql = select_usable!(
            not_for_first_admin!(),
            " ORDER BY invitation.id DESC LIMIT $2 OFFSET $3"
        );
        let select = Statement::new(sql).bind(now).bind(limit).bind(offset);
        let rows = self.database.all(select).await?;
        rows.iter().map(from_row).collect()
    }

    /// Finds one of the invitations that are listed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_listed_invitation(
        &self,
        id: i64,
        now: i64,
    ) -> Result<Option<Invitation>, StoreError> {
        let sql = select_usable!(not_for_first_admin!(), " AND invitation.id = $2");
        let select = Statement::new(sql).bind(now).bind(id);
        let row = self.database.optional(select).await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Revokes an invitation. Returns whether there was one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_invitation(
        &self,
        id: i64,
        actor: &Actor,
        now: i64,
    ) -> Result<bool, StoreError> {
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    // The link of the first admin is nobody's to revoke.
                    let sql = concat!(
                        "DELETE FROM invitation WHERE id = $1 AND ",
                        not_for_first_admin!(),
                        " RETURNING email"
                    );
                    let deleted = transaction.optional(Statement::new(sql).bind(id)).await?;
                    let Some(row) = deleted else {
                        return Ok(false);
                    };
                    let email = row.optional_text("email")?.unwrap_or_default();
                    let about = (email.as_str(), "");
                    let action = AuditAction::RevokeInvitation;
                    audit::record(transaction, &actor, action, about, now).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Creates an account with an invitation: one use fewer and one account more, or neither.
    ///
    /// # Errors
    /// [`JoinError`].
    pub async fn join(
        &self,
        token_hash: Vec<u8>,
        account: NewAccount,
        password_hash: String,
        actor: Actor,
        now: i64,
    ) -> Result<AccountId, JoinError> {
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let sql = "UPDATE invitation SET uses_left = uses_left - 1 \
                               WHERE token_hash = $1 AND uses_left > 0 AND expires > $2 \
                               RETURNING role, email, created_by, group_id";
                    let update = Statement::new(sql).bind(token_hash).bind(now);
                    let row = transaction.optional(update).await?;
                    let row = row.ok_or(JoinError::Invalid)?;
                    if let Some(email) = row.optional_text("email")?
                        && Email::parse(&email)
                            .is_none_or(|email| email.folded() != account.email.folded())
                    {
                        return Err(JoinError::OtherAddress);
                    }
                    let is_first = row.optional_integer("created_by")?.is_none()
                        && row.optional_text("email")?.is_none();
                    if is_first {
                        // Waits on PostgreSQL for who uses another link of the first admin at this moment.
                        let sql =
                            "DELETE FROM invitation WHERE created_by IS NULL AND email IS NULL";
                        transaction.write(Statement::new(sql)).await?;
                        if has_accounts(transaction).await? {
                            return Err(JoinError::Invalid);
                        }
                    }
                    let role = role(&row)?;
                    let account = NewAccount { role, ..account };
                    let id = insert_account(transaction, &account, password_hash, now).await?;
                    if let Some(group) = row.optional_integer("group_id")? {
                        insert_group_member(transaction, GroupId(group), id).await?;
                    }
                    // The other invitations of the address are of no use any more.
                    delete_invitations_of(transaction, &account.email).await?;
                    let actor = Actor {
                        account: Some((id, account.name.clone())),
                        ..actor
                    };
                    let detail = format!("role={role}");
                    let about = (account.email.as_str(), detail.as_str());
                    audit::record(transaction, &actor, AuditAction::Join, about, now).await?;
                    Ok(id)
                })
            })
            .await
    }

    /// Deletes the invitations and links that can no longer be used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_expired_links(&self, now: i64) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM invitation WHERE uses_left <= 0 OR expires <= $1",
            "DELETE FROM password_reset WHERE expires <= $1",
            "DELETE FROM email_change WHERE expires <= $1",
            "DELETE FROM pending_login WHERE expires <= $1",
        ] {
            self.database.write(Statement::new(sql).bind(now)).await?;
        }
        Ok(())
    }
}

async fn has_accounts(transaction: &mut Transaction) -> Result<bool, StoreError> {
    let select = Statement::new("SELECT id FROM account LIMIT 1");
    Ok(transaction.optional(select).await?.is_some())
}

/// Locks a group, so that it is not deleted before the transaction ends.
async fn lock_group(
    transaction: &mut Transaction,
    id: GroupId,
) -> Result<(), CreateInvitationsError> {
    let update = Statement::new("UPDATE team_group SET name = name WHERE id = $1").bind(id.0);
    match transaction.write(update).await? {
        0 => Err(CreateInvitationsError::NoGroup),
        _ => Ok(()),
    }
}

async fn has_account(transaction: &mut Transaction, email: &Email) -> Result<bool, StoreError> {
    let select = Statement::new("SELECT id FROM account WHERE email_folded = $1");
    let row = transaction.optional(select.bind(email.folded())).await?;
    Ok(row.is_some())
}

/// Inserts an invitation that the account of the actor creates, or nobody, and records it.
async fn invite(
    transaction: &mut Transaction,
    invitation: &NewInvitation,
    token_hash: Vec<u8>,
    actor: &Actor,
    now: i64,
) -> Result<(), StoreError> {
    let creator = actor.account.as_ref().map(|(id, _)| id.0);
    insert_invitation(transaction, invitation, token_hash, creator, now).await?;
    let subject = invitation.email.as_ref().map_or("", Email::as_str);
    let detail = format!("role={}, uses={}", invitation.role, invitation.uses);
    let about = (subject, detail.as_str());
    audit::record(transaction, actor, AuditAction::Invite, about, now).await
}

/// Deletes the invitations for an address. Returns the role and the group of the newest that a member has created and that can be used.
pub(super) async fn use_invitation_of(
    transaction: &mut Transaction,
    email: &Email,
    now: i64,
) -> Result<Option<(TeamRole, Option<GroupId>)>, StoreError> {
    let sql = "SELECT role, group_id FROM invitation WHERE email_folded = $1 \
               AND created_by IS NOT NULL AND uses_left > 0 AND expires > $2 \
               ORDER BY id DESC LIMIT 1";
    let select = Statement::new(sql).bind(email.folded()).bind(now);
    let row = transaction.optional(select).await?;
    delete_invitations_of(transaction, email).await?;
    row.map(|row| {
        let group = row.optional_integer("group_id")?.map(GroupId);
        Ok((role(&row)?, group))
    })
    .transpose()
}

/// Deletes all invitations for an address, also those of a registration. Returns how many there were.
async fn delete_invitations_of(
    transaction: &mut Transaction,
    email: &Email,
) -> Result<u64, StoreError> {
    let sql = "DELETE FROM invitation WHERE email_folded = $1";
    let delete = Statement::new(sql).bind(email.folded());
    transaction.write(delete).await
}

async fn insert_invitation(
    transaction: &mut Transaction,
    invitation: &NewInvitation,
    token_hash: Vec<u8>,
    creator: Option<i64>,
    now: i64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO invitation \
               (token_hash, role, email, email_folded, uses_left, created, created_by, expires, group_id) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let email = invitation.email.as_ref();
    let insert = Statement::new(sql)
        .bind(token_hash)
        .bind(invitation.role.as_str())
        .bind(email.map(|email| email.as_str().to_owned()))
        .bind(email.map(Email::folded))
        .bind(invitation.uses)
        .bind(now)
        .bind(creator)
        .bind(invitation.expires)
        .bind(invitation.group.map(|group| group.0));
    transaction.write(insert).await.map(drop)
}

fn role(row: &Row) -> Result<TeamRole, StoreError> {
    TeamRole::parse(&row.text("role")?).ok_or_else(|| invalid_column("role"))
}

fn from_row(row: &Row) -> Result<Invitation, StoreError> {
    let email = row.optional_text("email")?;
    let email = email.map(|email| Email::parse(&email).ok_or_else(|| invalid_column("email")));
    Ok(Invitation {
        id: row.integer("id")?,
        role: role(row)?,
        group: row.optional_text("group_name")?,
        email: email.transpose()?,
        uses_left: row.integer("uses_left")?,
        created: row.integer("created")?,
        creator: row.optional_text("creator")?,
        expires: row.integer("expires")?,
    })
}
