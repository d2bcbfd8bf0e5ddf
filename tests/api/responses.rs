//! The headers of all responses, and data that no response contains.

use routebook::model::problem::ProblemKind;
use serde_json::Value;
use sqlx::Executor as _;

use crate::app::{App, TestResponse, connect, rows};
use crate::database::TestDatabase;

on_both_engines! {
    every_status_has_the_common_headers,
    type_of_every_problem_leads_to_its_lesson,
    internal_error_returns_500_without_the_cause,
    lost_database_connection_returns_503_with_retry_after,
    responses_have_no_cors_headers,
    cross_site_requests_with_unsafe_methods_return_403,
    reset_and_delete_without_a_sandbox_change_nothing,
    one_of_twenty_concurrent_changes_to_the_same_email_succeeds,
}

const JSON: (&str, &str) = ("content-type", "application/json");
const PATCH: (&str, &str) = ("content-type", "application/merge-patch+json");
const ROSE: &str = r#"{"name":"Rose","email":"rose@example.org","role":"member"}"#;

fn assert_common_headers(response: &TestResponse, context: &str) {
    let vary = response.header("vary").expect(context);
    for name in ["Cookie", "Sandbox-Key", "Authorization"] {
        assert!(vary.contains(name), "{context}: {vary}");
    }
    let id = response.header("request-id").expect(context);
    assert!(
        id.len() == 36 && id.split('-').count() == 5,
        "a UUID: {id}, {context}"
    );
    let secret =
        response.headers.contains_key("set-cookie") || response.headers.contains_key("sandbox-key");
    let expected = if secret { "no-store" } else { "no-cache" };
    assert_eq!(
        response.header("cache-control"),
        Some(expected),
        "{context}"
    );
    assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
    for name in response.headers.keys() {
        assert!(
            !name.as_str().starts_with("access-control-"),
            "{context}: {name}"
        );
    }
}

async fn every_status_has_the_common_headers(database: &TestDatabase) {
    let app = App::new(database).await;
    let over = "x".repeat(64 * 1024 + 1);
    for (status, method, path, headers, body) in [
        (200, "GET", "/api/users", vec![], ""),
        (200, "HEAD", "/api/users/1", vec![], ""),
        (200, "PATCH", "/api/users/1", vec![PATCH], "{}"),
        (201, "POST", "/api/users", vec![JSON], ROSE),
        (201, "PUT", "/api/users/40", vec![JSON], ROSE),
        (204, "OPTIONS", "/api/users/1", vec![], ""),
        (204, "DELETE", "/api/users/1", vec![], ""),
        (308, "GET", "/api/users/", vec![], ""),
        (400, "GET", "/api/users/abc", vec![], ""),
        (400, "POST", "/api/users", vec![JSON], "{"),
        (401, "GET", "/api/me", vec![], ""),
        (401, "GET", "/api/users", vec![("sandbox-key", "x")], ""),
        (
            403,
            "DELETE",
            "/api/users/1",
            vec![("sec-fetch-site", "cross-site")],
            "",
        ),
        (404, "HEAD", "/api/users/99", vec![], ""),
        (405, "TRACE", "/api/users", vec![], ""),
        (
            409,
            "PATCH",
            "/api/users/1",
            vec![PATCH],
            r#"{"email":"ada@example.com"}"#,
        ),
        (413, "POST", "/api/users", vec![JSON], over.as_str()),
        (415, "POST", "/api/users", vec![], "{}"),
        (422, "POST", "/api/users", vec![JSON], "{}"),
        (501, "BREW", "/api/users", vec![], ""),
    ] {
        let response = app.request(method, path, &headers, body.to_owned()).await;
        let context = format!("{status} {method} {path}");
        assert_eq!(response.status, status, "{context}");
        assert_common_headers(&response, &context);
        if status >= 400 && method != "HEAD" {
            response.problem(status);
        }
    }
}

async fn type_of_every_problem_leads_to_its_lesson(database: &TestDatabase) {
    let app = App::new(database).await;
    for kind in ProblemKind::ALL {
        let response = app
            .get("GET", &format!("/problems/{}", kind.slug()), &[])
            .await;
        let lesson = response.header("location").unwrap();
        assert_eq!(response.status, 303, "{kind:?}");
        // The heading exists in both languages.
        let (path, heading) = lesson.split_once('#').unwrap();
        let (_, page_path) = path[1..].split_once('/').unwrap();
        for language in ["ko", "en"] {
            let page = app
                .get("GET", &format!("/{language}/{page_path}"), &[])
                .await;
            assert_eq!(page.status, 200, "{kind:?}: {page_path}");
            let page = String::from_utf8(page.body).unwrap();
            assert!(
                page.contains(&format!("id=\"{heading}\"")),
                "{kind:?}: {lesson}"
            );
        }
    }
}

