//! Broken connections and deadlocks between transactions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use routebook::database::{Database, DatabaseError, DatabaseOptions, Engine, Statement};
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::support::TestDatabase;
use crate::{BOTH, count, insert, integer, open};

on_both_engines! {
    transactions_that_deadlock_are_repeated_until_both_commit,
    broken_connection_is_replaced,
}

async fn transactions_that_deadlock_are_repeated_until_both_commit(test_database: &TestDatabase) {
    let database = open(test_database).await;
    for title in ["a", "b"] {
        database.write(insert(title)).await.unwrap();
    }
    let attempts = Arc::new(AtomicU32::new(0));
    // On PostgreSQL both transactions lock their first row before either requests its second one.
    let both_hold_one = Arc::new(tokio::sync::Barrier::new(2));
    let add = |first: &'static str, second: &'static str| {
        let (database, both_hold_one) = (database.clone(), both_hold_one.clone());
        let (attempts, is_first) = (attempts.clone(), Arc::new(AtomicBool::new(true)));
        tokio::spawn(async move {
            database
                .transaction(move |transaction| {
                    Box::pin(async move {
                        attempts.fetch_add(1, Ordering::SeqCst);
                        let sql = "UPDATE note SET done = done + 1 WHERE title = $1";
                        transaction.write(Statement::new(sql).bind(first)).await?;
                        let is_first = is_first.swap(false, Ordering::SeqCst);
                        if is_first && transaction.engine() == Engine::Postgres {
                            both_hold_one.wait().await;
                        }
                        transaction.write(Statement::new(sql).bind(second)).await
                    })
                })
                .await
        })
    };
    let (one, two): (tokio::task::JoinHandle<Result<u64, DatabaseError>>, _) =
        (add("a", "b"), add("b", "a"));
    assert_eq!(one.await.unwrap().unwrap(), 1);
    assert_eq!(two.await.unwrap().unwrap(), 1);
    let twice = Statement::new("SELECT COUNT(*) AS n FROM note WHERE done = 2");
    assert_eq!(integer(database.optional(twice).await.unwrap(), "n"), 2);
    let expected = match test_database {
        TestDatabase::Sqlite(_) => 2,
        TestDatabase::Postgres { .. } => 3,
    };
    assert_eq!(attempts.load(Ordering::SeqCst), expected);
}

async fn broken_connection_is_replaced(test_database: &TestDatabase) {
    match test_database {
        TestDatabase::Sqlite(_) => unreadable_file_breaks_a_reader(test_database).await,
        TestDatabase::Postgres { .. } => {
            let database = open(test_database).await;
            connection_is_killed_in_a_transaction(test_database, &database).await;
            connection_is_killed_in_a_read(test_database, &database).await;
            connection_is_killed_in_a_write(test_database, &database).await;
        }
    }
}

/// Breaks the only reader, which has a setting that a new connection does not have.
async fn unreadable_file_breaks_a_reader(test_database: &TestDatabase) {
    let mut options = DatabaseOptions::new("notes", &BOTH);
    options.readers = 1;
    let database = Database::open(&test_database.url("notes"), options)
        .await
        .unwrap();
    database.write(insert("a")).await.unwrap();
    let checkpoint = Statement::new("PRAGMA wal_checkpoint(TRUNCATE)");
    database.write(checkpoint).await.unwrap();
    let set = Statement::new("PRAGMA cache_size = 7");
    database.all(set).await.unwrap();
    let cache_size = async || {
        let read = database.optional(Statement::new("PRAGMA cache_size")).await;
        integer(read.unwrap(), "cache_size")
    };
    assert_eq!(cache_size().await, 7);

    let url = test_database.url("notes");
    let path = url.strip_prefix("sqlite:").unwrap();
    let bytes = std::fs::read(path).unwrap();
    std::fs::write(path, vec![0xAA; bytes.len()]).unwrap();
    let select = || Statement::new("SELECT COUNT(*) AS n FROM note");
    let failed = database.all(select()).await;
    std::fs::write(path, bytes).unwrap();
    assert!(failed.is_err());
    assert_ne!(cache_size().await, 7, "the connection is another one");
    assert_eq!(count(&database).await, 1);
}

async fn connection_is_killed_in_a_transaction(test_database: &TestDatabase, database: &Database) {
    let url = test_database.url("notes");
    let is_first = Arc::new(AtomicBool::new(true));
    let outcome: Result<u64, DatabaseError> = database
        .transaction(move |transaction| {
            Box::pin(async move {
                transaction.write(insert("a")).await?;
                if is_first.swap(false, Ordering::SeqCst) {
                    let pid = Statement::new("SELECT CAST(pg_backend_pid() AS BIGINT) AS pid");
                    let pid = integer(transaction.optional(pid).await?, "pid");
                    assert!(kill(&url, pid).await);
                }
                transaction.write(insert("b")).await
            })
        })
        .await;
    assert_eq!(outcome.unwrap(), 1);
    assert_eq!(count(database).await, 2);
}

async fn connection_is_killed_in_a_read(test_database: &TestDatabase, database: &Database) {
    let other = database.clone();
    let read = tokio::spawn(async move {
        let read = "SELECT 7 AS n FROM pg_sleep(2)";
        other.optional(Statement::new(read)).await
    });
    kill_statement(test_database, "pg_sleep(2)").await;
    assert_eq!(integer(read.await.unwrap().unwrap(), "n"), 7);
}

/// A write whose connection broke is not repeated, because it is unknown whether it took effect.
async fn connection_is_killed_in_a_write(test_database: &TestDatabase, database: &Database) {
    let other = database.clone();
    let write = tokio::spawn(async move {
        let write = "INSERT INTO note (title) SELECT 'c' FROM pg_sleep(60)";
        other.write(Statement::new(write)).await
    });
    kill_statement(test_database, "pg_sleep(60)").await;
    let error = write.await.unwrap().unwrap_err();
    assert!(
        matches!(error, DatabaseError::ConnectionLost(_)),
        "{error:?}"
    );
    assert_eq!(count(database).await, 2);
    database.write(insert("d")).await.unwrap();
}

/// Terminates a connection on the server.
async fn kill(url: &str, pid: i64) -> bool {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let kill = sqlx::query_scalar("SELECT pg_terminate_backend(CAST($1 AS INTEGER))").bind(pid);
    let killed = kill.fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    killed
}

/// Waits until a statement with this text runs, and terminates its connection.
async fn kill_statement(test_database: &TestDatabase, text: &str) {
    let mut connection = PgConnection::connect(&test_database.url("notes"))
        .await
        .unwrap();
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid() \
               AND state = 'active' AND position($1 IN query) > 0";
    for _ in 0..400 {
        let query = sqlx::query_scalar::<_, bool>(sql).bind(text);
        if connection.fetch_optional(query).await.unwrap().is_some() {
            return connection.close().await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no statement with {text} was seen");
}
