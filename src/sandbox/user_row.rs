//! The rows of the table of users, as transactions read and write them. Every statement names the
//! sandbox, so a sandbox never reads the rows of another.

use std::collections::BTreeMap;

use crate::database::{DatabaseError, Row, Statement, Transaction};
use crate::model::timestamp::Timestamp;
use crate::model::user::{Email, NewUser, User, UserId, UserRole};
use crate::sandbox::SandboxId;
use crate::sandbox::write_context::WriteContext;

/// Returns the statement that selects a user.
pub(super) fn select_user(sandbox: SandboxId, id: UserId) -> Statement {
    let sql = "SELECT id, name, email, role, bio, created_at, updated_at FROM users \
               WHERE sandbox_id = $1 AND id = $2";
    Statement::new(sql).bind(sandbox.0).bind(id.get())
}

/// Finds a user.
pub(super) async fn find_user(
    transaction: &mut Transaction,
    context: &WriteContext,
    id: UserId,
) -> Result<Option<User>, DatabaseError> {
    let row = transaction
        .optional(select_user(context.sandbox, id))
        .await?;
    row.as_ref().map(user_from_row).transpose()
}

/// Returns all users of a sandbox.
pub(super) async fn list_by_id(
    transaction: &mut Transaction,
    sandbox: SandboxId,
) -> Result<BTreeMap<UserId, User>, DatabaseError> {
    let sql = "SELECT id, name, email, role, bio, created_at, updated_at FROM users WHERE sandbox_id = $1";
    let rows = transaction.all(Statement::new(sql).bind(sandbox.0)).await?;
    let users = rows.iter().map(user_from_row);
    users.map(|user| user.map(|user| (user.id, user))).collect()
}

/// Returns the number of users in the sandbox.
pub(super) async fn count_users(
    transaction: &mut Transaction,
    context: &WriteContext,
) -> Result<i64, DatabaseError> {
    let count = Statement::new("SELECT COUNT(*) AS total FROM users WHERE sandbox_id = $1");
    let row = transaction.optional(count.bind(context.sandbox.0)).await?;
    row.map_or(Ok(0), |row| row.integer("total"))
}

/// Returns whether a user other than `except` has the email address.
pub(super) async fn is_email_taken(
    transaction: &mut Transaction,
    context: &WriteContext,
    email: &Email,
    except: i64,
) -> Result<bool, DatabaseError> {
    let sql = "SELECT id FROM users WHERE sandbox_id = $1 AND email_folded = $2 AND id <> $3";
    let other = Statement::new(sql)
        .bind(context.sandbox.0)
        .bind(email.folded())
        .bind(except);
    Ok(transaction.optional(other).await?.is_some())
}

/// Inserts a user unchanged, with its id and times.
pub(super) async fn insert_row(
    transaction: &mut Transaction,
    sandbox: SandboxId,
    user: &User,
) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO users (sandbox_id, id, name, name_folded, email, email_folded, role, bio, created_at, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let insert = Statement::new(sql)
        .bind(sandbox.0)
        .bind(user.id.get())
        .bind(user.name.as_str())
        .bind(user.name_folded())
        .bind(user.email.as_str())
        .bind(user.email.folded())
        .bind(user.role.as_str())
        .bind(user.bio.clone())
        .bind(user.created_at.milliseconds())
        .bind(user.updated_at.milliseconds());
    transaction.write(insert).await.map(drop)
}

/// Raises the id floor: no id below `floor` is assigned to a new user from now on.
pub(super) async fn raise_floor(
    transaction: &mut Transaction,
    context: &WriteContext,
    floor: i64,
) -> Result<(), DatabaseError> {
    if floor <= context.floor {
        return Ok(());
    }
    let raise = Statement::new("UPDATE sandbox SET floor = $2 WHERE id = $1");
    transaction
        .write(raise.bind(context.sandbox.0).bind(floor))
        .await
        .map(drop)
}

/// Overwrites an existing user unchanged, with its times.
pub(super) async fn update_row(
    transaction: &mut Transaction,
    sandbox: SandboxId,
    user: &User,
) -> Result<(), DatabaseError> {
    let sql = "UPDATE users SET name = $3, name_folded = $4, email = $5, email_folded = $6, role = $7, bio = $8, \
               updated_at = $9 WHERE sandbox_id = $1 AND id = $2";
    let update = Statement::new(sql)
        .bind(sandbox.0)
        .bind(user.id.get())
        .bind(user.name.as_str())
        .bind(user.name_folded())
        .bind(user.email.as_str())
        .bind(user.email.folded())
        .bind(user.role.as_str())
        .bind(user.bio.clone())
        .bind(user.updated_at.milliseconds());
    transaction.write(update).await.map(drop)
}

/// Builds a user whose times of creation and update are `now`, in milliseconds.
pub(super) fn build_user(id: UserId, fields: NewUser, now: i64) -> User {
    let NewUser {
        name,
        email,
        role,
        bio,
    } = fields;
    let now = Timestamp::from_milliseconds(now);
    User {
        id,
        name,
        email,
        role,
        bio,
        created_at: now,
        updated_at: now,
    }
}

/// Reads the column `id`.
pub(super) fn id_from_row(row: &Row) -> Result<UserId, DatabaseError> {
    UserId::new(row.integer("id")?).ok_or_else(|| invalid_column("id"))
}

/// Returns the error for a column whose value this program never writes.
pub(super) fn invalid_column(column: &str) -> DatabaseError {
    DatabaseError::Column {
        column: column.to_owned(),
        expected: "a valid value",
    }
}

/// Reads the columns `id, name, email, role, bio, created_at, updated_at`.
pub(super) fn user_from_row(row: &Row) -> Result<User, DatabaseError> {
    Ok(User {
        id: id_from_row(row)?,
        name: row.text("name")?,
        email: Email::parse(&row.text("email")?).ok_or_else(|| invalid_column("email"))?,
        role: UserRole::parse(&row.text("role")?).ok_or_else(|| invalid_column("role"))?,
        bio: row.optional_text("bio")?,
        created_at: Timestamp::from_milliseconds(row.integer("created_at")?),
        updated_at: Timestamp::from_milliseconds(row.integer("updated_at")?),
    })
}
