//! The table of users. Every statement names the sandbox, so a sandbox never reads the rows of
//! another.

use std::sync::Arc;

use crate::database::{DatabaseError, Engine, Row, Statement, Transaction};
use crate::model::problem::PartError;
use crate::model::timestamp::Timestamp;
use crate::model::trace::{StepKind, Trace, TraceText};
use crate::model::user::{
    BodyConflict, Email, NewUser, User, UserId, UserPatch, UserReplacement, UserRole, fold,
};
use crate::sandbox::undo::{self, Appended};
use crate::sandbox::{DataOwner, DataScope, SandboxId, Sandboxes, WriteContext, WriteOutcome};

/// A check that decides whether a write to the stored user is allowed; called with `None` when the
/// user does not exist.
pub type WriteGuard = Arc<dyn Fn(Option<&User>) -> Result<(), WriteError> + Send + Sync>;

/// The idempotency key of a write, which lets a repeated request have no second effect.
#[derive(Clone, Debug)]
pub struct IdempotencyRecord {
    /// The key that the client sent.
    pub key: String,
    /// A hash of the request, to detect a different request with the same key.
    pub fingerprint: Vec<u8>,
}

/// The result of creating a user.
#[derive(Clone, Debug)]
pub struct CreateOutcome {
    /// The user as it was created.
    pub user: User,
    /// Whether an earlier request with the same idempotency key created it.
    pub replayed: bool,
}

/// The result of replacing a user.
#[derive(Clone, Debug)]
pub struct ReplaceOutcome {
    /// The user after the write.
    pub user: User,
    /// Whether the user did not exist before.
    pub created: bool,
}

/// The reasons for which a write is refused or fails. Nothing is written then.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Another user has the email address.
    #[error("another user has this email address")]
    EmailTaken,
    /// The sandbox has the maximum number of users.
    #[error("the sandbox is full")]
    Full {
        /// The maximum.
        limit: i64,
    },
    /// The sandbox has the maximum number of tokens.
    #[error("the sandbox is full of tokens")]
    TokensFull {
        /// The maximum.
        limit: i64,
    },
    /// The highest possible id has been assigned.
    #[error("no id is left")]
    NoIdLeft,
    /// The user does not exist.
    #[error("there is no such user")]
    Missing,
    /// The body contradicts the stored user.
    #[error("the body does not fit the user")]
    BodyConflict(BodyConflict),
    /// The guard refused the write.
    #[error("the condition of the request does not hold")]
    Unguarded,
    /// A member tried to become an admin.
    #[error("a member cannot make itself an admin")]
    RoleRaised,
    /// The idempotency key was used for a different request.
    #[error("the idempotency key was used for another request")]
    OtherOnce,
    /// A user was changed after the change that undo would revert.
    #[error("a user was changed since")]
    ChangedSince(UserId),
    /// The merge patch of the behaviors is not valid.
    #[error("the switches are not valid")]
    Behaviors(Vec<PartError>),
    /// The sandbox was deleted in the meantime.
    #[error("the sandbox is gone")]
    Gone,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl WriteError {
    /// Adds the step at which the request stopped to its trace.
    pub(super) fn tell(&self, trace: &Trace) {
        let (kind, name) = match self {
            WriteError::EmailTaken => (
                StepKind::Constraint,
                TraceText::translatable("the email address is unique"),
            ),
            WriteError::Full { .. } => (
                StepKind::Constraint,
                TraceText::translatable("the sandbox has room"),
            ),
            WriteError::TokensFull { .. } => (
                StepKind::Constraint,
                TraceText::translatable("there is room for a token"),
            ),
            WriteError::NoIdLeft => (
                StepKind::Constraint,
                TraceText::translatable("an id is left"),
            ),
            WriteError::Missing => (
                StepKind::Constraint,
                TraceText::translatable("the user is there"),
            ),
            WriteError::Gone => (
                StepKind::Constraint,
                TraceText::translatable("the sandbox is there"),
            ),
            WriteError::BodyConflict(_) => (
                StepKind::Validation,
                TraceText::translatable("the body fits the user"),
            ),
            WriteError::RoleRaised => (
                StepKind::Authorization,
                TraceText::translatable("nobody raises their own role"),
            ),
            WriteError::OtherOnce => (
                StepKind::Constraint,
                TraceText::translatable("the key names one request"),
            ),
            // The guard adds its own step, and the executor has added the failed statement.
            WriteError::Unguarded | WriteError::Database(_) => return,
            // These errors occur under `/api/sandbox` only, which is not recorded.
            WriteError::ChangedSince(_) | WriteError::Behaviors(_) => return,
        };
        trace.add_stopped(kind, name, || TraceText::from_error(self));
    }
}

