//! Records exchanges: keeps them in memory first, and writes them in batches after the responses.
//!
//! A row holds the exchanges of a sandbox that were written in one batch. Reads include the
//! exchanges that are still in memory. What an exchange contains, and what is masked in it, is not
//! decided here.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ipnet::IpNet;
use tokio::sync::MutexGuard as AsyncMutexGuard;

use crate::database::{Database, DatabaseError, Statement};
use crate::model::exchange::Exchange;
use crate::model::limits::Limits;
use crate::sandbox::arrivals::Arrivals;
use crate::sandbox::budget::RecordBudget;
use crate::sandbox::events::{EventChannels, Subscription, TooManyStreams};
use crate::sandbox::undo::{self, Appended};
use crate::sandbox::{SandboxId, Sandboxes};

/// The number of exchanges kept for each sandbox.
const KEPT: usize = 200;
/// How long recorded exchanges are collected before they are assembled together, so that not every
/// request wakes a task.
const PAUSE: Duration = Duration::from_millis(5);
/// How long assembled exchanges are collected before they are written together.
const DELAY: Duration = Duration::from_millis(250);
/// How long a search waits for an exchange that may not be recorded yet.
const WAIT: Duration = Duration::from_secs(1);

/// The recorder, which holds the exchanges that are not in the database yet; cheap to clone.
#[derive(Clone)]
pub struct ExchangeRecorder(Arc<RecorderShared>);

impl fmt::Debug for ExchangeRecorder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ExchangeRecorder")
    }
}

struct RecorderShared {
    database: Database,
    limits: Limits,
    waiting: Mutex<PendingExchange>,
    assembling: Mutex<()>,
    arrivals: Arc<Arrivals>,
    budget: RecordBudget,
    writing: tokio::sync::Mutex<()>,
    events: EventChannels,
}

/// Builds an exchange.
type BuildExchange = Box<dyn FnOnce() -> Exchange + Send>;

#[derive(Default)]
struct PendingExchange {
    /// Recorded, but not assembled yet.
    overheard: Vec<(SandboxId, BuildExchange)>,
    /// Assembled, but not written yet.
    fresh: HashMap<SandboxId, VecDeque<Arc<Exchange>>>,
    /// Being written by the current flush.
    leaving: HashMap<SandboxId, VecDeque<Arc<Exchange>>>,
    /// Sandboxes whose undo logs are to be trimmed by the next flush.
    trim_due: HashSet<SandboxId>,
    /// Whether a flush is scheduled.
    scheduled: bool,
}

impl ExchangeRecorder {
    pub(super) fn new(database: Database, limits: Limits) -> ExchangeRecorder {
        ExchangeRecorder(Arc::new(RecorderShared {
            budget: RecordBudget::new(database.clone(), limits),
            database,
            limits,
            waiting: Mutex::default(),
            assembling: Mutex::default(),
            arrivals: Arc::default(),
            writing: tokio::sync::Mutex::default(),
            events: EventChannels::new(limits),
        }))
    }

