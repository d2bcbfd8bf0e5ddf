//! `/api/status/{code}`: responses with any registered status.

use routebook::model::http::reason_phrase;
use routebook::model::limits::Limits;
use routebook::model::problem::ProblemKind;

use crate::app::{App, sandboxes};
use crate::database::TestDatabase;
use crate::limits::from;
use crate::rules::{INVALID_STATUSES, MISSING_STATUSES};

on_both_engines! {
    every_registered_status_returns_its_reason_phrase,
    statuses_have_their_usual_headers,
    redirects_lead_to_the_same_origin,
    unknown_status_returns_400_or_404,
    status_accepts_every_method_and_creates_no_sandbox,
}

async fn every_registered_status_returns_its_reason_phrase(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut count = 0;
    for code in 200..600 {
        let phrase = reason_phrase(code);
        if phrase.is_empty() {
            continue;
        }
        count += 1;
        let response = app.get("GET", &format!("/api/status/{code}"), &[]).await;
        assert_eq!(response.status, code);
        if [204, 205, 304].contains(&code) {
            assert!(response.body.is_empty(), "{code}");
            continue;
        }
        let body = response.json();
        assert_eq!(body["status"], code);
        if code < 400 {
            assert_eq!(response.header("content-type"), Some("application/json"));
            assert_eq!(body["reason"], phrase);
            continue;
        }
        assert_eq!(
            response.header("content-type"),
            Some("application/problem+json")
        );
        let kind = ProblemKind::of_status(code);
        let (kind, title) = match kind.status() == code {
            true => (
                format!("http://127.0.0.1:3000/problems/{}", kind.slug()),
                kind.title(),
            ),
            false => ("about:blank".to_owned(), phrase),
        };
        assert_eq!(
            (&body["type"], &body["title"]),
            (&kind.into(), &title.into())
        );
        let detail = body["detail"].as_str().unwrap();
        assert!(
            detail.starts_with("you asked for it; usually: "),
            "{detail}"
        );
        let id = response.header("request-id").unwrap();
        assert_eq!(body["instance"], format!("urn:uuid:{id}"));
    }
    assert_eq!(count, 56);
}

async fn statuses_have_their_usual_headers(database: &TestDatabase) {
    let app = App::new(database).await;
    for (code, name, value) in [
        (201, "location", "/api/echo"),
        (206, "content-range", "bytes 0-40/41"),
        (304, "etag", "\"as-you-have-it\""),
        (401, "www-authenticate", "Bearer realm=\"routebook\""),
        (405, "allow", "OPTIONS"),
        (407, "proxy-authenticate", "Bearer realm=\"routebook\""),
        (408, "connection", "close"),
        (415, "accept", "application/json"),
        (416, "content-range", "bytes */1000"),
        (426, "upgrade", "HTTP/3.0"),
        (429, "retry-after", "1"),
        (503, "retry-after", "1"),
    ] {
        let response = app.get("GET", &format!("/api/status/{code}"), &[]).await;
        assert_eq!(response.header(name), Some(value), "{code}");
        assert_eq!(response.headers.get_all(name).iter().count(), 1, "{code}");
    }
    let part = app.get("GET", "/api/status/206", &[]).await;
    assert_eq!(part.body.len(), 41);
}

async fn redirects_lead_to_the_same_origin(database: &TestDatabase) {
    let app = App::new(database).await;
    for code in 300..400 {
        let path = format!("/api/status/{code}?next=https://evil.example&url=//evil.example");
        let response = app.get("GET", &path, &[("host", "127.0.0.1:3000")]).await;
        let expected = [300, 301, 302, 303, 307, 308].contains(&code);
        let location = response.header("location");
        assert_eq!(location, expected.then_some("/api/echo"), "{code}");
        let text = String::from_utf8_lossy(&response.body);
        assert!(!text.contains("evil"), "{code}");
    }
}

async fn unknown_status_returns_400_or_404(database: &TestDatabase) {
    let app = App::new(database).await;
    for text in INVALID_STATUSES {
        let response = app.get("GET", &format!("/api/status/{text}"), &[]).await;
        assert_eq!(response.status, 400, "{text}");
        response.problem(400);
    }
    for text in MISSING_STATUSES {
        let response = app.get("GET", &format!("/api/status/{text}"), &[]).await;
        assert_eq!(response.status, 404, "{text}");
        response.problem(404);
    }
}

async fn status_accepts_every_method_and_creates_no_sandbox(database: &TestDatabase) {
    let limits = Limits {
        sandboxes_per_hour: 30,
        ..Limits::default()
    };
    let app = App::with_limits(database, limits).await;
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
        for code in [200, 404, 503] {
            let path = format!("/api/status/{code}");
            let response = app.request(method, &path, &[], "{").await;
            assert_eq!(response.status, code, "{method}");
            assert_eq!(
                (
                    response.header("set-cookie"),
                    response.header("sandbox-key")
                ),
                (None, None)
            );
        }
    }
    assert_eq!(sandboxes(database).await, 0);
    // The limit on created sandboxes does not apply.
    let peer = "192.0.2.1:5000";
    for _ in 0..30 {
        assert_eq!(from(&app, peer, "/api/sandbox", "").await.status, 201);
    }
    from(&app, peer, "/api/sandbox", "").await.problem(429);
    for path in ["/api/status/200", "/api/echo", "/api/echo/x"] {
        assert_eq!(from(&app, peer, path, "").await.status, 200, "{path}");
    }
}
