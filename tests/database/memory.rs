//! Databases in memory.

use routebook::database::{Database, DatabaseError, Engine, Statement};

async fn open() -> Database {
    Database::open_in_memory(
        "CREATE TABLE note (title TEXT NOT NULL); CREATE TABLE tag (name TEXT);",
    )
    .await
    .unwrap()
}

async fn titles(database: &Database) -> Vec<String> {
    let rows = database.all(Statement::new("SELECT title FROM note ORDER BY title"));
    let rows = rows.await.unwrap();
    rows.iter().map(|row| row.text("title").unwrap()).collect()
}

#[tokio::test]
async fn rows_stay_until_the_database_is_dropped_and_are_in_no_other_one() {
    let (one, other) = (open().await, open().await);
    assert_eq!(one.engine(), Engine::Sqlite);
    let insert = Statement::new("INSERT INTO note (title) VALUES ($1)").bind("a");
    one.write(insert.clone()).await.unwrap();
    let result = one
        .transaction(move |transaction| {
            let insert = insert.clone();
            Box::pin(async move {
                transaction.write(insert).await?;
                Err::<(), DatabaseError>(DatabaseError::Busy)
            })
        })
        .await;
    assert!(result.is_err());
    for _ in 0..20 {
        assert_eq!(titles(&one).await, ["a"]);
    }
    assert_eq!(titles(&other).await, [""; 0]);
}

#[tokio::test]
async fn schema_with_an_error_is_an_error() {
    assert!(
        Database::open_in_memory("CREATE TABEL note (id)")
            .await
            .is_err()
    );
}
