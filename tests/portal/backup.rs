//! `routebook backup`, and the page that says when the last backup was made.

use std::process::{Command, Output};

use axum::http::StatusCode;
use routebook::clock::Clock;
use routebook::model::account::TeamRole;
use routebook::portal::Portal;
use routebook::portal::store::backup::Backup;

use crate::app::{App, DAY, START};
use crate::database::TestDatabase;

on_both_engines! {
    page_says_when_the_last_backup_was_made,
    backup_beside_a_server_is_complete_and_recorded,
}

const PATH: &str = "/en/admin/backup";

fn backup(database: &TestDatabase, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_routebook"))
        .arg("backup")
        .args(arguments)
        .args(["--database", &database.url("portal")])
        .output()
        .unwrap()
}

fn error(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8(output.stderr.clone()).unwrap()
}

async fn page_says_when_the_last_backup_was_made(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of("boss@example.com", TeamRole::Admin).await;
    let page = app.get(PATH, Some(&admin)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("No backup was made yet."));
    let commands = match database {
        TestDatabase::Postgres { .. } => ["pg_dump --format=custom", "pg_restore --clean"],
        TestDatabase::Sqlite { .. } => ["routebook backup --database sqlite:/", "cp BACKUP /"],
    };
    assert!(
        commands.iter().all(|one| page.body.contains(one)),
        "{}",
        page.body
    );
    for (at, name) in [(START, "new.db"), (START - DAY, "old.db")] {
        let backup = Backup {
            at,
            name: name.to_owned(),
            size: 1_250_000,
        };
        app.portal.store.record_backup(backup).await.unwrap();
    }
    app.clock.advance(7 * DAY);
    let page = app.get(PATH, Some(&admin)).await.body;
    assert!(
        page.contains("2027-01-15 08:00 UTC")
            && page.contains("<code>new.db<")
            && page.contains(">1.2 MB<"),
        "{page}"
    );
    assert!(!page.contains("older than a week"));
    app.clock.advance(1);
    let page = app.get(PATH, Some(&admin)).await.body;
    assert!(page.contains("older than a week"));
}

async fn backup_beside_a_server_is_complete_and_recorded(database: &TestDatabase) {
    let app = App::new(database).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    let name = file.to_str().unwrap();
    let made = backup(database, &[name]);
    if let TestDatabase::Postgres { .. } = database {
        assert!(error(&made).contains("pg_dump"));
        std::fs::write(&file, "dump").unwrap();
        assert!(backup(database, &[name, "--record"]).status.success());
    } else {
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let copy = Portal::open(&format!("sqlite:{name}"), Clock::system())
            .await
            .unwrap();
        let accounts = copy.store.list_accounts().await.unwrap();
        assert_eq!(accounts[0].email.as_str(), "grace@example.com");
        copy.store.close().await;
        assert!(error(&backup(database, &[name])).contains("is not overwritten"));
    }
    let last = app.portal.store.last_backup().await.unwrap().unwrap();
    assert_eq!(last.name, "a.db");
    // Nothing else is in the folder: no temporary file, no write-ahead log.
    let files = std::fs::read_dir(folder.path()).unwrap();
    assert_eq!(files.count(), 1);
    for missing in ["/no/such/folder/b.db", "/"] {
        assert!(!error(&backup(database, &[missing])).is_empty());
    }
    let unknown = folder.path().join("gone.db");
    let unknown = backup(database, &[unknown.to_str().unwrap(), "--record"]);
    assert!(error(&unknown).contains("cannot read"));
}
