//! The creation of a user with the next id.

use crate::database::{DatabaseError, Engine, Statement, Transaction};
use crate::model::timestamp::Timestamp;
use crate::model::user::{NewUser, User, UserId, fold};
use crate::sandbox::idempotency::{find_replayed_user, store_record};
use crate::sandbox::undo_log::{self, AppendedStep};
use crate::sandbox::user_row::{build_user, count_users, id_from_row, is_email_taken};
use crate::sandbox::write_context::WriteContext;
use crate::sandbox::{
    DataScope, IdempotencyRecord, SandboxId, Sandboxes, WriteError, WriteOutcome,
};

/// The result of creating a user.
#[derive(Clone, Debug)]
pub struct CreateOutcome {
    /// The user as it was created.
    pub user: User,
    /// Whether an earlier request with the same idempotency key created it.
    pub replayed: bool,
}

impl Sandboxes {
    /// Creates a user with the next id.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn create_user(
        &self,
        scope: &DataScope,
        new: NewUser,
        idempotency: Option<IdempotencyRecord>,
    ) -> Result<WriteOutcome<CreateOutcome>, WriteError> {
        // On SQLite the whole transaction is one text, because every separate statement is another
        // message to the thread of the driver.
        if let (Some(sandbox), None, Engine::Sqlite) =
            (scope.sandbox, &idempotency, self.database.engine())
            && let Some(user) = self.create_in_batch(scope, sandbox, &new).await?
        {
            return Ok(WriteOutcome {
                value: CreateOutcome {
                    user,
                    replayed: false,
                },
                created: None,
            });
        }
        // When the batch wrote nothing, the transaction determines the reason.
        self.write(scope, move |transaction, context| {
            Box::pin(async move { create(transaction, context, new, idempotency).await })
        })
        .await
    }

    /// Creates a user with the next id and appends the undo step, in one SQL text. Returns `None`
    /// when nothing was written.
    async fn create_in_batch(
        &self,
        scope: &DataScope,
        sandbox: SandboxId,
        new: &NewUser,
    ) -> Result<Option<User>, DatabaseError> {
        let now = self.clock.now();
        let insert = insert_next(CREATE_BATCH, sandbox, new, self.limits.users, now);
        let mut user = build_user(UserId::FIRST, new.clone(), now);
        let (insert, size) = undo_log::bind_creation(insert, &user, scope.source.as_deref());
        let rows = self.database.batch(insert.traced(&scope.trace)).await?;
        let [inserted, step] = rows.as_slice() else {
            return Ok(None);
        };
        user.id = id_from_row(inserted)?;
        scope.trace.add_change(None, Some(&user));
        let number = step.integer("number")?;
        self.recorder
            .record_step(sandbox, AppendedStep { number, size });
        Ok(Some(user))
    }
}

/// The INSERT of a user with the next id. It returns no row when the sandbox is full, the email
/// address is taken or no id is left.
macro_rules! insert_next_sql {
    () => {
        "INSERT INTO users (sandbox_id, id, name, name_folded, email, email_folded, role, bio, created_at, updated_at) \
         SELECT id, next, $2, $3, $4, $5, $6, $7, $8, $8 FROM ( \
         SELECT id, CASE WHEN floor > highest THEN floor ELSE highest + 1 END AS next FROM ( \
         SELECT id, floor, COALESCE((SELECT MAX(users.id) FROM users WHERE sandbox_id = sandbox.id), 0) AS highest \
         FROM sandbox WHERE id = $1) AS ids) AS assigned \
         WHERE next <= 2147483647 AND $9 > (SELECT COUNT(*) FROM users WHERE sandbox_id = $1) \
         ON CONFLICT (sandbox_id, email_folded) DO NOTHING RETURNING id"
    };
}

/// The INSERT alone.
const INSERT_NEXT: &str = insert_next_sql!();

/// The INSERT and the undo step, as one SQLite transaction. The new user has the highest id of its
/// sandbox, by which the second statement finds it.
const CREATE_BATCH: &str = concat!(
    "BEGIN IMMEDIATE; ",
    insert_next_sql!(),
    "; INSERT INTO undo_step (sandbox_id, number, at, size, request, changes) \
     SELECT $1, COALESCE((SELECT MAX(number) FROM undo_step WHERE sandbox_id = $1), 0) + 1, $8, $10, $11, \
     json_set($12, '$[0].after.id', id) FROM users WHERE sandbox_id = $1 AND changes() = 1 \
     ORDER BY id DESC LIMIT 1 RETURNING number; COMMIT"
);

/// Binds the values of [`INSERT_NEXT`], which are the first ones of [`CREATE_BATCH`] too.
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
    context: &mut WriteContext,
    new: NewUser,
    idempotency: Option<IdempotencyRecord>,
) -> Result<CreateOutcome, WriteError> {
    if let Some(idempotency) = &idempotency
        && let Some(user) = find_replayed_user(transaction, context, idempotency).await?
    {
        return Ok(CreateOutcome {
            user,
            replayed: true,
        });
    }
    let insert = insert_next(
        INSERT_NEXT,
        context.sandbox,
        &new,
        context.limits.users,
        context.now,
    );
    let Some(row) = transaction.optional(insert).await? else {
        return Err(refusal_reason(transaction, context, &new).await?);
    };
    let user = build_user(id_from_row(&row)?, new, context.now);
    if let Some(idempotency) = idempotency {
        store_record(transaction, context, idempotency, &user).await?;
    }
    context.change(None, Some(&user));
    Ok(CreateOutcome {
        user,
        replayed: false,
    })
}

/// Returns the reason why [`INSERT_NEXT`] inserted no row.
async fn refusal_reason(
    transaction: &mut Transaction,
    context: &WriteContext,
    new: &NewUser,
) -> Result<WriteError, WriteError> {
    if is_email_taken(transaction, context, &new.email, 0).await? {
        return Ok(WriteError::EmailTaken);
    }
    if count_users(transaction, context).await? >= context.limits.users {
        return Ok(WriteError::UsersFull {
            limit: context.limits.users,
        });
    }
    Ok(WriteError::NoIdLeft)
}
