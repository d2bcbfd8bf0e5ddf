//! The pool of connections for reading.
//!
//! Connections to a file rarely fail, so the pool lends them without a check and a read is one
//! message to the thread of the driver. A connection that reported a failure of its file is closed
//! and replaced. Connections to a server come from the pool of the driver, which checks them;
//! so does the one connection to a database in memory.

use std::time::Duration;

use deadpool::managed::{
    BuildError, Manager, Metrics, Object, Pool, PoolError, RecycleError, RecycleResult,
};
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Connection as _, Executor as _};
use tokio::time::timeout;

use super::executor::{self, StatementOutcome};
use super::{DatabaseError, Statement};

/// Connections for reading; cheap to clone.
#[derive(Clone, Debug)]
pub(super) enum ReaderPool {
    /// Connections to an SQLite file.
    File(Pool<FileReaderManager>),
    /// The pool of the driver: connections to a PostgreSQL server, or the connection to a database in memory.
    Driver(AnyPool),
}

/// The manager that opens connections to a file.
#[derive(Debug)]
pub(super) struct FileReaderManager {
    connect_options: AnyConnectOptions,
    pragmas: String,
}

/// A connection to a file.
#[derive(Debug)]
pub(super) struct FileReader {
    connection: AnyConnection,
    is_broken: bool,
}

impl Manager for FileReaderManager {
    type Type = FileReader;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<FileReader, sqlx::Error> {
        let mut connection = AnyConnection::connect_with(&self.connect_options).await?;
        connection
            .execute(AssertSqlSafe(self.pragmas.clone()))
            .await?;
        Ok(FileReader {
            connection,
            is_broken: false,
        })
    }

    async fn recycle(&self, reader: &mut FileReader, _: &Metrics) -> RecycleResult<sqlx::Error> {
        match reader.is_broken {
            true => Err(RecycleError::message("the connection is broken")),
            false => Ok(()),
        }
    }
}

impl ReaderPool {
    /// Opens `count` connections to a file.
    pub(super) async fn open_file(
        connect_options: AnyConnectOptions,
        pragmas: String,
        count: u32,
    ) -> Result<ReaderPool, DatabaseError> {
        let count = usize::try_from(count).unwrap_or(1);
        let builder = Pool::builder(FileReaderManager {
            connect_options,
            pragmas,
        })
        .max_size(count);
        let pool = match builder.build() {
            Ok(pool) => pool,
            // The builder fails only for timeouts without a runtime, and no timeout is set.
            Err(BuildError::NoRuntimeSpecified) => {
                return Err(DatabaseError::Address("no runtime"));
            }
        };
        let mut opened = Vec::new();
        for _ in 0..count {
            opened.push(acquire(&pool).await?);
        }
        drop(opened);
        Ok(ReaderPool::File(pool))
    }

    /// Runs a statement. Fails with [`DatabaseError::Busy`] when no file connection is free within
    /// `acquire_timeout`; the pool of a server has its own timeout.
    pub(super) async fn run(
        &self,
        statement: Statement,
        acquire_timeout: Duration,
    ) -> Result<StatementOutcome, DatabaseError> {
        match self {
            ReaderPool::File(pool) => {
                let acquired = timeout(acquire_timeout, acquire(pool)).await;
                let mut reader = acquired.map_err(|_| DatabaseError::Busy)??;
                let outcome = executor::run(&mut reader.connection, statement).await;
                if let Err(error) = &outcome
                    && error.is_connection_broken()
                {
                    reader.is_broken = true;
                }
                outcome
            }
            ReaderPool::Driver(pool) => {
                let mut connection = pool.acquire().await?;
                match executor::run(&mut connection, statement.clone()).await {
                    // A read can always be repeated. The pool provides another connection.
                    Err(error) if error.can_retry() => {
                        drop(connection);
                        let mut connection = pool.acquire().await?;
                        executor::run(&mut connection, statement).await
                    }
                    outcome => outcome,
                }
            }
        }
    }

    /// Waits for running statements and closes every connection.
    pub(super) async fn close(&self) {
        match self {
            ReaderPool::File(pool) => {
                let mut readers = Vec::new();
                for _ in 0..pool.status().size {
                    if let Ok(reader) = pool.get().await {
                        readers.push(reader);
                    }
                }
                pool.close();
                for reader in readers {
                    if let Err(cause) = Object::take(reader).connection.close().await {
                        tracing::warn!(%cause, "a connection did not close well");
                    }
                }
            }
            ReaderPool::Driver(pool) => pool.close().await,
        }
    }
}

async fn acquire(
    pool: &Pool<FileReaderManager>,
) -> Result<Object<FileReaderManager>, DatabaseError> {
    pool.get().await.map_err(|error| match error {
        PoolError::Backend(error) => error.into(),
        PoolError::Timeout(_) => DatabaseError::Busy,
        _ => DatabaseError::ConnectionLost(sqlx::Error::PoolClosed),
    })
}
