//! `/api/echo`: the parsed request, for any method.

use axum::body::Body;
use serde_json::{Value, json};

use crate::app::{App, rows, sandboxes};
use crate::database::TestDatabase;

on_both_engines! {
    echo_accepts_every_method_and_creates_no_sandbox,
    echo_returns_the_parsed_parts_of_the_request,
    echo_parses_the_body_by_its_media_type,
    echo_of_body_over_64_kib_returns_413,
    echo_masks_secrets_and_hides_values_of_unknown_headers,
    trace_of_echo_has_few_steps,
}

fn pairs(list: &Value) -> Vec<(&str, &str)> {
    let list = list.as_array().unwrap().iter();
    list.map(|pair| {
        (
            pair["name"].as_str().unwrap(),
            pair["value"].as_str().unwrap(),
        )
    })
    .collect()
}

async fn echo_accepts_every_method_and_creates_no_sandbox(database: &TestDatabase) {
    let app = App::new(database).await;
    for path in ["/api/echo", "/api/echo/a/b"] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let response = app.request(method, path, &[], "hello").await;
            assert_eq!(response.status, 200, "{method} {path}");
            let echo = response.json();
            assert_eq!(
                (&echo["method"], &echo["path"]),
                (&json!(method), &json!(path))
            );
            assert_eq!(echo["body"], json!({ "size": 5, "text": "hello" }));
            assert_eq!(response.header("cache-control"), Some("no-store"));
            assert_eq!(
                (
                    response.header("set-cookie"),
                    response.header("sandbox-key")
                ),
                (None, None)
            );
        }
        let head = app.get("HEAD", path, &[]).await;
        assert_eq!((head.status, head.body.len()), (200, 0));
        let options = app.get("OPTIONS", path, &[]).await;
        assert_eq!(
            (options.status, options.header("allow")),
            (204, Some("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"))
        );
        // Any format of a patch is accepted.
        assert_eq!(options.header("accept-patch"), None);
        for method in ["TRACE", "CONNECT"] {
            let response = app.get(method, path, &[("x-mine", "an echo")]).await;
            response.problem(405);
            assert!(!String::from_utf8_lossy(&response.body).contains("an echo"));
        }
        app.get("BREW", path, &[]).await.problem(501);
    }
    assert_eq!(sandboxes(database).await, 0);
    // It changes no sandbox either, and an unknown key is only echoed.
    let key = app.sandbox().await;
    let before = rows(database).await;
    let response = app.get("POST", "/api/echo", &[("sandbox-key", &key)]).await;
    assert_eq!((response.status, rows(database).await), (200, before));
    let response = app.get("POST", "/api/echo", &[("sandbox-key", "x")]).await;
    assert_eq!(response.status, 200);
}

async fn echo_returns_the_parsed_parts_of_the_request(database: &TestDatabase) {
    let app = App::new(database).await;
    let headers = [
        ("accept", "text/csv;q=0.5"),
        ("accept", "*/*"),
        ("via", "1.1 a-proxy"),
        ("cookie", "a=1; sandbox=abcdefgh"),
        ("cookie", "b"),
    ];
    let path = "/api/echo/%EA%B0%80%20x?b=2&a=1&b=%EA%B0%80+x&c&=d";
    let echo = app.get("GET", path, &headers).await.json();
    assert_eq!(echo["path"], "/api/echo/%EA%B0%80%20x");
    assert_eq!(
        pairs(&echo["query"]),
        [("b", "2"), ("a", "1"), ("b", "가 x"), ("c", ""), ("", "d")]
    );
    assert_eq!(
        pairs(&echo["cookies"]),
        [("a", "(hidden)"), ("sandbox", "abcd…"), ("b", "(hidden)")]
    );
    let accept: Vec<_> = pairs(&echo["headers"])
        .into_iter()
        .filter(|(name, _)| *name == "accept")
        .collect();
    assert_eq!(accept, [("accept", "text/csv;q=0.5"), ("accept", "*/*")]);
    let headers = echo["headers"].as_array().unwrap();
    let via = headers.iter().find(|header| header["name"] == "via");
    assert_eq!(via.unwrap()["source"], "proxy");
    assert_eq!(
        (&echo["content_type"], &echo["body"]),
        (&Value::Null, &Value::Null)
    );
}

