//! Idempotency keys: the first request with a key stores its result, and a repeated request reads
//! it.

use crate::database::{Statement, Transaction};
use crate::model::user::User;
use crate::sandbox::WriteError;
use crate::sandbox::user_row::invalid_column;
use crate::sandbox::write_context::WriteContext;

/// The idempotency key of a write, which lets a repeated request have no second effect.
#[derive(Clone, Debug)]
pub struct IdempotencyRecord {
    /// The key that the client sent.
    pub key: String,
    /// A hash of the request, to detect a different request with the same key.
    pub fingerprint: Vec<u8>,
}

/// Finds the user that an earlier request with the same idempotency key created.
pub(super) async fn find_replayed_user(
    transaction: &mut Transaction,
    context: &WriteContext,
    record: &IdempotencyRecord,
) -> Result<Option<User>, WriteError> {
    let sql = "SELECT fingerprint, response FROM idempotency WHERE sandbox_id = $1 AND key = $2";
    let select = Statement::new(sql)
        .bind(context.sandbox.0)
        .bind(record.key.as_str());
    let Some(row) = transaction.optional(select).await? else {
        return Ok(None);
    };
    if row.blob("fingerprint")? != record.fingerprint {
        return Err(WriteError::IdempotencyKeyReused);
    }
    let user = serde_json::from_str(&row.text("response")?);
    user.map(Some)
        .map_err(|_| invalid_column("response").into())
}

/// Stores the key of a request with the user that the request created.
pub(super) async fn store_record(
    transaction: &mut Transaction,
    context: &WriteContext,
    record: IdempotencyRecord,
    user: &User,
) -> Result<(), WriteError> {
    let sql = "INSERT INTO idempotency (sandbox_id, key, fingerprint, response, created_at) \
               VALUES ($1, $2, $3, $4, $5)";
    let insert = Statement::new(sql)
        .bind(context.sandbox.0)
        .bind(record.key)
        .bind(record.fingerprint)
        .bind(serde_json::to_string(user).expect("a user is JSON"))
        .bind(context.now);
    transaction.write(insert).await?;
    Ok(())
}
