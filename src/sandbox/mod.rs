//! Each visitor's private copy of the taught data.
//!
//! A sandbox is opened by a key; only the key's hash is stored. What has no sandbox reads the seed,
//! which is held in memory. All SQL of the taught data stands in this folder. Not here: HTTP, and how
//! a key travels (see `api::middleware::sandbox_key`).

mod admin;
mod arrivals;
mod budget;
mod events;
mod exchange;
mod key;
mod lifetime;
mod listing;
mod live;
mod seed;
mod session;
mod token;
mod undo;
mod user;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::sync::Notify;

use crate::clock::Clock;
use crate::database::{
    Database, DatabaseOptions, Migration, Statement, Synchronous, Transaction, TransactionFuture,
};
use crate::model::exchange::{RecordedChange, SourceRequest};
use crate::model::limits::Limits;
use crate::model::trace::Trace;
use crate::model::user::User;

use live::SandboxCache;
use token::SigningKey;
use undo::ResetState;

pub use crate::database::DatabaseError;
pub use admin::SandboxCounts;
pub use events::{Received, Subscription, TooManyStreams};
pub use exchange::ExchangeRecorder;
pub use key::SandboxKey;
pub use lifetime::OpenedSandbox;
pub use listing::{UserFilter, UserPage};
pub use live::{CachedSandbox, NameLock, RateWindow, SandboxUsage, WindowCount};
pub use session::{ApiLogin, SESSION_AGE};
pub use token::{IssuedToken, TokenCheck, TokenProof};
pub use user::{IdempotencyRecord, ReplaceOutcome, WriteError, WriteGuard};

/// The steps of the schema. A released one is never changed.
static MIGRATIONS: [Migration; 3] = [
    Migration {
        version: 1,
        name: "users",
        sqlite: include_str!("migrations/sqlite/1_users.sql"),
        postgres: include_str!("migrations/postgres/1_users.sql"),
    },
    Migration {
        version: 2,
        name: "exemplar",
        sqlite: include_str!("migrations/sqlite/2_exemplar.sql"),
        postgres: include_str!("migrations/postgres/2_exemplar.sql"),
    },
    Migration {
        version: 3,
        name: "undo",
        sqlite: include_str!("migrations/sqlite/3_undo.sql"),
        postgres: include_str!("migrations/postgres/3_undo.sql"),
    },
];

/// A sandbox that was opened with its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SandboxId(i64);

impl SandboxId {
    /// The number; never given twice.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }
}

/// Whose data a request is about, and who is told what is done with them; cheap to clone.
#[derive(Clone, Debug)]
pub struct DataScope {
    /// Whose data.
    pub owner: DataOwner,
    /// Who is told.
    pub trace: Trace,
    /// The request that writes, as the undo log names it.
    pub source: Option<Arc<SourceRequest>>,
}

impl DataScope {
    /// The sandbox, if there is one yet.
    #[must_use]
    pub fn sandbox(&self) -> Option<SandboxId> {
        match self.owner {
            DataOwner::Known(sandbox) => Some(sandbox),
            DataOwner::New => None,
        }
    }
}

/// Whose data a write is about.
#[derive(Clone, Copy, Debug)]
pub enum DataOwner {
    /// A visitor with a sandbox.
    Known(SandboxId),
    /// A visitor without: the write makes one if it succeeds.
    New,
}

/// What a write did.
#[derive(Clone, Debug)]
pub struct WriteOutcome<T> {
    /// Its result.
    pub value: T,
    /// The sandbox that it made.
    pub made: Option<CreatedSandbox>,
}

/// A sandbox that came to be.
#[derive(Clone, Debug)]
pub struct CreatedSandbox {
    /// Its key: nobody else has it.
    pub key: SandboxKey,
    /// Which one.
    pub sandbox: SandboxId,
}

/// The sandboxes of all visitors; cheap to clone.
#[derive(Clone, Debug)]
pub struct Sandboxes {
    database: Database,
    clock: Clock,
    limits: Limits,
    seed: Arc<Vec<User>>,
    signing_key: Arc<SigningKey>,
    memory: SandboxCache,
    recording: ExchangeRecorder,
    created: Arc<Created>,
}

/// Sandboxes created since the last time that expired ones were looked for.
#[derive(Debug, Default)]
struct Created {
    count: AtomicI64,
    are_many: Notify,
}

