//! The content security policy, the security headers, and the escaping of payloads.

use axum::body::Body;
use axum::http::{Method, Request};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

use crate::client::{Page, app, get, post};
use crate::database::TestDatabase;
use crate::site::TestApp;

on_both_engines! {
    content_security_policy_lists_every_inline_script,
    every_response_has_the_security_headers,
    payload_is_escaped_on_every_page,
    request_for_another_host_is_rejected,
    cross_site_form_is_rejected,
}

/// A payload that would close a script, an attribute, a text area and a title if it were not escaped.
const PAYLOAD: &str =
    "\"'></textarea></title></script><script>alert(1)</script><img src=x onerror=alert(1)>";

/// Returns one page of each kind, with user data and errors in them.
async fn pages_of_each_kind(app: &TestApp) -> Vec<Page> {
    let query: String = form_urlencoded::byte_serialize(PAYLOAD.as_bytes()).collect();
    vec![
        get(app, "/en", &[]).await,
        get(app, "/ko/methods/post", &[]).await,
        get(app, "/en/login", &[]).await,
        get(app, "/en/data", &[]).await,
        get(app, "/en/exercises/create-an-admin", &[]).await,
        post(app, "/en/exercises/create-an-admin", &[], &[("do", PAYLOAD)]).await,
        post(app, "/en/quizzes/post", &[], &[("created", PAYLOAD)]).await,
        get(app, &format!("/en/data?q={query}&from={query}"), &[]).await,
        post(app, &format!("/en/data?from={query}"), &[], &[("do", "behaviors"), ("latency_ms", PAYLOAD)]).await,
        get(app, &format!("/en/login?next={query}"), &[]).await,
        get(app, &format!("/en/nothing/{query}"), &[]).await,
        get(app, &format!("/en/search?q={query}"), &[]).await,
        get(app, "/ko/search?q=patch", &[]).await,
        post(app, "/en/login", &[], &[("email", PAYLOAD), ("password", PAYLOAD), ("next", PAYLOAD)]).await,
        post(app, "/en/login", &[], &[]).await,
        post(app, "/en/try", &[], &[("method", PAYLOAD), ("target", PAYLOAD), ("body", PAYLOAD)]).await,
        post(
            app,
            &format!("/en/try?from={query}"),
            &[],
            &[
                ("method", "POST"),
                ("target", "/api/users"),
                ("header-name", "Content-Type"),
                ("header-value", "application/json"),
                ("body", &serde_json::json!({ "name": PAYLOAD, "email": "x@example.org", "bio": PAYLOAD }).to_string()),
            ],
        )
        .await,
    ]
}

async fn content_security_policy_lists_every_inline_script(database: &TestDatabase) {
    let app = app(database).await;
    for page in pages_of_each_kind(&app).await {
        let policy = page.header("content-security-policy").unwrap();
        assert!(
            !policy.contains("unsafe-inline")
                && !policy.contains("'unsafe-eval'")
                && !policy.contains("nonce"),
            "{policy}"
        );
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        let mut scripts = 0;
        for rest in page.html.split("<script").skip(1) {
            let (attributes, rest) = rest.split_once('>').unwrap();
            let (text, _) = rest.split_once("</script>").unwrap();
            if attributes.contains("application/") {
                continue;
            }
            scripts += 1;
            let hash = format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)));
            assert!(policy.contains(&hash), "{text}");
        }
        assert!(scripts >= 2, "{}", page.status);
        let styles = page.html.split("<style>").skip(1);
        let styles: Vec<_> = styles
            .map(|rest| rest.split_once("</style>").unwrap().0)
            .collect();
        assert!((1..=3).contains(&styles.len()), "{}", page.status);
        let (_, directive) = policy.split_once("style-src ").unwrap();
        let (directive, _) = directive.split_once(';').unwrap();
        for style in styles {
            let hash = BASE64_STANDARD.encode(Sha256::digest(style));
            assert!(directive.contains(&format!("'sha256-{hash}'")), "{policy}");
        }
        assert!(!page.html.contains("rel=\"stylesheet\""));
        assert!(
            !page.html.contains(" style="),
            "a style attribute is refused by the policy"
        );
        assert!(!page.html.contains(" nonce="));
        // No resource is loaded from another origin.
        for attribute in [" src=\"http", " srcset=\"http"] {
            assert!(!page.html.contains(attribute));
        }
    }
}

async fn every_response_has_the_security_headers(database: &TestDatabase) {
    let app = TestApp::new(database, "https://learn.example.com").await;
    for (method, path) in [
        (Method::GET, "/en"),
        (Method::GET, "/"),
        (Method::GET, "/en/nothing/here"),
        (Method::DELETE, "/en"),
        (Method::GET, "/api/users"),
        (Method::GET, "/api/nothing"),
        (Method::GET, "/favicon.svg"),
        (Method::POST, "/en/login"),
    ] {
        let request = Request::builder()
            .method(method.clone())
            .uri(path)
            .body(Body::empty())
            .unwrap();
        let (parts, _) = app.send(request).await;
        let header = |name: &str| {
            parts
                .headers
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-embedder-policy", "require-corp"),
            ("cross-origin-resource-policy", "same-origin"),
            (
                "strict-transport-security",
                "max-age=63072000; includeSubDomains",
            ),
        ] {
            assert_eq!(
                header(name).as_deref(),
                Some(value),
                "{method} {path}: {name}"
            );
        }
        assert!(
            header("content-security-policy")
                .unwrap()
                .contains("default-src 'none'"),
            "{method} {path}"
        );
        assert!(header("request-id").is_some(), "{method} {path}");
    }
}

async fn payload_is_escaped_on_every_page(database: &TestDatabase) {
    let app = app(database).await;
    for page in pages_of_each_kind(&app).await {
        assert!(!page.html.contains("<script>alert"), "{}", page.status);
        assert!(!page.html.contains("<img src=x"), "{}", page.status);
        assert!(!page.html.contains("\"'></textarea>"), "{}", page.status);
    }
}

async fn request_for_another_host_is_rejected(database: &TestDatabase) {
    let app = app(database).await;
    for (host, status) in [
        ("127.0.0.1:3000", 200),
        ("localhost", 200),
        ("[::1]:3000", 200),
        ("LOCALHOST:80", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("user@127.0.0.1", 421),
    ] {
        assert_eq!(
            get(&app, "/en", &[("host", host)]).await.status,
            status,
            "{host}"
        );
        assert_eq!(
            get(&app, "/api/users", &[("host", host)]).await.status,
            status,
            "{host}"
        );
    }
}

async fn cross_site_form_is_rejected(database: &TestDatabase) {
    let app = app(database).await;
    for foreign in [
        vec![("sec-fetch-site", "cross-site")],
        vec![
            ("origin", "https://evil.example"),
            ("host", "127.0.0.1:3000"),
        ],
        vec![("origin", "null"), ("host", "127.0.0.1:3000")],
    ] {
        for path in ["/en/login", "/en/logout", "/en/try", "/en/data"] {
            assert_eq!(
                post(&app, path, &foreign, &[]).await.status,
                403,
                "{path} {foreign:?}"
            );
        }
    }
}