impl Sandboxes {
    /// Finds a user.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn find_user(
        &self,
        scope: &DataScope,
        id: UserId,
    ) -> Result<Option<User>, DatabaseError> {
        let Some(sandbox) = scope.sandbox() else {
            return Ok(self.seed().iter().find(|user| user.id == id).cloned());
        };
        let select = select_one(sandbox, id).traced(&scope.trace);
        let row = self.database.optional(select).await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Creates a user with the next id.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn create_user(
        &self,
        scope: &DataScope,
        new: NewUser,
        once: Option<IdempotencyRecord>,
    ) -> Result<WriteOutcome<CreateOutcome>, WriteError> {
        // On SQLite the whole transaction is one text, because every separate statement is another
        // message to the thread of the driver.
        if let (DataOwner::Known(sandbox), None, Engine::Sqlite) =
            (scope.owner, &once, self.database.engine())
            && let Some(user) = self.create_at_once(scope, sandbox, &new).await?
        {
            return Ok(WriteOutcome {
                value: CreateOutcome {
                    user,
                    replayed: false,
                },
                made: None,
            });
        }
        // When the batch wrote nothing, the transaction determines the reason.
        self.write(scope, move |transaction, place| {
            Box::pin(async move { create(transaction, place, new, once).await })
        })
        .await
    }

    /// Creates a user with the next id and appends the undo step, in one SQL text. Returns `None`
    /// when nothing was written.
    async fn create_at_once(
        &self,
        scope: &DataScope,
        sandbox: SandboxId,
        new: &NewUser,
    ) -> Result<Option<User>, DatabaseError> {
        let now = self.clock.now();
        let insert = insert_next(CREATE_AT_ONCE, sandbox, new, self.limits.users, now);
        let mut user = user_of(UserId::FIRST, new.clone(), now);
        let (insert, size) = undo::bind_creation(insert, &user, scope.source.as_deref());
        let rows = self.database.batch(insert.traced(&scope.trace)).await?;
        let [inserted, step] = rows.as_slice() else {
            return Ok(None);
        };
        user.id = id_of(inserted)?;
        scope.trace.add_change(None, Some(&user));
        let number = step.integer("number")?;
        self.recording.note_step(sandbox, Appended { number, size });
        Ok(Some(user))
    }

    /// Replaces the user with this id, or creates it.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn replace_user(
        &self,
        scope: &DataScope,
        id: UserId,
        replacement: UserReplacement,
        guard: Option<WriteGuard>,
    ) -> Result<WriteOutcome<ReplaceOutcome>, WriteError> {
        self.write(scope, move |transaction, place| {
            Box::pin(async move {
                let stored = find(transaction, place, id).await?;
                check(guard, stored.as_ref())?;
                let fields = replacement
                    .check_against(id, stored.as_ref())
                    .map_err(WriteError::BodyConflict)?;
                let created = stored.is_none();
                let user = match stored {
                    Some(stored) => update(transaction, place, stored, fields).await?,
                    None => insert_at(transaction, place, id, fields).await?,
                };
                Ok(ReplaceOutcome { user, created })
            })
        })
        .await
    }

    /// Changes a user by a merge patch (RFC 7396).
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn update_user(
        &self,
        scope: &DataScope,
        id: UserId,
        patch: UserPatch,
        guard: Option<WriteGuard>,
    ) -> Result<WriteOutcome<User>, WriteError> {
        self.write(scope, move |transaction, place| {
            Box::pin(async move {
                let stored = find(transaction, place, id).await?;
                let stored = stored.ok_or(WriteError::Missing)?;
                check(guard, Some(&stored))?;
                let fields = patch.apply(&stored).map_err(WriteError::BodyConflict)?;
                update(transaction, place, stored, fields).await
            })
        })
        .await
    }

    /// Deletes a user.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn delete_user(
        &self,
        scope: &DataScope,
        id: UserId,
        guard: Option<WriteGuard>,
    ) -> Result<WriteOutcome<()>, WriteError> {
        self.write(scope, move |transaction, place| {
            Box::pin(async move {
                let stored = find(transaction, place, id).await?;
                let stored = stored.ok_or(WriteError::Missing)?;
                check(guard, Some(&stored))?;
                let sql = "DELETE FROM users WHERE sandbox_id = $1 AND id = $2";
                let delete = Statement::new(sql).bind(place.sandbox.0).bind(id.get());
                transaction.write(delete).await?;
                raise_floor(transaction, place, id.get() + 1).await?;
                place.change(Some(&stored), None);
                Ok(())
            })
        })
        .await
    }
}

fn check(guard: Option<WriteGuard>, stored: Option<&User>) -> Result<(), WriteError> {
    guard.map_or(Ok(()), |guard| guard(stored))
}

