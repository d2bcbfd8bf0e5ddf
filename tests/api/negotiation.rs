//! Content negotiation, and the escaping of special characters in every format.

use crate::app::{App, rows};
use crate::database::TestDatabase;
use serde_json::json;

on_both_engines! {
    response_has_the_format_with_the_greatest_weight_in_accept,
    write_returns_the_accepted_format,
    no_acceptable_format_returns_406_with_the_formats_and_writes_nothing,
    malformed_accept_is_ignored,
    errors_are_always_problem_documents,
    special_characters_in_values_are_escaped_in_every_format,
    response_without_negotiation_has_no_vary_accept,
}

const JSON: &str = "application/json";
const XML: &str = "application/xml; charset=utf-8";
const CSV: &str = "text/csv; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

async fn response_has_the_format_with_the_greatest_weight_in_accept(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    for (accept, expected) in [
        (vec![], JSON),
        (vec!["*/*"], JSON),
        (vec!["application/xml"], XML),
        (vec!["text/csv"], CSV),
        (vec!["text/plain"], TEXT),
        (vec!["application/json;q=0.1, text/csv;q=0.2"], CSV),
        (vec!["application/json;q=0, */*;q=0.1"], XML),
        (vec!["text/csv;q=0.3", "text/plain;q=0.4"], TEXT),
        (vec!["image/png, text/*;q=0.1"], CSV),
        (
            vec!["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
            XML,
        ),
    ] {
        for path in ["/api/users", "/api/users/4"] {
            for with_key in [false, true] {
                let mut headers: Vec<_> = accept.iter().map(|accept| ("accept", *accept)).collect();
                if with_key {
                    headers.push(("sandbox-key", &key));
                }
                let response = app.get("GET", path, &headers).await;
                assert_eq!(response.status, 200);
                assert_eq!(
                    response.header("content-type"),
                    Some(expected),
                    "{path} {accept:?}"
                );
                if path == "/api/users" {
                    assert_eq!(response.header("total-count"), Some("12"));
                    assert!(response.header("link").is_some());
                }
                let vary = response.header("vary").unwrap();
                assert!(vary.split(", ").any(|name| name == "Accept"), "{vary}");
            }
        }
    }
    let text = app
        .get("GET", "/api/users/4?", &[("accept", "text/plain")])
        .await;
    assert!(text.body.starts_with(b"id: 4\nname: Ada Lovelace\n"));
    let csv = app
        .get(
            "GET",
            "/api/users?fields=name,id&role=admin",
            &[("accept", "text/csv")],
        )
        .await;
    let lines = String::from_utf8(csv.body).unwrap();
    assert!(
        lines.starts_with("id,name\r\n1,김하늘\r\n4,Ada Lovelace\r\n"),
        "{lines}"
    );
    let xml = app
        .get(
            "GET",
            "/api/users?fields=id&per_page=1",
            &[("accept", "application/xml")],
        )
        .await;
    let text = String::from_utf8(xml.body).unwrap();
    assert!(
        text.ends_with("<users><user><id>1</id></user></users>\n"),
        "{text}"
    );
}

async fn write_returns_the_accepted_format(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let rose = r#"{"name":"Rose","email":"rose@example.org","role":"member"}"#;
    for (method, path, content_type, body, status) in [
        ("POST", "/api/users", "application/json", rose, 201),
        ("PUT", "/api/users/13", "application/json", rose, 200),
        (
            "PATCH",
            "/api/users/13",
            "application/merge-patch+json",
            r#"{"bio":"x"}"#,
            200,
        ),
    ] {
        let headers = [
            ("sandbox-key", key.as_str()),
            ("content-type", content_type),
            ("accept", "application/xml"),
        ];
        let response = app.request(method, path, &headers, body).await;
        assert_eq!(
            (response.status, response.header("content-type")),
            (status, Some(XML)),
            "{method}"
        );
        assert!(response.header("vary").unwrap().contains("Accept"));
        let read = app.get("GET", "/api/users/13", &headers).await;
        assert_eq!(response.body, read.body);
    }
}

async fn no_acceptable_format_returns_406_with_the_formats_and_writes_nothing(
    database: &TestDatabase,
) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let before = rows(database).await;
    let body = r#"{"name":"Rose","email":"rose@example.org","role":"member"}"#;
    for (method, path, types) in [
        (
            "GET",
            "/api/users",
            "application/json, application/xml, text/csv, text/plain",
        ),
        (
            "GET",
            "/api/users/1",
            "application/json, application/xml, text/csv, text/plain",
        ),
        (
            "GET",
            "/api/users/export",
            "text/csv, application/json, application/xml",
        ),
        (
            "POST",
            "/api/users",
            "application/json, application/xml, text/csv, text/plain",
        ),
        (
            "PUT",
            "/api/users/40",
            "application/json, application/xml, text/csv, text/plain",
        ),
        (
            "PATCH",
            "/api/users/1",
            "application/json, application/xml, text/csv, text/plain",
        ),
    ] {
        for accept in [
            "image/png",
            "*/*;q=0",
            "application/vnd.api+json, text/html",
        ] {
            let content_type = if method == "PATCH" {
                "application/merge-patch+json"
            } else {
                "application/json"
            };
            let headers = [
                ("sandbox-key", key.as_str()),
                ("content-type", content_type),
                ("accept", accept),
            ];
            let response = app.request(method, path, &headers, body).await;
            let problem = response.problem(406);
            assert!(
                problem["detail"].as_str().unwrap().contains(types),
                "{problem}"
            );
            assert!(response.header("vary").unwrap().contains("Accept"));
        }
    }
    assert_eq!(rows(database).await, before);
}