    /// Records an exchange of a sandbox. It is assembled a moment later, so that the response is
    /// not delayed, and written a little after that.
    pub fn record(&self, sandbox: SandboxId, assemble: impl FnOnce() -> Exchange + Send + 'static) {
        let mut waiting = self.lock();
        waiting.overheard.push((sandbox, Box::new(assemble)));
        if waiting.overheard.len() == 1 {
            let recording = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(PAUSE).await;
                recording.assemble();
            });
        }
    }

    /// Assembles the recorded exchanges, wakes the waiting searches and sends them to the event
    /// streams.
    fn assemble(&self) {
        // Reads call this function too and wait for this lock. Otherwise a read could miss
        // exchanges that another call has taken from `overheard` but not yet added to `fresh`.
        let alone = self.0.assembling.lock();
        let _alone = alone.unwrap_or_else(PoisonError::into_inner);
        let overheard = std::mem::take(&mut self.lock().overheard);
        if overheard.is_empty() {
            return;
        }
        for (sandbox, assemble) in overheard {
            let exchange = Arc::new(assemble());
            {
                let mut waiting = self.lock();
                let fresh = waiting.fresh.entry(sandbox).or_default();
                fresh.push_back(exchange.clone());
                if fresh.len() > KEPT {
                    fresh.pop_front();
                }
            }
            self.0.arrivals.notify(sandbox, &exchange);
            self.0.events.send(sandbox, &exchange);
        }
        self.schedule();
    }

    /// Counts a step that was appended to the undo log of a sandbox, and schedules the deletion of
    /// old steps when it is due.
    pub(super) fn note_step(&self, sandbox: SandboxId, step: Appended) {
        self.0.budget.add(step.size);
        if step.is_trim_due() {
            self.lock().trim_due.insert(sandbox);
            self.schedule();
        }
    }

    /// Schedules a flush, unless one is scheduled already.
    fn schedule(&self) {
        if std::mem::replace(&mut self.lock().scheduled, true) {
            return;
        }
        let recording = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(DELAY).await;
            recording.flush().await;
        });
    }

    /// Subscribes a client to the exchanges of a sandbox that are recorded from now on. The
    /// client's address counts against the limit of streams for each address.
    ///
    /// # Errors
    /// [`TooManyStreams`].
    pub fn subscribe(
        &self,
        sandbox: SandboxId,
        client: Option<IpNet>,
    ) -> Result<Subscription, TooManyStreams> {
        self.0.events.subscribe(sandbox, client)
    }

    /// Writes the exchanges that are in memory and trims the undo logs that are due. Exchanges that
    /// cannot be written are lost; the failure is logged.
    pub async fn flush(&self) {
        self.assemble();
        let _writing = self.block_flush().await;
        let (leaving, trim_due) = {
            let mut waiting = self.lock();
            waiting.scheduled = false;
            waiting.leaving = std::mem::take(&mut waiting.fresh);
            let trim_due = std::mem::take(&mut waiting.trim_due);
            (waiting.leaving.clone(), trim_due)
        };
        if let Err(error) = self.write_all(leaving).await {
            tracing::warn!(%error, "exchanges were not recorded");
        }
        self.lock().leaving.clear();
        for sandbox in trim_due {
            let trim = undo::trim(sandbox, self.0.limits.exchange_bytes);
            if let Err(error) = self.0.database.write(trim).await {
                tracing::warn!(%error, "an undo log was not cut back");
            }
        }
        if let Err(error) = self.0.budget.enforce().await {
            tracing::warn!(%error, "records were not kept within their budget");
        }
    }

    /// Waits for a running flush, and blocks further flushes until the result is dropped.
    pub(super) async fn block_flush(&self) -> AsyncMutexGuard<'_, ()> {
        self.0.writing.lock().await
    }

    async fn write_all(
        &self,
        leaving: HashMap<SandboxId, VecDeque<Arc<Exchange>>>,
    ) -> Result<(), DatabaseError> {
        if leaving.is_empty() {
            return Ok(());
        }
        if !self.0.budget.has_room().await? {
            return Err(DatabaseError::Full);
        }
        for (sandbox, exchanges) in leaving {
            match self.write(sandbox, &exchanges).await {
                Ok(()) => {}
                // The sandbox was deleted in the meantime.
                Err(error) if error.is_foreign_key_violation() => {}
                Err(error) => tracing::warn!(%error, "exchanges were not recorded"),
            }
        }
        Ok(())
    }

    /// Ends the event streams of a sandbox that was deleted.
    pub(super) fn close_events(&self, sandbox: SandboxId) {
        self.0.events.close(sandbox);
    }

    /// Drops the exchanges of a sandbox that are not written yet, and its scheduled trim.
    pub(super) fn forget(&self, sandbox: SandboxId) {
        self.assemble();
        let mut waiting = self.lock();
        waiting.fresh.remove(&sandbox);
        waiting.trim_due.remove(&sandbox);
    }

    async fn write(
        &self,
        sandbox: SandboxId,
        exchanges: &VecDeque<Arc<Exchange>>,
    ) -> Result<(), DatabaseError> {
        let body = fitting(exchanges, self.0.limits.exchange_bytes);
        let size = i64::try_from(body.len()).unwrap_or(i64::MAX);
        let sql = "INSERT INTO exchange (sandbox_id, held, size, body) VALUES ($1, $2, $3, $4)";
        let insert = Statement::new(sql)
            .bind(sandbox.0)
            .bind(i64::try_from(exchanges.len()).unwrap_or(i64::MAX))
            .bind(size)
            .bind(body);
        self.0.database.write(insert).await?;
        self.0.budget.add(size);
        // Deletes a row when the newer rows already hold `KEPT` exchanges, or when the row and the
        // newer rows together exceed the size limit.
        let sql = "DELETE FROM exchange WHERE sandbox_id = $1 AND id IN (SELECT id FROM ( \
                   SELECT id, held, SUM(held) OVER newer AS held_since, SUM(size) OVER newer AS size_since \
                   FROM exchange WHERE sandbox_id = $1 WINDOW newer AS (ORDER BY id DESC)) AS sums \
                   WHERE held_since - held >= $2 OR size_since > $3)";
        let trim = Statement::new(sql)
            .bind(sandbox.0)
            .bind(i64::try_from(KEPT).unwrap_or(i64::MAX))
            .bind(self.0.limits.exchange_bytes);
        self.0.database.write(trim).await.map(drop)
    }

    fn waiting(&self, sandbox: SandboxId) -> Vec<Arc<Exchange>> {
        self.assemble();
        let waiting = self.lock();
        let parts = [&waiting.leaving, &waiting.fresh];
        let parts = parts.iter().filter_map(|part| part.get(&sandbox));
        parts.flatten().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, PendingExchange> {
        self.0
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the newest exchanges that fit into `limit` bytes as a JSON array, the oldest first.
fn fitting(exchanges: &VecDeque<Arc<Exchange>>, limit: i64) -> String {
    let limit = usize::try_from(limit).unwrap_or(0);
    let mut size = 2;
    let mut texts: VecDeque<String> = VecDeque::new();
    for exchange in exchanges.iter().rev() {
        let text = serde_json::to_string(exchange.as_ref()).expect("an exchange is JSON");
        size += text.len() + 1;
        if size > limit {
            break;
        }
        texts.push_front(text);
    }
    format!("[{}]", Vec::from(texts).join(","))
}

impl Sandboxes {
    /// Lists the last exchanges of a sandbox, the newest first.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn list_exchanges(
        &self,
        sandbox: SandboxId,
    ) -> Result<Vec<Arc<Exchange>>, DatabaseError> {
        // Reads memory before the database. An exchange that is written in between is then found
        // twice, and the duplicate is removed below; in the other order it could be missed.
        let waiting = self.recording.waiting(sandbox);
        let sql = "SELECT body FROM exchange WHERE sandbox_id = $1 ORDER BY id";
        let rows = self
            .database
            .all(Statement::new(sql).bind(sandbox.0))
            .await?;
        let mut all: Vec<Arc<Exchange>> = Vec::new();
        for row in &rows {
            let stored: Vec<Exchange> =
                serde_json::from_str(&row.text("body")?).map_err(|_| DatabaseError::Column {
                    column: "body".to_owned(),
                    expected: "recorded exchanges",
                })?;
            all.extend(stored.into_iter().map(Arc::new));
        }
        let known: HashSet<String> = all.iter().map(|exchange| exchange.id.clone()).collect();
        all.extend(
            waiting
                .into_iter()
                .filter(|exchange| !known.contains(&exchange.id)),
        );
        all.reverse();
        all.truncate(KEPT);
        Ok(all)
    }

    /// Finds the exchanges for which `fits` returns `true`, the newest first. When there is none
    /// yet, waits up to one second for an exchange whose id or group is `name`, because an exchange
    /// is recorded a little after its response.
    ///
    /// Reads the database once before the wait and, for exchanges that another instance recorded,
    /// once after it.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn find_exchanges(
        &self,
        sandbox: SandboxId,
        name: &str,
        fits: impl Fn(&Exchange) -> bool,
    ) -> Result<Vec<Arc<Exchange>>, DatabaseError> {
        let deadline = tokio::time::Instant::now() + WAIT;
        let waiting = self.recording.0.arrivals.wait_for(sandbox, name);
        let mut is_read = false;
        loop {
            let arrived = waiting.notify.notified();
            tokio::pin!(arrived);
            arrived.as_mut().enable();
            let mut found = self.recording.waiting(sandbox);
            found.retain(|exchange| fits(exchange));
            if !found.is_empty() {
                found.reverse();
                return Ok(found);
            }
            if !is_read {
                let found = self.read_fitting(sandbox, &fits).await?;
                if !found.is_empty() {
                    return Ok(found);
                }
                is_read = true;
            }
            if tokio::time::timeout_at(deadline, arrived).await.is_err() {
                return self.read_fitting(sandbox, &fits).await;
            }
        }
    }

    async fn read_fitting(
        &self,
        sandbox: SandboxId,
        fits: &impl Fn(&Exchange) -> bool,
    ) -> Result<Vec<Arc<Exchange>>, DatabaseError> {
        let mut found = self.list_exchanges(sandbox).await?;
        found.retain(|exchange| fits(exchange));
        Ok(found)
    }
}
