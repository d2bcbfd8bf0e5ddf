//! The life cycle of sandboxes: creation, lookup by key, expiry and deletion.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::database::{DatabaseError, Statement, run_to_completion};
use crate::model::behaviors::Behaviors;
use crate::model::json::Json;
use crate::model::trace::Trace;
use crate::sandbox::sandbox_row::{self, SandboxState};
use crate::sandbox::{
    CachedSandbox, DataScope, SandboxId, SandboxKey, Sandboxes, WriteError, WriteOutcome,
};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A sandbox that was not used for this time expires.
const MAX_IDLE: i64 = DAY;
/// A sandbox expires at this age.
const MAX_AGE: i64 = 7 * DAY;

/// The result of opening a sandbox with its key.
#[derive(Clone, Debug)]
pub struct OpenedSandbox {
    /// The sandbox.
    pub sandbox: Arc<CachedSandbox>,
    /// Whether the response must set the cookie again, so that the cookie does not expire before
    /// the sandbox.
    pub needs_renewal: bool,
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
        let cached = match self.cache.find(key) {
            Some(cached) => cached,
            None => {
                let since = self.cache.generation();
                match self.read_sandbox(key, trace).await? {
                    Some(cached) => self.cache.insert(key, cached, since),
                    None => return Ok(None),
                }
            }
        };
        let now = self.clock.now();
        if now - cached.last_used_at > MAX_IDLE || now - cached.created_at > MAX_AGE {
            return Ok(None);
        }
        let needs_renewal = now - cached.cookie_at > DAY;
        if !needs_renewal && now - cached.last_used_at <= HOUR {
            return Ok(Some(OpenedSandbox {
                sandbox: cached,
                needs_renewal,
            }));
        }
        if let Err(error) = self.record_use(cached.id, needs_renewal, now, trace).await {
            // A failed update does not fail the request, because reads must work while the database
            // cannot be written.
            tracing::warn!(%error, "the use of a sandbox was not recorded");
            return Ok(Some(OpenedSandbox {
                sandbox: cached,
                needs_renewal: false,
            }));
        }
        // Invalidates the cached row, so that the next request reads the new times. The row read
        // above is not updated in context, because another request may have changed it since.
        self.cache.invalidate(&key.hash());
        Ok(Some(OpenedSandbox {
            sandbox: cached,
            needs_renewal,
        }))
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
            usage: self.cache.usage(id),
            created_at: row.integer("created_at")?,
            last_used_at: row.integer("last_used_at")?,
            cookie_at: row.integer("cookie_at")?,
        }))
    }

    /// Records the use of a sandbox and, with `needs_renewal`, that its cookie is sent again.
    async fn record_use(
        &self,
        id: SandboxId,
        needs_renewal: bool,
        now: i64,
        trace: &Trace,
    ) -> Result<(), DatabaseError> {
        let sql = "UPDATE sandbox SET last_used_at = $2, cookie_at = CASE WHEN $3 = 1 THEN $2 ELSE cookie_at END \
                   WHERE id = $1";
        let touch = Statement::new(sql).bind(id.0).bind(now).bind(needs_renewal);
        self.database.write(touch.traced(trace)).await.map(drop)
    }

    /// Creates a sandbox.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn create_sandbox(&self) -> Result<WriteOutcome<()>, WriteError> {
        let scope = DataScope {
            sandbox: None,
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
        run_to_completion(async move {
            let outcome = sandboxes
                .write(&scope, move |transaction, context| {
                    Box::pin(async move {
                        let old = sandbox_row::behaviors(transaction, context.sandbox).await?;
                        let behaviors = old.patched(&patch).map_err(WriteError::Behaviors)?;
                        let state = SandboxState {
                            floor: context.floor,
                            behaviors,
                        };
                        let key_hash =
                            sandbox_row::set_state(transaction, context.sandbox, state).await?;
                        Ok((behaviors, key_hash))
                    })
                })
                .await?;
            let (behaviors, key_hash) = outcome.value;
            sandboxes.cache.invalidate(&key_hash);
            Ok(WriteOutcome {
                value: behaviors,
                created: outcome.created,
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
        self.delete_and_evict(Statement::new(sql).bind(id.0))
            .await
            .map(drop)
    }

    /// Runs a statement that deletes sandboxes, and removes them from the cache, the recorder and
    /// the event streams. Returns the number of deleted sandboxes.
    async fn delete_and_evict(&self, delete: Statement) -> Result<u64, DatabaseError> {
        let rows = self.database.write_all(delete).await?;
        for row in &rows {
            self.cache.invalidate(&row.blob("key_hash")?);
            let sandbox = SandboxId(row.integer("id")?);
            self.recorder.discard(sandbox);
            self.recorder.close_events(sandbox);
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
        self.creations.count.store(0, Ordering::Relaxed);
        let sql = "DELETE FROM sandbox WHERE id IN \
                   (SELECT id FROM sandbox WHERE last_used_at < $1 OR created_at < $2 ORDER BY last_used_at LIMIT $3) \
                   RETURNING id, key_hash";
        let expired = Statement::new(sql)
            .bind(now - MAX_IDLE)
            .bind(now - MAX_AGE)
            .bind(limit);
        let deleted = self.delete_and_evict(expired).await?;
        if deleted > 0 {
            return Ok(deleted);
        }
        let surplus = self.count_sandboxes().await? - self.limits.sandboxes;
        if surplus <= 0 {
            return Ok(0);
        }
        let sql = "DELETE FROM sandbox WHERE id IN \
                   (SELECT id FROM sandbox ORDER BY last_used_at, id LIMIT $1) RETURNING id, key_hash";
        let unused = Statement::new(sql).bind(surplus.min(limit));
        self.delete_and_evict(unused).await
    }

    async fn count_sandboxes(&self) -> Result<i64, DatabaseError> {
        let count = Statement::new("SELECT COUNT(*) AS total FROM sandbox");
        match self.database.optional(count).await? {
            Some(row) => row.integer("total"),
            None => Ok(0),
        }
    }
}
