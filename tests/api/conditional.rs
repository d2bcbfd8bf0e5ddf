//! Conditional requests: entity tags and dates, 304 responses, and writes that do not overwrite
//! the changes of other clients.

use crate::app::{App, TestResponse, rows};
use crate::database::TestDatabase;
use crate::rules::{failing_conditions, read_conditions};

on_both_engines! {
    get_returns_a_strong_etag_and_last_modified,
    last_modified_is_the_time_of_the_last_change,
    get_with_current_etag_returns_304_without_a_body,
    strong_etag_identifies_the_bytes_of_the_response,
    etag_condition_takes_precedence_over_date,
    write_with_false_precondition_returns_412_and_writes_nothing,
    put_with_if_none_match_star_creates_only,
    other_errors_take_precedence_over_preconditions,
    etag_of_every_format_differs_and_is_accepted_in_if_match,
    write_returns_the_etag_of_the_new_state,
    put_returns_the_new_state_without_validators,
    one_of_two_concurrent_writes_with_the_same_etag_succeeds,
}

const USER: &str = "/api/users/4";
const ADA: &str = r#"{"name":"Ada","email":"ada@example.com","role":"admin"}"#;

async fn read(app: &App, key: &str, path: &str, more: &[(&str, &str)]) -> TestResponse {
    let mut headers = vec![("sandbox-key", key)];
    headers.extend(more);
    app.get("GET", path, &headers).await
}

fn tag(response: &TestResponse) -> String {
    response.header("etag").expect("a tag").to_owned()
}

async fn write(
    app: &App,
    key: &str,
    method: &str,
    body: &str,
    more: &[(&str, &str)],
) -> TestResponse {
    write_at(app, key, method, USER, body, more).await
}

async fn write_at(
    app: &App,
    key: &str,
    method: &str,
    path: &str,
    body: &str,
    more: &[(&str, &str)],
) -> TestResponse {
    let format = match method {
        "PATCH" => "application/merge-patch+json",
        _ => "application/json",
    };
    let mut headers = vec![("sandbox-key", key), ("content-type", format)];
    headers.extend(more);
    app.request(method, path, &headers, body.to_owned()).await
}

async fn get_returns_a_strong_etag_and_last_modified(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    for headers in [vec![], vec![("sandbox-key", key.as_str())]] {
        for method in ["GET", "HEAD"] {
            let one = app.get(method, USER, &headers).await;
            let tag = tag(&one);
            assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
            assert_eq!(
                one.header("last-modified"),
                Some("Sun, 04 Jan 2026 09:12:00 GMT")
            );
            for path in ["/api/users", "/api/users/export"] {
                let list = app.get(method, path, &headers).await;
                assert!(list.header("etag").is_some_and(|tag| tag.starts_with('"')));
                assert_eq!(
                    list.header("last-modified"),
                    None,
                    "a deletion leaves no date"
                );
            }
        }
    }
}

