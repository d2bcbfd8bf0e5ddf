//! The table of users: the rows of one sandbox are never seen from another.

use crate::database::{DatabaseError, Row, Statement, Transaction};
use crate::model::timestamp::Timestamp;
use crate::model::user::{Email, Misfit, NewUser, Role, User, UserId, UserPatch, UserReplacement};
use crate::sandbox::{Owner, Place, SandboxId, Sandboxes, Written};

/// A stretch of the list of users.
#[derive(Clone, Debug)]
pub struct Page {
    /// The users of this page, by id.
    pub users: Vec<User>,
    /// How many users there are in all.
    pub total: usize,
}

/// A user that was put in place.
#[derive(Clone, Debug)]
pub struct Replaced {
    /// The user as it is now.
    pub user: User,
    /// Whether nobody had the id before.
    pub created: bool,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Another user has the e-mail address.
    #[error("another user has this e-mail address")]
    EmailTaken,
    /// The sandbox holds as many users as it may.
    #[error("the sandbox is full")]
    Full {
        /// How many it may hold.
        limit: i64,
    },
    /// The highest id there can be has been given away.
    #[error("no id is left")]
    NoIdLeft,
    /// There is no user with the id.
    #[error("there is no such user")]
    Missing,
    /// The body does not fit the user that it is for.
    #[error("the body does not fit the user")]
    Misfit(Misfit),
    /// The sandbox ended meanwhile.
    #[error("the sandbox is gone")]
    Gone,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Sandboxes {
    /// Lists users by id, without the first `offset`, at most `limit`.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn list_users(
        &self,
        sandbox: SandboxId,
        offset: i64,
        limit: i64,
    ) -> Result<Page, DatabaseError> {
        let sql = "SELECT id, name, email, role, bio, created_at, updated_at FROM users \
                   WHERE sandbox_id = $1 ORDER BY id LIMIT $2 OFFSET $3";
        let select = Statement::new(sql).bind(sandbox.0).bind(limit).bind(offset);
        let rows = self.database.all(select).await?;
        let users = rows.iter().map(from_row).collect::<Result<_, _>>()?;
        let count = Statement::new("SELECT COUNT(*) AS total FROM users WHERE sandbox_id = $1")
            .bind(sandbox.0);
        let total = match self.database.optional(count).await? {
            Some(row) => row.integer("total")?,
            None => 0,
        };
        Ok(Page {
            users,
            total: usize::try_from(total).unwrap_or_default(),
        })
    }

    /// Finds a user.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn find_user(
        &self,
        sandbox: SandboxId,
        id: UserId,
    ) -> Result<Option<User>, DatabaseError> {
        let row = self.database.optional(select_one(sandbox, id)).await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Makes a user with the next id.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn create_user(
        &self,
        owner: Owner,
        new: NewUser,
    ) -> Result<Written<User>, WriteError> {
        self.write(owner, |transaction, place| {
            Box::pin(async move {
                let id = UserId::new(place.next_id).ok_or(WriteError::NoIdLeft)?;
                insert(transaction, place, id, new).await
            })
        })
        .await
    }

    /// Puts a whole user at an id: in place of the one that is there, or as a new one.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn replace_user(
        &self,
        owner: Owner,
        id: UserId,
        replacement: UserReplacement,
    ) -> Result<Written<Replaced>, WriteError> {
        self.write(owner, move |transaction, place| {
            Box::pin(async move {
                let stored = find(transaction, place, id).await?;
                let fields = replacement
                    .settle(id, stored.as_ref())
                    .map_err(WriteError::Misfit)?;
                let created = stored.is_none();
                let user = match stored {
                    Some(stored) => update(transaction, place, stored, fields).await?,
                    None => insert(transaction, place, id, fields).await?,
                };
                Ok(Replaced { user, created })
            })
        })
        .await
    }

    /// Changes a user by a merge patch.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn update_user(
        &self,
        owner: Owner,
        id: UserId,
        patch: UserPatch,
    ) -> Result<Written<User>, WriteError> {
        self.write(owner, move |transaction, place| {
            Box::pin(async move {
                let stored = find(transaction, place, id)
                    .await?
                    .ok_or(WriteError::Missing)?;
                let fields = patch.apply(&stored).map_err(WriteError::Misfit)?;
                update(transaction, place, stored, fields).await
            })
        })
        .await
    }

    /// Deletes a user.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn delete_user(&self, owner: Owner, id: UserId) -> Result<Written<()>, WriteError> {
        self.write(owner, move |transaction, place| {
            Box::pin(async move {
                let sql = "DELETE FROM users WHERE sandbox_id = $1 AND id = $2";
                let delete = Statement::new(sql).bind(place.sandbox.0).bind(id.get());
                match transaction.write(delete).await? {
                    0 => Err(WriteError::Missing),
                    _ => Ok(()),
                }
            })
        })
        .await
    }
}

