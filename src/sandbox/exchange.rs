//! Recorded exchanges: kept in memory at first, and written behind the replies, many at once.
//!
//! A row holds what was written together. What is asked for is found in memory before it is written.
//! Not here: what an exchange holds and what of it is hidden.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ipnet::IpNet;
use tokio::sync::Notify;

use crate::database::{Database, DatabaseError, Engine, Statement, Transaction};
use crate::model::exchange::{Exchange, RecordedChange};
use crate::model::limits::Limits;
use crate::sandbox::events::{EventChannels, Subscription, TooManyStreams};
use crate::sandbox::user::{put_row, raise_floor, set_row, taken};
use crate::sandbox::{Place, SandboxId, Sandboxes, Scope, WriteError};

/// How many exchanges of a sandbox are kept.
pub(super) const KEPT: usize = 200;
/// How long what was overheard waits for more, so that not every request wakes somebody.
const PAUSE: Duration = Duration::from_millis(5);
/// How long exchanges wait for others to be written with them.
const DELAY: Duration = Duration::from_millis(250);
/// How long is waited for an exchange that may still be on its way.
const WAIT: Duration = Duration::from_secs(1);

/// The exchanges under way to the database; cheap to clone.
#[derive(Clone)]
pub struct Recording(Arc<Shared>);

impl fmt::Debug for Recording {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Recording")
    }
}

struct Shared {
    database: Database,
    limits: Limits,
    waiting: Mutex<Waiting>,
    assembling: Mutex<()>,
    arrived: Notify,
    writing: tokio::sync::Mutex<()>,
    events: EventChannels,
}

/// Puts an exchange together.
type Assemble = Box<dyn FnOnce() -> Exchange + Send>;

#[derive(Default)]
struct Waiting {
    /// Not put together yet.
    overheard: Vec<(SandboxId, Assemble)>,
    /// Not written yet.
    fresh: HashMap<SandboxId, VecDeque<Arc<Exchange>>>,
    /// Being written now.
    leaving: HashMap<SandboxId, VecDeque<Arc<Exchange>>>,
    /// Whether a task will write.
    scheduled: bool,
}

impl Recording {
    pub(super) fn new(database: Database, limits: Limits) -> Recording {
        Recording(Arc::new(Shared {
            database,
            limits,
            waiting: Mutex::default(),
            assembling: Mutex::default(),
            arrived: Notify::new(),
            writing: tokio::sync::Mutex::default(),
            events: EventChannels::new(limits),
        }))
    }

    /// Takes an exchange of a sandbox. It is put together a moment later, when the reply is on its
    /// way, and written a little after that.
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

