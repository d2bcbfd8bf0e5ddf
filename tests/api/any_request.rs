//! Random requests built from meaningful parts: none causes a server error, every refusal is a
//! problem, and safe methods change nothing.

use axum::body::Body;
use axum::http::Request;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use routebook::model::limits::Limits;

use crate::app::{App, TestResponse, rows};
use crate::database::TestDatabase;

on_both_engines! { random_requests_cause_no_server_error }

/// The number of requests.
const REQUESTS: usize = 1200;

const METHODS: &str = "GET GET GET HEAD POST POST PUT PUT PATCH PATCH DELETE OPTIONS TRACE BREW";
const USUAL: &str = "/api/users /api/users/4 /api/users/5 /api/users/40 /api/users/export";
const ODD: &str = "/api/users/0 /api/users/abc /api/users/%ff /api/users/99999999999999999999 \
    /api/users/ /api/users//4 /api/users/4/x /api/me /api/session /api/tokens /api/tokens/x /api/admin/stats \
    /api/sandbox/exchanges /api/sandbox/undo /api/health /api/nothing /api /api/%2e%2e/users";
const KEYS: &str = "page per_page sort role q fields cursor format color %00";
const VALUES: &str = "1 2 0 -1 1e9 100 101 name -created_at -bio admin csv xml id,name a %25 %5C _ \
    %F0%9F%98%80 %ff %00 AAAAAAAAAAAA +";
/// The names of headers with meaningful values.
const HEADERS: &[(&str, &[&str])] = &[
    (
        "accept",
        &[
            "*/*",
            "application/xml",
            "text/csv",
            "text/plain",
            "image/png",
            "*/*;q=0",
            "text/*;q=0.1,,",
            "\"",
            ";q=",
        ],
    ),
    (
        "if-match",
        &[
            "*",
            "\"a\"",
            "W/\"a\"",
            "\"a\", \"b,c\"",
            "",
            "a",
            "\"",
            "*, \"a\"",
        ],
    ),
    ("if-none-match", &["*", "\"a\"", "W/\"a\"", "a", "W/"]),
    (
        "if-modified-since",
        &["Sun, 04 Jan 2026 09:12:00 GMT", "now"],
    ),
    ("if-range", &["\"a\"", "Sun, 04 Jan 2026 09:12:00 GMT"]),
    (
        "range",
        &[
            "bytes=0-9",
            "bytes=9-",
            "bytes=-9",
            "bytes=0-1,3-4",
            "bytes=99999-",
            "bytes=--",
            "x",
        ],
    ),
    ("content-range", &["bytes 0-9/10"]),
    ("content-encoding", &["gzip", "identity"]),
    ("cookie", &["sandbox=x; a", "sandbox=\""]),
    ("authorization", &["Bearer x", "Bearer", "Basic eA=="]),
    ("idempotency-key", &["a", "\"a\"", ""]),
    ("sec-fetch-site", &["none", "cross-site"]),
];
/// Media types with bodies.
const BODIES: &[(&str, &[&str])] = &[
    (
        "application/json",
        &[
            r#"{"name":"Rose","email":"rose@example.org","role":"member"}"#,
            r#"{"name":"Ada","email":"ada@example.com","role":"admin","id":4}"#,
            r#"{"name":"","id":1e999}"#,
            "[]",
            "{",
        ],
    ),
    (
        "application/merge-patch+json",
        &[
            r#"{"bio":"x"}"#,
            r#"{"bio":null,"name":null}"#,
            "{}",
            "null",
        ],
    ),
    (
        "application/xml",
        &[
            "<user><name>a</name><email>x@y</email><role>admin</role></user>",
            "<user>&x;</user>",
            "<!DOCTYPE a>",
        ],
    ),
    (
        "text/csv",
        &["name,email,role\r\nb,y@z,member\r\n", "name\n\"", "a,b\n1"],
    ),
    ("text/plain", &["name"]),
    ("application/json; charset=\"", &["{}"]),
];

#[derive(Debug)]
struct RandomRequest {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
}

