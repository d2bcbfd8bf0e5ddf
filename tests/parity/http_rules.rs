//! The test cases of the API for the rules of HTTP, applied to the Flask version: its statuses must be
//! the same.

use routebook::model::http::{Header, RequestDraft, reason_phrase};

use crate::flask_server::FlaskServer;
use crate::response::TestResponse;
use crate::rules::{
    CHANGED, INVALID_IDS, INVALID_STATUSES, MISSING_PATHS, MISSING_STATUSES, failing_conditions,
    invalid_queries, missing_users, read_conditions,
};

const USER: &str = "/api/users/4";

async fn send(
    flask: &FlaskServer,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> TestResponse {
    let mut all = vec![Header::new("Host", "127.0.0.1:5000")];
    all.extend(
        headers
            .iter()
            .map(|(name, value)| Header::new(*name, *value)),
    );
    let draft = RequestDraft {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: all,
        body: body.to_owned(),
    };
    flask.send(&draft).await
}

#[track_caller]
fn assert_problem(response: &TestResponse, status: u16, case: &str) {
    assert_eq!(response.status, status, "{case}");
    assert_eq!(
        response.header("content-type"),
        Some("application/problem+json"),
        "{case}"
    );
    let body: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(body["status"], status, "{case}");
}

#[tokio::test]
async fn invalid_targets_have_the_same_statuses_in_the_flask_version() {
    let flask = FlaskServer::start().await;
    let get = async |target: &str| send(&flask, "GET", target, &[], "").await;
    for path in INVALID_IDS {
        assert_problem(&get(path).await, 400, path);
    }
    for path in missing_users() {
        assert_problem(&get(&path).await, 404, &path);
    }
    for path in MISSING_PATHS {
        assert_problem(&get(path).await, 404, path);
    }
    for (query, parameter) in invalid_queries() {
        let response = get(&format!("/api/users?{query}")).await;
        assert_problem(&response, 400, &query);
        let body: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(body["errors"][0]["parameter"], parameter, "{query}");
    }
}

#[tokio::test]
async fn status_resource_has_the_same_statuses_in_the_flask_version() {
    let flask = FlaskServer::start().await;
    let get = async |text: &str| send(&flask, "GET", &format!("/api/status/{text}"), &[], "").await;
    for text in INVALID_STATUSES {
        assert_problem(&get(text).await, 400, text);
    }
    for text in MISSING_STATUSES {
        assert_problem(&get(text).await, 404, text);
    }
    for code in 200..600 {
        let expected = if reason_phrase(code).is_empty() {
            404
        } else {
            code
        };
        assert_eq!(get(&code.to_string()).await.status, expected, "{code}");
    }
}

#[tokio::test]
async fn preconditions_have_the_same_results_in_the_flask_version() {
    let flask = FlaskServer::start().await;
    let tag = |response: TestResponse| response.header("etag").unwrap().to_owned();
    let stale = tag(send(&flask, "GET", USER, &[], "").await);
    for (conditions, status) in read_conditions(&stale) {
        let headers: Vec<_> = conditions
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        for method in ["GET", "HEAD"] {
            let response = send(&flask, method, USER, &headers, "").await;
            assert_eq!(response.status, status, "{method} {conditions:?}");
            let has_body = method == "GET" && status != 304;
            assert_eq!(
                !response.body.is_empty(),
                has_body,
                "{method} {conditions:?}"
            );
            if status == 412 && method == "GET" {
                assert_problem(&response, 412, USER);
            }
        }
    }
    let json = ("content-type", "application/json");
    let patch = ("content-type", "application/merge-patch+json");
    let changed = send(
        &flask,
        "PATCH",
        USER,
        &[patch],
        r#"{"bio":"by another client"}"#,
    )
    .await;
    assert_eq!(changed.status, 200);
    let current = tag(changed);
    assert_ne!(current, stale);
    let ada = r#"{"name":"Ada","email":"ada@example.com","role":"admin"}"#;
    for (name, value) in failing_conditions(&current, &stale) {
        for (method, format, body) in [
            ("PUT", json, ada),
            ("PATCH", patch, "{}"),
            ("DELETE", json, ""),
        ] {
            let response = send(&flask, method, USER, &[format, (name, &value)], body).await;
            assert_problem(
                &response,
                412,
                &format!("{method} {name}: {value} after {CHANGED}"),
            );
        }
    }
    let rose = r#"{"name":"Rose","email":"rose@example.org","role":"member"}"#;
    for (condition, status) in [
        (("if-match", "*"), 412),
        (("if-match", "\"any\""), 412),
        (("if-none-match", "*"), 201),
        (("if-none-match", "*"), 412),
        (("if-match", "*"), 200),
    ] {
        let response = send(&flask, "PUT", "/api/users/40", &[json, condition], rose).await;
        assert_eq!(response.status, status, "{condition:?}");
    }
    let after = send(&flask, "DELETE", USER, &[("if-match", &current)], "").await;
    assert_eq!(after.status, 204);
}