    /// Puts together what was overheard, and tells who listens.
    fn assemble(&self) {
        // Whoever asks meanwhile waits: what was overheard before must not be missed.
        let alone = self.0.assembling.lock();
        let _alone = alone.unwrap_or_else(PoisonError::into_inner);
        let overheard = std::mem::take(&mut self.lock().overheard);
        if overheard.is_empty() {
            return;
        }
        for (sandbox, assemble) in overheard {
            let exchange = Arc::new(assemble());
            let schedule = {
                let mut waiting = self.lock();
                let fresh = waiting.fresh.entry(sandbox).or_default();
                fresh.push_back(exchange.clone());
                if fresh.len() > KEPT {
                    fresh.pop_front();
                }
                !std::mem::replace(&mut waiting.scheduled, true)
            };
            self.0.events.send(sandbox, &exchange);
            if schedule {
                let recording = self.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(DELAY).await;
                    recording.flush().await;
                });
            }
        }
        self.0.arrived.notify_waiters();
    }

    /// Subscribes a client, from its address, to each exchange of a sandbox from now on.
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

    /// Writes what waits. What cannot be written is lost, and said in the log.
    pub async fn flush(&self) {
        self.assemble();
        let _alone = self.0.writing.lock().await;
        let leaving = {
            let mut waiting = self.lock();
            waiting.scheduled = false;
            waiting.leaving = std::mem::take(&mut waiting.fresh);
            waiting.leaving.clone()
        };
        let has_room = self.has_room().await;
        for (sandbox, exchanges) in leaving {
            let written = match has_room {
                Ok(true) => self.write(sandbox, &exchanges).await,
                Ok(false) => Err(DatabaseError::Full),
                Err(ref error) => {
                    tracing::warn!(%error, "exchanges were not recorded");
                    break;
                }
            };
            match written {
                Ok(()) => {}
                // It ended meanwhile.
                Err(error) if error.is_foreign_key_violation() => {}
                Err(error) => tracing::warn!(%error, "exchanges were not recorded"),
            }
        }
        self.lock().leaving.clear();
    }

    /// Ends the event streams of a sandbox that was deleted.
    pub(super) fn close_events(&self, sandbox: SandboxId) {
        self.0.events.close(sandbox);
    }

    /// Lets what waits of a sandbox go.
    pub(super) fn forget(&self, sandbox: SandboxId) {
        self.assemble();
        self.lock().fresh.remove(&sandbox);
    }

    async fn write(
        &self,
        sandbox: SandboxId,
        exchanges: &VecDeque<Arc<Exchange>>,
    ) -> Result<(), DatabaseError> {
        let body = fitting(exchanges, self.0.limits.exchange_bytes);
        let sql = "INSERT INTO exchange (sandbox_id, held, size, body) VALUES ($1, $2, $3, $4)";
        let insert = Statement::new(sql)
            .bind(sandbox.0)
            .bind(i64::try_from(exchanges.len()).unwrap_or(i64::MAX))
            .bind(i64::try_from(body.len()).unwrap_or(i64::MAX))
            .bind(body);
        self.0.database.write(insert).await?;
        // A row goes when the newer ones hold enough, or when with them it would be too much.
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

    /// Whether at most nine tenths of what the file may take are in use: recording stops before
    /// writes do.
    async fn has_room(&self) -> Result<bool, DatabaseError> {
        if self.0.database.engine() == Engine::Postgres {
            return Ok(true);
        }
        let sql = "SELECT page_count - freelist_count AS used FROM pragma_page_count(), pragma_freelist_count()";
        let row = self.0.database.optional(Statement::new(sql)).await?;
        let used = row.map_or(Ok(0), |row| row.integer("used"))?;
        Ok(used * 10 <= i64::from(self.0.limits.pages) * 9)
    }

    fn waiting(&self, sandbox: SandboxId) -> Vec<Arc<Exchange>> {
        self.assemble();
        let waiting = self.lock();
        let parts = [&waiting.leaving, &waiting.fresh];
        let parts = parts.iter().filter_map(|part| part.get(&sandbox));
        parts.flatten().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The newest exchanges as a JSON array of at most `limit` bytes, the oldest first.
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
    /// The last exchanges of a sandbox, the newest first.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn list_exchanges(
        &self,
        sandbox: SandboxId,
    ) -> Result<Vec<Arc<Exchange>>, DatabaseError> {
        // First memory: what is written between the two is seen twice, not never.
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

    /// Finds exchanges that fit; waits up to a second when there is none yet, for an exchange ends a
    /// little after its reply.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn find_exchanges(
        &self,
        sandbox: SandboxId,
        fits: impl Fn(&Exchange) -> bool,
    ) -> Result<Vec<Arc<Exchange>>, DatabaseError> {
        let deadline = tokio::time::Instant::now() + WAIT;
        loop {
            let arrived = self.recording.0.arrived.notified();
            tokio::pin!(arrived);
            arrived.as_mut().enable();
            let mut found = self.recording.waiting(sandbox);
            found.retain(|exchange| fits(exchange));
            found.reverse();
            if found.is_empty() {
                found = self.list_exchanges(sandbox).await?;
                found.retain(|exchange| fits(exchange));
            }
            if !found.is_empty() || tokio::time::timeout_at(deadline, arrived).await.is_err() {
                return Ok(found);
            }
        }
    }

    /// Takes the last recorded change back that was not taken back yet; answers it, or `None` when
    /// there is none.
    ///
    /// # Errors
    /// [`WriteError`]; [`WriteError::EmailTaken`] when another user has the address now.
    pub async fn undo(&self, scope: &Scope) -> Result<Option<Arc<Exchange>>, WriteError> {
        let Some(sandbox) = scope.sandbox() else {
            return Ok(None);
        };
        let exchanges = self.list_exchanges(sandbox).await?;
        let written = self
            .write(scope, move |transaction, place| {
                Box::pin(async move {
                    let sql = "SELECT undone FROM sandbox WHERE id = $1";
                    let row = transaction
                        .optional(Statement::new(sql).bind(sandbox.0))
                        .await?;
                    let undone = row.ok_or(WriteError::Gone)?.text("undone")?;
                    let mut undone: Vec<String> = serde_json::from_str(&undone).unwrap_or_default();
                    let last = exchanges.into_iter().find(|exchange| {
                        !exchange.changes.is_empty() && !undone.contains(&exchange.id)
                    });
                    let Some(last) = last else { return Ok(None) };
                    for change in last.changes.iter().rev() {
                        take_back(transaction, &place, change).await?;
                    }
                    undone.push(last.id.clone());
                    let surplus = undone.len().saturating_sub(KEPT);
                    undone.drain(..surplus);
                    let set = Statement::new("UPDATE sandbox SET undone = $2 WHERE id = $1")
                        .bind(sandbox.0)
                        .bind(serde_json::to_string(&undone).expect("texts are JSON"));
                    transaction.write(set).await?;
                    Ok(Some(last))
                })
            })
            .await?;
        Ok(written.value)
    }
}

/// Makes a user what it was before a change.
async fn take_back(
    transaction: &mut Transaction,
    place: &Place,
    change: &RecordedChange,
) -> Result<(), WriteError> {
    match (&change.before, &change.after) {
        (None, Some(made)) => {
            let sql = "DELETE FROM users WHERE sandbox_id = $1 AND id = $2";
            let delete = Statement::new(sql)
                .bind(place.sandbox.0)
                .bind(made.id.get());
            transaction.write(delete).await?;
            raise_floor(transaction, place, made.id.get() + 1).await?;
        }
        (Some(user), after) => {
            if taken(transaction, place, &user.email, user.id.get()).await? {
                return Err(WriteError::EmailTaken);
            }
            match after {
                Some(_) => set_row(transaction, place.sandbox, user).await?,
                None => put_row(transaction, place.sandbox, user).await?,
            }
        }
        (None, None) => {}
    }
    Ok(())
}
