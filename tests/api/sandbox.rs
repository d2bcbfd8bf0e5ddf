//! Sandbox keys in headers and cookies, and the separation of sandboxes.

use axum::http;
use bytes::Bytes;
use routebook::api::{ApiParts, InProcess};
use routebook::clock::Clock;
use routebook::model::limits::Limits;
use routebook::model::trace::Trace;
use routebook::sandbox::Sandboxes;
use sha2::{Digest as _, Sha256};

use crate::app::{App, count, execute, sandboxes, value};
use crate::database::TestDatabase;

on_both_engines! {
    read_without_a_key_returns_the_seed_and_stores_nothing,
    successful_write_creates_a_sandbox_and_failed_write_does_not,
    key_in_the_header_takes_precedence_and_an_unknown_one_returns_401,
    unknown_cookie_reads_the_seed_and_is_never_adopted,
    the_cookie_is_held_to_this_host_under_https,
    key_is_sent_only_to_its_visitor_and_stored_as_a_hash,
    sandboxes_do_not_share_data,
    reset_restores_the_seed_byte_for_byte,
    delete_of_the_sandbox_deletes_its_data_and_cookie,
    unused_sandbox_expires_and_is_deleted,
    least_recently_used_sandboxes_are_deleted_beyond_the_maximum,
    cookie_is_renewed_after_a_day,
    session_cookie_of_the_portal_gives_no_access,
    cross_site_write_returns_403,
}

const ROSE: &str = r#"{"name":"Rose","email":"rose@example.org"}"#;
const JSON: (&str, &str) = ("content-type", "application/json");
const HOUR: i64 = 3_600_000;

async fn read_without_a_key_returns_the_seed_and_stores_nothing(database: &TestDatabase) {
    let app = App::new(database).await;
    let seed = app.get("GET", "/api/users", &[]).await;
    assert_eq!(seed.json().as_array().unwrap().len(), 12);
    let one = app.get("GET", "/api/users/3", &[]).await;
    assert_eq!(one.json(), seed.json()[2]);
    for response in [&seed, &one] {
        assert_eq!(
            (
                response.header("set-cookie"),
                response.header("sandbox-key")
            ),
            (None, None)
        );
    }
    assert_eq!(sandboxes(database).await, 0);
    // The request causes no database access, so it succeeds without the table.
    app.sandboxes.close().await;
    assert_eq!(app.get("GET", "/api/users/3", &[]).await.body, one.body);
    assert_eq!(
        app.get("GET", "/api/sandbox", &[]).await.json()["key"],
        serde_json::Value::Null
    );
    assert_eq!(
        app.request("POST", "/api/users", &[JSON], ROSE)
            .await
            .status,
        503
    );
}

