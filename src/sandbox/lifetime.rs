//! The life cycle of sandboxes: creation, lookup by key, expiry and deletion.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::database::{DatabaseError, Statement, Transaction, finish};
use crate::model::behaviors::Behaviors;
use crate::model::json::Json;
use crate::model::trace::Trace;
use crate::sandbox::undo::ResetState;
use crate::sandbox::user::WriteError;
use crate::sandbox::{
    CachedSandbox, DataOwner, DataScope, SandboxId, SandboxKey, Sandboxes, WriteOutcome, seed,
};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A sandbox that was not used for this time expires.
const IDLE: i64 = DAY;
/// A sandbox expires at this age.
const AGE: i64 = 7 * DAY;

/// The result of opening a sandbox with its key.
#[derive(Clone, Debug)]
pub struct OpenedSandbox {
    /// The sandbox.
    pub live: Arc<CachedSandbox>,
    /// Whether the response must set the cookie again, so that the cookie does not expire before
    /// the sandbox.
    pub renew: bool,
}

impl Sandboxes {
    /// Finds the sandbox of a key and records its use. Returns `None` when there is none, or it has
    /// expired.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn open_sandbox(
        &self,
        key: &SandboxKey,
        trace: &Trace,
    ) -> Result<Option<OpenedSandbox>, DatabaseError> {
        let live = match self.memory.find(key) {
            Some(live) => live,
            None => {
                let since = self.memory.generation();
                match self.read_sandbox(key, trace).await? {
                    Some(live) => self.memory.keep(key, live, since),
                    None => return Ok(None),
                }
            }
        };
        let now = self.clock.now();
        if now - live.last_used_at > IDLE || now - live.created_at > AGE {
            return Ok(None);
        }
        let renew = now - live.cookie_at > DAY;
        if !renew && now - live.last_used_at <= HOUR {
            return Ok(Some(OpenedSandbox { live, renew }));
        }
        if let Err(error) = self.touch(live.id, renew, now, trace).await {
            // A failed update does not fail the request, because reads must work while the database
            // cannot be written.
            tracing::warn!(%error, "the use of a sandbox was not noted");
            return Ok(Some(OpenedSandbox { live, renew: false }));
        }
        // Invalidates the cached row, so that the next request reads the new times. The row read
        // above is not updated in place, because another request may have changed it since.
        self.memory.forget(&key.hash());
        Ok(Some(OpenedSandbox { live, renew }))
    }

    async fn read_sandbox(
        &self,
        key: &SandboxKey,
        trace: &Trace,
    ) -> Result<Option<CachedSandbox>, DatabaseError> {
        let sql = "SELECT id, behaviors, created_at, last_used_at, cookie_at FROM sandbox WHERE key_hash = $1";
        let select = Statement::new(sql).bind(key.hash()).traced(trace);
        let Some(row) = self.database.optional(select).await? else {
            return Ok(None);
        };
        let id = SandboxId(row.integer("id")?);
        Ok(Some(CachedSandbox {
            id,
            behaviors: serde_json::from_str(&row.text("behaviors")?).unwrap_or_default(),
            usage: self.memory.usage(id),
            created_at: row.integer("created_at")?,
            last_used_at: row.integer("last_used_at")?,
            cookie_at: row.integer("cookie_at")?,
        }))
    }

    /// Records the use of a sandbox and, with `renew`, that its cookie is sent again.
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

    /// Creates a sandbox.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn create_sandbox(&self) -> Result<WriteOutcome<()>, WriteError> {
        let scope = DataScope {
            owner: DataOwner::New,
            trace: Trace::disabled(),
            source: None,
        };
        self.write(&scope, |_, _| Box::pin(async { Ok(()) })).await
    }

    /// Changes the behaviors of a sandbox by a merge patch (RFC 7396). Creates a sandbox when the
    /// visitor has none.
    ///
    /// # Errors
    /// [`WriteError::Behaviors`] when the patch is not valid. Nothing is written in this case.
    pub async fn patch_behaviors(
        &self,
        scope: &DataScope,
        patch: Json,
    ) -> Result<WriteOutcome<Behaviors>, WriteError> {
        let (sandboxes, scope) = (self.clone(), scope.clone());
        finish(async move {
            let written = sandboxes
                .write(&scope, move |transaction, place| {
                    Box::pin(async move {
                        let old = behaviors(transaction, place.sandbox).await?;
                        let behaviors = old.patched(&patch).map_err(WriteError::Behaviors)?;
                        let state = ResetState {
                            floor: place.floor,
                            behaviors,
                        };
                        let key_hash = set_state(transaction, place.sandbox, state).await?;
                        Ok((behaviors, key_hash))
                    })
                })
                .await?;
            let (behaviors, key_hash) = written.value;
            sandboxes.memory.forget(&key_hash);
            Ok(WriteOutcome {
                value: behaviors,
                made: written.made,
            })
        })
        .await
    }

    /// Deletes a sandbox. Does nothing when it does not exist.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn delete_sandbox(&self, id: SandboxId) -> Result<(), DatabaseError> {
        let sql = "DELETE FROM sandbox WHERE id = $1 RETURNING id, key_hash";
        self.end(Statement::new(sql).bind(id.0)).await.map(drop)
    }

    /// Runs a statement that deletes sandboxes, and removes them from the cache, the recorder and
    /// the event streams. Returns the number of deleted sandboxes.
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

    /// Deletes at most `limit` expired sandboxes or, when none has expired, sandboxes beyond the
    /// maximum number, the least recently used first. Returns the number of deleted sandboxes. The
    /// caller repeats the call until it returns 0; short transactions do not delay other writes for
    /// long.
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

/// Reads the behaviors of a sandbox.
pub(super) async fn behaviors(
    transaction: &mut Transaction,
    sandbox: SandboxId,
) -> Result<Behaviors, WriteError> {
    let select = Statement::new("SELECT behaviors FROM sandbox WHERE id = $1").bind(sandbox.0);
    let row = transaction.optional(select).await?;
    let text = row.ok_or(WriteError::Gone)?.text("behaviors")?;
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

/// Writes the id floor and the behaviors of a sandbox. Returns the hash of its key, by which the
/// caller invalidates the cached row.
pub(super) async fn set_state(
    transaction: &mut Transaction,
    sandbox: SandboxId,
    state: ResetState,
) -> Result<Vec<u8>, WriteError> {
    let sql = "UPDATE sandbox SET floor = $2, behaviors = $3 WHERE id = $1 RETURNING key_hash";
    let set = Statement::new(sql)
        .bind(sandbox.0)
        .bind(state.floor)
        .bind(serde_json::to_string(&state.behaviors).expect("switches are JSON"));
    let row = transaction.optional(set).await?;
    Ok(row.ok_or(WriteError::Gone)?.blob("key_hash")?)
}

/// Creates a sandbox that contains the seed.
pub(super) async fn insert(
    transaction: &mut Transaction,
    key: &SandboxKey,
    first_id: i64,
    now: i64,
) -> Result<SandboxId, WriteError> {
    let sql = "INSERT INTO sandbox (key_hash, floor, created_at, last_used_at, cookie_at) \
               VALUES ($1, $2, $3, $3, $3) RETURNING id";
    let insert = Statement::new(sql)
        .bind(key.hash())
        .bind(first_id)
        .bind(now);
    // The INSERT returns a row, because 128 random bits never collide with an existing key.
    let row = transaction
        .optional(insert)
        .await?
        .ok_or(WriteError::Gone)?;
    let sandbox = SandboxId(row.integer("id")?);
    seed::copy(transaction, sandbox).await?;
    Ok(sandbox)
}