impl Sandboxes {
    /// Opens the database at `url`, brings its schema up to date and the seed into it.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn open(url: &str, clock: Clock, limits: Limits) -> Result<Sandboxes, DatabaseError> {
        let mut options = DatabaseOptions::new("sandbox", &MIGRATIONS);
        // Disposable: a crash of the machine may lose the last writes.
        options.synchronous = Synchronous::Off;
        options.max_page_count = Some(limits.pages);
        let database = Database::open(url, options).await?;
        let signing_key = token::signing_key(&database).await?;
        let sandboxes = Sandboxes {
            memory: SandboxCache::new(database.engine()),
            recording: ExchangeRecorder::new(database.clone(), limits),
            database,
            clock,
            limits,
            seed: Arc::new(seed::users()),
            signing_key: Arc::new(signing_key),
            created: Arc::default(),
        };
        sandboxes.plant_seed().await?;
        Ok(sandboxes)
    }

    /// What a visitor without a sandbox sees, and every fresh sandbox holds.
    #[must_use]
    pub fn seed(&self) -> &[User] {
        &self.seed
    }

    /// How much there may be.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The time, in milliseconds since 1970.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// The exchanges that are being recorded.
    #[must_use]
    pub fn recording(&self) -> &ExchangeRecorder {
        &self.recording
    }

    /// Writes what is recorded, then closes every connection; waits for what is running.
    pub async fn close(&self) {
        self.recording.flush().await;
        self.database.close().await;
    }

    /// Runs a write in one transaction, in the visitor's sandbox or in one made for it. A write that
    /// fails leaves nothing behind, no new sandbox either. What it changed is written to the undo log
    /// in the same transaction.
    async fn write<T, F>(&self, scope: &DataScope, work: F) -> Result<WriteOutcome<T>, WriteError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(
                &'a mut Transaction,
                &'a mut WriteContext,
            ) -> TransactionFuture<'a, T, WriteError>
            + Clone
            + Send
            + 'static,
    {
        let (now, limits, first_id) = (self.clock.now(), self.limits, self.first_id());
        let DataScope {
            owner,
            trace,
            source,
        } = scope.clone();
        let (written, changes, step) = self
            .database
            .traced_transaction(trace.clone(), {
                let trace = trace.clone();
                move |transaction| {
                    Box::pin(async move {
                        let (sandbox, made) = match owner {
                            DataOwner::Known(sandbox) => (sandbox, None),
                            DataOwner::New => {
                                let key = SandboxKey::random();
                                let sandbox =
                                    lifetime::insert(transaction, &key, first_id, now).await?;
                                (sandbox, Some(CreatedSandbox { key, sandbox }))
                            }
                        };
                        let floor = lock(transaction, sandbox, now).await?;
                        let mut place = WriteContext {
                            sandbox,
                            now,
                            floor,
                            limits,
                            trace,
                            changes: Vec::new(),
                            reset: None,
                        };
                        let value = work(transaction, &mut place).await;
                        let value = value.inspect_err(|error| error.tell(&place.trace))?;
                        let step = undo::append(transaction, &place, source.as_deref()).await?;
                        let step = step.map(|step| (sandbox, step));
                        Ok::<_, WriteError>((WriteOutcome { value, made }, place.changes, step))
                    })
                }
            })
            .await?;
        if written.made.is_some() {
            self.count_created();
        }
        for change in &changes {
            trace.change(change.before.as_ref(), change.after.as_ref());
        }
        if let Some((sandbox, step)) = step {
            self.recording.note_step(sandbox, step);
        }
        Ok(written)
    }

    fn count_created(&self) {
        let count = self.created.count.fetch_add(1, Ordering::Relaxed) + 1;
        if count > self.limits.sandboxes / 100 {
            self.created.are_many.notify_one();
        }
    }

    /// Waits until so many sandboxes were created since the last [`Sandboxes::expire`] that it is time
    /// for the next one: a hundredth of as many as there may be.
    pub async fn many_created(&self) {
        self.created.are_many.notified().await;
    }

    /// The id of the first user that a fresh sandbox gets.
    fn first_id(&self) -> i64 {
        self.seed
            .iter()
            .map(|user| user.id.get())
            .max()
            .unwrap_or(0)
            + 1
    }
}

/// Where and when a write happens, and what it has changed so far.
#[derive(Debug)]
struct WriteContext {
    sandbox: SandboxId,
    now: i64,
    floor: i64,
    limits: Limits,
    trace: Trace,
    /// The users that the write changed.
    changes: Vec<RecordedChange>,
    /// What a reset replaced besides the users.
    reset: Option<ResetState>,
}

impl WriteContext {
    /// Notes that a user became different.
    fn change(&mut self, before: Option<&User>, after: Option<&User>) {
        self.changes.push(RecordedChange {
            before: before.cloned(),
            after: after.cloned(),
        });
    }
}

/// Marks the sandbox as used and answers its floor of ids; until the transaction ends no other write of
/// this sandbox begins.
async fn lock(
    transaction: &mut Transaction,
    sandbox: SandboxId,
    now: i64,
) -> Result<i64, WriteError> {
    let sql = "UPDATE sandbox SET last_used_at = $2 WHERE id = $1 RETURNING floor";
    let row = transaction
        .optional(Statement::new(sql).bind(sandbox.0).bind(now))
        .await?;
    Ok(row.ok_or(WriteError::Gone)?.integer("floor")?)
}
