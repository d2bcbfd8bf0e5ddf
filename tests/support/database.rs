//! Temporary databases on either engine, one location per test.
//!
//! A test opens its database at [`TestDatabase::url`].

use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tempfile::TempDir;

/// A location in which a test may open databases; deleted when dropped.
pub(crate) enum TestDatabase {
    /// A folder of SQLite files.
    Sqlite(TempDir),
    /// A database on the server that `ROUTEBOOK_TEST_POSTGRES` names.
    Postgres {
        /// The address of the server.
        server: String,
        /// The name of the database.
        name: String,
    },
}

impl TestDatabase {
    /// Creates a location for SQLite files.
    pub(crate) async fn sqlite() -> TestDatabase {
        TestDatabase::Sqlite(tempfile::tempdir().expect("a temporary folder"))
    }

    /// Creates a PostgreSQL database.
    #[expect(clippy::disallowed_methods, reason = "a test has no configuration")]
    pub(crate) async fn postgres() -> TestDatabase {
        let server = std::env::var("ROUTEBOOK_TEST_POSTGRES").expect(
            "ROUTEBOOK_TEST_POSTGRES must name a PostgreSQL server on which tests may create databases, \
             as postgres://user@host/postgres; `make test` starts one",
        );
        let name = format!("routebook_test_{:016x}", random());
        // From template0, because no client can be connected to that template.
        command(
            &server,
            format!("CREATE DATABASE {name} TEMPLATE template0"),
        )
        .await;
        TestDatabase::Postgres { server, name }
    }

    /// Returns the address of the database that the program calls `stem`: a file on SQLite, a
    /// schema of the one database on PostgreSQL.
    pub(crate) fn url(&self, stem: &str) -> String {
        match self {
            TestDatabase::Sqlite(folder) => {
                format!(
                    "sqlite:{}",
                    folder.path().join(stem).with_extension("db").display()
                )
            }
            TestDatabase::Postgres { server, name } => {
                let (address, query) = server.split_once('?').unwrap_or((server, ""));
                let (host, _) = address.rsplit_once('/').expect("a path in the address");
                format!("{host}/{name}?{query}")
            }
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let TestDatabase::Postgres { server, name } = self else {
            return;
        };
        let (server, name) = (server.clone(), name.clone());
        // In a thread, because the runtime of the test may be shutting down.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            runtime.expect("a runtime").block_on(command(&server, sql));
        });
        if dropped.join().is_err() {
            eprintln!("a test database was left behind");
        }
    }
}

async fn command(server: &str, sql: String) {
    let connection = sqlx::PgConnection::connect(server).await;
    let mut connection = connection.expect("ROUTEBOOK_TEST_POSTGRES accepts connections");
    let done = connection.execute(AssertSqlSafe(sql)).await;
    done.expect("the test role may create and drop databases");
    connection.close().await.expect("the connection closes");
}

/// Returns a number that differs in every test of every run.
fn random() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _, RandomState};
    RandomState::new().build_hasher().finish()
}

/// Runs each listed test on both engines, as `sqlite::name` and `postgres::name`.
///
/// ```ignore
/// on_both_engines! { insert_returns_the_id }
///
/// async fn insert_returns_the_id(database: &TestDatabase) { … }
/// ```
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(&super::TestDatabase::sqlite().await).await;
            })+
        }

        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                super::$name(&super::TestDatabase::postgres().await).await;
            })+
        }
    };
}
