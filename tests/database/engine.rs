//! Behavior of the database layer that is equal on both engines.

use std::time::Duration;

use routebook::database::{Database, DatabaseError, DatabaseOptions, Statement, Value, ValueType};

use crate::support::TestDatabase;
use crate::{BOTH, FIRST, count, insert, integer, open};

on_both_engines! {
    stored_value_is_read_back_unchanged,
    comparison_is_read_as_integer,
    write_returns_its_rows_or_their_count,
    unique_violation_is_distinguished_from_other_errors,
    transaction_takes_effect_as_a_whole_or_not_at_all,
    transaction_with_failed_statement_cannot_be_committed,
    transaction_of_a_dropped_caller_completes,
    panic_in_a_transaction_rolls_back_and_releases_the_writer,
    concurrent_writes_all_take_effect,
    schema_is_migrated_and_newer_schema_is_refused,
    concurrent_starts_migrate_once,
    databases_are_isolated_from_each_other,
    several_instances_share_one_schema,
}

async fn stored_value_is_read_back_unchanged(test_database: &TestDatabase) {
    let database = open(test_database).await;
    let sql = "INSERT INTO note (title, weight, done, body, picture) \
               VALUES ($1, $2, $3, $4, $5)";
    let full = Statement::new(sql)
        .bind("하나 '; --")
        .bind(0.1)
        .bind(true)
        .bind(Some("글".to_owned()))
        .bind(vec![0_u8, 255, 7]);
    assert_eq!(database.write(full).await.unwrap(), 1);
    let empty = Statement::new(sql)
        .bind("zwei")
        .bind(None::<f64>)
        .bind(false)
        .bind(None::<String>)
        .bind(Value::Null(ValueType::Blob));
    assert_eq!(database.write(empty).await.unwrap(), 1);

    let rows = database
        .all(Statement::new("SELECT * FROM note ORDER BY id"))
        .await
        .unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].text("title").unwrap(), "하나 '; --");
    assert_eq!(rows[0].real("weight").unwrap(), 0.1);
    assert!(rows[0].boolean("done").unwrap());
    assert_eq!(
        rows[0].optional_text("body").unwrap().as_deref(),
        Some("글")
    );
    assert_eq!(rows[0].blob("picture").unwrap(), [0, 255, 7]);
    assert!(!rows[1].boolean("done").unwrap());
    assert_eq!(rows[1].optional_text("body").unwrap(), None);
    assert_eq!(rows[1].optional_blob("picture").unwrap(), None);
    // A wrong name, a wrong type and a NULL are errors that name the column.
    for error in [
        rows[0].text("absent").unwrap_err(),
        rows[0].integer("title").map(drop).unwrap_err(),
        rows[1].text("body").unwrap_err(),
    ] {
        assert!(matches!(error, DatabaseError::Column { .. }), "{error}");
    }
}

async fn comparison_is_read_as_integer(test_database: &TestDatabase) {
    let database = open(test_database).await;
    let row = database
        .optional(Statement::new("SELECT 2 > 1 AS more"))
        .await
        .unwrap();
    assert_eq!(integer(row, "more"), 1);
}

async fn write_returns_its_rows_or_their_count(test_database: &TestDatabase) {
    let database = open(test_database).await;
    assert_eq!(
        integer(database.write_optional(insert("a")).await.unwrap(), "id"),
        1
    );
    assert_eq!(
        integer(database.write_optional(insert("b")).await.unwrap(), "id"),
        2
    );
    let update = Statement::new("UPDATE note SET done = 1 WHERE id <= $1").bind(2_i64);
    assert_eq!(database.write(update).await.unwrap(), 2);
    let delete = Statement::new("DELETE FROM note RETURNING title");
    assert_eq!(database.write_all(delete).await.unwrap().len(), 2);
    let none = Statement::new("SELECT id FROM note WHERE id = $1").bind(1_i64);
    assert!(database.optional(none).await.unwrap().is_none());
}

