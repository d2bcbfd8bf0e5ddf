//! How much room the records of all sandboxes may take together; the oldest go first.
//!
//! Not here: how much one sandbox may take (see `sandbox::exchange` and `sandbox::undo`).

use std::sync::atomic::{AtomicI64, Ordering};

use crate::database::{Database, DatabaseError, Engine, Statement};
use crate::model::limits::Limits;

/// The sums are read again after this part of the budget was written.
const PART: i64 = 32;

/// Keeps records within their budget.
#[derive(Debug)]
pub(super) struct RecordBudget {
    database: Database,
    limits: Limits,
    /// Bytes that this process wrote since the sums were read.
    written: AtomicI64,
}

impl RecordBudget {
    pub(super) fn new(database: Database, limits: Limits) -> RecordBudget {
        RecordBudget {
            database,
            limits,
            // What was written before the start counts.
            written: AtomicI64::new(i64::MAX / 2),
        }
    }

    /// Notes that records were written.
    pub(super) fn add(&self, bytes: i64) {
        self.written.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Deletes the oldest records beyond the budget, when enough was written for that to be read.
    pub(super) async fn enforce(&self) -> Result<(), DatabaseError> {
        let budget = self.limits.record_bytes;
        if self.written.load(Ordering::Relaxed) < budget / PART {
            return Ok(());
        }
        self.written.store(0, Ordering::Relaxed);
        self.trim(budget, budget).await
    }

    /// Whether there is room for records, made by deleting the oldest if need be.
    ///
    /// Nine tenths of what the file may take can be in use: recording stops before writes do.
    pub(super) async fn has_room(&self) -> Result<bool, DatabaseError> {
        if self.database.engine() == Engine::Postgres || self.is_below_nine_tenths().await? {
            return Ok(true);
        }
        let sql = "SELECT CAST(COALESCE((SELECT SUM(size) FROM exchange), 0) AS BIGINT) AS exchanges, \
                   CAST(COALESCE((SELECT SUM(size) FROM undo_step), 0) AS BIGINT) AS steps";
        if let Some(row) = self.database.optional(Statement::new(sql)).await? {
            self.trim(
                row.integer("exchanges")? / 4 * 3,
                row.integer("steps")? / 4 * 3,
            )
            .await?;
        }
        self.is_below_nine_tenths().await
    }

    async fn is_below_nine_tenths(&self) -> Result<bool, DatabaseError> {
        let sql = "SELECT page_count - freelist_count AS used FROM pragma_page_count(), pragma_freelist_count()";
        let row = self.database.optional(Statement::new(sql)).await?;
        let used = row.map_or(Ok(0), |row| row.integer("used"))?;
        Ok(used * 10 <= i64::from(self.limits.pages) * 9)
    }

    /// Deletes the oldest exchanges, and the oldest steps of undo logs, beyond so many bytes.
    async fn trim(&self, exchanges: i64, steps: i64) -> Result<(), DatabaseError> {
        let sql = "DELETE FROM exchange WHERE id IN (SELECT id FROM ( \
                   SELECT id, SUM(size) OVER (ORDER BY id DESC) AS size_since FROM exchange) AS sums \
                   WHERE size_since > $1)";
        let trim = Statement::new(sql).bind(exchanges);
        self.database.write(trim).await?;
        let sql = "DELETE FROM undo_step WHERE (sandbox_id, number) IN (SELECT sandbox_id, number FROM ( \
                   SELECT sandbox_id, number, \
                   SUM(size) OVER (ORDER BY at DESC, sandbox_id DESC, number DESC) AS size_since \
                   FROM undo_step) AS sums WHERE size_since > $1)";
        let trim = Statement::new(sql).bind(steps);
        self.database.write(trim).await.map(drop)
    }
}