async fn last_modified_is_the_time_of_the_last_change(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    app.clock.advance(1_999);
    write(&app, &key, "PATCH", r#"{"bio":"new"}"#, &[]).await;
    let changed = "Fri, 15 Jan 2027 08:00:01 GMT";
    let response = read(&app, &key, USER, &[]).await;
    assert_eq!(response.header("last-modified"), Some(changed));
    for (since, status) in [(changed, 304), ("Fri, 15 Jan 2027 08:00:00 GMT", 200)] {
        let response = read(&app, &key, USER, &[("if-modified-since", since)]).await;
        assert_eq!(response.status, status, "{since}");
    }
}

async fn get_with_current_etag_returns_304_without_a_body(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    for path in [
        USER,
        "/api/users",
        "/api/users?page=2&per_page=5",
        "/api/users/export",
    ] {
        let first = read(&app, &key, path, &[]).await;
        let tag = tag(&first);
        for condition in [
            tag.clone(),
            format!("\"other\", {tag}"),
            format!("W/{tag}"),
            "*".to_owned(),
        ] {
            for method in ["GET", "HEAD"] {
                let headers = [("sandbox-key", key.as_str()), ("if-none-match", &condition)];
                let response = app.get(method, path, &headers).await;
                assert_eq!(
                    (response.status, response.body.len()),
                    (304, 0),
                    "{path} {condition}"
                );
                assert_eq!(response.header("etag"), Some(tag.as_str()));
                assert!(response.header("vary").unwrap().contains("Accept"));
                assert_eq!(
                    response.header("cache-control"),
                    first.header("cache-control")
                );
                assert_eq!(response.header("content-type"), None);
                for name in ["link", "total-count"] {
                    assert_eq!(response.header(name), first.header(name), "{path}");
                }
            }
        }
        for condition in ["\"other\"", "", &tag.replace('"', ""), "\"*\""] {
            let response = read(&app, &key, path, &[("if-none-match", condition)]).await;
            assert_eq!(
                (response.status, &response.body),
                (200, &first.body),
                "{path} {condition}"
            );
        }
    }
    // Tags of the seed stay valid for unchanged users only.
    let seed = app.get("GET", USER, &[]).await;
    assert_eq!(
        read(&app, &key, USER, &[("if-none-match", &tag(&seed))])
            .await
            .status,
        304
    );
    write(&app, &key, "PATCH", r#"{"bio":"new"}"#, &[]).await;
    assert_eq!(
        read(&app, &key, USER, &[("if-none-match", &tag(&seed))])
            .await
            .status,
        200
    );
}

async fn strong_etag_identifies_the_bytes_of_the_response(database: &TestDatabase) {
    let app = App::new(database).await;
    let compressed = [("accept-encoding", "gzip, br")];
    for path in ["/api/users", "/api/users/export"] {
        let plain = app.get("GET", path, &[]).await;
        let response = app.get("GET", path, &compressed).await;
        assert_eq!(response.header("etag"), plain.header("etag"));
        assert_eq!(response.header("content-encoding"), None);
        assert_eq!(response.body, plain.body);
    }
    let page = app.get("GET", "/en", &compressed).await;
    assert!(
        page.header("content-encoding").is_some(),
        "what has no strong tag is compressed"
    );
}

async fn etag_condition_takes_precedence_over_date(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let tag = tag(&read(&app, &key, USER, &[]).await);
    for (conditions, status) in read_conditions(&tag) {
        let headers = conditions
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let response = read(&app, &key, USER, &headers.collect::<Vec<_>>()).await;
        assert_eq!(response.status, status, "{conditions:?}");
    }
}

async fn write_with_false_precondition_returns_412_and_writes_nothing(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let stale = tag(&read(&app, &key, USER, &[]).await);
    write(&app, &key, "PATCH", r#"{"bio":"by somebody else"}"#, &[]).await;
    let current = tag(&read(&app, &key, USER, &[]).await);
    let before = rows(database).await;
    for (name, value) in failing_conditions(&current, &stale) {
        let condition = (name, value.as_str());
        for (method, body) in [("PUT", ADA), ("PATCH", r#"{"name":"Ada"}"#), ("DELETE", "")] {
            let response = write(&app, &key, method, body, &[condition]).await;
            let problem = response.problem(412);
            assert!(
                problem["type"]
                    .as_str()
                    .unwrap()
                    .ends_with("precondition-failed")
            );
        }
    }
    // A failed write creates no sandbox.
    for conditions in [("if-match", "\"other\""), ("if-none-match", "*")] {
        let headers = [("content-type", "application/json"), conditions];
        let response = app.request("PUT", USER, &headers, ADA).await;
        response.problem(412);
        assert_eq!(response.header("set-cookie"), None);
    }
    let without_times = |rows: &[String]| -> Vec<String> {
        // The time of the last use is not part of the data of a sandbox.
        rows.iter()
            .filter(|row| row.contains('@'))
            .cloned()
            .collect()
    };
    assert_eq!(without_times(&rows(database).await), without_times(&before));
    for (method, body, status) in [
        ("PATCH", r#"{"name":"Ada"}"#, 200),
        ("PUT", ADA, 200),
        ("DELETE", "", 204),
    ] {
        let current = tag(&read(&app, &key, USER, &[]).await);
        let listed = format!("\"other\", {current}");
        let response = write(&app, &key, method, body, &[("if-match", &listed)]).await;
        assert_eq!(response.status, status, "{method}");
    }
}

async fn put_with_if_none_match_star_creates_only(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let rose = r#"{"name":"Rose","email":"rose@example.org","role":"member"}"#;
    let put =
        async |condition| write_at(&app, &key, "PUT", "/api/users/40", rose, &[condition]).await;
    put(("if-match", "*")).await.problem(412);
    put(("if-match", "\"any\"")).await.problem(412);
    assert_eq!(put(("if-none-match", "*")).await.status, 201);
    put(("if-none-match", "*")).await.problem(412);
    assert_eq!(put(("if-match", "*")).await.status, 200);
}

async fn other_errors_take_precedence_over_preconditions(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let stale = [("if-match", "\"stale\"")];
    for (method, body) in [
        ("PUT", "{}"),
        ("PUT", r#"{"name":"","email":"x","role":"member"}"#),
        ("PATCH", r#"{"name":null}"#),
        ("PATCH", r#"{"email":"x"}"#),
        ("PATCH", r#"{"color":"red"}"#),
        ("PATCH", r#"{"created_at":null}"#),
    ] {
        write(&app, &key, method, body, &stale).await.problem(422);
    }
    write(&app, &key, "PUT", "{", &stale).await.problem(400);
    for method in ["PATCH", "DELETE", "GET"] {
        let response = write_at(&app, &key, method, "/api/users/99", "{}", &stale).await;
        response.problem(404);
    }
    // Errors that depend on the stored user come after the precondition: a client that puts back
    // an outdated user receives 412 and not an error about `updated_at`.
    let old = read(&app, &key, USER, &[]).await;
    app.clock.advance(60_000);
    write(&app, &key, "PATCH", r#"{"bio":"by somebody else"}"#, &[]).await;
    let body = String::from_utf8(old.body.clone()).unwrap();
    let stale = write(&app, &key, "PUT", &body, &[("if-match", &tag(&old))]).await;
    stale.problem(412);
    write(&app, &key, "PUT", &body, &[]).await.problem(422);
}

async fn etag_of_every_format_differs_and_is_accepted_in_if_match(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let formats = [
        "application/json",
        "application/xml",
        "text/csv",
        "text/plain",
    ];
    let mut tags = Vec::new();
    for format in formats {
        let response = read(&app, &key, USER, &[("accept", format)]).await;
        tags.push(tag(&response));
    }
    for (at, tag) in tags.iter().enumerate() {
        assert!(!tags[..at].contains(tag));
        // The tag of one format does not match another format on GET.
        for format in formats {
            let headers = [("accept", format), ("if-none-match", tag.as_str())];
            let response = read(&app, &key, USER, &headers).await;
            assert_eq!(
                response.status,
                if format == formats[at] { 304 } else { 200 }
            );
        }
        let headers = [("if-match", tag.as_str()), ("accept", "text/csv")];
        assert_eq!(write(&app, &key, "PATCH", "{}", &headers).await.status, 200);
    }
    for tag in tags {
        let bio = format!(r#"{{"bio":{tag}}}"#);
        let headers = [("if-match", tag.as_str())];
        let first = write(&app, &key, "PATCH", &bio, &headers).await;
        assert_eq!(first.status, 200);
        write(&app, &key, "PATCH", &bio, &headers)
            .await
            .problem(412);
        app.json(&key, "POST", "/api/sandbox/reset", "").await;
    }
}

async fn write_returns_the_etag_of_the_new_state(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let rose = r#"{"name":"Rose","email":"rose@example.org","role":"member"}"#;
    for (method, path, body) in [
        ("POST", "/api/users", rose),
        ("PATCH", "/api/users/13", r#"{"bio":"x"}"#),
        ("PATCH", "/api/users/13", "{}"),
    ] {
        app.clock.advance(5_000);
        let written = write_at(&app, &key, method, path, body, &[]).await;
        let address = written.header("content-location").unwrap().to_owned();
        let read = read(&app, &key, &address, &[]).await;
        assert_eq!(tag(&written), tag(&read), "{method} {path} {body}");
        assert_eq!(
            written.header("last-modified"),
            read.header("last-modified")
        );
        assert_eq!(written.body, read.body);
    }
    let same = write_at(&app, &key, "PATCH", "/api/users/13", r#"{"bio":"x"}"#, &[]).await;
    app.clock.advance(5_000);
    let again = write_at(&app, &key, "PATCH", "/api/users/13", r#"{"bio":"x"}"#, &[]).await;
    assert_eq!(
        tag(&same),
        tag(&again),
        "what changes nothing keeps the tag"
    );
}

/// The user is not stored exactly as it was sent (RFC 9110, section 9.3.4).
async fn put_returns_the_new_state_without_validators(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let rose = r#"{"name":"Rose","email":"rose@example.org","role":"member"}"#;
    for (path, body, status) in [
        (USER, ADA, 200),
        (USER, ADA, 200),
        ("/api/users/30", rose, 201),
    ] {
        let written = write_at(&app, &key, "PUT", path, body, &[]).await;
        assert_eq!(written.status, status, "{path}");
        for validator in ["etag", "last-modified"] {
            assert_eq!(written.header(validator), None, "{path} {validator}");
        }
        assert_eq!(written.header("content-location"), Some(path));
        let read = read(&app, &key, path, &[]).await;
        assert_eq!(written.body, read.body, "{path}");
    }
}

async fn one_of_two_concurrent_writes_with_the_same_etag_succeeds(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    for round in 0..100 {
        let tag = tag(&read(&app, &key, USER, &[]).await);
        let writer = async |writer_name: &str| {
            let bio = format!(r#"{{"bio":"{writer_name} {round}"}}"#);
            write(&app, &key, "PATCH", &bio, &[("if-match", &tag)])
                .await
                .status
        };
        let mut statuses = tokio::join!(writer("one"), writer("other"));
        if statuses.0 > statuses.1 {
            statuses = (statuses.1, statuses.0);
        }
        assert_eq!(statuses, (200, 412), "round {round}");
    }
}
