//! Property tests with arbitrary input: the whole router, the `.http` parser, content folders, and the merge
//! patch compared with the pseudo code of RFC 7396. `PROPTEST_CASES` sets the number of cases;
//! `scripts/test-long` runs many.
//!
//! Property tests of private code of the API (Accept, Range, entity tags, cursors, XML, CSV) are
//! beside that code.

#![expect(clippy::unwrap_used, reason = "a test may end there")]

#[path = "support/database.rs"]
#[expect(dead_code, unused_macros, reason = "one engine is enough here")]
mod database;
#[path = "support/app.rs"]
#[expect(dead_code, reason = "the site is only sent requests")]
mod site;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, Uri};
use proptest::prelude::*;
use proptest::sample::select;
use routebook::content::{ParsedContent, SourceFile, load};
use routebook::http_file;
use routebook::model::json::{Json, merge_patch};
use routebook::model::limits::Limits;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::database::TestDatabase;
use crate::site::TestApp;

/// A request whose parts may be anything that HTTP can carry.
#[derive(Clone, Debug)]
struct ArbitraryRequest {
    method: String,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

fn arbitrary_request() -> impl Strategy<Value = ArbitraryRequest> {
    let method = prop_oneof![
        9 => select(vec!["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]).prop_map(str::to_owned),
        1 => "[A-Z]{1,8}",
    ];
    let path = select(vec![
        "/api/users",
        "/api/users/",
        "/api/users/1",
        "/api/users/13",
        "/api/users/99999999999",
        "/api/users/x",
        "/api/users/export",
        "/api/users/export?format=csv",
        "/api/session",
        "/api/tokens",
        "/api/tokens/1",
        "/api/me",
        "/api/admin/stats",
        "/api/echo",
        "/api/echo/a/b",
        "/api/status/418",
        "/api/status/999",
        "/api/sandbox",
        "/api/sandbox/undo",
        "/api/sandbox/exchanges",
        "/api/sandbox/exchanges/x",
        "/api/health",
        "/api/openapi.json",
        "/api",
        "/api/%2e%2e/x",
        "/api//users",
    ]);
    let key = select(vec![
        "page", "per_page", "sort", "role", "q", "fields", "cursor", "format", "group", "x",
    ]);
    let value = prop_oneof![
        select(vec![
            "1",
            "0",
            "-1",
            "20",
            "1e9",
            "name",
            "-created_at",
            "admin",
            "id,name",
            "%ff",
            "%00",
            "",
            "%25"
        ])
        .prop_map(str::to_owned),
        "[ -~&&[^ \"<>#]]{0,20}",
    ];
    let query = prop::collection::vec((key, value), 0..4);
    let target = (path, query).prop_map(|(path, query)| {
        let pairs: Vec<String> = query
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        match pairs.is_empty() {
            true => path.to_owned(),
            false => format!("{path}?{}", pairs.join("&")),
        }
    });
    let name = select(vec![
        "accept",
        "content-type",
        "content-encoding",
        "content-range",
        "range",
        "if-match",
        "if-none-match",
        "if-range",
        "if-modified-since",
        "if-unmodified-since",
        "authorization",
        "cookie",
        "sandbox-key",
        "idempotency-key",
        "exchange-group",
        "origin",
        "sec-fetch-site",
        "expect",
        "content-length",
        "x-junk",
        "x-forwarded-for",
    ]);
    let common = select(vec![
        "application/json",
        "application/merge-patch+json",
        "application/xml",
        "text/csv",
        "text/*;q=0.5",
        "*/*",
        "image/png",
        "application/json; charset=utf-16",
        "bytes=0-9",
        "bytes=-1",
        "bytes=5-",
        "bytes=9-0,1-2",
        "*",
        "W/\"x\"",
        "\"x\", \"y\"",
        "Bearer",
        "Bearer x",
        "Bearer a.b.c",
        "Basic eDp5",
        "sandbox=x",
        "none",
        "gzip",
        "same-origin",
        "cross-site",
        "100-continue",
        "Fri, 15 Jan 2027 08:00:00 GMT",
    ]);
    let value = prop_oneof![
        4 => common.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ];
    let headers = prop::collection::vec((name.prop_map(str::to_owned), value), 0..6);
    let body = prop_oneof![
        2 => Just(Vec::new()),
        2 => json(3).prop_map(|json| json.to_string().into_bytes()),
        1 => user().prop_map(|json| json.to_string().into_bytes()),
        1 => Just(b"<user><name>A</name><email>a@b.c</email><role>member</role></user>".to_vec()),
        1 => Just(b"name,email,role\r\nA,a@b.c,member\r\n".to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..200),
    ];
    (method, target, headers, body).prop_map(|(method, target, headers, body)| ArbitraryRequest {
        method,
        target,
        headers,
        body,
    })
}

/// A value that resembles a user.
fn user() -> impl Strategy<Value = Value> {
    let field = |values: Vec<Value>| select(values);
    (
        field(vec!["A".into(), "".into(), "\u{0}".into(), 1.into(), Value::Null]),
        field(vec!["a@b.c".into(), "x".into(), "minji@example.com".into(), true.into()]),
        field(vec!["member".into(), "admin".into(), "root".into(), Value::Null]),
        field(vec!["text".into(), Value::Null, "\u{1}".into(), Value::Array(vec![])]),
    )
        .prop_map(|(name, email, role, bio)| {
            serde_json::json!({ "name": name, "email": email, "role": role, "bio": bio })
        })
}

fn json(depth: u32) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(depth, 24, 4, |inner| {
        let name = prop_oneof![
            "[abc]",
            ".{0,4}",
            Just("name".to_owned()),
            Just("bio".to_owned())
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(name, inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A site with a sandbox whose limits are too high to be reached.
struct Site {
    runtime: Runtime,
    app: TestApp,
    key: String,
    _database: TestDatabase,
}

impl Site {
    fn new() -> Site {
        let runtime = Runtime::new().unwrap();
        let (app, key, database) = runtime.block_on(async {
            let database = TestDatabase::sqlite().await;
            let limits = Limits {
                requests_per_minute: u32::MAX,
                writes_per_minute: u32::MAX,
                sandbox_requests_per_minute: u32::MAX,
                ..Limits::default()
            };
            let app = TestApp::with_limits(&database, "http://127.0.0.1:3000", limits).await;
            let create = Request::post("/api/sandbox").body(Body::empty()).unwrap();
            let (parts, _) = app.send(create).await;
            let key = parts.headers["sandbox-key"].to_str().unwrap().to_owned();
            (app, key, database)
        });
        Site {
            runtime,
            app,
            key,
            _database: database,
        }
    }

    /// Sends the request; returns `None` when HTTP cannot carry it.
    fn send(&self, sent: &ArbitraryRequest) -> Option<(u16, axum::http::HeaderMap, Vec<u8>)> {
        let mut request = Request::new(Body::from(sent.body.clone()));
        *request.method_mut() = Method::from_bytes(sent.method.as_bytes()).ok()?;
        *request.uri_mut() = sent.target.parse::<Uri>().ok()?;
        let key = HeaderValue::from_str(&self.key).unwrap();
        request.headers_mut().insert("sandbox-key", key);
        for (name, value) in &sent.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            request
                .headers_mut()
                .append(name, HeaderValue::from_bytes(value).ok()?);
        }
        // The body of an event stream does not end.
        let (parts, body) = self.runtime.block_on(self.app.send(request));
        Some((parts.status.as_u16(), parts.headers, body))
    }
}

/// No panic, no 5xx status, and every refusal is a problem document.
#[test]
fn arbitrary_request_gets_a_response_and_every_refusal_is_a_problem() {
    let site = Site::new();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let result = runner.run(&arbitrary_request(), |request| {
        let Some((status, headers, body)) = site.send(&request) else {
            return Ok(());
        };
        prop_assert!(status < 500 || [501, 507].contains(&status), "{status}");
        let is_status = request.target.starts_with("/api/status/");
        if status >= 400 && request.method != "HEAD" && !is_status {
            prop_assert_eq!(&headers["content-type"], "application/problem+json");
            let problem: Value = serde_json::from_slice(&body).unwrap();
            prop_assert_eq!(&problem["status"], &Value::from(status));
        }
        Ok(())
    });
    result.unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A parsed file is printed and parsed again with an equal result; an error has its position.
    #[test]
    fn request_file_is_parsed_or_refused_with_a_position(text in http_text()) {
        match http_file::parse(&text) {
            Ok(file) => {
                let printed = http_file::print(&file);
                let again = http_file::parse(&printed);
                prop_assert_eq!(again.as_ref().ok(), Some(&file), "{}", printed);
            }
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    /// Compares with RFC 7396, section 2, on the values of another crate.
    #[test]
    fn merge_patch_equals_that_of_rfc_7396(target in json(4), patch in json(4)) {
        let read = |value: &Value| Json::parse(value.to_string().as_bytes()).unwrap();
        let merged = merge_patch(read(&target), read(&patch));
        let merged: Value = serde_json::from_str(&merged.pretty()).unwrap();
        prop_assert_eq!(merged, reference(target, patch));
    }
}

/// Whatever the files of a content folder are, they are parsed, and each finding is on a line that exists.
#[test]
fn arbitrary_content_is_parsed_with_findings_on_lines_that_exist() {
    let i18n = load::i18n(&[]).unwrap_or_else(|errors| panic!("{errors:?}"));
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    // A case has many files, because what all share takes most of the time.
    let cases = config.cases.div_ceil(8);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases, ..config });
    let result = runner.run(&content_files(), |files| {
        for finding in ParsedContent::parse(&[], &files, &i18n, false).findings {
            // A file that is missing is a finding in its first line.
            let file = files.iter().find(|file| file.path == finding.file);
            let bytes = file.map_or(&[][..], |file| &file.bytes);
            let ends = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r'));
            let lines = ends.count() + 1;
            prop_assert!((1..=lines).contains(&finding.line), "{lines}: {finding}");
        }
        Ok(())
    });
    result.unwrap();
}

/// Files at the paths of a content folder, whose lines are those of such files or arbitrary.
fn content_files() -> impl Strategy<Value = Vec<SourceFile>> {
    const PATHS: [&str; 12] = [
        "site.toml",
        "en/start/a.md",
        "en/start/b.md",
        "ko/start/a.md",
        "ko/start/b.md",
        "en/start/c/d.md",
        "en/a.md",
        "fr/start/a.md",
        "exercises/read-one.toml",
        "exercises/a.toml",
        "quizzes/reading.toml",
        "quizzes/a/b.toml",
    ];
    const KNOWN: [&str; 4] = [
        include_str!("check/base/site.toml"),
        include_str!("check/base/en/start/first.md"),
        include_str!("check/base/exercises/read-one.toml"),
        include_str!("check/base/quizzes/reading.toml"),
    ];
    const OTHER: &str = r#"
# @name a
# @expect 2 rows added == 1
GET /{{a.response.body.$.id}}
```python tab=flask source=flask:get_user
```diagram checks
HTTP/1.1 200 OK
[a]: b.md#c
[x][a] [^1] ![i](i.png) [b][]
[^1]: a
**"가"**는 ** ~~
> [!NOTE]
  - ```json
| a | b |
|---|---|
<b
    x
l10n:
  sourceLocale: ko
aliases: [a, b/c]
title.ko = 'a'
'''
"""
[[expect]]"#;
    let known = KNOWN.into_iter().chain([OTHER]).flat_map(str::lines);
    let line = prop_oneof![
        8 => select(known.collect::<Vec<_>>()).prop_map(|line| line.as_bytes().to_vec()),
        1 => ".{0,20}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    let end = select(vec!["\n", "\r\n", "\r"]);
    // Most lessons begin as a lesson does, so that what follows is read.
    let file = (
        select(&PATHS[..]),
        prop::bool::weighted(0.8),
        prop::collection::vec(line, 0..30),
        end,
    );
    let file = file.prop_map(|(path, has_front_matter, lines, end)| {
        let head = match path.ends_with(".md") && has_front_matter {
            true => ["---", "title: A", "description: B", "---", ""].join(end),
            false => String::new(),
        };
        SourceFile {
            path: path.to_owned(),
            bytes: [head.into_bytes(), lines.join(end.as_bytes())].concat(),
        }
    });
    let files = prop::collection::vec(file, 1..16);
    files.prop_map(|mut files| {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        files
    })
}

fn http_text() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        select(vec![
            "GET /api/users",
            "POST /api/users HTTP/1.1",
            "/api/users/{{id}}",
            "### title",
            "# @id one",
            "# @expect status == 200",
            "@host = http://x",
            "Content-Type: application/json",
            "",
            "    ?page=2",
            "{\"a\": 1}",
            "{{%name}}",
            "# comment",
            "HTTP/1.1 200 OK",
            "# @prompt name What?",
            "Accept:",
        ])
        .prop_map(str::to_owned),
        ".{0,30}",
    ];
    let end = select(vec!["\n", "\r\n"]);
    (prop::collection::vec(line, 0..12), end).prop_map(|(lines, end)| lines.join(end))
}

fn reference(target: Value, patch: Value) -> Value {
    let Value::Object(patch) = patch else {
        return patch;
    };
    let mut target = match target {
        Value::Object(members) => members,
        _ => serde_json::Map::new(),
    };
    for (name, value) in patch {
        if value.is_null() {
            target.remove(&name);
        } else {
            let old = target.remove(&name).unwrap_or(Value::Null);
            target.insert(name, reference(old, value));
        }
    }
    Value::Object(target)
}
