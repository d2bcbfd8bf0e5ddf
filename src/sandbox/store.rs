//! The store of the sandboxes of all visitors: its database, its cache and its recorder.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use tokio::sync::Notify;

use crate::clock::Clock;
use crate::database::{Database, DatabaseError, DatabaseOptions, Migration, Synchronous};
use crate::model::limits::Limits;
use crate::model::user::User;
use crate::sandbox::cache::SandboxCache;
use crate::sandbox::signing_key::SigningKey;
use crate::sandbox::{ExchangeRecorder, seed, signing_key};

/// The migrations of the sandbox schema. A released migration is never changed.
static MIGRATIONS: [Migration; 5] = [
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
    Migration {
        version: 5,
        name: "assessments",
        sqlite: include_str!("migrations/sqlite/5_assessments.sql"),
        postgres: include_str!("migrations/postgres/5_assessments.sql"),
    },
];

/// The sandboxes of all visitors; cheap to clone.
#[derive(Clone, Debug)]
pub struct Sandboxes {
    pub(super) database: Database,
    pub(super) clock: Clock,
    pub(super) limits: Limits,
    pub(super) seed: Arc<Vec<User>>,
    pub(super) signing_key: Arc<SigningKey>,
    pub(super) cache: SandboxCache,
    pub(super) recorder: ExchangeRecorder,
    pub(super) creations: Arc<CreationCount>,
}

/// The number of sandboxes created since the last [`Sandboxes::expire`].
#[derive(Debug, Default)]
pub(super) struct CreationCount {
    pub(super) count: AtomicI64,
    /// Notified when the count exceeds 1 % of the maximum number of sandboxes.
    pub(super) limit_reached: Notify,
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
        let signing_key = signing_key::load(&database).await?;
        let seed = seed::users();
        seed::store(&database, &seed).await?;
        Ok(Sandboxes {
            cache: SandboxCache::new(database.engine()),
            recorder: ExchangeRecorder::new(database.clone(), limits),
            database,
            clock,
            limits,
            seed: Arc::new(seed),
            signing_key: Arc::new(signing_key),
            creations: Arc::default(),
        })
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
    pub fn recorder(&self) -> &ExchangeRecorder {
        &self.recorder
    }

    /// Writes the recorded exchanges, waits for running statements and closes every connection.
    pub async fn close(&self) {
        self.recorder.flush().await;
        self.database.close().await;
    }

    /// Returns the id of the first user that is created in a new sandbox.
    pub(super) fn first_id(&self) -> i64 {
        self.seed
            .iter()
            .map(|user| user.id.get())
            .max()
            .unwrap_or(0)
            + 1
    }
}
