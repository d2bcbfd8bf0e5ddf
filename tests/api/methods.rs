//! The semantics of methods, and `Allow`.

use crate::app::{App, rows};
use crate::database::TestDatabase;

on_both_engines! {
    head_returns_the_headers_of_get_without_a_body,
    options_returns_allow_with_the_methods,
    unsupported_method_returns_405_with_allow_also_for_a_missing_id,
    unknown_method_returns_501,
    safe_methods_change_nothing,
    put_twice_returns_201_then_200_with_the_same_state,
    delete_twice_returns_204_then_404,
    health_returns_200,
}

async fn head_returns_the_headers_of_get_without_a_body(database: &TestDatabase) {
    let app = App::new(database).await;
    for path in [
        "/api/users",
        "/api/users?per_page=3",
        "/api/users/1",
        "/api/users/99",
        "/api/nothing",
        "/api/me",
    ] {
        let get = app.get("GET", path, &[]).await;
        let head = app.get("HEAD", path, &[]).await;
        assert_eq!(head.status, get.status, "{path}");
        assert!(head.body.is_empty(), "{path}");
        if let Some(length) = head.header("content-length") {
            assert_eq!(length, get.body.len().to_string(), "{path}");
        }
        for (name, value) in &get.headers {
            // These headers differ between requests.
            if !["request-id", "content-length", "transfer-encoding", "vary"]
                .contains(&name.as_str())
            {
                assert_eq!(head.headers.get(name), Some(value), "{path} {name}");
            }
        }
    }
    let list = app.get("HEAD", "/api/users", &[]).await;
    assert_eq!(list.header("total-count"), Some("12"));
}

async fn options_returns_allow_with_the_methods(database: &TestDatabase) {
    let app = App::new(database).await;
    let list = app.get("OPTIONS", "/api/users", &[]).await;
    assert_eq!(
        (list.status, list.header("allow")),
        (204, Some("GET, HEAD, POST, OPTIONS"))
    );
    let one = app.get("OPTIONS", "/api/users/1", &[]).await;
    assert_eq!(
        (one.status, one.header("allow")),
        (204, Some("GET, HEAD, PUT, PATCH, DELETE, OPTIONS"))
    );
    assert_eq!(
        one.header("accept-patch"),
        Some("application/merge-patch+json")
    );
}

async fn unsupported_method_returns_405_with_allow_also_for_a_missing_id(database: &TestDatabase) {
    let app = App::new(database).await;
    let (list, one) = ("DELETE|PATCH|PUT|TRACE|CONNECT", "POST|TRACE|CONNECT");
    for (methods, path, allowed) in [
        (list, "/api/users", "GET HEAD OPTIONS POST"),
        (list, "/api/users?page=0", "GET HEAD OPTIONS POST"),
        (one, "/api/users/1", "DELETE GET HEAD OPTIONS PATCH PUT"),
        (one, "/api/users/99", "DELETE GET HEAD OPTIONS PATCH PUT"),
        (one, "/api/users/abc", "DELETE GET HEAD OPTIONS PATCH PUT"),
        ("POST|PUT|TRACE", "/api/me", "GET HEAD OPTIONS PATCH"),
        ("PUT|PATCH", "/api/session", "DELETE GET HEAD OPTIONS POST"),
        ("PUT|DELETE", "/api/tokens", "GET HEAD OPTIONS POST"),
        ("POST|PATCH", "/api/tokens/x", "DELETE GET HEAD OPTIONS"),
        ("POST|DELETE", "/api/admin/stats", "GET HEAD OPTIONS"),
        ("DELETE|POST", "/api/health", "GET HEAD OPTIONS"),
        ("PUT", "/api/sandbox", "DELETE GET HEAD OPTIONS PATCH POST"),
        ("GET|DELETE", "/api/sandbox/reset", "OPTIONS POST"),
    ] {
        for method in methods.split('|') {
            let response = app.get(method, path, &[("x-mine", "an echo")]).await;
            response.problem(405);
            assert!(!String::from_utf8_lossy(&response.body).contains("an echo"));
            let allow = response.header("allow").unwrap();
            let mut found: Vec<&str> = allow.split(',').map(str::trim).collect();
            found.sort_unstable();
            assert_eq!(found.join(" "), allowed, "{method} {path}");
        }
    }
    assert_eq!(rows(database).await, [""; 0]);
}

async fn unknown_method_returns_501(database: &TestDatabase) {
    let app = App::new(database).await;
    app.get("BREW", "/api/users", &[]).await.problem(501);
    app.get("BREW", "/api/nothing", &[]).await.problem(501);
}

async fn safe_methods_change_nothing(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let before = rows(database).await;
    for _ in 0..100 {
        for method in ["GET", "HEAD", "OPTIONS"] {
            let anonymous = app.get(method, "/api/users/1", &[]).await;
            assert_eq!(anonymous.header("set-cookie"), None);
            app.get(method, "/api/users", &[("sandbox-key", &key)])
                .await;
        }
    }
    assert_eq!(rows(database).await, before);
}

async fn put_twice_returns_201_then_200_with_the_same_state(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let body = r#"{"name":"Barbara","email":"barbara@example.org","role":"member"}"#;
    let first = app.json(&key, "PUT", "/api/users/30", body).await;
    assert_eq!(
        (first.status, first.header("location")),
        (201, Some("/api/users/30"))
    );
    let state = app.users(&key).await;
    app.clock.advance(60_000);
    let second = app.json(&key, "PUT", "/api/users/30", body).await;
    assert_eq!((second.status, second.header("location")), (200, None));
    assert_eq!(second.body, first.body);
    assert_eq!(app.users(&key).await, state);
}

async fn delete_twice_returns_204_then_404(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let deleted = app
        .get("DELETE", "/api/users/3", &[("sandbox-key", &key)])
        .await;
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    app.get("DELETE", "/api/users/3", &[("sandbox-key", &key)])
        .await
        .problem(404);
    app.get("GET", "/api/users/3", &[("sandbox-key", &key)])
        .await
        .problem(404);
}

async fn health_returns_200(database: &TestDatabase) {
    let app = App::new(database).await;
    let response = app.get("GET", "/api/health", &[]).await;
    assert_eq!(
        (response.status, response.json()["status"].as_str()),
        (200, Some("ok"))
    );
}