/// Selects one of the words.
fn word(words: &'static str) -> impl Strategy<Value = &'static str> {
    prop::sample::select(words.split_whitespace().collect::<Vec<_>>())
}

fn any_request() -> impl Strategy<Value = RandomRequest> {
    let path = prop_oneof![4 => word(USUAL), 1 => word(ODD)];
    let value = prop_oneof![word(VALUES).prop_map(str::to_owned), "[a-z0-9%,=+_-]{0,12}"];
    let pair = (word(KEYS), value).prop_map(|(key, value)| format!("{key}={value}"));
    let query = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(pair, 1..3)];
    let random = prop::collection::vec(prop_oneof![0x20..0x7f_u8, 0x80..=0xff_u8], 0..30);
    let header = prop::sample::select(HEADERS).prop_flat_map(move |(name, values)| {
        let listed = prop::sample::select(values).prop_map(|value| value.as_bytes().to_vec());
        prop_oneof![4 => listed, 1 => random.clone()].prop_map(move |value| (name, value))
    });
    let headers = prop_oneof![
        1 => Just(Vec::new()),
        3 => prop::collection::vec(header, 1..4),
    ];
    let content = prop::sample::select(BODIES).prop_flat_map(|(name, bodies)| {
        let listed = prop::sample::select(bodies).prop_map(|body| body.as_bytes().to_vec());
        let random = prop::collection::vec(any::<u8>(), 0..60);
        prop_oneof![4 => listed, 1 => random].prop_map(move |body| (name, body))
    });
    (word(METHODS), path, query, headers, content).prop_map(
        |(method, path, query, mut headers, (content_type, body))| {
            headers.push(("content-type", content_type.as_bytes().to_vec()));
            let mark = if query.is_empty() { "" } else { "?" };
            let target = format!("{path}{mark}{}", query.join("&"));
            RandomRequest {
                method,
                target,
                headers,
                body,
            }
        },
    )
}

/// Asserts what every response must have.
fn check(sent: &RandomRequest, response: &TestResponse) {
    let status = response.status;
    assert!(status < 500 || status == 501, "{status}: {sent:?}");
    let refused = status >= 400;
    let content_type = response.header("content-type");
    assert_eq!(
        content_type == Some("application/problem+json"),
        refused,
        "{status}: {sent:?}"
    );
    if sent.method == "HEAD" || [204, 304].contains(&status) {
        assert!(response.body.is_empty(), "{status}: {sent:?}");
    } else if refused {
        response.problem(status);
    }
    if let Some(tag) = response.header("etag") {
        assert!(tag.starts_with('"'), "{tag}: {sent:?}");
        assert!(
            response.header("vary").unwrap().contains("Accept"),
            "{sent:?}"
        );
    }
    match status {
        206 | 416 => assert!(response.header("content-range").is_some(), "{sent:?}"),
        405 => assert!(response.header("allow").is_some(), "{sent:?}"),
        _ => assert_eq!(response.header("content-range"), None, "{sent:?}"),
    }
}

async fn random_requests_cause_no_server_error(database: &TestDatabase) {
    let limits = Limits {
        requests_per_minute: 1_000_000,
        writes_per_minute: 1_000_000,
        sandbox_requests_per_minute: 1_000_000,
        sandboxes_per_hour: 1_000_000,
        ..Limits::default()
    };
    let app = App::with_limits(database, limits).await;
    let key = app.sandbox().await;
    let mut runner = TestRunner::deterministic();
    let mut statuses = std::collections::BTreeMap::<u16, usize>::new();
    let mut before: Option<Vec<String>> = None;
    for at in 0..REQUESTS {
        let sent = any_request().new_tree(&mut runner).unwrap().current();
        let mut request = Request::builder().method(sent.method).uri(&sent.target);
        for (name, value) in &sent.headers {
            request = request.header(*name, value.as_slice());
        }
        if at % 4 > 0 {
            request = request.header("sandbox-key", &key);
        }
        // Skips targets that no client can send.
        let Ok(request) = request.body(Body::from(sent.body.clone())) else {
            continue;
        };
        let reads = ["GET", "HEAD", "OPTIONS", "TRACE", "BREW"].contains(&sent.method);
        if reads && before.is_none() {
            before = Some(rows(database).await);
        }
        let response = app.send(request).await;
        check(&sent, &response);
        *statuses.entry(response.status).or_default() += 1;
        match &before {
            Some(before) if reads => assert_eq!(&rows(database).await, before, "{sent:?}"),
            _ => before = None,
        }
    }
    for status in [
        200, 201, 204, 206, 304, 400, 404, 405, 406, 412, 415, 422, 501,
    ] {
        assert!(
            statuses.contains_key(&status),
            "{status} never came: {statuses:?}"
        );
    }
}
