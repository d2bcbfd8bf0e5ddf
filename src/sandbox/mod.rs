//! Each visitor's private copy of the taught data.
//!
//! A sandbox is opened by a key; only the key's hash is stored. What has no sandbox reads the seed,
//! which is held in memory. All SQL of the taught data stands in this folder. Not here: HTTP, and how
//! a key travels (see `api::sandbox_key`).

mod key;
mod lifetime;
mod seed;
mod user;

use std::sync::Arc;

use crate::clock::Clock;
use crate::database::{Database, Migration, Options, Statement, Synchronous, Transaction, Work};
use crate::model::user::User;

pub use crate::database::DatabaseError;
pub use key::Key;
pub use lifetime::Opened;
pub use user::{Page, Replaced, WriteError};

/// The steps of the schema. A released one is never changed.
static MIGRATIONS: [Migration; 1] = [Migration {
    version: 1,
    name: "users",
    sqlite: include_str!("migrations/sqlite/1_users.sql"),
    postgres: include_str!("migrations/postgres/1_users.sql"),
}];

/// A sandbox that was opened with its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SandboxId(i64);

/// Whose data a write is about.
#[derive(Clone, Copy, Debug)]
pub enum Owner {
    /// A visitor with a sandbox.
    Known(SandboxId),
    /// A visitor without: the write makes one if it succeeds.
    New,
}

/// What a write did.
#[derive(Clone, Debug)]
pub struct Written<T> {
    /// Its result.
    pub value: T,
    /// The key of the sandbox that it made.
    pub made: Option<Key>,
}

/// How much there may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Users in one sandbox.
    pub users: i64,
    /// Sandboxes in all; beyond that the longest unused go.
    pub sandboxes: i64,
    /// Size of the SQLite file, in pages of 4096 bytes.
    pub pages: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            users: 500,
            sandboxes: 100_000,
            // 1 GiB, more than twice of what so many fresh sandboxes take.
            pages: 262_144,
        }
    }
}

/// The sandboxes of all visitors; cheap to clone.
#[derive(Clone, Debug)]
pub struct Sandboxes {
    database: Database,
    clock: Clock,
    limits: Limits,
    seed: Arc<Vec<User>>,
}

impl Sandboxes {
    /// Opens the database at `url`, brings its schema up to date and the seed into it.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn open(url: &str, clock: Clock, limits: Limits) -> Result<Sandboxes, DatabaseError> {
        let mut options = Options::new("sandbox", &MIGRATIONS);
        // Disposable: a crash of the machine may lose the last writes.
        options.synchronous = Synchronous::Off;
        options.max_page_count = Some(limits.pages);
        let database = Database::open(url, options).await?;
        let sandboxes = Sandboxes {
            database,
            clock,
            limits,
            seed: Arc::new(seed::users()),
        };
        sandboxes.plant_seed().await?;
        Ok(sandboxes)
    }

    /// What a visitor without a sandbox sees, and every fresh sandbox holds.
    #[must_use]
    pub fn seed(&self) -> &[User] {
        &self.seed
    }

    /// Closes every connection; waits for what is running.
    pub async fn close(&self) {
        self.database.close().await;
    }

    /// Runs a write in one transaction, in the visitor's sandbox or in one made for it. A write that
    /// fails leaves nothing behind, no new sandbox either.
    async fn write<T, F>(&self, owner: Owner, work: F) -> Result<Written<T>, WriteError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Transaction, Place) -> Work<'a, T, WriteError> + Send + 'static,
    {
        let (now, limits, first_id) = (self.clock.now(), self.limits, self.first_id());
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let (sandbox, made) = match owner {
                        Owner::Known(sandbox) => (sandbox, None),
                        Owner::New => {
                            let key = Key::random();
                            (
                                lifetime::insert(transaction, &key, first_id, now).await?,
                                Some(key),
                            )
                        }
                    };
                    let next_id = lock(transaction, sandbox, now).await?;
                    let place = Place {
                        sandbox,
                        now,
                        next_id,
                        limits,
                    };
                    let value = work(transaction, place).await?;
                    Ok(Written { value, made })
                })
            })
            .await
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

/// Where and when a write happens.
#[derive(Clone, Copy, Debug)]
struct Place {
    sandbox: SandboxId,
    now: i64,
    next_id: i64,
    limits: Limits,
}

/// Marks the sandbox as used and answers the next id; until the transaction ends no other write of
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