fn select_one(sandbox: SandboxId, id: UserId) -> Statement {
    let sql = "SELECT id, name, email, role, bio, created_at, updated_at FROM users \
               WHERE sandbox_id = $1 AND id = $2";
    Statement::new(sql).bind(sandbox.0).bind(id.get())
}

pub(super) async fn find(
    transaction: &mut Transaction,
    place: &WriteContext,
    id: UserId,
) -> Result<Option<User>, DatabaseError> {
    let row = transaction.optional(select_one(place.sandbox, id)).await?;
    row.as_ref().map(from_row).transpose()
}

/// The INSERT of a user with the next id. It returns no row when the sandbox is full, the email
/// address is taken or no id is left.
macro_rules! insert_next_sql {
    () => {
        "INSERT INTO users (sandbox_id, id, name, name_folded, email, email_folded, role, bio, created_at, updated_at) \
         SELECT id, next, $2, $3, $4, $5, $6, $7, $8, $8 FROM ( \
         SELECT id, CASE WHEN floor > highest THEN floor ELSE highest + 1 END AS next FROM ( \
         SELECT id, floor, COALESCE((SELECT MAX(users.id) FROM users WHERE sandbox_id = sandbox.id), 0) AS highest \
         FROM sandbox WHERE id = $1) AS ids) AS place \
         WHERE next <= 2147483647 AND $9 > (SELECT COUNT(*) FROM users WHERE sandbox_id = $1) \
         ON CONFLICT (sandbox_id, email_folded) DO NOTHING RETURNING id"
    };
}

/// The INSERT alone.
const INSERT_NEXT: &str = insert_next_sql!();

/// The INSERT and the undo step, as one SQLite transaction. The new user has the highest id of its
/// sandbox, by which the second statement finds it.
const CREATE_AT_ONCE: &str = concat!(
    "BEGIN IMMEDIATE; ",
    insert_next_sql!(),
    "; INSERT INTO undo_step (sandbox_id, number, at, size, request, changes) \
     SELECT $1, COALESCE((SELECT MAX(number) FROM undo_step WHERE sandbox_id = $1), 0) + 1, $8, $10, $11, \
     json_set($12, '$[0].after.id', id) FROM users WHERE sandbox_id = $1 AND changes() = 1 \
     ORDER BY id DESC LIMIT 1 RETURNING number; COMMIT"
);

/// Binds the values of [`INSERT_NEXT`], which are the first ones of [`CREATE_AT_ONCE`] too.
fn insert_next(
    sql: &'static str,
    sandbox: SandboxId,
    new: &NewUser,
    limit: i64,
    now: i64,
) -> Statement {
    Statement::new(sql)
        .bind(sandbox.0)
        .bind(new.name.as_str())
        .bind(fold(&new.name))
        .bind(new.email.as_str())
        .bind(new.email.folded())
        .bind(new.role.as_str())
        .bind(new.bio.clone())
        .bind(Timestamp::from_milliseconds(now).milliseconds())
        .bind(limit)
}

/// Creates a user with the next id, unless the idempotency key belongs to an earlier request.
async fn create(
    transaction: &mut Transaction,
    place: &mut WriteContext,
    new: NewUser,
    once: Option<IdempotencyRecord>,
) -> Result<CreateOutcome, WriteError> {
    if let Some(once) = &once
        && let Some(user) = earlier(transaction, place, once).await?
    {
        return Ok(CreateOutcome {
            user,
            replayed: true,
        });
    }
    let insert = insert_next(
        INSERT_NEXT,
        place.sandbox,
        &new,
        place.limits.users,
        place.now,
    );
    let Some(row) = transaction.optional(insert).await? else {
        return Err(reason(transaction, place, &new).await?);
    };
    let user = user_of(id_of(&row)?, new, place.now);
    if let Some(once) = once {
        remember(transaction, place, once, &user).await?;
    }
    place.change(None, Some(&user));
    Ok(CreateOutcome {
        user,
        replayed: false,
    })
}

/// Returns the reason why [`INSERT_NEXT`] inserted no row.
async fn reason(
    transaction: &mut Transaction,
    place: &WriteContext,
    new: &NewUser,
) -> Result<WriteError, WriteError> {
    if taken(transaction, place, &new.email, 0).await? {
        return Ok(WriteError::EmailTaken);
    }
    if count(transaction, place).await? >= place.limits.users {
        return Ok(WriteError::Full {
            limit: place.limits.users,
        });
    }
    Ok(WriteError::NoIdLeft)
}

async fn count(transaction: &mut Transaction, place: &WriteContext) -> Result<i64, DatabaseError> {
    let count = Statement::new("SELECT COUNT(*) AS total FROM users WHERE sandbox_id = $1");
    let row = transaction.optional(count.bind(place.sandbox.0)).await?;
    row.map_or(Ok(0), |row| row.integer("total"))
}

