//! Tests that take long; `make test-long` runs them.

#![expect(clippy::unwrap_used, reason = "a test may end there")]

#[path = "support/database.rs"]
#[expect(dead_code, unused_macros, reason = "one engine is enough here")]
mod database;
#[path = "support/app.rs"]
mod site;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use sqlx::{AnyConnection, Connection as _, Executor as _, Row as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::database::TestDatabase;
use crate::site::TestApp;

async fn count(database: &TestDatabase, table: &str) -> i64 {
    let mut connection = AnyConnection::connect(&database.url("sandbox"))
        .await
        .unwrap();
    let sql = match table {
        "sandbox" => "SELECT COUNT(*) FROM sandbox",
        _ => "SELECT COUNT(*) FROM exchange",
    };
    let row = connection.fetch_one(sql).await.unwrap();
    row.get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
async fn a_million_anonymous_reads_store_no_row() {
    let database = TestDatabase::sqlite().await;
    let app = TestApp::new(&database, "http://127.0.0.1:3000").await;
    let paths = [
        "/api/users",
        "/api/users/1",
        "/api/users?sort=name&per_page=5",
        "/api/nothing",
    ];
    for at in 0..1_000_000 {
        let request = Request::get(paths[at % paths.len()]).body(Body::empty());
        let (parts, _) = app.send(request.unwrap()).await;
        assert!(!parts.headers.contains_key("set-cookie"));
    }
    assert_eq!(
        (
            count(&database, "sandbox").await,
            count(&database, "exchange").await
        ),
        (0, 0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
async fn ten_thousand_sandboxes_from_one_address_do_not_block_other_writers() {
    let database = TestDatabase::sqlite().await;
    let app = TestApp::new(&database, "http://127.0.0.1:3000").await;
    let post = async |peer: &str, path: &str, body: &'static str| {
        let mut request = Request::post(path)
            .header("content-type", "application/json")
            .body(Body::from(body))
            .unwrap();
        let peer: SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        app.send(request).await.0.status.as_u16()
    };
    for _ in 0..10_000 {
        post("192.0.2.1:5000", "/api/sandbox", "").await;
    }
    assert_eq!(count(&database, "sandbox").await, 600);
    let body = r#"{"name":"A","email":"a@b.c","role":"member"}"#;
    assert_eq!(post("192.0.2.2:5000", "/api/users", body).await, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
async fn a_hundred_thousand_sandboxes_expire_during_other_writes() {
    let database = TestDatabase::sqlite().await;
    let app = TestApp::new(&database, "http://127.0.0.1:3000").await;
    let create = Request::post("/api/sandbox").body(Body::empty()).unwrap();
    let (created, _) = app.send(create).await;
    let key = created.headers["sandbox-key"].to_str().unwrap().to_owned();
    let mut connection = AnyConnection::connect(&database.url("sandbox"))
        .await
        .unwrap();
    for sql in [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
         INSERT INTO sandbox (key_hash, floor, created_at, last_used_at, cookie_at) \
         SELECT CAST('key ' || i AS BLOB), 13, 0, 0, 0 FROM n",
        "INSERT INTO users (sandbox_id, id, name, name_folded, email, email_folded, role, bio, created_at, updated_at) \
         SELECT sandbox.id, seed.id, name, name_folded, email, email_folded, role, bio, seed.created_at, updated_at \
         FROM sandbox, seed WHERE sandbox.created_at = 0",
    ] {
        connection.execute(sql).await.unwrap();
    }
    connection.close().await.unwrap();
    let sandboxes = app.state.sandboxes.clone();
    let sweeping = tokio::spawn(async move { while sandboxes.expire(50).await.unwrap() > 0 {} });
    let mut longest = std::time::Duration::ZERO;
    let mut writes = 0;
    while !sweeping.is_finished() {
        let body = format!(r#"{{"bio":"{writes}"}}"#);
        let request = Request::patch("/api/users/1")
            .header("sandbox-key", &key)
            .header("content-type", "application/merge-patch+json")
            .body(Body::from(body));
        let begun = std::time::Instant::now();
        let (parts, _) = app.send(request.unwrap()).await;
        longest = longest.max(begun.elapsed());
        assert!(
            [200, 429].contains(&parts.status.as_u16()),
            "{}",
            parts.status
        );
        writes += u32::from(parts.status == 200);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    sweeping.await.unwrap();
    assert_eq!(count(&database, "sandbox").await, 1);
    println!("{writes} writes while 100 000 sandboxes expired; the longest took {longest:?}");
}

/// A running server of the program, on a free port of this machine. It is killed when dropped.
struct ServerProcess {
    process: std::process::Child,
    port: u16,
    /// The path of the link of the first admin, if there is no account.
    first_admin: Option<String>,
}

impl ServerProcess {
    /// Starts a server on the databases in a folder, and waits until it listens.
    fn start(folder: &Path) -> ServerProcess {
        let mut process = std::process::Command::new(env!("CARGO_BIN_EXE_routebook"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut port = None;
        let mut first_admin = None;
        // The link comes after the address.
        while let Some(Ok(line)) = lines.next() {
            let has_account = !line.starts_with("There is no account");
            if let Some(address) = line.strip_prefix("Routebook is at http://127.0.0.1:") {
                port = address.parse().ok();
                if folder.join("has-account").exists() {
                    break;
                }
            } else if has_account && line.contains("/join/") {
                let at = line.find("/ko/join/").or(line.find("/en/join/")).unwrap();
                first_admin = Some(line[at..].to_owned());
                break;
            }
        }
        // The rest of the output is read, so that the server does not wait for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        ServerProcess {
            process,
            port: port.expect("an address"),
            first_admin,
        }
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // SIGKILL: nothing is finished or written any more.
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Posts a form. Returns the head and the body of the response; `None` when the server is gone before its end.
async fn post_form(
    port: u16,
    path: &str,
    cookie: Option<&str>,
    form: &[(&str, &str)],
) -> Option<(String, String)> {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let cookie = cookie.map_or(String::new(), |cookie| format!("Cookie: {cookie}\r\n"));
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{cookie}\
         Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await.ok()?;
    let response = String::from_utf8_lossy(&response).into_owned();
    let (head, body) = response.split_once("\r\n\r\n")?;
    Some((head.to_owned(), body.to_owned()))
}

/// Returns the session cookie that a response sets.
fn session_cookie(head: &str) -> Option<String> {
    let line = head.lines().find(|line| {
        line.to_ascii_lowercase()
            .starts_with("set-cookie: routebook=")
    })?;
    let (_, value) = line.split_once(' ')?;
    value.split(';').next().map(str::to_owned)
}

const KILLED_PASSWORD: &str = "correct horse";

/// Creates accounts with an invitation and marks a lesson as read with each, until the server is gone. Returns the addresses whose
/// account and whose progress were acknowledged.
async fn register_until_killed(
    port: u16,
    link: String,
    name: String,
) -> (Vec<String>, Vec<String>) {
    let (mut accounts, mut read) = (Vec::new(), Vec::new());
    for number in 0.. {
        let email = format!("{name}-{number}@example.com");
        let form = [
            ("name", "Ada"),
            ("email", email.as_str()),
            ("password", KILLED_PASSWORD),
        ];
        let Some((head, _)) = post_form(port, &link, None, &form).await else {
            break;
        };
        assert!(head.starts_with("HTTP/1.1 303"), "{head}");
        let cookie = session_cookie(&head).expect("a session");
        accounts.push(email.clone());
        let form = [("read", "methods/post")];
        match post_form(port, "/en/progress", Some(&cookie), &form).await {
            Some((head, _)) if head.starts_with("HTTP/1.1 204") => {
                read.push(email);
            }
            Some((head, _)) => panic!("{head}"),
            None => break,
        }
    }
    (accounts, read)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
async fn server_killed_fifty_times_loses_no_acknowledged_registration_or_progress() {
    let folder = tempfile::tempdir().unwrap();
    let (mut accounts, mut read) = (vec!["admin@example.com".to_owned()], Vec::new());
    let mut server = ServerProcess::start(folder.path());
    let first = server
        .first_admin
        .clone()
        .expect("the link of the first admin");
    let form = [
        ("name", "Admin"),
        ("email", "admin@example.com"),
        ("password", KILLED_PASSWORD),
    ];
    let joined = post_form(server.port, &first, None, &form).await.unwrap();
    let admin = session_cookie(&joined.0).expect("a session");
    std::fs::write(folder.path().join("has-account"), "").unwrap();
    for round in 0..50_u64 {
        // The session of the admin outlives the server.
        let form = [
            ("do", "create"),
            ("role", "learner"),
            ("days", "7"),
            ("uses", "500"),
        ];
        let path = "/en/admin/invitations";
        let (_, page) = post_form(server.port, path, Some(&admin), &form)
            .await
            .unwrap();
        let start = page.find("/en/join/").expect("a link");
        let link: String = page[start..]
            .chars()
            .take_while(|character| !"<\"\n".contains(*character))
            .collect();
        let tasks = (0..4).map(|task| {
            let name = format!("r{round}-{task}");
            tokio::spawn(register_until_killed(server.port, link.clone(), name))
        });
        let tasks: Vec<_> = tasks.collect();
        tokio::time::sleep(Duration::from_millis(200 + round * 37 % 400)).await;
        drop(server);
        for task in tasks {
            let (registered, marked) = task.await.unwrap();
            accounts.extend(registered);
            read.extend(marked);
        }
        server = ServerProcess::start(folder.path());
    }
    drop(server);
    assert!(
        accounts.len() > 50 && read.len() > 50,
        "{} {}",
        accounts.len(),
        read.len()
    );
    sqlx::any::install_default_drivers();
    let url = format!("sqlite:{}", folder.path().join("portal.db").display());
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    let emails = async |connection: &mut AnyConnection, sql: &'static str| {
        let rows = connection.fetch_all(sql).await.unwrap();
        let emails = rows.iter().map(|row| row.get::<String, _>(0));
        emails.collect::<BTreeSet<_>>()
    };
    let stored = emails(&mut connection, "SELECT email FROM account").await;
    let lost: Vec<_> = accounts
        .iter()
        .filter(|email| !stored.contains(*email))
        .collect();
    assert!(lost.is_empty(), "{lost:?}");
    let sql =
        "SELECT email FROM account JOIN lesson_progress ON account_id = id WHERE read IS NOT NULL";
    let stored_read = emails(&mut connection, sql).await;
    let lost: Vec<_> = read
        .iter()
        .filter(|email| !stored_read.contains(*email))
        .collect();
    assert!(lost.is_empty(), "{lost:?}");
    // An invitation lost a use for each account that it gave, and for no other.
    let row = connection
        .fetch_one("SELECT SUM(500 - uses_left) FROM invitation")
        .await
        .unwrap();
    assert_eq!(
        row.get::<i64, _>(0),
        i64::try_from(stored.len()).unwrap() - 1
    );
}
