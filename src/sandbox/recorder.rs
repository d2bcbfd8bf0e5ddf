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
use crate::sandbox::SandboxId;
use crate::sandbox::budget::RecordBudget;
use crate::sandbox::events::{EventChannels, Subscription, TooManyStreams};
use crate::sandbox::undo_log::{self, AppendedStep};
use crate::sandbox::waiters::{ExchangeWaiters, WaiterRegistration};

/// The number of exchanges kept for each sandbox.
pub(super) const MAX_EXCHANGES: usize = 200;
/// How long recorded exchanges are collected before they are assembled together, so that not every
/// request wakes a task.
const ASSEMBLY_DELAY: Duration = Duration::from_millis(5);
/// How long assembled exchanges are collected before they are written together.
const FLUSH_DELAY: Duration = Duration::from_millis(250);

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
    buffer: Mutex<ExchangeBuffer>,
    assembly_lock: Mutex<()>,
    waiters: Arc<ExchangeWaiters>,
    budget: RecordBudget,
    flush_lock: tokio::sync::Mutex<()>,
    events: EventChannels,
}

/// Builds an exchange.
type BuildExchange = Box<dyn FnOnce() -> Exchange + Send>;

#[derive(Default)]
struct ExchangeBuffer {
    /// Recorded, but not assembled yet.
    pending: Vec<(SandboxId, BuildExchange)>,
    /// Assembled, but not written yet.
    unflushed: HashMap<SandboxId, VecDeque<Arc<Exchange>>>,
    /// Being written by the current flush.
    flushing: HashMap<SandboxId, VecDeque<Arc<Exchange>>>,
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
            buffer: Mutex::default(),
            assembly_lock: Mutex::default(),
            waiters: Arc::default(),
            flush_lock: tokio::sync::Mutex::default(),
            events: EventChannels::new(limits),
        }))
    }

    /// Records an exchange of a sandbox. It is assembled a moment later, so that the response is
    /// not delayed, and written a little after that.
    pub fn record(&self, sandbox: SandboxId, assemble: impl FnOnce() -> Exchange + Send + 'static) {
        let mut buffer = self.lock();
        buffer.pending.push((sandbox, Box::new(assemble)));
        if buffer.pending.len() == 1 {
            let recorder = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(ASSEMBLY_DELAY).await;
                recorder.assemble();
            });
        }
    }

    /// Assembles the recorded exchanges, wakes the waiting searches and sends them to the event
    /// streams.
    fn assemble(&self) {
        // Reads call this function too and wait for this lock. Otherwise a read could miss
        // exchanges that another call has taken from `pending` but not yet added to `unflushed`.
        let guard = self.0.assembly_lock.lock();
        let _guard = guard.unwrap_or_else(PoisonError::into_inner);
        let pending = std::mem::take(&mut self.lock().pending);
        if pending.is_empty() {
            return;
        }
        for (sandbox, assemble) in pending {
            let exchange = Arc::new(assemble());
            {
                let mut buffer = self.lock();
                let unflushed = buffer.unflushed.entry(sandbox).or_default();
                unflushed.push_back(exchange.clone());
                if unflushed.len() > MAX_EXCHANGES {
                    unflushed.pop_front();
                }
            }
            self.0.waiters.notify(sandbox, &exchange);
            self.0.events.send(sandbox, &exchange);
        }
        self.schedule();
    }

    /// Counts a step that was appended to the undo log of a sandbox, and schedules the deletion of
    /// old steps when it is due.
    pub(super) fn record_step(&self, sandbox: SandboxId, step: AppendedStep) {
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
        let recorder = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(FLUSH_DELAY).await;
            recorder.flush().await;
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
        let _flush_guard = self.block_flush().await;
        let (flushing, trim_due) = {
            let mut buffer = self.lock();
            buffer.scheduled = false;
            buffer.flushing = std::mem::take(&mut buffer.unflushed);
            let trim_due = std::mem::take(&mut buffer.trim_due);
            (buffer.flushing.clone(), trim_due)
        };
        if let Err(error) = self.write_all(flushing).await {
            tracing::warn!(%error, "exchanges were not recorded");
        }
        self.lock().flushing.clear();
        for sandbox in trim_due {
            let trim = undo_log::trim(sandbox, self.0.limits.exchange_bytes);
            if let Err(error) = self.0.database.write(trim).await {
                tracing::warn!(%error, "an undo log was not trimmed");
            }
        }
        if let Err(error) = self.0.budget.enforce().await {
            tracing::warn!(%error, "records were not kept within their budget");
        }
    }

    /// Waits for a running flush, and blocks further flushes until the result is dropped.
    pub(super) async fn block_flush(&self) -> AsyncMutexGuard<'_, ()> {
        self.0.flush_lock.lock().await
    }

    async fn write_all(
        &self,
        flushing: HashMap<SandboxId, VecDeque<Arc<Exchange>>>,
    ) -> Result<(), DatabaseError> {
        if flushing.is_empty() {
            return Ok(());
        }
        if !self.0.budget.has_room().await? {
            return Err(DatabaseError::Full);
        }
        for (sandbox, exchanges) in flushing {
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
    pub(super) fn discard(&self, sandbox: SandboxId) {
        self.assemble();
        let mut buffer = self.lock();
        buffer.unflushed.remove(&sandbox);
        buffer.trim_due.remove(&sandbox);
    }

    async fn write(
        &self,
        sandbox: SandboxId,
        exchanges: &VecDeque<Arc<Exchange>>,
    ) -> Result<(), DatabaseError> {
        let body = newest_within(exchanges, self.0.limits.exchange_bytes);
        let size = i64::try_from(body.len()).unwrap_or(i64::MAX);
        let sql = "INSERT INTO exchange (sandbox_id, held, size, body) VALUES ($1, $2, $3, $4)";
        let insert = Statement::new(sql)
            .bind(sandbox.0)
            .bind(i64::try_from(exchanges.len()).unwrap_or(i64::MAX))
            .bind(size)
            .bind(body);
        self.0.database.write(insert).await?;
        self.0.budget.add(size);
        // Deletes a row when the newer rows already hold `MAX_EXCHANGES` exchanges, or when the row
        // and the newer rows together exceed the size limit.
        let sql = "DELETE FROM exchange WHERE sandbox_id = $1 AND id IN (SELECT id FROM ( \
                   SELECT id, held, SUM(held) OVER newer AS held_since, SUM(size) OVER newer AS size_since \
                   FROM exchange WHERE sandbox_id = $1 WINDOW newer AS (ORDER BY id DESC)) AS sums \
                   WHERE held_since - held >= $2 OR size_since > $3)";
        let trim = Statement::new(sql)
            .bind(sandbox.0)
            .bind(i64::try_from(MAX_EXCHANGES).unwrap_or(i64::MAX))
            .bind(self.0.limits.exchange_bytes);
        self.0.database.write(trim).await.map(drop)
    }

    /// Returns the exchanges of a sandbox that are not in the database yet, the oldest first.
    pub(super) fn buffered(&self, sandbox: SandboxId) -> Vec<Arc<Exchange>> {
        self.assemble();
        let buffer = self.lock();
        let parts = [&buffer.flushing, &buffer.unflushed];
        let parts = parts.iter().filter_map(|part| part.get(&sandbox));
        parts.flatten().cloned().collect()
    }

    /// Registers a task that waits for an exchange whose id or group is `name`.
    pub(super) fn register_waiter(&self, sandbox: SandboxId, name: &str) -> WaiterRegistration {
        self.0.waiters.register(sandbox, name)
    }

    fn lock(&self) -> MutexGuard<'_, ExchangeBuffer> {
        self.0.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the newest exchanges that fit into `limit` bytes as a JSON array, the oldest first.
fn newest_within(exchanges: &VecDeque<Arc<Exchange>>, limit: i64) -> String {
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