async fn malformed_accept_is_ignored(database: &TestDatabase) {
    let app = App::new(database).await;
    let long = "a/b;q=0.1,".repeat(700);
    for accept in [
        "",
        ",",
        "json",
        "*",
        ";;;",
        "\"",
        "text/csv;q=nan",
        "text/",
        "a/b;c=\"d",
        "text/csv;q=0.12345",
        &long,
    ] {
        let response = app.get("GET", "/api/users", &[("accept", accept)]).await;
        let expected = if accept == long { 406 } else { 200 };
        assert_eq!(response.status, expected, "{accept}");
    }
    let odd = axum::http::Request::get("/api/users").header("accept", &b"\xff\xfe, text/csv"[..]);
    let response = app.send(odd.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(
        (response.status, response.header("content-type")),
        (200, Some(CSV))
    );
}

async fn errors_are_always_problem_documents(database: &TestDatabase) {
    let app = App::new(database).await;
    for accept in ["application/xml", "text/csv", "text/plain", "text/html"] {
        let get = async |path| app.get("GET", path, &[("accept", accept)]).await;
        if accept != "text/html" {
            get("/api/users/99").await.problem(404);
            get("/api/users?page=0").await.problem(400);
        }
        get("/api/users/export?format=xls").await.problem(400);
        get("/api/nothing").await.problem(404);
        app.get("DELETE", "/api/users", &[("accept", accept)])
            .await
            .problem(405);
    }
}

async fn special_characters_in_values_are_escaped_in_every_format(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let names = [
        "<&]]>\"'",
        "</name><role>admin</role>",
        "=HYPERLINK(\"http://x\",\"y\")",
        "+1",
        "-1",
        "@SUM(A1)",
        "＝1",
        "a,b;c",
        "\"",
        "'quoted'",
        "&amp;&#0;",
        "<!DOCTYPE x>",
        "<![CDATA[x]]>",
    ];
    for (at, name) in names.iter().enumerate() {
        let bio = format!("{name}\r\n\t{name}");
        let body = json!({"name": name, "email": format!("u{at}@example.org"), "bio": bio});
        let created = app
            .json(&key, "POST", "/api/users", &body.to_string())
            .await;
        assert_eq!(created.status, 201, "{name}");
        let path = created.header("location").unwrap().to_owned();
        for format in ["application/xml", "text/csv"] {
            let headers = [
                ("sandbox-key", key.as_str()),
                ("accept", format),
                ("content-type", format),
            ];
            let written = app.get("GET", &path, &headers).await;
            let text = String::from_utf8(written.body.clone()).unwrap();
            if format == "text/csv" {
                let risky = |c: char| "=+-@＝\t\r".contains(c);
                let (_, row) = text.split_once("\r\n").unwrap();
                let cell = row.split_once(',').unwrap().1.trim_start_matches('"');
                assert!(!cell.starts_with(risky), "{text}");
            }
            // The response can be put back and does not change the user.
            let response = app
                .request("PUT", &path, &headers, written.body.clone())
                .await;
            assert_eq!(
                (response.status, &response.body),
                (200, &written.body),
                "{name}"
            );
            let same = app.get("GET", &path, &[("sandbox-key", &key)]).await;
            assert_eq!(same.body, created.body, "{name}");
        }
        let headers = [("sandbox-key", key.as_str()), ("accept", "text/plain")];
        let text = String::from_utf8(app.get("GET", &path, &headers).await.body).unwrap();
        assert_eq!(
            text.lines()
                .filter(|line| line.starts_with("role: "))
                .count(),
            1
        );
    }
    for unfit in ["\u{0}", "\u{1}", "\u{1b}", "\u{7f}", "\u{fffe}", "\u{ffff}"] {
        for field in ["name", "bio"] {
            let mut body = json!({"name": "a", "email": "unfit@example.org"});
            body[field] = format!("a{unfit}b").into();
            let response = app
                .json(&key, "POST", "/api/users", &body.to_string())
                .await;
            assert_eq!(response.pointers(422), [format!("/{field}")]);
        }
    }
}

async fn response_without_negotiation_has_no_vary_accept(database: &TestDatabase) {
    let app = App::new(database).await;
    for (method, path) in [
        ("GET", "/api/health"),
        ("GET", "/api/sandbox"),
        ("OPTIONS", "/api/users"),
        ("DELETE", "/api/users/4"),
    ] {
        let response = app.get(method, path, &[("accept", "image/png")]).await;
        assert!(response.status < 300, "{method} {path}");
        let vary = response.header("vary").unwrap();
        assert!(!vary.split(", ").any(|name| name == "Accept"), "{vary}");
    }
}
