//! From an address to open pools.
//!
//! Not here: which databases there are. `portal` and `sandbox` say what theirs needs.

use std::path::Path;
use std::time::Duration;

use log::LevelFilter;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{
    AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _,
};

use super::readers::ReaderPool;
use super::{Database, DatabaseError, Engine, Migration, file, migration};

/// How long a request waits for a connection before [`DatabaseError::Busy`].
pub(super) const ACQUIRE: Duration = Duration::from_secs(5);

/// What would end the path within the address, or be read as an escape.
const PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'?');

/// Whether SQLite waits for the disk at every commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    /// An acknowledged write survives a power failure.
    Full,
    /// Disposable data.
    Off,
}

/// What a database needs.
#[derive(Clone, Debug)]
pub struct DatabaseOptions {
    /// The steps of its schema.
    pub migrations: &'static [Migration],
    /// The PostgreSQL schema its tables stand in, so that several fit into one database.
    pub schema: &'static str,
    /// SQLite's durability; PostgreSQL keeps its server's setting.
    pub synchronous: Synchronous,
    /// SQLite's size limit in pages of 4096 bytes.
    pub max_page_count: Option<u32>,
    /// SQLite connections for reading; there is always one for writing.
    pub readers: u32,
    /// PostgreSQL connections.
    pub connections: u32,
}

impl DatabaseOptions {
    /// The usual pools and full durability.
    #[must_use]
    pub fn new(schema: &'static str, migrations: &'static [Migration]) -> DatabaseOptions {
        DatabaseOptions {
            migrations,
            schema,
            synchronous: Synchronous::Full,
            max_page_count: None,
            readers: 4,
            connections: 10,
        }
    }
}

pub(super) async fn open(url: &str, options: &DatabaseOptions) -> Result<Database, DatabaseError> {
    sqlx::any::install_default_drivers();
    match Engine::of(url)? {
        Engine::Sqlite => open_sqlite(&file::path_of(url)?, options).await,
        Engine::Postgres => open_postgres(url, options).await,
    }
}

async fn open_sqlite(path: &Path, options: &DatabaseOptions) -> Result<Database, DatabaseError> {
    file::prepare(path)?;
    let pragmas = pragmas(options);
    let mut connection = AnyConnection::connect_with(&sqlite_address(path, "rw")?).await?;
    // Permanent in the file, and not to be waited for by the pools.
    connection.execute("PRAGMA journal_mode = WAL").await?;
    connection.execute(AssertSqlSafe(pragmas.clone())).await?;
    migrate(connection, Engine::Sqlite, options).await?;

    let address = sqlite_address(path, "ro")?;
    let readers = ReaderPool::open_file(address, pragmas.clone(), options.readers).await?;
    let writer = AnyPoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .acquire_timeout(ACQUIRE)
        // A file does not go away as a server does.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _| {
            let pragmas = AssertSqlSafe(pragmas.clone());
            Box::pin(async move { connection.execute(pragmas).await.map(drop) })
        })
        .connect_with(sqlite_address(path, "rw")?)
        .await?;
    Ok(Database {
        engine: Engine::Sqlite,
        readers,
        writer,
    })
}

async fn open_postgres(url: &str, options: &DatabaseOptions) -> Result<Database, DatabaseError> {
    let schema = options.schema;
    let address = address(url)?;
    let mut connection = AnyConnection::connect_with(&address).await?;
    search(&mut connection, schema).await?;
    migrate(connection, Engine::Postgres, options).await?;

    let pool: AnyPool = AnyPoolOptions::new()
        .max_connections(options.connections)
        .acquire_timeout(ACQUIRE)
        .after_connect(move |connection, _| Box::pin(search(connection, schema)))
        .connect_with(address)
        .await?;
    Ok(Database {
        engine: Engine::Postgres,
        readers: ReaderPool::Server(pool.clone()),
        writer: pool,
    })
}

async fn migrate(
    mut connection: AnyConnection,
    engine: Engine,
    options: &DatabaseOptions,
) -> Result<(), DatabaseError> {
    let done =
        migration::migrate(&mut connection, engine, options.schema, options.migrations).await;
    let closed = connection.close().await;
    done?;
    Ok(closed?)
}

/// Makes unqualified names mean the tables of `schema`.
#[expect(
    clippy::disallowed_methods,
    reason = "before there is a database to run statements on"
)]
async fn search(connection: &mut AnyConnection, schema: &'static str) -> Result<(), sqlx::Error> {
    let set = sqlx::query("SELECT set_config('search_path', $1, false)").bind(schema);
    connection.execute(set).await.map(drop)
}

/// The driver itself turns foreign keys on and waits five seconds for a lock.
fn pragmas(options: &DatabaseOptions) -> String {
    let mut pragmas = String::from(match options.synchronous {
        Synchronous::Full => "PRAGMA synchronous = FULL;",
        Synchronous::Off => "PRAGMA synchronous = OFF;",
    });
    // A log that a burst has blown up is cut back to 16 MiB.
    pragmas.push_str("PRAGMA journal_size_limit = 16777216;");
    if let Some(pages) = options.max_page_count {
        pragmas.push_str(&format!("PRAGMA max_page_count = {pages};"));
    }
    pragmas
}

fn sqlite_address(path: &Path, mode: &str) -> Result<AnyConnectOptions, DatabaseError> {
    let path = path
        .to_str()
        .ok_or(DatabaseError::Address("the path must be UTF-8"))?;
    address(&format!(
        "sqlite:{}?mode={mode}",
        utf8_percent_encode(path, PATH)
    ))
}

fn address(url: &str) -> Result<AnyConnectOptions, DatabaseError> {
    let options: AnyConnectOptions = url
        .parse()
        .map_err(|_| DatabaseError::Address("it is not a URL"))?;
    // The executor reports statements itself; the driver's own word is for comparing.
    Ok(options
        .log_statements(LevelFilter::Trace)
        .log_slow_statements(LevelFilter::Off, Duration::MAX))
}
