//! The validation of bodies. Refused requests write nothing and create no sandbox.

use axum::body::Body;
use bytes::Bytes;

use crate::app::{App, TestResponse, rows};
use crate::database::TestDatabase;

on_both_engines! {
    unsupported_media_type_returns_415_with_the_accepted_ones,
    malformed_json_returns_400_with_line_and_column,
    invalid_fields_return_422_with_all_pointers,
    invalid_id_in_body_returns_422,
    body_over_64_kib_returns_413,
    expect_continue_with_too_large_body_returns_413_before_the_body,
}

/// The media types of a complete user.
const READ: &str = "application/json, application/xml, text/csv";
const USER: &str = r#"{"name":"Rose","email":"rose@example.org"}"#;

/// Sends the same body with and without a sandbox, and asserts that nothing was written.
async fn refused(
    database: &TestDatabase,
    app: &App,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> TestResponse {
    let key = app.sandbox().await;
    let before = rows(database).await;
    let mut keyed = headers.to_vec();
    keyed.push(("sandbox-key", &key));
    let response = app.request(method, path, &keyed, body.to_vec()).await;
    let anonymous = app.request(method, path, headers, body.to_vec()).await;
    assert_eq!(response.status, anonymous.status);
    assert_eq!(anonymous.header("set-cookie"), None);
    assert_eq!(anonymous.header("sandbox-key"), None);
    assert_eq!(rows(database).await, before, "{method} {path}");
    response
}

async fn unsupported_media_type_returns_415_with_the_accepted_ones(database: &TestDatabase) {
    let app = App::new(database).await;
    for (method, path, accepted, name) in [
        ("POST", "/api/users", READ, "accept"),
        ("PUT", "/api/users/1", READ, "accept"),
        (
            "PATCH",
            "/api/users/1",
            "application/merge-patch+json",
            "accept-patch",
        ),
    ] {
        let other = if method == "PATCH" {
            "application/json"
        } else {
            "application/merge-patch+json"
        };
        let one = accepted.split(", ").last().unwrap();
        for headers in [
            vec![],
            vec![("content-type", "text/plain")],
            vec![("content-type", "application/x-www-form-urlencoded")],
            vec![("content-type", other)],
            vec![("content-type", "application/json-seq")],
            vec![("content-type", &*format!("{one}; charset=euc-kr"))],
            vec![(
                "content-type",
                &*format!("{one}; a=\";\"; charset=\"euc-kr\""),
            )],
            vec![(
                "content-type",
                &*format!("{one}; charset=utf-8; charset=euc-kr"),
            )],
            vec![("content-type", &*format!("{one}; charset"))],
            vec![("content-type", &*format!("{one}; charset=\"utf-8"))],
            vec![("content-type", one), ("content-encoding", "gzip")],
            vec![("content-type", one), ("content-type", "text/plain")],
        ] {
            let response = refused(database, &app, method, path, &headers, USER.as_bytes()).await;
            response.problem(415);
            assert_eq!(
                response.header(name),
                Some(accepted),
                "{method} {headers:?}"
            );
        }
    }
    let key = app.sandbox().await;
    for format in [
        "application/json",
        "Application/JSON; charset=UTF-8",
        "application/json;charset=\"utf-8\"",
        // Text inside a quoted string is not a parameter.
        r#"application/json; profile="a;charset=latin1""#,
        r#"application/json;a="\";charset=latin1;b=\"";; charset=utf-8;"#,
    ] {
        let body = USER.replace("rose", &format!("rose{}", format.len()));
        let response = app
            .request(
                "POST",
                "/api/users",
                &[("sandbox-key", &key), ("content-type", format)],
                body,
            )
            .await;
        assert_eq!(response.status, 201, "{format}");
    }
}

async fn malformed_json_returns_400_with_line_and_column(database: &TestDatabase) {
    let app = App::new(database).await;
    let deep = "[".repeat(10_000);
    for (body, at) in [
        (&b""[..], "line 1, column 1"),
        (b"{\n  \"name\": \"Rose\",\n}", "line 2"),
        (b"{\"name\":\"a\",\"name\":\"b\"}", "line 1, column 13"),
        (b"{} {}", "line 1, column 4"),
        (b"{\"name\": \"\xff\"}", "line 1, column 11"),
        (b"{\"name\": \"\\ud800\"}", "line 1"),
        (b"{\"name\": \"\\udc00\\ud800\"}", "line 1"),
        (b"\xef\xbb\xbf{}", "line 1, column 1"),
        (deep.as_bytes(), "line 1, column 129"),
        (b"{'name': 1}", "line 1, column 2"),
    ] {
        for (method, path) in [
            ("POST", "/api/users"),
            ("PATCH", "/api/users/1"),
            ("PUT", "/api/users/1"),
        ] {
            let format = if method == "PATCH" {
                "application/merge-patch+json"
            } else {
                "application/json"
            };
            let response = refused(
                database,
                &app,
                method,
                path,
                &[("content-type", format)],
                body,
            )
            .await;
            let problem = response.problem(400);
            let detail = problem["detail"].as_str().unwrap();
            assert!(
                detail.contains(at),
                "{}: {detail}",
                String::from_utf8_lossy(&body[..body.len().min(40)])
            );
        }
    }
}

async fn invalid_fields_return_422_with_all_pointers(database: &TestDatabase) {
    let app = App::new(database).await;
    let long = "x".repeat(101);
    let too_long = format!(r#"{{"name":"{long}","email":"rose@example.org"}}"#);
    for (body, pointers) in [
        ("{}", vec!["/name", "/email"]),
        ("[]", vec![""]),
        (
            r#"{"name":1,"email":true,"role":"boss","bio":[]}"#,
            vec!["/name", "/email", "/role", "/bio"],
        ),
        (r#"{"name":"","email":"nowhere"}"#, vec!["/name", "/email"]),
        (
            r#"{"name":"a\u0000b","email":"rose@example.org"}"#,
            vec!["/name"],
        ),
        (
            r#"{"name":"Rose","email":"rose\u0000@example.org","bio":"\u0000","x":1}"#,
            vec!["/email", "/bio", "/x"],
        ),
        (&too_long, vec!["/name"]),
        (
            r#"{"name":"Rose","email":"rose@example.org","nick":1}"#,
            vec!["/nick"],
        ),
        (
            r#"{"name":"Rose","email":"rose@example.org","a/b~c":1}"#,
            vec!["/a~1b~0c"],
        ),
        (
            r#"{"name":"Rose","email":"rose@example.org","id":13}"#,
            vec!["/id"],
        ),
        (
            r#"{"name":"Rose","email":"rose@example.org","created_at":"2026-01-01T00:00:00Z"}"#,
            vec!["/created_at"],
        ),
    ] {
        let response = refused(
            database,
            &app,
            "POST",
            "/api/users",
            &[("content-type", "application/json")],
            body.as_bytes(),
        )
        .await;
        assert_eq!(
            response.pointers(422),
            pointers,
            "in the order of the fields: {body}"
        );
    }
    let patch = [("content-type", "application/merge-patch+json")];
    for (status, body, pointer) in [
        (422, r#"{"name":null}"#, "/name"),
        (422, r#"{"email":null}"#, "/email"),
        (422, r#"{"role":null}"#, "/role"),
        (422, r#"{"id":null}"#, "/id"),
        (409, r#"{"id":5}"#, "/id"),
        (422, r#"{"role":1}"#, "/role"),
        (422, r#"{"bio":"a\u0000b"}"#, "/bio"),
        (422, r#"{"nick":1}"#, "/nick"),
        (422, "[]", ""),
    ] {
        let response = refused(
            database,
            &app,
            "PATCH",
            "/api/users/1",
            &patch,
            body.as_bytes(),
        )
        .await;
        assert_eq!(response.pointers(status), [pointer], "{body}");
    }
    for (body, pointers) in [
        (
            r#"{"name":"Rose","email":"rose@example.org"}"#,
            vec!["/role"],
        ),
        (r#"{"name":"Rose","role":"admin"}"#, vec!["/email"]),
        ("{}", vec!["/name", "/email", "/role"]),
    ] {
        for path in ["/api/users/1", "/api/users/40"] {
            let json = [("content-type", "application/json")];
            let response = refused(database, &app, "PUT", path, &json, body.as_bytes()).await;
            assert_eq!(response.pointers(422), pointers, "{path} {body}");
        }
    }
}

async fn invalid_id_in_body_returns_422(database: &TestDatabase) {
    let app = App::new(database).await;
    for id in ["1.5", "1e400", "9007199254740993", "\"1\"", "true", "[1]"] {
        let body =
            format!(r#"{{"id":{id},"name":"Rose","email":"rose@example.org","role":"member"}}"#);
        let json = [("content-type", "application/json")];
        let response = refused(
            database,
            &app,
            "PUT",
            "/api/users/1",
            &json,
            body.as_bytes(),
        )
        .await;
        assert_eq!(response.pointers(422), ["/id"], "{body}");
    }
    // A user that does not exist has no times.
    let body = r#"{"name":"Rose","email":"rose@example.org","role":"member","created_at":"2026-01-01T00:00:00Z"}"#;
    let json = [("content-type", "application/json")];
    let response = refused(
        database,
        &app,
        "PUT",
        "/api/users/40",
        &json,
        body.as_bytes(),
    )
    .await;
    assert_eq!(response.pointers(422), ["/created_at"]);
}

async fn body_over_64_kib_returns_413(database: &TestDatabase) {
    let app = App::new(database).await;
    let json = [("content-type", "application/json")];
    let padded = |length: usize| format!("{USER}{}", " ".repeat(length - USER.len()));
    let over = padded(64 * 1024 + 1);
    refused(database, &app, "POST", "/api/users", &json, over.as_bytes())
        .await
        .problem(413);

    // Without a declared length, in chunks.
    let before = rows(database).await;
    let mut pieces = vec![Bytes::from(USER)];
    pieces.extend((0..80).map(|_| Bytes::from(vec![b' '; 1024])));
    let stream = futures_util::stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>));
    app.request("POST", "/api/users", &json, Body::from_stream(stream))
        .await
        .problem(413);
    assert_eq!(rows(database).await, before);

    let just = app
        .request("POST", "/api/users", &json, padded(64 * 1024))
        .await;
    assert_eq!(just.status, 201);
}

async fn expect_continue_with_too_large_body_returns_413_before_the_body(database: &TestDatabase) {
    let app = App::new(database).await;
    for (length, answer) in [
        (64 * 1024 + 1, "HTTP/1.1 413 "),
        (64 * 1024, "HTTP/1.1 100 "),
    ] {
        let head = format!(
            "POST /api/users HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
        );
        let first = app.first_line(&head).await;
        assert!(first.starts_with(answer), "{length}: {first}");
    }
}
