//! The quota of the records of all sandboxes together; the oldest records are deleted first.
//!
//! The quota of one sandbox is in `sandbox::recorder` and `sandbox::undo_log`.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::database::{Database, DatabaseError, Engine, Statement};
use crate::model::limits::Limits;

/// The records are trimmed again after 1/32 of the budget was written, not after each write.
const TRIM_DIVISOR: i64 = 32;

/// Keeps the recorded exchanges and undo steps within their budget.
#[derive(Debug)]
pub(super) struct RecordBudget {
    database: Database,
    limits: Limits,
    /// Bytes that this process wrote since the last trim.
    written_since_trim: AtomicI64,
}

impl RecordBudget {
    pub(super) fn new(database: Database, limits: Limits) -> RecordBudget {
        RecordBudget {
            database,
            limits,
            // The first `enforce` always trims, because records written before the start count too.
            written_since_trim: AtomicI64::new(i64::MAX / 2),
        }
    }

    /// Counts bytes of records that were written.
    pub(super) fn add(&self, bytes: i64) {
        self.written_since_trim.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Deletes the oldest records beyond the budget. Does nothing until 1/32 of the budget (see
    /// `TRIM_DIVISOR`) was written since the last trim.
    pub(super) async fn enforce(&self) -> Result<(), DatabaseError> {
        let budget = self.limits.record_bytes;
        if self.written_since_trim.load(Ordering::Relaxed) < budget / TRIM_DIVISOR {
            return Ok(());
        }
        self.written_since_trim.store(0, Ordering::Relaxed);
        self.trim(budget, budget).await
    }

    /// Returns whether the database has room for more records. Deletes the oldest quarter of the
    /// records when it has not.
    ///
    /// On SQLite, records may be written while at most nine tenths of the maximum file size are in
    /// use, so that recording stops before the writes of visitors fail. On PostgreSQL there is
    /// always room.
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

    /// Deletes the oldest exchanges and the oldest undo steps beyond the given numbers of bytes.
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
