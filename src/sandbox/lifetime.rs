//! How sandboxes come, are found, and go.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::database::{DatabaseError, Statement, Transaction};
use crate::model::behaviours::Behaviours;
use crate::model::trace::Trace;
use crate::sandbox::user::WriteError;
use crate::sandbox::{Key, Live, Owner, SandboxId, Sandboxes, Scope, Written, seed};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A sandbox that nobody used for so long goes.
const IDLE: i64 = DAY;
/// A sandbox goes at this age.
const AGE: i64 = 7 * DAY;

/// A sandbox that a key opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The sandbox.
    pub live: Arc<Live>,
    /// Whether its cookie is to be sent again, so that it does not end before the sandbox.
    pub renew: bool,
}

impl Sandboxes {
    /// Finds the sandbox of a key. `None` when there is none, or it has expired.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn open_sandbox(
        &self,
        key: &Key,
        trace: &Trace,
    ) -> Result<Option<Opened>, DatabaseError> {
        let live = match self.memory.find(key) {
            Some(live) => live,
            None => match self.read_sandbox(key, trace).await? {
                Some(live) => self.memory.keep(key, live),
                None => return Ok(None),
            },
        };
        let now = self.clock.now();
        if now - live.last_used_at > IDLE || now - live.created_at > AGE {
            return Ok(None);
        }
        let renew = now - live.cookie_at > DAY;
        if !renew && now - live.last_used_at <= HOUR {
            return Ok(Some(Opened { live, renew }));
        }
        if let Err(error) = self.touch(live.id, renew, now, trace).await {
            // Who only reads is not kept from it because this cannot be written.
            tracing::warn!(%error, "the use of a sandbox was not noted");
            return Ok(Some(Opened { live, renew: false }));
        }
        let touched = Live {
            last_used_at: now,
            cookie_at: if renew { now } else { live.cookie_at },
            ..Live::clone(&live)
        };
        let live = self.memory.keep(key, touched);
        Ok(Some(Opened { live, renew }))
    }

    async fn read_sandbox(&self, key: &Key, trace: &Trace) -> Result<Option<Live>, DatabaseError> {
        let sql = "SELECT id, behaviours, created_at, last_used_at, cookie_at FROM sandbox WHERE key_hash = $1";
        let select = Statement::new(sql).bind(key.hash()).traced(trace);
        let Some(row) = self.database.optional(select).await? else {
            return Ok(None);
        };
        let id = SandboxId(row.integer("id")?);
        Ok(Some(Live {
            id,
            behaviours: serde_json::from_str(&row.text("behaviours")?).unwrap_or_default(),
            usage: self.memory.usage(id),
            created_at: row.integer("created_at")?,
            last_used_at: row.integer("last_used_at")?,
            cookie_at: row.integer("cookie_at")?,
        }))
    }

    /// Notes that a sandbox is in use, and that its cookie is sent again.
    async fn touch(
        &self,
        id: SandboxId,
        renew: bool,
        now: i64,
        trace: &Trace,
    ) -> Result<(), DatabaseError> {
        let sql = "UPDATE sandbox SET last_used_at = $2, cookie_at = CASE WHEN $3 = 1 THEN $2 ELSE cookie_at END \
                   WHERE id = $1";
        let touch = Statement::new(sql).bind(id.0).bind(now).bind(renew);
        self.database.write(touch.traced(trace)).await.map(drop)
    }

    /// Makes a sandbox.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn create_sandbox(&self) -> Result<Written<()>, WriteError> {
        let scope = Scope {
            owner: Owner::New,
            trace: Trace::off(),
        };
        self.write(&scope, |_, _| Box::pin(async { Ok(()) })).await
    }

    /// Changes how the API of a sandbox behaves.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn set_behaviours(
        &self,
        key: &Key,
        live: &Live,
        behaviours: Behaviours,
    ) -> Result<(), DatabaseError> {
        let set = Statement::new("UPDATE sandbox SET behaviours = $2 WHERE id = $1")
            .bind(live.id.0)
            .bind(serde_json::to_string(&behaviours).expect("switches are JSON"));
        self.database.write(set).await?;
        let changed = Live {
            behaviours,
            ..live.clone()
        };
        self.memory.keep(key, changed);
        Ok(())
    }

    /// Puts the seed back, byte for byte, begins its ids anew, and ends sessions and tokens.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn reset_sandbox(&self, id: SandboxId) -> Result<(), WriteError> {
        let first_id = self.first_id();
        let scope = Scope {
            owner: Owner::Known(id),
            trace: Trace::off(),
        };
        self.write(&scope, move |transaction, _| {
            Box::pin(async move {
                // Sessions and tokens end with their users.
                for sql in [
                    "DELETE FROM users WHERE sandbox_id = $1",
                    "DELETE FROM idempotency WHERE sandbox_id = $1",
                    "DELETE FROM exchange WHERE sandbox_id = $1",
                ] {
                    transaction.write(Statement::new(sql).bind(id.0)).await?;
                }
                let anew =
                    Statement::new("UPDATE sandbox SET floor = $2, undone = '[]' WHERE id = $1");
                transaction.write(anew.bind(id.0).bind(first_id)).await?;
                seed::copy(transaction, id).await?;
                Ok(())
            })
        })
        .await?;
        self.recording.forget(id);
        Ok(())
    }

    /// Ends a sandbox. Nothing happens when it is gone.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn delete_sandbox(&self, id: SandboxId) -> Result<(), DatabaseError> {
        let sql = "DELETE FROM sandbox WHERE id = $1 RETURNING id, key_hash";
        self.end(Statement::new(sql).bind(id.0)).await.map(drop)
    }

    /// Runs a statement that deletes sandboxes, and forgets them; answers how many.
    async fn end(&self, delete: Statement) -> Result<u64, DatabaseError> {
        let rows = self.database.write_all(delete).await?;
        for row in &rows {
            self.memory.forget(&row.blob("key_hash")?);
            let sandbox = SandboxId(row.integer("id")?);
            self.recording.forget(sandbox);
            self.recording.close_events(sandbox);
        }
        Ok(rows.len() as u64)
    }

    /// Deletes at most `limit` sandboxes that have expired or, when none has, that are more than
    /// there may be, the longest unused first; answers how many went. Called until none is left, it
    /// holds up no other write for long.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn expire(&self, limit: i64) -> Result<u64, DatabaseError> {
        let now = self.clock.now();
        self.created.count.store(0, Ordering::Relaxed);
        let sql = "DELETE FROM sandbox WHERE id IN \
                   (SELECT id FROM sandbox WHERE last_used_at < $1 OR created_at < $2 ORDER BY last_used_at LIMIT $3) \
                   RETURNING id, key_hash";
        let expired = Statement::new(sql)
            .bind(now - IDLE)
            .bind(now - AGE)
            .bind(limit);
        let gone = self.end(expired).await?;
        if gone > 0 {
            return Ok(gone);
        }
        let surplus = self.count_sandboxes().await? - self.limits.sandboxes;
        if surplus <= 0 {
            return Ok(0);
        }
        let sql = "DELETE FROM sandbox WHERE id IN \
                   (SELECT id FROM sandbox ORDER BY last_used_at, id LIMIT $1) RETURNING id, key_hash";
        let unused = Statement::new(sql).bind(surplus.min(limit));
        self.end(unused).await
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