async fn unique_violation_is_distinguished_from_other_errors(test_database: &TestDatabase) {
    let database = open(test_database).await;
    database.write(insert("a")).await.unwrap();
    let error = database.write(insert("a")).await.unwrap_err();
    assert!(error.is_unique_violation() && !error.is_foreign_key_violation());
    let tag = Statement::new("INSERT INTO tag (note_id, name) VALUES ($1, $2)");
    let error = database
        .write(tag.bind(99_i64).bind("x"))
        .await
        .unwrap_err();
    assert!(error.is_foreign_key_violation() && !error.is_unique_violation());
}

async fn transaction_takes_effect_as_a_whole_or_not_at_all(test_database: &TestDatabase) {
    let database = open(test_database).await;
    let committed = database
        .transaction(|transaction| {
            Box::pin(async move {
                transaction.write(insert("a")).await?;
                let id = integer(transaction.optional(insert("b")).await?, "id");
                Ok::<_, DatabaseError>(id)
            })
        })
        .await;
    assert_eq!(committed.unwrap(), 2);
    assert_eq!(count(&database).await, 2);

    let refused = database
        .transaction(|transaction| {
            Box::pin(async move {
                transaction.write(insert("c")).await?;
                Err::<(), _>(DatabaseError::Full)
            })
        })
        .await;
    assert!(matches!(refused, Err(DatabaseError::Full)));
    assert_eq!(count(&database).await, 2);
}

async fn transaction_with_failed_statement_cannot_be_committed(test_database: &TestDatabase) {
    let database = open(test_database).await;
    database.write(insert("a")).await.unwrap();
    let swallowed = database
        .transaction(|transaction| {
            Box::pin(async move {
                transaction.write(insert("b")).await?;
                drop(transaction.write(insert("a")).await);
                Ok::<_, DatabaseError>(())
            })
        })
        .await;
    assert!(matches!(swallowed, Err(DatabaseError::Aborted)));
    assert_eq!(count(&database).await, 1);
}

