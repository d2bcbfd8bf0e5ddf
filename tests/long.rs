//! Tests that take long; `make test-long` runs them.

#![expect(clippy::unwrap_used, reason = "a test may end there")]

#[path = "support/database.rs"]
#[expect(dead_code, unused_macros, reason = "one engine is enough here")]
mod database;
#[path = "support/app.rs"]
mod site;

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use sqlx::{AnyConnection, Connection as _, Executor as _, Row as _};

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
