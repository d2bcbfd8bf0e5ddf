//! How sandboxes come, are found, and go.

use crate::database::{DatabaseError, Statement, Transaction};
use crate::sandbox::user::WriteError;
use crate::sandbox::{Key, Owner, SandboxId, Sandboxes, Written, seed};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A sandbox that nobody used for so long goes.
const IDLE: i64 = DAY;
/// A sandbox goes at this age.
const AGE: i64 = 7 * DAY;

/// A sandbox that a key opened.
#[derive(Clone, Copy, Debug)]
pub struct Opened {
    /// Which one.
    pub id: SandboxId,
    /// Whether its cookie is to be sent again, so that it does not end before the sandbox.
    pub renew: bool,
}

impl Sandboxes {
    /// Finds the sandbox of a key. `None` when there is none, or it has expired.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn open_sandbox(&self, key: &Key) -> Result<Option<Opened>, DatabaseError> {
        let sql = "SELECT id, created_at, last_used_at, cookie_at FROM sandbox WHERE key_hash = $1";
        let Some(row) = self
            .database
            .optional(Statement::new(sql).bind(key.hash()))
            .await?
        else {
            return Ok(None);
        };
        let now = self.clock.now();
        let id = SandboxId(row.integer("id")?);
        let used = row.integer("last_used_at")?;
        if now - used > IDLE || now - row.integer("created_at")? > AGE {
            return Ok(None);
        }
        let renew = now - row.integer("cookie_at")? > DAY;
        if (renew || now - used > HOUR)
            && let Err(error) = self.touch(id, renew, now).await
        {
            // Who only reads is not kept from it because this cannot be written.
            tracing::warn!(%error, "the use of a sandbox was not noted");
            return Ok(Some(Opened { id, renew: false }));
        }
        Ok(Some(Opened { id, renew }))
    }

    /// Notes that a sandbox is in use, and that its cookie is sent again.
    async fn touch(&self, id: SandboxId, renew: bool, now: i64) -> Result<(), DatabaseError> {
        let sql = "UPDATE sandbox SET last_used_at = $2, cookie_at = CASE WHEN $3 = 1 THEN $2 ELSE cookie_at END \
                   WHERE id = $1";
        let touch = Statement::new(sql).bind(id.0).bind(now).bind(renew);
        self.database.write(touch).await.map(drop)
    }

    /// Makes a sandbox.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn create_sandbox(&self) -> Result<Written<()>, WriteError> {
        self.write(Owner::New, |_, _| Box::pin(async { Ok(()) }))
            .await
    }

    /// Puts the seed back, byte for byte, and begins its ids anew.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn reset_sandbox(&self, id: SandboxId) -> Result<(), WriteError> {
        let first_id = self.first_id();
        self.write(Owner::Known(id), move |transaction, _| {
            Box::pin(async move {
                let delete = Statement::new("DELETE FROM users WHERE sandbox_id = $1").bind(id.0);
                transaction.write(delete).await?;
                let floor = Statement::new("UPDATE sandbox SET floor = $2 WHERE id = $1");
                transaction.write(floor.bind(id.0).bind(first_id)).await?;
                seed::copy(transaction, id).await?;
                Ok(())
            })
        })
        .await?;
        Ok(())
    }

    /// Ends a sandbox. Nothing happens when it is gone.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn delete_sandbox(&self, id: SandboxId) -> Result<(), DatabaseError> {
        let sql = "DELETE FROM sandbox WHERE id = $1";
        self.database
            .write(Statement::new(sql).bind(id.0))
            .await
            .map(drop)
    }

    /// Deletes at most `limit` sandboxes that have expired or, when none has, that are more than
    /// there may be, the longest unused first; answers how many went. Called until none is left, it
    /// holds up no other write for long.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn expire(&self, limit: i64) -> Result<u64, DatabaseError> {
        let now = self.clock.now();
        let sql = "DELETE FROM sandbox WHERE id IN \
                   (SELECT id FROM sandbox WHERE last_used_at < $1 OR created_at < $2 ORDER BY last_used_at LIMIT $3)";
        let expired = Statement::new(sql)
            .bind(now - IDLE)
            .bind(now - AGE)
            .bind(limit);
        let gone = self.database.write(expired).await?;
        if gone > 0 {
            return Ok(gone);
        }
        let surplus = self.count_sandboxes().await? - self.limits.sandboxes;
        if surplus <= 0 {
            return Ok(0);
        }
        let sql = "DELETE FROM sandbox WHERE id IN \
                   (SELECT id FROM sandbox ORDER BY last_used_at, id LIMIT $1)";
        let unused = Statement::new(sql).bind(surplus.min(limit));
        self.database.write(unused).await
    }

    async fn count_sandboxes(&self) -> Result<i64, DatabaseError> {
        let count = Statement::new("SELECT COUNT(*) AS total FROM sandbox");
        match self.database.optional(count).await? {
            Some(row) => row.integer("total"),
            None => Ok(0),
        }
    }
}

/// Makes a sandbox with the seed in it.
pub(super) async fn insert(
    transaction: &mut Transaction,
    key: &Key,
    first_id: i64,
    now: i64,
) -> Result<SandboxId, WriteError> {
    let sql = "INSERT INTO sandbox (key_hash, floor, created_at, last_used_at, cookie_at) \
               VALUES ($1, $2, $3, $3, $3) RETURNING id";
    let insert = Statement::new(sql)
        .bind(key.hash())
        .bind(first_id)
        .bind(now);
    // A key of 128 random bits is never there already.
    let row = transaction
        .optional(insert)
        .await?
        .ok_or(WriteError::Gone)?;
    let sandbox = SandboxId(row.integer("id")?);
    seed::copy(transaction, sandbox).await?;
    Ok(sandbox)
}
