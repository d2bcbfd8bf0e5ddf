//! `routebook backup`, and the page that says when the last backup was made.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use axum::http::StatusCode;
use routebook::clock::Clock;
use routebook::model::account::TeamRole;
use routebook::portal::Portal;
use routebook::portal::store::audit::AuditFilter;
use routebook::portal::store::backup::Backup;
use sqlx::{AnyConnection, Connection as _, Executor as _};
use tempfile::TempDir;

use crate::app::{App, DAY, START};
use crate::database::TestDatabase;

on_both_engines! {
    page_says_when_the_last_backup_was_made,
    backup_beside_a_server_is_complete_and_recorded,
    backup_is_restored,
    database_that_exists_is_replaced_only_when_it_is_asked_for,
    file_that_is_no_backup_is_not_restored,
}

const PATH: &str = "/en/admin/backup";

fn backup(database: &TestDatabase, arguments: &[&str]) -> Output {
    run("backup", &database.url("portal"), arguments)
}

fn run(command: &str, url: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_routebook"))
        .arg(command)
        .args(arguments)
        .args(["--database", url])
        .output()
        .unwrap()
}

fn printed(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// Makes a backup of a database with an account that is logged in; returns its folder and its file. `None` on PostgreSQL, where
/// another program restores.
async fn with_backup(database: &TestDatabase) -> Option<(App, TempDir, String)> {
    let app = App::new(database).await;
    app.log_in_as_grace(None).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    let file = file.to_str().unwrap().to_owned();
    if let TestDatabase::Postgres { .. } = database {
        std::fs::write(&file, "dump").unwrap();
        let refused = error(&run("restore", &database.url("portal"), &[&file]));
        assert!(refused.contains("pg_restore --clean") && refused.contains(&file));
        return None;
    }
    printed(&backup(database, &[&file]));
    Some((app, folder, file))
}

/// Returns the addresses of the accounts in a database.
async fn addresses(url: &str) -> Vec<String> {
    let portal = Portal::open(url, Clock::system()).await.unwrap();
    let accounts = portal.store.list_accounts().await.unwrap();
    portal.store.close().await;
    let addresses = accounts.iter().map(|account| account.email.as_str());
    addresses.map(str::to_owned).collect()
}

/// Returns the names of the files of a folder.
fn files(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
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
        TestDatabase::Sqlite { .. } => [
            "routebook backup --database sqlite:/",
            "routebook restore --database sqlite:/",
        ],
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

async fn backup_is_restored(database: &TestDatabase) {
    let Some((_app, folder, file)) = with_backup(database).await else {
        return;
    };
    let target = folder.path().join("new/portal.db");
    let url = format!("sqlite:{}", target.display());
    let output = printed(&run("restore", &url, &[&file]));
    assert!(
        output.contains("portal.db") && !output.contains("replaced"),
        "{output}"
    );
    assert_eq!(addresses(&url).await, ["grace@example.com"]);
    let portal = Portal::open(&url, Clock::system()).await.unwrap();
    let accounts = portal.store.list_accounts().await.unwrap();
    let sessions = portal
        .store
        .list_sessions(accounts[0].id, START)
        .await
        .unwrap();
    assert!(
        sessions.is_empty(),
        "a session that was ended would be open again"
    );
    let log = portal
        .store
        .list_audit(&AuditFilter::default(), None, 1)
        .await;
    let log = log.unwrap();
    assert_eq!((&*log[0].action, &*log[0].subject), ("restore", "a.db"));
    let last = portal.store.last_backup().await.unwrap().unwrap();
    let size = std::fs::metadata(&file).unwrap().len();
    assert_eq!((&*last.name, last.size), ("a.db", size as i64));
    portal.store.close().await;
    let names = files(target.parent().unwrap());
    assert_eq!(names, ["portal.db", "portal.db.lock"]);
    let mode = std::fs::metadata(&target).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

async fn database_that_exists_is_replaced_only_when_it_is_asked_for(database: &TestDatabase) {
    let Some((app, folder, file)) = with_backup(database).await else {
        return;
    };
    app.register("later@example.com", "Later").await;
    let url = database.url("portal");
    let refused = error(&run("restore", &url, &[&file]));
    assert!(refused.contains("there is a database already") && refused.contains("--force"));
    // As long as a server has it open.
    let lock = routebook::database::lock(&url).unwrap();
    let locked = error(&run("restore", &url, &[&file, "--force"]));
    assert!(locked.contains("stop the server first"), "{locked}");
    drop(lock);
    // The last write is in the write-ahead log only, because the database is still open.
    let output = printed(&run("restore", &url, &[&file, "--force"]));
    assert!(output.contains("portal.db.replaced"), "{output}");
    assert_eq!(addresses(&url).await, ["grace@example.com"]);
    let before = format!("{url}.replaced");
    assert_eq!(
        addresses(&before).await,
        ["grace@example.com", "later@example.com"]
    );
    assert_eq!(files(folder.path()), ["a.db"], "the backup is not changed");
    // A second time, where a restore that was killed has left a log: what was kept stays.
    let target = url.strip_prefix("sqlite:").unwrap();
    std::fs::write(format!("{target}.part-wal"), b"not of this copy").unwrap();
    let output = printed(&run("restore", &url, &[&file, "--force"]));
    assert!(output.contains("portal.db.replaced-2"), "{output}");
    assert_eq!(addresses(&before).await.len(), 2);
    std::fs::write(format!("{file}-wal"), b"changes").unwrap();
    let refused = error(&run("restore", &url, &[&file, "--force"]));
    assert!(refused.contains("a.db-wal"), "{refused}");
}

async fn file_that_is_no_backup_is_not_restored(database: &TestDatabase) {
    let Some((_app, folder, file)) = with_backup(database).await else {
        return;
    };
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let execute = async |file: &str, sql: &'static str| {
        let url = format!("sqlite:{file}?mode=rwc");
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        connection.execute(sql).await.unwrap();
        connection.close().await.unwrap();
    };
    std::fs::write(path("text"), "not a database at all").unwrap();
    std::fs::write(path("empty"), "").unwrap();
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(path("cut"), &bytes[..bytes.len() / 2]).unwrap();
    execute(&path("other"), "CREATE TABLE account (id INTEGER)").await;
    std::fs::copy(&file, path("newer")).unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (9999, 'later', TRUE, X'00', 0)";
    execute(&path("newer"), newer).await;
    let sandbox = database.url("sandbox");
    let sandbox = sandbox.strip_prefix("sqlite:").unwrap().to_owned();
    let is_written = routebook::database::checkpoint(Path::new(&sandbox)).await;
    assert!(is_written.unwrap());
    let target = folder.path().join("new/portal.db");
    let url = format!("sqlite:{}", target.display());
    for (file, reason) in [
        (path("text"), "is not a backup"),
        (path("empty"), "is not a backup"),
        (
            folder.path().to_str().unwrap().to_owned(),
            "is not a backup",
        ),
        (path("gone"), "cannot read"),
        (path("cut"), "cut"),
        (path("other"), "is not a backup of this program"),
        (
            path("newer"),
            "newer than this program: it has migration 9999",
        ),
        (sandbox, "cannot be restored"),
    ] {
        let refused = error(&run("restore", &url, &[&file]));
        assert!(refused.contains(reason), "{file}: {refused}");
        let left = match target.parent().unwrap().exists() {
            true => files(target.parent().unwrap()),
            false => Vec::new(),
        };
        assert!(
            left.iter().all(|name| name == "portal.db.lock"),
            "{file}: {left:?}"
        );
    }
    // Nor in the place of a database.
    let url = database.url("portal");
    let newer = path("newer");
    assert!(!run("restore", &url, &[&newer, "--force"]).status.success());
    assert_eq!(addresses(&url).await, ["grace@example.com"]);
    assert!(
        !Path::new(&format!(
            "{}.replaced",
            url.strip_prefix("sqlite:").unwrap()
        ))
        .exists()
    );
}
