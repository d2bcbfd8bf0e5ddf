//! The cache of pages that are the same for every anonymous visitor.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request};
use std::io::Read as _;

use crate::client::app;
use crate::database::TestDatabase;
use crate::site::TestApp;

on_both_engines! {
    cached_page_does_not_depend_on_other_headers_or_cookies,
    cached_page_has_a_strong_etag_for_each_encoding,
    cached_page_supports_conditional_requests,
    head_of_a_cached_page_has_the_headers_of_get_and_no_body,
    range_of_a_page_is_ignored,
    page_with_a_session_cookie_is_not_served_from_the_cache,
    page_that_depends_on_its_query_is_not_cached,
    page_over_capacity_returns_503_and_cached_page_does_not,
    openapi_document_is_cached_only_without_credentials,
}

/// Paths whose responses are cached for anonymous visitors.
const PATHS: [&str; 10] = [
    "/en",
    "/ko",
    "/en/methods/post",
    "/ko/auth/sessions",
    "/en/playground",
    "/ko/playground/list-users",
    "/en/login",
    "/ko/login",
    "/ko/search",
    "/api/openapi.json",
];

struct Response {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Response {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }
}

async fn send(app: &TestApp, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, body) = app.send(request.body(Body::empty()).unwrap()).await;
    Response {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body,
    }
}