fn select_one(sandbox: SandboxId, id: UserId) -> Statement {
    let sql = "SELECT id, name, email, role, bio, created_at, updated_at FROM users \
               WHERE sandbox_id = $1 AND id = $2";
    Statement::new(sql).bind(sandbox.0).bind(id.get())
}

async fn find(
    transaction: &mut Transaction,
    place: Place,
    id: UserId,
) -> Result<Option<User>, DatabaseError> {
    let row = transaction.optional(select_one(place.sandbox, id)).await?;
    row.as_ref().map(from_row).transpose()
}

/// Writes a new row and raises the counter of ids above it.
async fn insert(
    transaction: &mut Transaction,
    place: Place,
    id: UserId,
    new: NewUser,
) -> Result<User, WriteError> {
    let count = Statement::new("SELECT COUNT(*) AS total FROM users WHERE sandbox_id = $1")
        .bind(place.sandbox.0);
    let held = match transaction.optional(count).await? {
        Some(row) => row.integer("total")?,
        None => 0,
    };
    if held >= place.limits.users {
        return Err(WriteError::Full {
            limit: place.limits.users,
        });
    }
    let now = Timestamp::from_milliseconds(place.now);
    let NewUser {
        name,
        email,
        role,
        bio,
    } = new;
    let user = User {
        id,
        name,
        email,
        role,
        bio,
        created_at: now,
        updated_at: now,
    };
    let sql = "INSERT INTO users (sandbox_id, id, name, email, email_folded, role, bio, created_at, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (sandbox_id, email_folded) DO NOTHING";
    let insert = Statement::new(sql)
        .bind(place.sandbox.0)
        .bind(id.get())
        .bind(user.name.as_str())
        .bind(user.email.as_str())
        .bind(user.email.folded())
        .bind(user.role.as_str())
        .bind(user.bio.clone())
        .bind(now.milliseconds());
    if transaction.write(insert).await? == 0 {
        return Err(WriteError::EmailTaken);
    }
    if id.get() >= place.next_id {
        let sql = "UPDATE sandbox SET floor = $2 WHERE id = $1";
        transaction
            .write(Statement::new(sql).bind(place.sandbox.0).bind(id.get() + 1))
            .await?;
    }
    Ok(user)
}

/// Writes the fields of a row; one that has them already stays as it is, `updated_at` too.
async fn update(
    transaction: &mut Transaction,
    place: Place,
    stored: User,
    fields: NewUser,
) -> Result<User, WriteError> {
    if stored.has(&fields) {
        return Ok(stored);
    }
    let sql = "SELECT id FROM users WHERE sandbox_id = $1 AND email_folded = $2 AND id <> $3";
    let other = Statement::new(sql)
        .bind(place.sandbox.0)
        .bind(fields.email.folded())
        .bind(stored.id.get());
    if transaction.optional(other).await?.is_some() {
        return Err(WriteError::EmailTaken);
    }
    let NewUser {
        name,
        email,
        role,
        bio,
    } = fields;
    let user = User {
        name,
        email,
        role,
        bio,
        updated_at: Timestamp::from_milliseconds(place.now),
        ..stored
    };
    let sql = "UPDATE users SET name = $3, email = $4, email_folded = $5, role = $6, bio = $7, updated_at = $8 \
               WHERE sandbox_id = $1 AND id = $2";
    let update = Statement::new(sql)
        .bind(place.sandbox.0)
        .bind(user.id.get())
        .bind(user.name.as_str())
        .bind(user.email.as_str())
        .bind(user.email.folded())
        .bind(user.role.as_str())
        .bind(user.bio.clone())
        .bind(user.updated_at.milliseconds());
    transaction.write(update).await?;
    Ok(user)
}

/// Reads the columns `id, name, email, role, bio, created_at, updated_at`.
fn from_row(row: &Row) -> Result<User, DatabaseError> {
    let unreadable = |column: &str| DatabaseError::Column {
        column: column.to_owned(),
        expected: "a valid value",
    };
    Ok(User {
        id: UserId::new(row.integer("id")?).ok_or_else(|| unreadable("id"))?,
        name: row.text("name")?,
        email: Email::parse(&row.text("email")?).ok_or_else(|| unreadable("email"))?,
        role: Role::parse(&row.text("role")?).ok_or_else(|| unreadable("role"))?,
        bio: row.optional_text("bio")?,
        created_at: Timestamp::from_milliseconds(row.integer("created_at")?),
        updated_at: Timestamp::from_milliseconds(row.integer("updated_at")?),
    })
}