/// Returns whether a user other than `but` has the email address.
pub(super) async fn taken(
    transaction: &mut Transaction,
    place: &WriteContext,
    email: &Email,
    but: i64,
) -> Result<bool, DatabaseError> {
    let sql = "SELECT id FROM users WHERE sandbox_id = $1 AND email_folded = $2 AND id <> $3";
    let other = Statement::new(sql)
        .bind(place.sandbox.0)
        .bind(email.folded())
        .bind(but);
    Ok(transaction.optional(other).await?.is_some())
}

/// Finds the user that an earlier request with the same idempotency key created.
async fn earlier(
    transaction: &mut Transaction,
    place: &WriteContext,
    once: &IdempotencyRecord,
) -> Result<Option<User>, WriteError> {
    let sql = "SELECT fingerprint, response FROM idempotency WHERE sandbox_id = $1 AND key = $2";
    let select = Statement::new(sql)
        .bind(place.sandbox.0)
        .bind(once.key.as_str());
    let Some(row) = transaction.optional(select).await? else {
        return Ok(None);
    };
    if row.blob("fingerprint")? != once.fingerprint {
        return Err(WriteError::OtherOnce);
    }
    let user = serde_json::from_str(&row.text("response")?);
    user.map(Some).map_err(|_| unreadable("response").into())
}

async fn remember(
    transaction: &mut Transaction,
    place: &WriteContext,
    once: IdempotencyRecord,
    user: &User,
) -> Result<(), WriteError> {
    let sql = "INSERT INTO idempotency (sandbox_id, key, fingerprint, response, created_at) \
               VALUES ($1, $2, $3, $4, $5)";
    let insert = Statement::new(sql)
        .bind(place.sandbox.0)
        .bind(once.key)
        .bind(once.fingerprint)
        .bind(serde_json::to_string(user).expect("a user is JSON"))
        .bind(place.now);
    transaction.write(insert).await?;
    Ok(())
}

/// Creates a user with the given id.
async fn insert_at(
    transaction: &mut Transaction,
    place: &mut WriteContext,
    id: UserId,
    new: NewUser,
) -> Result<User, WriteError> {
    if taken(transaction, place, &new.email, 0).await? {
        return Err(WriteError::EmailTaken);
    }
    if count(transaction, place).await? >= place.limits.users {
        return Err(WriteError::Full {
            limit: place.limits.users,
        });
    }
    let user = user_of(id, new, place.now);
    put_row(transaction, place.sandbox, &user).await?;
    place.change(None, Some(&user));
    Ok(user)
}

/// Inserts a user unchanged, with its id and times.
pub(super) async fn put_row(
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
    place: &WriteContext,
    floor: i64,
) -> Result<(), DatabaseError> {
    if floor <= place.floor {
        return Ok(());
    }
    let raise = Statement::new("UPDATE sandbox SET floor = $2 WHERE id = $1");
    transaction
        .write(raise.bind(place.sandbox.0).bind(floor))
        .await
        .map(drop)
}

/// Updates the fields of a user. When they are equal to the stored ones nothing changes, including
/// `updated_at`.
async fn update(
    transaction: &mut Transaction,
    place: &mut WriteContext,
    stored: User,
    fields: NewUser,
) -> Result<User, WriteError> {
    if stored.has_fields(&fields) {
        return Ok(stored);
    }
    if taken(transaction, place, &fields.email, stored.id.get()).await? {
        return Err(WriteError::EmailTaken);
    }
    let user = User {
        created_at: stored.created_at,
        ..user_of(stored.id, fields, place.now)
    };
    set_row(transaction, place.sandbox, &user).await?;
    place.change(Some(&stored), Some(&user));
    Ok(user)
}

/// Overwrites an existing user unchanged, with its times.
pub(super) async fn set_row(
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

fn user_of(id: UserId, fields: NewUser, now: i64) -> User {
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

fn id_of(row: &Row) -> Result<UserId, DatabaseError> {
    UserId::new(row.integer("id")?).ok_or_else(|| unreadable("id"))
}

pub(super) fn unreadable(column: &str) -> DatabaseError {
    DatabaseError::Column {
        column: column.to_owned(),
        expected: "a valid value",
    }
}

/// Reads the columns `id, name, email, role, bio, created_at, updated_at`.
pub(super) fn from_row(row: &Row) -> Result<User, DatabaseError> {
    Ok(User {
        id: id_of(row)?,
        name: row.text("name")?,
        email: Email::parse(&row.text("email")?).ok_or_else(|| unreadable("email"))?,
        role: UserRole::parse(&row.text("role")?).ok_or_else(|| unreadable("role"))?,
        bio: row.optional_text("bio")?,
        created_at: Timestamp::from_milliseconds(row.integer("created_at")?),
        updated_at: Timestamp::from_milliseconds(row.integer("updated_at")?),
    })
}