async fn successful_write_creates_a_sandbox_and_failed_write_does_not(database: &TestDatabase) {
    let app = App::new(database).await;
    let patch = ("content-type", "application/merge-patch+json");
    let whole = r#"{"name":"Rose","email":"rose@example.org","role":"member"}"#;
    for (method, path, headers, body) in [
        ("POST", "/api/users", vec![JSON], r#"{"name":"Rose"}"#),
        (
            "POST",
            "/api/users",
            vec![JSON],
            r#"{"name":"A","email":"ada@example.com"}"#,
        ),
        ("PATCH", "/api/users/99", vec![patch], "{}"),
        (
            "PUT",
            "/api/users/1",
            vec![JSON],
            r#"{"id":2,"name":"Rose","email":"rose@example.org","role":"member"}"#,
        ),
        ("DELETE", "/api/users/99", vec![], ""),
    ] {
        let response = app.request(method, path, &headers, body).await;
        assert!(response.status >= 400, "{method} {path}");
        assert_eq!(
            (
                response.header("set-cookie"),
                response.header("sandbox-key")
            ),
            (None, None),
            "{method} {path}"
        );
    }
    assert_eq!(sandboxes(database).await, 0);
    for (created, (method, path, headers, body)) in (1..).zip([
        ("POST", "/api/users", vec![JSON], ROSE),
        ("PATCH", "/api/users/1", vec![patch], r#"{"bio":null}"#),
        ("PUT", "/api/users/20", vec![JSON], whole),
        ("DELETE", "/api/users/1", vec![], ""),
        ("POST", "/api/sandbox", vec![], ""),
    ]) {
        let response = app.request(method, path, &headers, body).await;
        assert!(response.status < 300, "{method} {path}");
        let key = response.header("sandbox-key").unwrap();
        let cookie = response.header("set-cookie").unwrap();
        assert!(cookie.starts_with(&format!("sandbox={key};")), "{cookie}");
        assert_eq!(sandboxes(database).await, created);
    }
}

async fn key_in_the_header_takes_precedence_and_an_unknown_one_returns_401(
    database: &TestDatabase,
) {
    let app = App::new(database).await;
    let (key, other) = (app.sandbox().await, app.sandbox().await);
    app.json(&key, "POST", "/api/users", ROSE).await;
    let cookie = format!("sandbox={other}");
    let both = app
        .get(
            "GET",
            "/api/users",
            &[("sandbox-key", &key), ("cookie", &cookie)],
        )
        .await;
    assert_eq!(both.header("total-count"), Some("13"));
    for key in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA"] {
        for (method, path) in [
            ("GET", "/api/users"),
            ("GET", "/api/users/1"),
            ("DELETE", "/api/users/1"),
            ("POST", "/api/sandbox"),
            ("DELETE", "/api/sandbox"),
            ("POST", "/api/sandbox/reset"),
            ("POST", "/api/sandbox/undo"),
        ] {
            let response = app
                .get(method, path, &[("sandbox-key", key), ("cookie", &cookie)])
                .await;
            response.problem(401);
            assert!(response.headers.contains_key("www-authenticate"));
        }
        let switched = app.json(key, "PATCH", "/api/sandbox", "{}").await;
        switched.problem(401);
        assert_eq!(sandboxes(database).await, 2);
        // GET of the sandbox always succeeds.
        let response = app
            .get("GET", "/api/sandbox", &[("sandbox-key", key)])
            .await;
        assert_eq!(
            (response.status, response.json()["key"].as_str()),
            (200, None)
        );
    }
}

async fn unknown_cookie_reads_the_seed_and_is_never_adopted(database: &TestDatabase) {
    let app = App::new(database).await;
    let forged = "AAAAAAAAAAAAAAAAAAAAAA";
    let cookie = format!("a=b; sandbox={forged}");
    let seed = app.get("GET", "/api/users", &[("cookie", &cookie)]).await;
    assert_eq!((seed.status, seed.header("total-count")), (200, Some("12")));
    let written = app
        .request("POST", "/api/users", &[JSON, ("cookie", &cookie)], ROSE)
        .await;
    assert_eq!(written.status, 201);
    let key = written.header("sandbox-key").unwrap();
    assert_ne!(key, forged);
    app.get("GET", "/api/users", &[("sandbox-key", forged)])
        .await
        .problem(401);
    let cookie = format!("sandbox={key}");
    assert_eq!(
        app.get("GET", "/api/users", &[("cookie", &cookie)])
            .await
            .header("total-count"),
        Some("13")
    );
}

async fn the_cookie_is_held_to_this_host_under_https(database: &TestDatabase) {
    let plain = App::new(database)
        .await
        .get("POST", "/api/sandbox", &[])
        .await;
    let cookie = plain.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("sandbox=") && !cookie.contains("Secure"),
        "{cookie}"
    );
    let app = App::with_base(database, "https://learn.example.com").await;
    let secure = app.get("POST", "/api/sandbox", &[]).await;
    let cookie = secure.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-sandbox="), "{cookie}");
    for attribute in [
        "Secure",
        "HttpOnly",
        "SameSite=Lax",
        "Path=/",
        "Max-Age=604800",
    ] {
        assert!(cookie.contains(attribute), "{attribute}: {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    // Over HTTPS the plain name is ignored.
    let key = secure.header("sandbox-key").unwrap();
    app.json(key, "POST", "/api/users", ROSE).await;
    for (name, total) in [("sandbox", "12"), ("__Host-sandbox", "13")] {
        let response = app
            .get("GET", "/api/users", &[("cookie", &format!("{name}={key}"))])
            .await;
        assert_eq!(response.header("total-count"), Some(total), "{name}");
    }
}

async fn key_is_sent_only_to_its_visitor_and_stored_as_a_hash(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    assert!(key.len() >= 22, "128 bits");
    for headers in [
        ("sandbox-key", key.clone()),
        ("cookie", format!("sandbox={key}")),
    ] {
        let response = app
            .get("GET", "/api/sandbox", &[(headers.0, &headers.1)])
            .await;
        assert_eq!(
            (response.status, response.json()["key"].as_str()),
            (200, Some(key.as_str()))
        );
        assert_eq!(response.header("cache-control"), Some("no-store"));
        // A visitor with a sandbox receives no other.
        let again = app
            .get("POST", "/api/sandbox", &[(headers.0, &headers.1)])
            .await;
        assert_eq!(
            (again.status, again.json()["key"].as_str()),
            (200, Some(key.as_str()))
        );
    }
    assert_eq!(sandboxes(database).await, 1);
    let hash: String = Sha256::digest(&key)
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    let stored = match database {
        TestDatabase::Sqlite(_) => "SELECT hex(key_hash) FROM sandbox",
        TestDatabase::Postgres { .. } => "SELECT upper(encode(key_hash, 'hex')) FROM sandbox",
    };
    assert_eq!(value::<String>(database, stored).await, hash);
}

async fn sandboxes_do_not_share_data(database: &TestDatabase) {
    let app = App::new(database).await;
    let (one, two) = (app.sandbox().await, app.sandbox().await);
    let untouched = app.users(&two).await;
    app.json(&one, "POST", "/api/users", ROSE).await;
    app.json(&one, "PATCH", "/api/users/1", r#"{"name":"mine"}"#)
        .await;
    app.get("DELETE", "/api/users/2", &[("sandbox-key", &one)])
        .await;
    assert_eq!(app.users(&two).await, untouched);
    app.get("GET", "/api/users/13", &[("sandbox-key", &two)])
        .await
        .problem(404);
    app.json(&two, "PATCH", "/api/users/13", "{}")
        .await
        .problem(404);
    app.get("DELETE", "/api/users/13", &[("sandbox-key", &two)])
        .await
        .problem(404);
    // The email is free in the other sandbox, and the id is the same.
    let same = app.json(&two, "POST", "/api/users", ROSE).await;
    assert_eq!(
        (same.status, same.header("location")),
        (201, Some("/api/users/13"))
    );
    assert_eq!(app.get("GET", "/api/users/2", &[]).await.status, 200);
}

async fn reset_restores_the_seed_byte_for_byte(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, other) = (app.sandbox().await, app.sandbox().await);
    let fresh = app.users(&key).await;
    app.json(&other, "POST", "/api/users", ROSE).await;
    let other_users = app.users(&other).await;
    app.json(&key, "POST", "/api/users", ROSE).await;
    app.json(&key, "PATCH", "/api/users/5", r#"{"bio":"new"}"#)
        .await;
    app.get("DELETE", "/api/users/1", &[("sandbox-key", &key)])
        .await;
    app.clock.advance(HOUR);
    let reset = app
        .get("POST", "/api/sandbox/reset", &[("sandbox-key", &key)])
        .await;
    assert_eq!(reset.status, 204);
    assert_eq!(app.users(&key).await, fresh);
    assert_eq!(app.users(&other).await, other_users);
    assert_eq!(
        app.json(&key, "POST", "/api/users", ROSE)
            .await
            .header("location"),
        Some("/api/users/13")
    );
}

async fn delete_of_the_sandbox_deletes_its_data_and_cookie(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let cookie = format!("sandbox={key}");
    let ended = app
        .get("DELETE", "/api/sandbox", &[("cookie", &cookie)])
        .await;
    assert_eq!(ended.status, 204);
    assert!(ended.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(
        app.get("GET", "/api/sandbox", &[("cookie", &cookie)])
            .await
            .json()["key"],
        serde_json::Value::Null
    );
    assert_eq!(count(database, "SELECT COUNT(*) FROM users").await, 0);
    assert_eq!(
        app.get("DELETE", "/api/sandbox", &[("cookie", &cookie)])
            .await
            .status,
        204
    );
    // Deleting a sandbox by its header does not delete the cookie of another sandbox.
    let (one, other) = (app.sandbox().await, app.sandbox().await);
    let cookie = format!("sandbox={other}");
    let headers = [("sandbox-key", one.as_str()), ("cookie", cookie.as_str())];
    let ended = app.get("DELETE", "/api/sandbox", &headers).await;
    assert_eq!((ended.status, ended.header("set-cookie")), (204, None));
    assert_eq!(sandboxes(database).await, 1);
}

async fn unused_sandbox_expires_and_is_deleted(database: &TestDatabase) {
    let app = App::new(database).await;
    let (used, idle) = (app.sandbox().await, app.sandbox().await);
    app.clock.advance(20 * HOUR);
    app.json(&used, "POST", "/api/users", ROSE).await;
    app.clock.advance(5 * HOUR);
    app.get("GET", "/api/users", &[("sandbox-key", &idle)])
        .await
        .problem(401);
    assert_eq!(app.sandboxes.expire(10).await.unwrap(), 1);
    assert_eq!(
        (
            sandboxes(database).await,
            count(database, "SELECT COUNT(*) FROM users").await
        ),
        (1, 13)
    );
    // Reads extend the life of a sandbox up to its maximum age: it exists at 165 hours and not at 169.
    for hours in [20, 20, 20, 20, 20, 20, 20, 4] {
        let read = app
            .get("GET", "/api/users", &[("sandbox-key", &used)])
            .await;
        assert_eq!(read.header("total-count"), Some("13"));
        app.clock.advance(hours * HOUR);
    }
    app.get("GET", "/api/users", &[("sandbox-key", &used)])
        .await
        .problem(401);
    for _ in 0..5 {
        app.sandbox().await;
    }
    app.clock.advance(25 * HOUR);
    assert_eq!(app.sandboxes.expire(4).await.unwrap(), 4);
    assert_eq!(app.sandboxes.expire(4).await.unwrap(), 2);
    assert_eq!(app.sandboxes.expire(4).await.unwrap(), 0);
}

async fn cookie_is_renewed_after_a_day(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let cookie = format!("sandbox={key}");
    app.clock.advance(13 * HOUR);
    assert_eq!(
        app.get("GET", "/api/users", &[("cookie", &cookie)])
            .await
            .header("set-cookie"),
        None
    );
    app.clock.advance(13 * HOUR);
    let renewed = app.get("GET", "/api/users", &[("cookie", &cookie)]).await;
    assert!(renewed.header("set-cookie").unwrap().starts_with(&cookie));
    assert_eq!(renewed.header("cache-control"), Some("no-store"));
    assert_eq!(
        app.get("GET", "/api/users", &[("cookie", &cookie)])
            .await
            .header("set-cookie"),
        None
    );
}

async fn session_cookie_of_the_portal_gives_no_access(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    app.json(&key, "POST", "/api/users", ROSE).await;
    for name in ["routebook", "__Host-routebook"] {
        let cookie = format!("{name}={key}");
        assert_eq!(
            app.get("GET", "/api/users", &[("cookie", &cookie)])
                .await
                .header("total-count"),
            Some("12")
        );
        app.get("GET", "/api/me", &[("cookie", &cookie)])
            .await
            .problem(401);
    }
}

async fn cross_site_write_returns_403(database: &TestDatabase) {
    let app = App::new(database).await;
    for foreign in [
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![
            ("origin", "https://evil.example"),
            ("host", "127.0.0.1:3000"),
        ],
        vec![("origin", "null"), ("host", "127.0.0.1:3000")],
    ] {
        let mut headers = foreign.clone();
        headers.push(JSON);
        let problem = app
            .request("POST", "/api/users", &headers, ROSE)
            .await
            .problem(403);
        assert!(
            problem["type"]
                .as_str()
                .unwrap()
                .ends_with("/cross-site-request")
        );
        app.get("POST", "/api/sandbox", &foreign).await.problem(403);
    }
    assert_eq!(sandboxes(database).await, 0);
    for header in [
        vec![],
        vec![("sec-fetch-site", "same-origin")],
        vec![("origin", "http://127.0.0.1:3000")],
    ] {
        let mut headers = header;
        headers.push(JSON);
        assert_eq!(
            app.request("POST", "/api/users", &headers, ROSE)
                .await
                .status,
            201
        );
    }
}

async fn least_recently_used_sandboxes_are_deleted_beyond_the_maximum(database: &TestDatabase) {
    let clock = Clock::manual(1_800_000_000_000);
    let limits = Limits {
        sandboxes: 3,
        ..Limits::default()
    };
    let url = database.url("sandbox");
    let all = Sandboxes::open(&url, clock.clone(), limits).await.unwrap();
    let mut keys = Vec::new();
    for _ in 0..6 {
        keys.push(all.create_sandbox().await.unwrap().created.unwrap().key);
        clock.advance(2 * HOUR);
    }
    // The oldest sandbox is used again, so it is not the least recently used.
    all.open_sandbox(&keys[0], &Trace::disabled())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(all.expire(2).await.unwrap(), 2);
    assert_eq!(all.expire(2).await.unwrap(), 1);
    assert_eq!(all.expire(2).await.unwrap(), 0);
    for (at, key) in keys.iter().enumerate() {
        let exists = all
            .open_sandbox(key, &Trace::disabled())
            .await
            .unwrap()
            .is_some();
        assert_eq!(exists, [0, 4, 5].contains(&at), "{at}");
    }
}

/// Runs on one engine only, where one statement can forbid writes to a table.
#[tokio::test]
async fn full_database_refuses_writes_and_serves_reads() {
    let database = TestDatabase::sqlite().await;
    let app = App::new(&database).await;
    let key = app.sandbox().await;
    execute(
        &database,
        "CREATE TRIGGER closed BEFORE UPDATE ON sandbox BEGIN SELECT RAISE(ABORT, 'closed'); END",
    )
    .await;
    app.clock.advance(2 * HOUR);
    let read = app
        .get("GET", "/api/users/1", &[("sandbox-key", &key)])
        .await;
    assert_eq!(read.status, 200);
    app.json(&key, "PATCH", "/api/users/1", r#"{"bio":"x"}"#)
        .await
        .problem(500);
}

/// Runs on SQLite only, because PostgreSQL has no such limit.
#[tokio::test]
async fn a_full_file_is_507_and_mends_itself() {
    let database = TestDatabase::sqlite().await;
    let clock = Clock::manual(1_800_000_000_000);
    let limits = Limits {
        pages: 40,
        ..Limits::default()
    };
    let url = database.url("sandbox");
    let all = Sandboxes::open(&url, clock.clone(), limits).await.unwrap();
    let first = all.create_sandbox().await.unwrap().created.unwrap().key;
    let service = routebook::api::service(ApiParts::new(all.clone(), "http://127.0.0.1:3000"));
    let api = InProcess::new(service.unwrap());
    let send = async |method: &str, path: &str| {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("sandbox-key", first.as_str());
        api.send(request.body(Bytes::new()).unwrap(), None).await
    };
    let create = || {
        http::Request::post("/api/sandbox")
            .body(Bytes::new())
            .unwrap()
    };
    let mut created = 0;
    let full = loop {
        let response = api.send(create(), None).await;
        if response.status() != 201 {
            break response;
        }
        created += 1;
        assert!(created < 1000, "the file has no limit");
    };
    assert_eq!(full.status(), 507);
    assert_eq!(full.headers()["content-type"], "application/problem+json");
    assert_eq!(full.headers().get("set-cookie"), None);
    assert_eq!(send("GET", "/api/users/1").await.status(), 200);
    // Expiry frees space.
    clock.advance(2 * 24 * HOUR);
    while all.expire(10).await.unwrap() > 0 {}
    assert_eq!(api.send(create(), None).await.status(), 201);
}

/// Runs on SQLite only, because PostgreSQL has no such limit.
#[tokio::test]
async fn records_are_trimmed_before_a_full_file_refuses_writes() {
    let database = TestDatabase::sqlite().await;
    let limits = Limits {
        pages: 80,
        ..Limits::default()
    };
    let app = App::with_limits(&database, limits).await;
    let key = app.sandbox().await;
    let first = "SELECT COALESCE(MIN(id), 0) FROM exchange";
    for at in 0.. {
        for _ in 0..3 {
            app.get("GET", "/api/users", &[("sandbox-key", &key)]).await;
        }
        app.finish_recording().await;
        app.sandboxes.recorder().flush().await;
        // The oldest was deleted and the newest stored.
        if count(&database, first).await > 1 {
            break;
        }
        assert!(at < 200, "the file never fills");
    }
    assert!(count(&database, "SELECT COUNT(*) FROM exchange").await > 1);
    assert_eq!(app.json(&key, "POST", "/api/users", ROSE).await.status, 201);
}
