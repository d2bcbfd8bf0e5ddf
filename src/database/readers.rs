//! The connections that read.
//!
//! Those to a file never go away, so they are lent and taken back without asking them anything: a
//! read is one hop to the driver's thread. A server's can, so they come from the driver's own pool.

use std::time::Duration;

use deadpool::unmanaged::{Pool, PoolError};
use sqlx::{AnyConnection, AnyPool, Connection as _};
use tokio::time::timeout;

use super::executor::{self, Outcome};
use super::{DatabaseError, Statement};

/// Connections for reading; cheap to clone.
#[derive(Clone, Debug)]
pub(super) enum Readers {
    /// To a file.
    File(Pool<AnyConnection>),
    /// To a server.
    Server(AnyPool),
}

impl Readers {
    /// Runs a statement; [`DatabaseError::Busy`] when no connection is free within `patience`.
    pub(super) async fn run(
        &self,
        statement: Statement,
        patience: Duration,
    ) -> Result<Outcome, DatabaseError> {
        match self {
            Readers::File(pool) => {
                let lent = timeout(patience, pool.get()).await;
                let mut connection = lent.map_err(|_| DatabaseError::Busy)?.map_err(closed)?;
                executor::run(&mut connection, statement).await
            }
            Readers::Server(pool) => {
                let mut connection = pool.acquire().await?;
                executor::run(&mut connection, statement).await
            }
        }
    }

    /// Closes every connection; waits for the statements that are running.
    pub(super) async fn close(&self) {
        match self {
            Readers::File(pool) => {
                while pool.status().size > 0
                    && let Ok(connection) = pool.remove().await
                {
                    if let Err(cause) = connection.close().await {
                        tracing::warn!(%cause, "a connection did not close well");
                    }
                }
                pool.close();
            }
            Readers::Server(pool) => pool.close().await,
        }
    }
}

fn closed(_: PoolError) -> DatabaseError {
    DatabaseError::Driver(sqlx::Error::PoolClosed)
}
