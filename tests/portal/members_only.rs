//! A site for members only.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};

use crate::app::{App, PASSWORD};
use crate::database::TestDatabase;

on_both_engines! {
    nothing_is_shown_without_an_account,
    terminal_needs_the_key_of_a_sandbox_only,
    language_of_the_login_is_that_of_the_page_after_it,
}

/// Addresses of everything that a site for members shows to them only.
const CLOSED: [&str; 22] = [
    "/",
    "/en",
    "/ko/methods",
    "/en/methods/get",
    "/en/methods/get.md",
    "/en/methods/get.http",
    "/en/methods/get.png",
    "/en/print/methods",
    "/en/search?q=post",
    "/en/palette",
    "/en/playground",
    "/en/playground/list-users",
    "/en/data",
    "/en/exercises/first-change",
    "/en/quizzes/get",
    "/en/glossary",
    "/en/llms.txt",
    "/en/llms-full.txt",
    "/sitemap.xml",
    "/en/account",
    "/problems/not-found",
    "/en/nothing",
];

async fn nothing_is_shown_without_an_account(database: &TestDatabase) {
    let app = App::for_members(database).await;
    let session = app.log_in_as_grace(None).await;
    for path in CLOSED {
        for method in [Method::GET, Method::HEAD] {
            // Twice, because a response that was cached for somebody must not be shown to others.
            for id in [None, Some(session.as_str()), None, Some("forged")] {
                let mut request = Request::builder().method(&method).uri(path);
                if let Some(id) = id {
                    request = request.header("cookie", format!("{}={id}", app.cookie));
                }
                let response = app.send(request.body(Body::empty()).unwrap()).await;
                let is_member = id == Some(session.as_str());
                let location = response.header("location").unwrap_or_default();
                let is_sent_to_login = response.status == StatusCode::SEE_OTHER
                    && location.starts_with(&format!(
                        "/{}/login?next=%2F",
                        &path[1..]
                            .get(..2)
                            .filter(|two| *two == "en")
                            .unwrap_or("ko")
                    ));
                assert_eq!(
                    is_sent_to_login, !is_member,
                    "{method} {path} {id:?}: {} {location}",
                    response.status
                );
                assert!(is_member || response.body.is_empty(), "{path}");
            }
        }
    }
    for (path, status) in [
        ("/en/login", StatusCode::OK),
        ("/en/join/x", StatusCode::NOT_FOUND),
        ("/ko/reset/x", StatusCode::NOT_FOUND),
        ("/healthz", StatusCode::OK),
        ("/robots.txt", StatusCode::OK),
        ("/login/callback", StatusCode::NOT_FOUND),
        ("/api/users", StatusCode::UNAUTHORIZED),
        ("/api/sandbox/events", StatusCode::UNAUTHORIZED),
        ("/api/openapi.json", StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(app.get(path, None).await.status, status, "{path}");
    }
    let posted = app.post("/en/try", None, &[("method", "GET")]).await;
    assert_eq!(posted.status, StatusCode::UNAUTHORIZED);
    assert!(posted.headers.contains_key("www-authenticate"));
    assert!(
        posted.body.contains("class=\"login-form\""),
        "{}",
        posted.body
    );
    assert!(posted.body.contains("Log in first"), "{}", posted.body);
    // Who has logged out is a visitor again.
    app.post("/en/logout", Some(&session), &[]).await;
    let after = app.get("/en/methods/get", Some(&session)).await;
    assert_eq!(after.status, StatusCode::SEE_OTHER);
    assert_eq!(
        app.log_in(None, "grace@example.com", PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
}

async fn terminal_needs_the_key_of_a_sandbox_only(database: &TestDatabase) {
    let app = App::for_members(database).await;
    let session = app.log_in_as_grace(None).await;
    let send = async |method: &str, path: &str, headers: &[(&str, &str)]| {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        app.send(request.body(Body::empty()).unwrap()).await
    };
    let refused = send("POST", "/api/sandbox", &[]).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        refused.header("content-type"),
        Some("application/problem+json")
    );
    assert!(refused.body.contains("members only"), "{}", refused.body);
    let cookie = format!("{}={session}", app.cookie);
    let created = send("POST", "/api/sandbox", &[("cookie", &cookie)]).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    let key = created.header("sandbox-key").unwrap().to_owned();
    let read = send("GET", "/api/users/1", &[("sandbox-key", &key)]).await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.body);
    for unknown in ["AAAAAAAAAAAAAAAAAAAAAA", "x", ""] {
        for path in [
            "/api/users/1",
            "/api/openapi.json",
            "/api/sandbox",
            "/api/nothing",
        ] {
            let refused = send("GET", path, &[("sandbox-key", unknown)]).await;
            assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{path} {unknown}");
        }
    }
}

async fn language_of_the_login_is_that_of_the_page_after_it(database: &TestDatabase) {
    let app = App::for_members(database).await;
    let sent = app.get("/en/search?q=a%26b", None).await;
    let login = app.get(sent.header("location").unwrap(), None).await;
    let (_, rest) = login.body.split_once("href=\"/ko/login").unwrap();
    let korean = format!("/ko/login{}", rest.split('"').next().unwrap());
    assert!(korean.contains("?next=%2Fen%2Fsearch"), "{korean}");
    let korean = app.get(&korean, None).await;
    let next = "value=\"/ko/search?q=a%26b\"";
    assert!(korean.body.contains(next), "{}", korean.body);
    // What is no page of a language stays as it is.
    for next in ["/", "/problems/not-found", "/english", "//en", ""] {
        let login = app.get(&format!("/ko/login?next={next}"), None).await;
        let value = format!("name=\"next\" value=\"{next}\"");
        assert!(login.body.contains(&value), "{next}: {}", login.body);
    }
}
