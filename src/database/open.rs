//! Opens the connection pools of a database address.
//!
//! The options of each database are in `portal` and `sandbox`.

use std::path::Path;
use std::time::Duration;

use log::LevelFilter;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{
    AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _,
    Row as _,
};

use super::pools::ACQUIRE_TIMEOUT;
use super::readers::ReaderPool;
use super::{Database, DatabaseError, Engine, Migration, file, migration};

/// The characters that would end the path within an address, or be parsed as an escape.
const PATH_ESCAPES: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'?');

/// Whether SQLite waits for the disk at each commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    /// An acknowledged write survives a power failure.
    Full,
    /// A power failure can lose acknowledged writes; for disposable data.
    Off,
}

/// The options of a database.
#[derive(Clone, Debug)]
pub struct DatabaseOptions {
    /// The migrations of its schema.
    pub migrations: &'static [Migration],
    /// The PostgreSQL schema of its tables. Separate schemas allow several of our databases in one
    /// PostgreSQL database.
    pub schema: &'static str,
    /// The durability on SQLite. On PostgreSQL the setting of the server applies.
    pub synchronous: Synchronous,
    /// The maximum size on SQLite, in pages of 4096 bytes.
    pub max_page_count: Option<u32>,
    /// The number of SQLite connections for reading. One further connection writes.
    pub readers: u32,
    /// The maximum number of PostgreSQL connections.
    pub connections: u32,
}

impl DatabaseOptions {
    /// Returns options with the default pool sizes and full durability.
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

impl Database {
    /// Opens `sqlite:PATH` or `postgres://…` and brings its schema up to date.
    ///
    /// # Errors
    /// [`DatabaseError`] for an invalid address, a file or server that cannot be reached, a schema
    /// that is newer than this program, or a migration that fails.
    pub async fn open(url: &str, options: DatabaseOptions) -> Result<Database, DatabaseError> {
        sqlx::any::install_default_drivers();
        match Engine::of(url)? {
            Engine::Sqlite => open_sqlite(&file::parse_path(url)?, &options).await,
            Engine::Postgres => open_postgres(url, &options).await,
        }
    }
}

impl Database {
    /// Opens a new SQLite database in memory, with one connection, and runs the statements of its schema. It is deleted when
    /// it is dropped.
    ///
    /// # Errors
    /// [`DatabaseError`] when a statement fails.
    pub async fn open_in_memory(schema: &'static str) -> Result<Database, DatabaseError> {
        sqlx::any::install_default_drivers();
        let pool = single_connection()
            .connect_with(connect_options("sqlite::memory:")?)
            .await?;
        pool.acquire().await?.execute(schema).await?;
        Ok(Database {
            engine: Engine::Sqlite,
            readers: ReaderPool::Driver(pool.clone()),
            writer: pool,
        })
    }
}

/// Returns whether a SQLite file has a schema that this program has created, whichever.
///
/// # Errors
/// [`DatabaseError`] when the file cannot be read as a database.
pub async fn has_schema(path: &Path) -> Result<bool, DatabaseError> {
    let mut connection = connect(path).await?;
    let found = connection
        .fetch_optional("SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations'")
        .await;
    connection.close().await?;
    Ok(found?.is_some())
}

/// Writes the write-ahead log of a SQLite file into the file, which then has everything by itself. Returns whether that was possible;
/// it is not while another connection reads.
///
/// # Errors
/// [`DatabaseError`] when the file cannot be read as a database.
pub async fn checkpoint(path: &Path) -> Result<bool, DatabaseError> {
    let mut connection = connect(path).await?;
    let row = connection
        .fetch_one("PRAGMA wal_checkpoint(TRUNCATE)")
        .await;
    connection.close().await?;
    let busy: i64 = row?.try_get("busy")?;
    Ok(busy == 0)
}

/// Opens an existing SQLite file.
async fn connect(path: &Path) -> Result<AnyConnection, DatabaseError> {
    sqlx::any::install_default_drivers();
    Ok(AnyConnection::connect_with(&sqlite_connect_options(path, "rw")?).await?)
}

async fn open_sqlite(path: &Path, options: &DatabaseOptions) -> Result<Database, DatabaseError> {
    file::create_private(path)?;
    let pragmas = pragmas(options);
    let mut connection = connect(path).await?;
    // WAL mode is stored in the file, so it is set once, before the pools open.
    connection.execute("PRAGMA journal_mode = WAL").await?;
    connection.execute(AssertSqlSafe(pragmas.clone())).await?;
    migrate(connection, Engine::Sqlite, options).await?;

    let read_only = sqlite_connect_options(path, "ro")?;
    let readers = ReaderPool::open_file(read_only, pragmas.clone(), options.readers).await?;
    let writer = single_connection()
        .after_connect(move |connection, _| {
            let pragmas = AssertSqlSafe(pragmas.clone());
            Box::pin(async move { connection.execute(pragmas).await.map(drop) })
        })
        .connect_with(sqlite_connect_options(path, "rw")?)
        .await?;
    Ok(Database {
        engine: Engine::Sqlite,
        readers,
        writer,
    })
}

/// Returns the options of a pool of one connection to a file or to memory. These do not become unreachable as a server can,
/// so the connection is neither tested nor replaced.
fn single_connection() -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

async fn open_postgres(url: &str, options: &DatabaseOptions) -> Result<Database, DatabaseError> {
    let schema = options.schema;
    let connect_options = connect_options(url)?;
    let mut connection = AnyConnection::connect_with(&connect_options).await?;
    set_search_path(&mut connection, schema).await?;
    migrate(connection, Engine::Postgres, options).await?;

    let pool: AnyPool = AnyPoolOptions::new()
        .max_connections(options.connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(move |connection, _| Box::pin(set_search_path(connection, schema)))
        .connect_with(connect_options)
        .await?;
    Ok(Database {
        engine: Engine::Postgres,
        readers: ReaderPool::Driver(pool.clone()),
        writer: pool,
    })
}

async fn migrate(
    mut connection: AnyConnection,
    engine: Engine,
    options: &DatabaseOptions,
) -> Result<(), DatabaseError> {
    let migrated =
        migration::migrate(&mut connection, engine, options.schema, options.migrations).await;
    let closed = connection.close().await;
    migrated?;
    Ok(closed?)
}

/// Sets the search path, so that unqualified names refer to the tables of `schema`.
#[expect(
    clippy::disallowed_methods,
    reason = "before there is a database to run statements on"
)]
async fn set_search_path(
    connection: &mut AnyConnection,
    schema: &'static str,
) -> Result<(), sqlx::Error> {
    let set = sqlx::query("SELECT set_config('search_path', $1, false)").bind(schema);
    connection.execute(set).await.map(drop)
}

