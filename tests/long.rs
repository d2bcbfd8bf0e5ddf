//! Tests that take long; `make test-long` runs them. `make test` runs a short version of what a killed server loses.

#![expect(clippy::unwrap_used, reason = "a test may end there")]

#[path = "support/database.rs"]
#[expect(unused_macros, reason = "most of these tests need one engine")]
mod database;
#[path = "support/server_process.rs"]
#[expect(dead_code, reason = "other tests read pages")]
mod server_process;
#[path = "support/app.rs"]
mod site;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use sqlx::{AnyConnection, Connection as _, Executor as _, Row as _};

use crate::database::TestDatabase;
use crate::server_process::{ServerProcess, invite, join, post_form, post_json};
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

/// What a server has acknowledged: each kind with the addresses of the accounts.
#[derive(Default)]
struct Acknowledged {
    accounts: Vec<String>,
    read: Vec<String>,
    attempts: Vec<String>,
    answers: Vec<String>,
    questions: Vec<String>,
}

impl Acknowledged {
    /// Returns each kind with the statement that selects the addresses for which it is stored.
    fn kinds(&mut self) -> [(&mut Vec<String>, &'static str); 5] {
        [
            (&mut self.accounts, "SELECT email FROM account"),
            (
                &mut self.read,
                "SELECT email FROM account JOIN lesson_progress ON account_id = id WHERE read IS NOT NULL",
            ),
            (
                &mut self.attempts,
                "SELECT email FROM account JOIN exercise_attempt ON account_id = account.id WHERE failures > 0",
            ),
            (
                &mut self.answers,
                "SELECT email FROM account JOIN account_answer ON account_id = id \
                 GROUP BY email HAVING COUNT(*) = 3",
            ),
            (
                &mut self.questions,
                "SELECT email FROM account JOIN help_request ON account_id = account.id",
            ),
        ]
    }
}

/// Creates an account and learns with it. Returns `None` as soon as the server is gone.
async fn learn(port: u16, link: &str, email: &str, done: &mut Acknowledged) -> Option<()> {
    let joined = join(port, link, email).await?;
    assert_eq!(joined.status, 303, "{joined:?}");
    let session = joined.cookie("routebook").expect("a session");
    done.accounts.push(email.to_owned());
    let form = [("read", "methods/post")];
    let read = post_form(port, "/en/progress", &session, &form).await?;
    assert_eq!(read.status, 204, "{read:?}");
    done.read.push(email.to_owned());
    let created = post_json(port, "/api/sandbox", "", "").await?;
    assert_eq!(created.status, 201, "{created:?}");
    let sandbox = created.cookie("sandbox").expect("a sandbox");
    let cookies = format!("{session}; {sandbox}");
    let card = "/en/exercises/create-an-admin?part";
    let started = post_form(port, card, &cookies, &[("do", "start")]).await?;
    assert_eq!(started.status, 200, "{started:?}");
    // Not an admin, so the attempt fails.
    let user = r#"{"name":"Hana","email":"hana@example.com","role":"member"}"#;
    let sent = post_json(port, "/api/users", &cookies, user).await?;
    assert_eq!(sent.status, 201, "{sent:?}");
    let checked = post_form(port, card, &cookies, &[("do", "check")]).await?;
    assert_eq!(checked.status, 200, "{checked:?}");
    done.attempts.push(email.to_owned());
    let form = [
        ("created", "c"),
        ("idempotent", "b"),
        ("order", "a"),
        ("order", "c"),
    ];
    let answered = post_form(port, "/en/quizzes/post?part", &cookies, &form).await?;
    assert_eq!(answered.status, 200, "{answered:?}");
    done.answers.push(email.to_owned());
    let form = [("do", "ask"), ("question", "Why not?")];
    let asked = post_form(port, card, &cookies, &form).await?;
    assert_eq!(asked.status, 200, "{asked:?}");
    done.questions.push(email.to_owned());
    Some(())
}

/// Kills a server again and again while members register and learn, and expects what it has acknowledged in the database.
async fn nothing_acknowledged_is_lost(database: &TestDatabase, kills: usize) {
    let mut done = Acknowledged::default();
    let mut server = ServerProcess::start(database);
    let first = join(server.port, server.first_admin_path(), "admin@example.com");
    let admin = first.await.unwrap().cookie("routebook");
    let admin = admin.expect("a session");
    done.accounts.push("admin@example.com".to_owned());
    for round in 0..kills {
        // The session of the admin outlives the server.
        let link = invite(server.port, &admin, "500").await;
        let port = server.port;
        let tasks = (0..4).map(|task| {
            let link = link.clone();
            tokio::spawn(async move {
                let mut done = Acknowledged::default();
                for number in 0.. {
                    let email = format!("r{round}-{task}-{number}@example.com");
                    if learn(port, &link, &email, &mut done).await.is_none() {
                        break;
                    }
                }
                done
            })
        });
        let tasks: Vec<_> = tasks.collect();
        let time = 600 + round * 137 % 800;
        tokio::time::sleep(Duration::from_millis(time.try_into().unwrap())).await;
        drop(server);
        for task in tasks {
            let mut of_task = task.await.unwrap();
            for ((all, _), (new, _)) in done.kinds().into_iter().zip(of_task.kinds()) {
                all.append(new);
            }
        }
        server = ServerProcess::start(database);
    }
    drop(server);
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(&database.url("portal"))
        .await
        .unwrap();
    if let TestDatabase::Postgres { .. } = database {
        let schema = connection.execute("SET search_path = portal");
        schema.await.unwrap();
    }
    let mut accounts = 0;
    for (acknowledged, sql) in done.kinds() {
        let rows = connection.fetch_all(sql).await.unwrap();
        let stored: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
        let lost: Vec<_> = acknowledged
            .iter()
            .filter(|email| !stored.contains(*email))
            .collect();
        assert!(lost.is_empty(), "{sql}: {lost:?}");
        println!(
            "{} acknowledged, {} stored: {sql}",
            acknowledged.len(),
            stored.len()
        );
        // Fewer on a slow machine, but not none.
        assert!(
            acknowledged.len() * 4 > kills,
            "{sql}: {}",
            acknowledged.len()
        );
        accounts = accounts.max(stored.len());
    }
    // An invitation lost a use for each account that it gave, and for no other.
    let sql =
        "SELECT CAST(SUM(500 - uses_left) AS BIGINT) FROM invitation WHERE created_by IS NOT NULL";
    let row = connection.fetch_one(sql).await.unwrap();
    assert_eq!(row.get::<i64, _>(0), i64::try_from(accounts).unwrap() - 1);
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_killed_five_times_loses_nothing_acknowledged() {
    let database = TestDatabase::sqlite().await;
    nothing_acknowledged_is_lost(&database, 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
async fn server_killed_fifty_times_loses_nothing_acknowledged() {
    let database = TestDatabase::sqlite().await;
    nothing_acknowledged_is_lost(&database, 50).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
async fn server_killed_fifty_times_on_postgresql_loses_nothing_acknowledged() {
    let database = TestDatabase::postgres().await;
    nothing_acknowledged_is_lost(&database, 50).await;
}