async fn transaction_of_a_dropped_caller_completes(test_database: &TestDatabase) {
    let database = open(test_database).await;
    let work = database.transaction(|transaction| {
        Box::pin(async move {
            transaction.write(insert("a")).await?;
            tokio::time::sleep(Duration::from_millis(100)).await;
            transaction.write(insert("b")).await?;
            Ok::<_, DatabaseError>(())
        })
    });
    let cut = tokio::time::timeout(Duration::from_millis(30), work).await;
    assert!(cut.is_err(), "the caller went away");
    // Waits for the writer, and so for the end of the transaction.
    database.write(insert("c")).await.unwrap();
    for _ in 0..50 {
        if count(&database).await == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(count(&database).await, 3);
}

async fn panic_in_a_transaction_rolls_back_and_releases_the_writer(test_database: &TestDatabase) {
    let database = open(test_database).await;
    let other = database.clone();
    let panicked = tokio::spawn(async move {
        other
            .transaction(|transaction| {
                Box::pin(async move {
                    let rows = transaction.write(insert("a")).await?;
                    assert_eq!(rows, 0, "on purpose");
                    Ok::<_, DatabaseError>(())
                })
            })
            .await
    });
    assert!(panicked.await.unwrap_err().is_panic());
    database.write(insert("b")).await.unwrap();
    assert_eq!(count(&database).await, 1);
}

async fn concurrent_writes_all_take_effect(test_database: &TestDatabase) {
    let database = open(test_database).await;
    database
        .write(Statement::new(
            "INSERT INTO note (title, weight) VALUES ('n', 0)",
        ))
        .await
        .unwrap();
    let tasks: Vec<_> = (0..40)
        .map(|_| {
            let database = database.clone();
            tokio::spawn(async move {
                database
                    .transaction(|transaction| {
                        Box::pin(async move {
                            let add = "UPDATE note SET weight = weight + 1 WHERE title = 'n'";
                            transaction.write(Statement::new(add)).await
                        })
                    })
                    .await
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap(), 1);
    }
    let row = database
        .optional(Statement::new("SELECT weight FROM note"))
        .await
        .unwrap();
    assert_eq!(row.unwrap().real("weight").unwrap(), 40.0);
}

async fn schema_is_migrated_and_newer_schema_is_refused(test_database: &TestDatabase) {
    let url = test_database.url("notes");
    let old = Database::open(&url, DatabaseOptions::new("notes", &FIRST))
        .await
        .unwrap();
    old.write(insert("a")).await.unwrap();
    old.close().await;
    let new = Database::open(&url, DatabaseOptions::new("notes", &BOTH))
        .await
        .unwrap();
    assert_eq!(count(&new).await, 1);
    new.all(Statement::new("SELECT name FROM tag"))
        .await
        .unwrap();
    new.close().await;
    let error = Database::open(&url, DatabaseOptions::new("notes", &FIRST))
        .await
        .unwrap_err();
    assert!(matches!(error, DatabaseError::NewerSchema(2)), "{error}");
}

async fn concurrent_starts_migrate_once(test_database: &TestDatabase) {
    let start_together = async |url: String| {
        let tasks: Vec<_> = (0..6)
            .map(|_| {
                let url = url.clone();
                tokio::spawn(async move {
                    Database::open(&url, DatabaseOptions::new("notes", &BOTH)).await
                })
            })
            .collect();
        for task in tasks {
            let database = task.await.unwrap().expect("opens beside others");
            assert_eq!(count(&database).await, 0);
            database.close().await;
        }
    };
    // On an empty database, and on the schema of an older program.
    start_together(test_database.url("notes")).await;
    for round in 0..5 {
        let url = match test_database {
            TestDatabase::Sqlite(_) => test_database.url(&format!("notes{round}")),
            TestDatabase::Postgres { .. } => continue,
        };
        let old = Database::open(&url, DatabaseOptions::new("notes", &FIRST)).await;
        old.unwrap().close().await;
        start_together(url).await;
    }
}

async fn databases_are_isolated_from_each_other(test_database: &TestDatabase) {
    let one = Database::open(
        &test_database.url("one"),
        DatabaseOptions::new("one", &BOTH),
    )
    .await
    .unwrap();
    let two = Database::open(
        &test_database.url("two"),
        DatabaseOptions::new("two", &BOTH),
    )
    .await
    .unwrap();
    one.write(insert("a")).await.unwrap();
    assert_eq!((count(&one).await, count(&two).await), (1, 0));
}

async fn several_instances_share_one_schema(test_database: &TestDatabase) {
    let (one, two) = (open(test_database).await, open(test_database).await);
    one.write(insert("a")).await.unwrap();
    two.write(insert("b")).await.unwrap();
    assert_eq!((count(&one).await, count(&two).await), (2, 2));
}

/// Runs on SQLite only, because PostgreSQL does not accept several statements with values in one
/// query.
#[tokio::test]
async fn batch_that_fails_writes_nothing_and_leaves_no_transaction() {
    let test_database = TestDatabase::sqlite().await;
    let database = open(&test_database).await;
    let batch = |title: &str, other: &str| {
        let sql = "BEGIN IMMEDIATE; INSERT INTO note (title) VALUES ($1) RETURNING id; \
                   INSERT INTO note (title) VALUES ($2) RETURNING id; COMMIT";
        database.batch(Statement::new(sql).bind(title).bind(other))
    };
    let rows = batch("one", "two").await.unwrap();
    let ids: Vec<i64> = rows.iter().map(|row| row.integer("id").unwrap()).collect();
    assert_eq!(ids, [1, 2]);
    let failed = batch("three", "one").await.map(|rows| rows.len());
    let failed = failed.unwrap_err();
    assert!(failed.is_unique_violation(), "{failed}");
    assert_eq!(count(&database).await, 2);
    // The connection is usable again.
    assert_eq!(batch("four", "five").await.unwrap().len(), 2);
    assert_eq!(count(&database).await, 4);
}