/// Returns the PRAGMA statements of a connection. The driver itself turns foreign keys on and sets
/// a lock timeout of five seconds.
fn pragmas(options: &DatabaseOptions) -> String {
    let mut pragmas = String::from(match options.synchronous {
        Synchronous::Full => "PRAGMA synchronous = FULL;",
        Synchronous::Off => "PRAGMA synchronous = OFF;",
    });
    // Truncates a log that has grown in a burst of writes to 16 MiB.
    pragmas.push_str("PRAGMA journal_size_limit = 16777216;");
    if let Some(pages) = options.max_page_count {
        pragmas.push_str(&format!("PRAGMA max_page_count = {pages};"));
    }
    pragmas
}

fn sqlite_connect_options(path: &Path, mode: &str) -> Result<AnyConnectOptions, DatabaseError> {
    let path = path
        .to_str()
        .ok_or(DatabaseError::Address("the path must be UTF-8"))?;
    connect_options(&format!(
        "sqlite:{}?mode={mode}",
        utf8_percent_encode(path, PATH_ESCAPES)
    ))
}

fn connect_options(url: &str) -> Result<AnyConnectOptions, DatabaseError> {
    let options: AnyConnectOptions = url
        .parse()
        .map_err(|_| DatabaseError::Address("it is not a URL"))?;
    // The executor logs statements itself. The log of the driver stays available at the level TRACE
    // for comparison.
    Ok(options
        .log_statements(LevelFilter::Trace)
        .log_slow_statements(LevelFilter::Off, Duration::MAX))
}