async fn lost_database_connection_returns_503_with_retry_after(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    app.sandboxes.close().await;
    for (method, path, headers) in [
        ("GET", "/api/users", vec![("sandbox-key", key.as_str())]),
        ("POST", "/api/users", vec![JSON]),
        ("POST", "/api/sandbox", vec![]),
    ] {
        let response = app.request(method, path, &headers, ROSE).await;
        response.problem(503);
        assert_eq!(response.header("retry-after"), Some("1"), "{method} {path}");
        assert_common_headers(&response, path);
    }
}

async fn internal_error_returns_500_without_the_cause(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    crate::app::execute(database, "ALTER TABLE users RENAME TO elsewhere").await;
    for (method, path, headers) in [
        ("GET", "/api/users", vec![("sandbox-key", key.as_str())]),
        ("POST", "/api/users", vec![JSON]),
        ("POST", "/api/sandbox", vec![]),
    ] {
        let response = app.request(method, path, &headers, ROSE).await;
        let problem = response.problem(500);
        let expected = "the cause is in the server's log, under the id of this request";
        assert_eq!(problem["detail"], expected, "{method} {path}");
        assert_eq!(problem.get("errors"), None, "{method} {path}");
        assert_common_headers(&response, path);
    }
}

async fn responses_have_no_cors_headers(database: &TestDatabase) {
    let app = App::new(database).await;
    let foreign = [
        ("origin", "https://evil.example"),
        ("host", "127.0.0.1:3000"),
        ("access-control-request-method", "DELETE"),
    ];
    for method in ["OPTIONS", "GET", "HEAD"] {
        let response = app.get(method, "/api/users/1", &foreign).await;
        assert!(response.status < 300, "{method}");
        assert_common_headers(&response, method);
    }
}

async fn cross_site_requests_with_unsafe_methods_return_403(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let cookie = format!("sandbox={key}");
    let before = rows(database).await;
    for (method, path, format, body) in [
        ("POST", "/api/users", JSON, ROSE),
        ("PUT", "/api/users/1", JSON, ROSE),
        ("PATCH", "/api/users/1", PATCH, r#"{"bio":null}"#),
        ("DELETE", "/api/users/1", JSON, ""),
        ("POST", "/api/sandbox/reset", JSON, ""),
        ("DELETE", "/api/sandbox", JSON, ""),
    ] {
        for foreign in [
            vec![("sec-fetch-site", "cross-site")],
            vec![
                ("origin", "https://evil.example"),
                ("host", "127.0.0.1:3000"),
            ],
            vec![("origin", "null"), ("host", "127.0.0.1:3000")],
        ] {
            let mut headers = foreign;
            headers.extend([("cookie", cookie.as_str()), format]);
            app.request(method, path, &headers, body).await.problem(403);
        }
    }
    assert_eq!(rows(database).await, before);
}

async fn reset_and_delete_without_a_sandbox_change_nothing(database: &TestDatabase) {
    let app = App::new(database).await;
    for (method, path) in [("POST", "/api/sandbox/reset"), ("DELETE", "/api/sandbox")] {
        let response = app.get(method, path, &[]).await;
        assert_eq!(
            (response.status, response.header("set-cookie")),
            (204, None),
            "{method} {path}"
        );
    }
    assert_eq!(rows(database).await, [""; 0]);
}

async fn one_of_twenty_concurrent_changes_to_the_same_email_succeeds(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let sending: Vec<_> = (0..20)
        .map(|at| {
            let (app, key) = (app.clone(), key.clone());
            let body = ROSE.replace(",\"role\"", ",\"bio\":null,\"role\"");
            tokio::spawn(async move {
                let path = format!("/api/users/{}", at % 12 + 1);
                app.json(&key, "PUT", &path, &body).await.status
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for response in sending {
        statuses.push(response.await.unwrap());
    }
    assert!(
        statuses.iter().all(|status| [200, 409].contains(status)),
        "{statuses:?}"
    );
    let users: Value = serde_json::from_slice(&app.users(&key).await).unwrap();
    let users = users.as_array().unwrap();
    let roses = users
        .iter()
        .filter(|user| user["email"] == "rose@example.org");
    assert_eq!((users.len(), roses.count()), (12, 1));
}

/// Runs on SQLite only, where one writer blocks all others.
#[tokio::test]
async fn a_write_that_waits_too_long_is_503_with_retry_after_and_reading_goes_on() {
    let database = TestDatabase::sqlite().await;
    let app = App::new(&database).await;
    let key = app.sandbox().await;
    let before = app.users(&key).await;
    let mut other = connect(&database).await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let (waiting, read) = tokio::join!(app.json(&key, "POST", "/api/users", ROSE), app.users(&key));
    assert_eq!(read, before);
    waiting.problem(503);
    assert_eq!(waiting.header("retry-after"), Some("1"));
    assert_common_headers(&waiting, "503");
    other.execute("ROLLBACK").await.unwrap();
    let again = app.json(&key, "POST", "/api/users", ROSE).await;
    assert_eq!(again.status, 201);
}
