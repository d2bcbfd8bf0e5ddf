//! Files of SQLite, and addresses of databases.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use routebook::database::{
    Database, DatabaseError, DatabaseOptions, Statement, Synchronous, Value, lock, make_private,
};

use crate::support::TestDatabase;
use crate::{BOTH, count, insert, integer, open};

#[tokio::test]
async fn write_on_a_reader_connection_fails() {
    let test_database = TestDatabase::sqlite().await;
    let database = open(&test_database).await;
    assert!(database.all(insert("a")).await.is_err());
    assert_eq!(count(&database).await, 0);
}

#[tokio::test]
async fn connections_have_their_settings() {
    let test_database = TestDatabase::sqlite().await;
    for (synchronous, expected) in [(Synchronous::Full, 2), (Synchronous::Off, 0)] {
        let mut options = DatabaseOptions::new("notes", &BOTH);
        options.synchronous = synchronous;
        options.max_page_count = Some(64);
        let database = Database::open(&test_database.url("notes"), options)
            .await
            .unwrap();
        for (pragma, column, expected) in [
            ("PRAGMA synchronous", "synchronous", expected),
            ("PRAGMA foreign_keys", "foreign_keys", 1),
            ("PRAGMA busy_timeout", "timeout", 5000),
            ("PRAGMA max_page_count", "max_page_count", 64),
        ] {
            let read = database.optional(Statement::new(pragma)).await.unwrap();
            assert_eq!(integer(read, column), expected, "{pragma} of a reader");
            let written = database
                .write_optional(Statement::new(pragma))
                .await
                .unwrap();
            assert_eq!(integer(written, column), expected, "{pragma} of the writer");
        }
        let mode = database
            .optional(Statement::new("PRAGMA journal_mode"))
            .await
            .unwrap();
        assert_eq!(mode.unwrap().text("journal_mode").unwrap(), "wal");
        database.close().await;
    }
}

#[tokio::test]
async fn write_to_a_full_database_reports_it() {
    let test_database = TestDatabase::sqlite().await;
    let mut options = DatabaseOptions::new("notes", &BOTH);
    options.max_page_count = Some(16);
    let database = Database::open(&test_database.url("notes"), options)
        .await
        .unwrap();
    let big = "INSERT INTO note (title, body) VALUES ($1, $2)";
    let mut outcome = Ok(0);
    for round in 0..32 {
        let statement = Statement::new(big)
            .bind(round.to_string())
            .bind("x".repeat(4096));
        outcome = database.write(statement).await;
        if outcome.is_err() {
            break;
        }
    }
    assert!(matches!(outcome, Err(DatabaseError::Full)), "{outcome:?}");
    // Writes succeed again when there is space.
    database
        .write(Statement::new("DELETE FROM note"))
        .await
        .unwrap();
    database.write(insert("a")).await.unwrap();
}

#[tokio::test]
async fn new_database_files_are_private() {
    let test_database = TestDatabase::sqlite().await;
    let url = test_database.url("deep/er/notes #1%20?");
    let database = Database::open(&url, DatabaseOptions::new("notes", &BOTH))
        .await
        .unwrap();
    database.write(insert("a")).await.unwrap();
    let file_lock = lock(&url).unwrap();
    let path = std::path::PathBuf::from(url.strip_prefix("sqlite:").unwrap());
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let folder = path.parent().unwrap();
    assert_eq!(mode(folder), 0o700);
    let mut names = 0;
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names += 1;
    }
    assert_eq!(names, 4, "the file, its log, its shared memory, its lock");
    drop(file_lock);
}

#[tokio::test]
async fn existing_file_readable_by_others_is_made_private() {
    let test_database = TestDatabase::sqlite().await;
    let url = test_database.url("notes");
    let path = url.strip_prefix("sqlite:").unwrap();
    std::fs::write(path, "").unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
    open(&test_database).await;
    let mode = std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn existing_folder_and_files_are_made_private() {
    let outer = tempfile::tempdir().unwrap();
    let set = |path: &Path, mode| {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    };
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let folder = outer.path().join("data");
    std::fs::create_dir(&folder).unwrap();
    set(&folder, 0o755);
    std::fs::write(folder.join("notes.txt"), "").unwrap();
    set(&folder.join("notes.txt"), 0o644);
    // The folder of other files is left as it is.
    assert_eq!(make_private(&folder).unwrap(), [""; 0].map(PathBuf::from));
    assert_eq!(mode(&folder), 0o755);
    let files = [
        ("portal.db", 0o644),
        ("portal.db-wal", 0o666),
        ("portal.db-shm", 0o604),
        ("sandbox.db.lock", 0o640),
    ];
    for (name, mode) in files {
        std::fs::write(folder.join(name), "").unwrap();
        set(&folder.join(name), mode);
    }
    std::fs::write(folder.join("sandbox.db"), "").unwrap();
    set(&folder.join("sandbox.db"), 0o600);
    let mut restricted = make_private(&folder).unwrap();
    restricted.sort();
    let mut expected = vec![folder.clone()];
    expected.extend(files.map(|(name, _)| folder.join(name)));
    expected.sort();
    assert_eq!(restricted, expected, "what was open to others");
    assert_eq!(mode(&folder), 0o700);
    for (name, _) in files {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&folder.join("notes.txt")), 0o644);
    assert_eq!(make_private(&folder).unwrap(), [""; 0].map(PathBuf::from));
}

#[tokio::test]
async fn second_server_on_a_file_is_refused() {
    let test_database = TestDatabase::sqlite().await;
    let url = test_database.url("notes");
    let file_lock = lock(&url).unwrap().expect("a lock on a file");
    assert!(matches!(lock(&url), Err(DatabaseError::Locked(_))));
    // A command that runs beside the server still works.
    open(&test_database).await.write(insert("a")).await.unwrap();
    drop(file_lock);
    assert!(lock(&url).unwrap().is_some());
    assert!(lock("postgres://localhost/x").unwrap().is_none());
}

#[tokio::test]
async fn invalid_address_is_refused_without_revealing_it() {
    for url in [
        "",
        "notes.db",
        "mysql://u:secret@h/d",
        "sqlite:",
        "sqlite::memory:",
    ] {
        let error = Database::open(url, DatabaseOptions::new("notes", &BOTH))
            .await
            .unwrap_err();
        assert!(matches!(error, DatabaseError::Address(_)), "{url}: {error}");
        assert!(!format!("{error:?} {error}").contains("secret"));
    }
}

#[test]
fn debug_output_of_a_statement_omits_its_values() {
    let statement = Statement::new("SELECT $1").bind("secret");
    assert!(!format!("{statement:?}").contains("secret"));
    assert!(!format!("{:?}", Value::from("secret")).contains("secret"));
}
