//! The migration that renames columns and the members of stored exchanges in the sandbox schema.

use routebook::database::{Database, DatabaseOptions, Migration, Statement};

use crate::support::TestDatabase;

/// A migration of the sandbox schema, from the files that the server runs.
macro_rules! sandbox_migration {
    ($version:literal, $name:literal) => {
        Migration {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!(
                "../../src/sandbox/migrations/sqlite/",
                $version,
                "_",
                $name,
                ".sql"
            )),
            postgres: include_str!(concat!(
                "../../src/sandbox/migrations/postgres/",
                $version,
                "_",
                $name,
                ".sql"
            )),
        }
    };
}

static BEFORE: [Migration; 3] = [
    sandbox_migration!(1, "users"),
    sandbox_migration!(2, "exemplar"),
    sandbox_migration!(3, "undo"),
];
static AFTER: [Migration; 4] = [
    sandbox_migration!(1, "users"),
    sandbox_migration!(2, "exemplar"),
    sandbox_migration!(3, "undo"),
    sandbox_migration!(4, "names"),
];

on_both_engines! {
    renamed_members_of_stored_exchanges_keep_their_values,
}

async fn open(test_database: &TestDatabase, migrations: &'static [Migration]) -> Database {
    let options = DatabaseOptions::new("sandbox", migrations);
    Database::open(&test_database.url("sandbox"), options)
        .await
        .expect("opens")
}

async fn renamed_members_of_stored_exchanges_keep_their_values(test_database: &TestDatabase) {
    let old = r#"{"request":{"body":"{\"reply\":{\"kind\":\"reply\"}}"},"reply":{"status":201},"steps":[{"kind":"reply"}]}"#;
    let new = r#"{"request":{"body":"{\"reply\":{\"kind\":\"reply\"}}"},"response":{"status":201},"steps":[{"kind":"response"}]}"#;
    let switches = r#"{"require_auth":true}"#;
    {
        let database = open(test_database, &BEFORE).await;
        let sandbox = Statement::new(
            "INSERT INTO sandbox (key_hash, floor, behaviours, created_at, last_used_at, cookie_at) \
             VALUES ($1, 13, $2, 0, 0, 0) RETURNING id",
        );
        let sandbox = sandbox.bind(vec![1_u8; 32]).bind(switches.to_owned());
        let row = database
            .write_optional(sandbox)
            .await
            .expect("a sandbox")
            .expect("a row");
        let id = row.integer("id").expect("an id");
        let exchange = Statement::new(
            "INSERT INTO exchange (sandbox_id, held, size, body) VALUES ($1, 0, 10, $2)",
        );
        let exchange = exchange.bind(id).bind(old.to_owned());
        database.write(exchange).await.expect("an exchange");
        let key = Statement::new(
            "INSERT INTO idempotency (sandbox_id, key, fingerprint, reply, created_at) \
             VALUES ($1, 'k', $2, '{}', 0)",
        );
        let key = key.bind(id).bind(vec![2_u8; 32]);
        database.write(key).await.expect("an idempotency key");
        database.close().await;
    }
    let database = open(test_database, &AFTER).await;
    for (sql, column, expected) in [
        ("SELECT body FROM exchange", "body", new),
        ("SELECT behaviors FROM sandbox", "behaviors", switches),
        ("SELECT response FROM idempotency", "response", "{}"),
    ] {
        let rows = database.all(Statement::new(sql)).await.expect("rows");
        assert_eq!(rows[0].text(column).expect("a text"), expected, "{sql}");
    }
}
