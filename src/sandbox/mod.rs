//! Each visitor's private copy of the taught data.
//!
//! A key opens a sandbox; the database stores only the hash of the key. A visitor without a sandbox
//! reads the seed, which is kept in memory. This folder contains all SQL of the taught data. HTTP,
//! and how a request carries the key, are in `api::middleware::sandbox_key`.

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

/// The migrations of the sandbox schema. A released migration is never changed.
static MIGRATIONS: [Migration; 4] = [
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
    Migration {
        version: 4,
        name: "names",
        sqlite: include_str!("migrations/sqlite/4_names.sql"),
        postgres: include_str!("migrations/postgres/4_names.sql"),
    },
];

/// The id of an existing sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SandboxId(i64);

impl SandboxId {
    /// Returns the number, which is never assigned twice.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }
}

/// The owner of the data that a request uses, and the trace that records the use; cheap to clone.
#[derive(Clone, Debug)]
pub struct DataScope {
    /// The owner of the data.
    pub owner: DataOwner,
    /// The trace of the request.
    pub trace: Trace,
    /// The request that causes the write, as recorded in the undo log.
    pub source: Option<Arc<SourceRequest>>,
}

impl DataScope {
    /// Returns the sandbox, or `None` when the visitor has none yet.
    #[must_use]
    pub fn sandbox(&self) -> Option<SandboxId> {
        match self.owner {
            DataOwner::Known(sandbox) => Some(sandbox),
            DataOwner::New => None,
        }
    }
}

/// The owner of the data of a request.
#[derive(Clone, Copy, Debug)]
pub enum DataOwner {
    /// A visitor with a sandbox.
    Known(SandboxId),
    /// A visitor without a sandbox; a successful write creates one.
    New,
}

/// The result of a write, with the sandbox that it created.
#[derive(Clone, Debug)]
pub struct WriteOutcome<T> {
    /// The result of the work.
    pub value: T,
    /// The sandbox that the write created, if any.
    pub made: Option<CreatedSandbox>,
}

/// A newly created sandbox.
#[derive(Clone, Debug)]
pub struct CreatedSandbox {
    /// The key. It is not stored, so this is the only copy.
    pub key: SandboxKey,
    /// The id of the sandbox.
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

/// The number of sandboxes created since the last [`Sandboxes::expire`].
#[derive(Debug, Default)]
struct Created {
    count: AtomicI64,
    are_many: Notify,
}

impl Sandboxes {
    /// Opens the database at `url`, runs the missing migrations and stores the seed.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn open(url: &str, clock: Clock, limits: Limits) -> Result<Sandboxes, DatabaseError> {
        let mut options = DatabaseOptions::new("sandbox", &MIGRATIONS);
        // Sandboxes are disposable, so a crash of the machine may lose the last writes.
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

    /// Returns the users that every new sandbox begins with. A visitor without a sandbox reads
    /// them.
    #[must_use]
    pub fn seed(&self) -> &[User] {
        &self.seed
    }

    /// Returns the limits and quotas.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Returns the current time in milliseconds since 1970.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Returns the recorder of exchanges.
    #[must_use]
    pub fn recording(&self) -> &ExchangeRecorder {
        &self.recording
    }

    /// Writes the recorded exchanges, waits for running statements and closes every connection.
    pub async fn close(&self) {
        self.recording.flush().await;
        self.database.close().await;
    }

    /// Runs a write in one transaction, in the visitor's sandbox or, without one, in a new sandbox.
    /// When the write fails, the transaction is rolled back and no sandbox is created. The same
    /// transaction appends the changes of the write to the undo log.
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
            trace.add_change(change.before.as_ref(), change.after.as_ref());
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

    /// Waits until more sandboxes were created since the last [`Sandboxes::expire`] than 1 % of the
    /// maximum number, so that the caller can run the next one.
    pub async fn many_created(&self) {
        self.created.are_many.notified().await;
    }

    /// Returns the id of the first user that is created in a new sandbox.
    fn first_id(&self) -> i64 {
        self.seed
            .iter()
            .map(|user| user.id.get())
            .max()
            .unwrap_or(0)
            + 1
    }
}

/// The sandbox and the time of a write, and the changes that it has made so far.
#[derive(Debug)]
struct WriteContext {
    sandbox: SandboxId,
    now: i64,
    floor: i64,
    limits: Limits,
    trace: Trace,
    /// The users that the write changed.
    changes: Vec<RecordedChange>,
    /// The state besides the users that a reset replaced.
    reset: Option<ResetState>,
}

impl WriteContext {
    /// Records the change of one user.
    fn change(&mut self, before: Option<&User>, after: Option<&User>) {
        self.changes.push(RecordedChange {
            before: before.cloned(),
            after: after.cloned(),
        });
    }
}

/// Updates the time of last use and returns the id floor. Until the transaction ends, the lock of
/// this UPDATE blocks all other writes to the sandbox.
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
