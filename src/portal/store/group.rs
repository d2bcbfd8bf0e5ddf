//! The tables of groups: parts of the team, and who belongs to them.
//!
//! A mentor who belongs to groups sees the members of these groups only; a mentor without a group sees the whole team, as admins
//! do (`assignment::TeamMentor`).

use std::collections::BTreeMap;

use crate::database::{Row, Statement, Transaction};
use crate::model::account::{AccountId, DisplayName, TeamRole};
use crate::portal::store::audit::{self, Actor, AuditAction};
use crate::portal::store::{Store, StoreError, invalid_column};

/// The id of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub i64);

/// A group.
#[derive(Clone, Debug)]
pub struct Group {
    /// The id.
    pub id: GroupId,
    /// The name, unique without regard to case.
    pub name: DisplayName,
    /// How many accounts belong to it.
    pub members: i64,
}

/// An account that belongs to a group.
#[derive(Clone)]
pub struct GroupMember {
    /// The id of the account.
    pub account: AccountId,
    /// The name.
    pub name: String,
    /// The email address.
    pub email: String,
    /// The role in the team.
    pub role: TeamRole,
}

/// The reasons for which a group is not changed.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    /// There is no such group, or no such account.
    #[error("there is no such group or account")]
    NotFound,
    /// Another group has this name.
    #[error("another group has this name")]
    NameTaken,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Lists the groups by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_groups(&self) -> Result<Vec<Group>, StoreError> {
        let sql = "SELECT id, name, \
                   (SELECT COUNT(*) FROM group_member WHERE group_id = id) AS members \
                   FROM team_group ORDER BY name_folded";
        let rows = self.database.all(Statement::new(sql)).await?;
        rows.iter().map(group_from_row).collect()
    }

    /// Lists the names of the groups of all accounts that belong to some.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn group_names(&self) -> Result<BTreeMap<AccountId, Vec<String>>, StoreError> {
        let sql = "SELECT account_id, name FROM group_member \
                   JOIN team_group ON team_group.id = group_id ORDER BY account_id, name_folded";
        let mut names: BTreeMap<AccountId, Vec<String>> = BTreeMap::new();
        for row in self.database.all(Statement::new(sql)).await? {
            let account = AccountId(row.integer("account_id")?);
            names.entry(account).or_default().push(row.text("name")?);
        }
        Ok(names)
    }

    /// Lists the groups of an account by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_groups_of(&self, account: AccountId) -> Result<Vec<Group>, StoreError> {
        let sql = "SELECT id, name, \
                   (SELECT COUNT(*) FROM group_member AS other WHERE other.group_id = id) AS members \
                   FROM team_group JOIN group_member ON group_member.group_id = id \
                   WHERE account_id = $1 ORDER BY name_folded";
        let rows = self
            .database
            .all(Statement::new(sql).bind(account.0))
            .await?;
        rows.iter().map(group_from_row).collect()
    }

    /// Finds a group and its members by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_group(
        &self,
        id: GroupId,
    ) -> Result<Option<(Group, Vec<GroupMember>)>, StoreError> {
        let sql = "SELECT id, name, \
                   (SELECT COUNT(*) FROM group_member WHERE group_id = id) AS members \
                   FROM team_group WHERE id = $1";
        let row = self
            .database
            .optional(Statement::new(sql).bind(id.0))
            .await?;
        let Some(row) = row else { return Ok(None) };
        let sql = "SELECT id, name, email, role FROM account \
                   JOIN group_member ON account_id = id WHERE group_id = $1 ORDER BY name, id";
        let rows = self.database.all(Statement::new(sql).bind(id.0)).await?;
        let members = rows.iter().map(|row| {
            Ok(GroupMember {
                account: AccountId(row.integer("id")?),
                name: row.text("name")?,
                email: row.text("email")?,
                role: TeamRole::parse(&row.text("role")?).ok_or_else(|| invalid_column("role"))?,
            })
        });
        let members = members.collect::<Result<_, StoreError>>()?;
        Ok(Some((group_from_row(&row)?, members)))
    }

    /// Creates a group.
    ///
    /// # Errors
    /// [`GroupError`].
    pub async fn create_group(
        &self,
        name: DisplayName,
        actor: &Actor,
        now: i64,
    ) -> Result<GroupId, GroupError> {
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let sql = "INSERT INTO team_group (name, name_folded, created) \
                               VALUES ($1, $2, $3) \
                               ON CONFLICT (name_folded) DO NOTHING RETURNING id";
                    let insert = Statement::new(sql)
                        .bind(name.as_str())
                        .bind(folded(&name))
                        .bind(now);
                    let row = transaction.optional(insert).await?;
                    let row = row.ok_or(GroupError::NameTaken)?;
                    let about = (name.as_str(), "");
                    let action = AuditAction::CreateGroup;
                    audit::record(transaction, &actor, action, about, now).await?;
                    Ok(GroupId(row.integer("id")?))
                })
            })
            .await
    }

    /// Gives a group another name. Returns whether it had another one.
    ///
    /// # Errors
    /// [`GroupError`].
    pub async fn rename_group(
        &self,
        id: GroupId,
        name: DisplayName,
        actor: &Actor,
        now: i64,
    ) -> Result<bool, GroupError> {
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let old = name_of(transaction, id).await?;
                    if old == name.as_str() {
                        return Ok(false);
                    }
                    let sql = "UPDATE team_group SET name = $1, name_folded = $2 WHERE id = $3 \
                               AND NOT EXISTS (SELECT 1 FROM team_group AS other \
                               WHERE other.name_folded = $2 AND other.id <> $3)";
                    let update = Statement::new(sql)
                        .bind(name.as_str())
                        .bind(folded(&name))
                        .bind(id.0);
                    if transaction.write(update).await? == 0 {
                        return Err(GroupError::NameTaken);
                    }
                    let detail = format!("{old} → {name}");
                    let about = (name.as_str(), detail.as_str());
                    let action = AuditAction::RenameGroup;
                    audit::record(transaction, &actor, action, about, now).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Deletes a group. Its members stay in the team.
    ///
    /// # Errors
    /// [`GroupError`].
    pub async fn delete_group(
        &self,
        id: GroupId,
        actor: &Actor,
        now: i64,
    ) -> Result<String, GroupError> {
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let name = name_of(transaction, id).await?;
                    let delete = Statement::new("DELETE FROM team_group WHERE id = $1").bind(id.0);
                    transaction.write(delete).await?;
                    let action = AuditAction::DeleteGroup;
                    audit::record(transaction, &actor, action, (&name, ""), now).await?;
                    Ok(name)
                })
            })
            .await
    }

    /// Adds an account to a group, or removes it. Returns the name of the account.
    ///
    /// # Errors
    /// [`GroupError`].
    pub async fn set_group_member(
        &self,
        group: GroupId,
        account: AccountId,
        is_member: bool,
        actor: &Actor,
        now: i64,
    ) -> Result<String, GroupError> {
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let group_name = name_of(transaction, group).await?;
                    let select = Statement::new("SELECT name, email FROM account WHERE id = $1");
                    let row = transaction.optional(select.bind(account.0)).await?;
                    let row = row.ok_or(GroupError::NotFound)?;
                    let changed = match is_member {
                        true => insert_group_member(transaction, group, account).await?,
                        false => {
                            let sql = "DELETE FROM group_member \
                                       WHERE group_id = $1 AND account_id = $2";
                            let delete = Statement::new(sql).bind(group.0).bind(account.0);
                            transaction.write(delete).await?
                        }
                    };
                    if changed > 0 {
                        let action = match is_member {
                            true => AuditAction::AddToGroup,
                            false => AuditAction::RemoveFromGroup,
                        };
                        let email = row.text("email")?;
                        let about = (email.as_str(), group_name.as_str());
                        audit::record(transaction, &actor, action, about, now).await?;
                    }
                    Ok(row.text("name")?)
                })
            })
            .await
    }
}

/// Adds an account to a group in a transaction. Returns the number of rows written, 0 when it belonged to it.
pub(super) async fn insert_group_member(
    transaction: &mut Transaction,
    group: GroupId,
    account: AccountId,
) -> Result<u64, StoreError> {
    let sql = "INSERT INTO group_member (group_id, account_id) VALUES ($1, $2) \
               ON CONFLICT (group_id, account_id) DO NOTHING";
    let insert = Statement::new(sql).bind(group.0).bind(account.0);
    transaction.write(insert).await
}

async fn name_of(transaction: &mut Transaction, id: GroupId) -> Result<String, GroupError> {
    let select = Statement::new("SELECT name FROM team_group WHERE id = $1").bind(id.0);
    let row = transaction.optional(select).await?;
    Ok(row.ok_or(GroupError::NotFound)?.text("name")?)
}

fn folded(name: &DisplayName) -> String {
    name.as_str().to_lowercase()
}

fn group_from_row(row: &Row) -> Result<Group, StoreError> {
    Ok(Group {
        id: GroupId(row.integer("id")?),
        name: DisplayName::parse(&row.text("name")?).ok_or_else(|| invalid_column("name"))?,
        members: row.integer("members")?,
    })
}