async fn get(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Response {
    send(app, Method::GET, path, headers).await
}

fn decoded(response: &Response) -> Vec<u8> {
    let mut bytes = Vec::new();
    match response.header("content-encoding") {
        "br" => {
            brotli::BrotliDecompress(&mut &response.body[..], &mut bytes).unwrap();
        }
        "gzip" => {
            let mut decoder = flate2::read::GzDecoder::new(&response.body[..]);
            decoder.read_to_end(&mut bytes).unwrap();
        }
        _ => bytes.clone_from(&response.body),
    }
    bytes
}

/// Returns the headers of a response without those that differ in each response.
fn fields(response: &Response) -> HeaderMap {
    let mut headers = response.headers.clone();
    headers.remove("request-id");
    headers
}

async fn cached_page_does_not_depend_on_other_headers_or_cookies(database: &TestDatabase) {
    let app = app(database).await;
    let cookies = "theme=dark; lang=ko; sandbox=AAAAAAAAAAAAAAAAAAAAAA; other=1";
    for path in PATHS {
        let cookies: &[_] = match path.starts_with("/api") {
            true => &[],
            false => &[("cookie", cookies)],
        };
        let mut others = vec![
            ("user-agent", "curl/8"),
            ("accept-language", "ko, en;q=0.1"),
            ("accept", "application/xml"),
            ("referer", "http://127.0.0.1:3000/en/methods/get"),
            ("sec-fetch-site", "same-origin"),
            ("x-forwarded-for", "203.0.113.7"),
            ("priority", "u=1"),
        ];
        others.extend(cookies);
        // The first request, which creates the entry, has other headers.
        let first = get(&app, path, &others).await;
        let plain = get(&app, path, &[]).await;
        let later = get(&app, path, &others).await;
        assert_eq!(plain.status, 200, "{path}");
        for other in [&first, &later] {
            assert!(other.body == plain.body, "{path}: the bytes differ");
            assert_eq!(fields(other), fields(&plain), "{path}");
        }
        assert_eq!(plain.header("set-cookie"), "", "{path}");
        let vary = plain.header("vary");
        assert!(
            vary.contains("Cookie") && vary.contains("Accept-Encoding"),
            "{path}: {vary}"
        );
        if !path.starts_with("/api") {
            // A lesson can also be requested as Markdown.
            let is_lesson = path.split('/').count() == 4 && !path.contains("playground");
            let expected = match is_lesson {
                true => "Cookie, Accept, Accept-Encoding",
                false => "Cookie, Accept-Encoding",
            };
            assert_eq!(vary, expected, "{path}");
            assert_eq!(plain.header("cache-control"), "private, no-cache", "{path}");
        }
    }
}

async fn cached_page_has_a_strong_etag_for_each_encoding(database: &TestDatabase) {
    let app = app(database).await;
    for path in ["/en/methods/get", "/api/openapi.json"] {
        let mut tags = Vec::new();
        let plain = get(&app, path, &[]).await;
        for (accepted, coding) in [
            ("", ""),
            ("identity", ""),
            ("gzip", "gzip"),
            ("br", "br"),
            ("gzip, deflate, br, zstd", "br"),
            ("br;q=0.1, gzip", "gzip"),
            ("identity;q=0, br;q=0", ""),
        ] {
            let response = get(&app, path, &[("accept-encoding", accepted)]).await;
            assert_eq!(response.status, 200, "{path} {accepted}");
            assert_eq!(
                response.header("content-encoding"),
                coding,
                "{path} {accepted}"
            );
            let length = response.body.len().to_string();
            assert_eq!(
                response.header("content-length"),
                length,
                "{path} {accepted}"
            );
            assert!(decoded(&response) == plain.body, "{path} {accepted}");
            let tag = response.header("etag").to_owned();
            assert!(tag.starts_with('"') && tag.ends_with('"'), "{path}: {tag}");
            tags.push((coding, tag));
        }
        // The same bytes have the same ETag. The brotli bytes may be replaced by smaller ones between two requests.
        assert_eq!(tags[0], tags[1]);
        assert_eq!(tags[2], tags[5]);
        assert_ne!(tags[0].1, tags[2].1);
        for (coding, tag) in &tags {
            assert_eq!(
                *coding == "br",
                *tag != tags[0].1 && *tag != tags[2].1,
                "{tags:?}"
            );
        }
    }
}

async fn cached_page_supports_conditional_requests(database: &TestDatabase) {
    let app = app(database).await;
    for path in ["/en/methods/get", "/api/openapi.json"] {
        let gzip = ("accept-encoding", "gzip");
        let whole = get(&app, path, &[gzip]).await;
        let tag = whole.header("etag");
        for value in [tag, &format!("W/{tag}"), "*", &format!("\"other\", {tag}")] {
            let response = get(&app, path, &[gzip, ("if-none-match", value)]).await;
            assert_eq!(
                (response.status, response.body.len()),
                (304, 0),
                "{path} {value}"
            );
            for name in ["etag", "vary", "cache-control"] {
                assert_eq!(
                    response.header(name),
                    whole.header(name),
                    "{path} {value}: {name}"
                );
            }
            for name in [
                "content-length",
                "content-encoding",
                "content-type",
                "set-cookie",
            ] {
                assert_eq!(response.header(name), "", "{path} {value}: {name}");
            }
        }
        for (headers, status) in [
            // The ETag of another encoding does not match.
            (vec![("if-none-match", tag)], 200),
            (vec![gzip, ("if-none-match", "\"other\"")], 200),
            (vec![gzip, ("if-match", tag)], 200),
            (vec![gzip, ("if-match", "\"other\"")], 412),
            // Cached pages have no Last-Modified, so conditions on a date do not apply.
            (
                vec![gzip, ("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT")],
                200,
            ),
        ] {
            let response = get(&app, path, &headers).await;
            assert_eq!(response.status, status, "{path} {headers:?}");
        }
    }
}

async fn head_of_a_cached_page_has_the_headers_of_get_and_no_body(database: &TestDatabase) {
    let app = app(database).await;
    for path in ["/en", "/ko/methods/put", "/api/openapi.json"] {
        for accepted in ["", "gzip"] {
            let accepted = [("accept-encoding", accepted)];
            // HEAD creates the entry, GET uses it.
            let head = send(&app, Method::HEAD, path, &accepted).await;
            let get = get(&app, path, &accepted).await;
            assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
            assert_eq!(fields(&head), fields(&get), "{path}");
            assert!(!head.header("etag").is_empty(), "{path}");
        }
    }
}

async fn range_of_a_page_is_ignored(database: &TestDatabase) {
    let app = app(database).await;
    let whole = get(&app, "/en", &[]).await;
    let part = get(&app, "/en", &[("range", "bytes=0-3")]).await;
    assert_eq!(part.status, 200);
    assert!(part.body == whole.body);
}

async fn page_with_a_session_cookie_is_not_served_from_the_cache(database: &TestDatabase) {
    let app = app(database).await;
    let path = "/en/methods/get";
    assert_ne!(get(&app, path, &[]).await.header("etag"), "");
    for cookie in [
        "routebook=AAAAAAAAAAAAAAAAAAAAAA",
        "a=b; routebook=x",
        "routebook",
    ] {
        let response = get(&app, path, &[("cookie", cookie)]).await;
        assert_eq!(response.status, 200, "{cookie}");
        assert_eq!(response.header("etag"), "", "{cookie}");
    }
}

async fn page_that_depends_on_its_query_is_not_cached(database: &TestDatabase) {
    let app = app(database).await;
    for (path, other) in [
        ("/en/playground?q=token", "/en/playground?q=reset"),
        (
            "/en/login?next=/en/methods/get",
            "/en/login?next=/en/methods/put",
        ),
    ] {
        let (one, two) = (get(&app, path, &[]).await, get(&app, other, &[]).await);
        assert_eq!((one.header("etag"), two.header("etag")), ("", ""), "{path}");
        assert!(one.body != two.body, "{path}");
    }
    // A lesson has one entry for all queries, and for all spellings of its path.
    let plain = get(&app, "/en/methods/get", &[]).await;
    for path in [
        "/en/methods/get?utm=1",
        "/en/methods/get?",
        "/en/methods/%67et",
    ] {
        let response = get(&app, path, &[]).await;
        assert_eq!(response.header("etag"), plain.header("etag"), "{path}");
    }
    let missing = get(&app, "/en/methods/nothing", &[]).await;
    assert_eq!((missing.status, missing.header("etag")), (404, ""));
    assert_eq!(get(&app, "/api/openapi.json?x=1", &[]).await.status, 400);
}

async fn page_over_capacity_returns_503_and_cached_page_does_not(database: &TestDatabase) {
    let app = app(database).await;
    let capacity = app.state.page_capacity.clone();
    assert_eq!(get(&app, "/en", &[]).await.status, 200);
    let all = u32::try_from(capacity.available_permits()).unwrap();
    let taken = capacity.acquire_many(all).await.unwrap();
    for path in ["/en/data", "/ko", "/en/nothing", "/"] {
        let response = get(&app, path, &[]).await;
        assert_eq!(response.status, 503, "{path}");
        assert_eq!(response.header("retry-after"), "1", "{path}");
        assert_eq!(response.header("cache-control"), "no-store", "{path}");
    }
    assert_eq!(get(&app, "/en", &[]).await.status, 200);
    assert_eq!(get(&app, "/api/users", &[]).await.status, 200);
    drop(taken);
    assert_eq!(get(&app, "/ko", &[]).await.status, 200);
}

async fn openapi_document_is_cached_only_without_credentials(database: &TestDatabase) {
    let app = app(database).await;
    let path = "/api/openapi.json";
    let plain = get(&app, path, &[]).await;
    let sandbox = send(&app, Method::POST, "/api/sandbox", &[]).await;
    let key = sandbox.header("sandbox-key").to_owned();
    let own = get(&app, path, &[("sandbox-key", &key)]).await;
    assert!(own.body == plain.body);
    assert_eq!(own.header("etag"), plain.header("etag"));
    // The request was recorded, so the API handled it.
    let exchanges = get(&app, "/api/sandbox/exchanges", &[("sandbox-key", &key)]).await;
    let exchanges = String::from_utf8(exchanges.body).unwrap();
    assert!(exchanges.contains("/api/openapi.json"), "{exchanges}");
    let unknown = get(
        &app,
        path,
        &[("authorization", "Bearer x"), ("accept-encoding", "br")],
    )
    .await;
    assert_eq!(unknown.header("content-encoding"), "");
}