async fn echo_parses_the_body_by_its_media_type(database: &TestDatabase) {
    let app = App::new(database).await;
    let echo = async |content_type: &str, body: &[u8]| {
        let headers = [("content-type", content_type)];
        let response = app
            .request("POST", "/api/echo", &headers, Body::from(body.to_vec()))
            .await;
        assert_eq!(response.status, 200);
        response.json()
    };
    let json_type = "Application/JSON; Charset=\"utf-8\"; v=1";
    let echoed = echo(json_type, br#"{"a":[1,null]}"#).await;
    assert_eq!(
        echoed["content_type"],
        json!({
            "type": "application/json",
            "parameters": [
                { "name": "charset", "value": "utf-8" },
                { "name": "v", "value": "1" },
            ],
        })
    );
    assert_eq!(echoed["body"]["json"], json!({ "a": [1, null] }));
    assert_eq!(echoed["body"]["text"], r#"{"a":[1,null]}"#);
    // Numbers and members are echoed unchanged.
    let exact = r#"{ "z": 123456789012345678901234567890, "a": [1.50, 1e400, -0],"b":"\u0061" }"#;
    let headers = [("content-type", "application/json")];
    let response = app.request("POST", "/api/echo", &headers, exact).await;
    let text = String::from_utf8(response.body).unwrap();
    assert!(text.contains(&format!("\"json\":{exact}}}")), "{text}");
    // A separator inside a quoted string is text.
    let quoted = r#"application/json; profile="a;charset=latin1""#;
    let echoed = echo(quoted, b"{}").await;
    assert_eq!(
        echoed["content_type"]["parameters"],
        json!([{ "name": "profile", "value": "a;charset=latin1" }])
    );
    assert_eq!(echoed["body"]["json"], json!({}));
    // A malformed media type is null.
    for malformed in ["json", "application/json; v", "application/json; v=\"1"] {
        let echoed = echo(malformed, b"{}").await;
        assert_eq!(echoed["content_type"], Value::Null, "{malformed}");
        assert_eq!(
            (&echoed["body"]["text"], echoed["body"].get("json")),
            (&json!("{}"), None)
        );
    }
    let patch = echo("application/merge-patch+json", b"{}").await;
    assert_eq!(patch["body"]["json"], json!({}));
    // The error of malformed JSON has its position.
    for (body, error) in [
        ("{", "line 1, column 2"),
        (r#"{"a":1,"a":2}"#, "appears twice"),
    ] {
        let echoed = echo("application/json", body.as_bytes()).await;
        let echoed = &echoed["body"];
        assert!(
            echoed["error"].as_str().unwrap().contains(error),
            "{echoed}"
        );
        assert_eq!((&echoed["text"], echoed.get("json")), (&json!(body), None));
    }
    let form = echo("application/x-www-form-urlencoded", b"a=1&b=%EA%B0%80&a=2").await;
    assert_eq!(
        pairs(&form["body"]["form"]),
        [("a", "1"), ("b", "가"), ("a", "2")]
    );
    let text = echo("text/plain", "가\u{0}".as_bytes()).await;
    assert_eq!(text["body"], json!({ "size": 4, "text": "가\u{0}" }));
    for (content_type, body) in [
        ("text/plain", [0xff, 0x00].as_slice()),
        ("application/json", &[b'"', 0xff, b'"']),
        ("text/plain; charset=utf-16", b"ab"),
    ] {
        let echoed = echo(content_type, body).await;
        let echoed = &echoed["body"];
        assert_eq!((echoed.get("text"), echoed.get("json")), (None, None));
        assert_eq!(echoed["size"], body.len());
        assert!(echoed["error"].as_str().unwrap().contains("base64"));
    }
    let bytes = echo("image/png", &[0xff, 0x00]).await;
    assert_eq!(bytes["body"]["base64"], "/wA=");
}

async fn echo_of_body_over_64_kib_returns_413(database: &TestDatabase) {
    let app = App::new(database).await;
    let limit = 64 * 1024;
    let whole = app
        .request("PUT", "/api/echo", &[], "x".repeat(limit))
        .await;
    assert_eq!(
        (whole.status, &whole.json()["body"]["size"]),
        (200, &json!(limit))
    );
    app.request("PUT", "/api/echo", &[], "x".repeat(limit + 1))
        .await
        .problem(413);
    let chunks = (0..=limit).map(|_| Ok::<_, std::io::Error>("x"));
    let stream = Body::from_stream(futures_util::stream::iter(chunks));
    app.request("PUT", "/api/echo", &[], stream)
        .await
        .problem(413);
}

async fn echo_masks_secrets_and_hides_values_of_unknown_headers(database: &TestDatabase) {
    let app = App::new(database).await;
    let headers = [
        ("sandbox-key", "abcdefghsecret"),
        (
            "cookie",
            "api_session=123456secret; __Host-routebook=secret; sso=secret",
        ),
        ("authorization", "Basic c2VjcmV0"),
        ("x-api-key", "secret"),
        ("x-forwarded-user", "secret"),
        ("proxy-authorization", "secret"),
    ];
    let response = app.get("GET", "/api/echo", &headers).await;
    let text = String::from_utf8(response.body.clone()).unwrap();
    assert!(
        !text.contains("secret") && !text.contains("c2VjcmV0"),
        "{text}"
    );
    let echo = response.json();
    assert_eq!(
        pairs(&echo["cookies"]),
        [
            ("api_session", "1234…"),
            ("__Host-routebook", "(hidden)"),
            ("sso", "(hidden)")
        ]
    );
    let names: Vec<_> = pairs(&echo["headers"])
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert!(names.contains(&"x-api-key") && names.contains(&"x-forwarded-user"));
    // Secrets in the query and the body are masked in the response and in the record.
    let key = app.sandbox().await;
    for (content_type, body, shown) in [
        (
            "application/json",
            r#"{"n":1.50,"p\u0061ssword":"secret-value"}"#,
            r#"{"n":1.50,"p\u0061ssword":"(hidden)"}"#,
        ),
        (
            "application/x-www-form-urlencoded",
            "a=%31&pass%77ord=secret-value",
            "a=%31&pass%77ord=(hidden)",
        ),
        (
            "text/plain; charset=utf-16",
            "Token=secret-value&%FF",
            "Token=(hidden)&%FF",
        ),
    ] {
        let headers = [
            ("sandbox-key", key.as_str()),
            ("content-type", content_type),
            (
                "referer",
                "http://127.0.0.1:3000/?access_token=secret-value",
            ),
        ];
        let target = "/api/echo?Client%5Fsecret=secret-value&a=%31";
        let response = app.request("POST", target, &headers, body).await;
        assert_eq!(response.status, 200);
        let exchange = crate::trace::exchange(&app, &key, &response).await;
        let echoed = String::from_utf8(response.body.clone()).unwrap();
        let encoded = base64_of("secret-value");
        for text in [echoed, exchange.to_string()] {
            assert!(
                !text.contains("secret-value") && !text.contains(&encoded),
                "{text}"
            );
        }
        let echoed = &response.json()["body"];
        let is_text = echoed.get("text").is_some();
        assert!(!is_text || echoed["text"] == shown, "{echoed}");
        assert_eq!(exchange["request"]["body"]["text"], shown);
        let target = "/api/echo?Client%5Fsecret=(hidden)&a=%31";
        assert_eq!(exchange["request"]["target"], target);
    }
}

/// Returns the part of a Base64 text for a text that begins at a multiple of three bytes.
fn base64_of(text: &str) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_STANDARD.encode(text)
}

async fn trace_of_echo_has_few_steps(database: &TestDatabase) {
    let app = App::new(database).await;
    let slash = app.get("POST", "/api/echo/?a=1", &[]).await;
    assert_eq!(
        (slash.status, slash.header("location")),
        (308, Some("/api/echo?a=1"))
    );
}
