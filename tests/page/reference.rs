//! The API reference: a page for every operation, whose initial request gets a documented response, and
//! `.http` files that become forms.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::Request;
use routebook::api;
use routebook::http_file::PreparedRequest;
use routebook::model::http::{Header, RequestDraft};
use routebook::model::locale::Locale;
use routebook::snippet::{self, SnippetLanguage};
use serde_json::Value;

use crate::client::post;
use crate::client::{app, get};
use crate::database::TestDatabase;
use crate::site::TestApp;

on_both_engines! {
    every_operation_has_a_page_in_both_locales,
    texts_of_the_document_are_shown_in_korean,
    initial_request_of_a_form_gets_a_documented_status,
    examples_of_the_reference_succeed_in_the_order_of_the_page,
    search_finds_endpoints_by_path_method_and_title,
    http_file_becomes_request_forms,
    http_file_with_an_error_returns_422_with_its_position,
    address_of_the_page_is_one_of_the_site,
    copied_file_opens_with_its_login,
}

/// Returns the operations of the document with path and method.
fn operations() -> Vec<(String, String, Value)> {
    let document = serde_json::to_value(api::document()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation.get("operationId").is_some() {
                operations.push((path.clone(), method.to_ascii_uppercase(), operation.clone()));
            }
        }
    }
    assert!(operations.len() > 70);
    operations
}

fn slug(operation: &Value) -> String {
    let mut slug = String::new();
    for letter in operation["operationId"].as_str().unwrap().chars() {
        if letter.is_ascii_uppercase() {
            slug.push('-');
        }
        slug.push(letter.to_ascii_lowercase());
    }
    slug
}

async fn every_operation_has_a_page_in_both_locales(database: &TestDatabase) {
    let app = app(database).await;
    for locale in Locale::ALL {
        let index = get(&app, &format!("/{locale}/playground"), &[]).await;
        assert_eq!(index.status, 200);
        assert_eq!(index.header("cache-control"), Some("private, no-cache"));
        for (path, method, operation) in operations() {
            let address = format!("/{locale}/playground/{}", slug(&operation));
            assert!(
                index.html.contains(&format!("href=\"{address}\"")),
                "{address}"
            );
            let page = get(&app, &address, &[]).await;
            assert_eq!(page.status, 200, "{address}");
            assert_eq!(page.html.matches("<h1").count(), 1, "{address}");
            let title = page.html.split("<h1>").nth(1).unwrap();
            let title = title.split("</h1>").next().unwrap();
            assert!(!title.starts_with("operation-"), "{address}: {title}");
            let plain = page.html.replace("<wbr>", "").replace("<!>", "");
            assert!(
                plain.contains(&path) && page.html.contains(&format!(">{method}<")),
                "{address}"
            );
            for status in operation["responses"].as_object().unwrap().keys() {
                assert!(
                    page.html.contains(&format!("id=\"response-{status}\"")),
                    "{address}: {status}"
                );
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                assert!(
                    page.html.contains(&format!("<code>{name}</code>")),
                    "{address}: {name}"
                );
            }
            for media_type in operation["requestBody"]["content"]
                .as_object()
                .into_iter()
                .flatten()
            {
                assert!(
                    page.html.contains(media_type.0),
                    "{address}: {}",
                    media_type.0
                );
            }
            // A message key without a text would be shown itself.
            for key in [">reference-", ">explain-", ">operation-", "\"reference-"] {
                let shown = page
                    .html
                    .split(key)
                    .nth(1)
                    .map(|rest| rest.chars().take(40).collect::<String>());
                assert!(
                    !page.html.contains(key) || key.starts_with('"'),
                    "{address}: {key}{shown:?}"
                );
            }
        }
    }
    for path in [
        "/en/playground/listUsers",
        "/en/playground/nothing",
        "/ko/playground/list-users/x",
        "/fr/playground",
    ] {
        assert_eq!(get(&app, path, &[]).await.status, 404, "{path}");
    }
}

/// Returns the texts that are marked as English, without schemas; code is between backticks.
fn english(html: &str) -> Vec<String> {
    let marked = html.split("<span lang=\"en\">").skip(1);
    let texts = marked.map(|rest| rest.split("</span>").next().unwrap());
    let texts = texts.map(|text| unescaped(&text.replace("<code>", "`").replace("</code>", "`")));
    texts.filter(|text| !text.is_empty()).collect()
}

/// Returns the texts between backticks.
fn codes(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

async fn texts_of_the_document_are_shown_in_korean(database: &TestDatabase) {
    let app = app(database).await;
    let korean = app.state.i18n.reference(Locale::Ko);
    let mut used = BTreeSet::new();
    let mut missing = BTreeSet::new();
    let mut shown = 0;
    for (_, _, operation) in operations() {
        let slug = slug(&operation);
        let page = get(&app, &format!("/en/playground/{slug}"), &[]).await;
        let in_korean = get(&app, &format!("/ko/playground/{slug}"), &[]).await;
        let in_korean = in_korean.html.replace("<!>", "");
        missing.extend(english(&in_korean));
        let texts = english(&page.html.replace("<!>", ""));
        assert!(texts.len() > 5, "{slug}: {texts:?}");
        for text in texts {
            shown += 1;
            let Some(translated) = korean.find(&text) else {
                missing.insert(text);
                continue;
            };
            used.insert(korean.key(&text).unwrap().to_owned());
            let escaped = translated.split('`').next().unwrap().replace('&', "&amp;");
            assert!(in_korean.contains(&escaped), "{slug}: {translated}");
            assert!(
                translated.contains(|letter| ('가'..='힣').contains(&letter)),
                "{translated}"
            );
            let kept = codes(&translated);
            let lost: Vec<_> = codes(&text)
                .into_iter()
                .filter(|code| !kept.contains(code))
                .collect();
            assert!(lost.is_empty(), "{translated}: without {lost:?}");
        }
        let units = [" characters</code>", " items</code>", ", default "];
        let english = units.iter().find(|unit| in_korean.contains(**unit));
        assert_eq!(english, None, "{slug}: a summary of a schema is English");
    }
    assert!(shown > 1000, "{shown}");
    let left: Vec<_> = korean.keys().filter(|key| !used.contains(*key)).collect();
    assert!(
        missing.is_empty() && left.is_empty(),
        "content/i18n/ko.toml lacks {missing:#?} and has what nothing shows: {left:#?}"
    );
}

/// Returns the text between `start` and `end`, unescaped, as a browser reads the value of a field.
fn field(html: &str, start: &str, end: &str) -> String {
    let rest = html
        .split(start)
        .nth(1)
        .unwrap_or_else(|| panic!("{start}"));
    unescaped(rest.split(end).next().unwrap())
}

fn unescaped(text: &str) -> String {
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"");
    text.replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

async fn initial_request_of_a_form_gets_a_documented_status(database: &TestDatabase) {
    let app = app(database).await;
    // These need a session or an id that a first visit does not have.
    let refused = BTreeMap::from([
        ("show-me", 401),
        ("stats", 401),
        ("show-session", 401),
        ("list-tokens", 401),
        ("show-token", 401),
        ("show-exchange", 404),
        ("get-status", 404),
    ]);
    let mut sent = 0;
    for (_, method, operation) in operations() {
        let slug = slug(&operation);
        if method != "GET" || slug == "events" {
            continue;
        }
        let page = get(&app, &format!("/en/playground/{slug}"), &[]).await;
        assert!(page.html.contains("<option selected>GET"), "{slug}");
        let target = field(&page.html, "name=\"target\" value=\"", "\"");
        let response = get(&app, &target, &[]).await;
        let expected = refused.get(slug.as_str()).copied().unwrap_or(200);
        assert_eq!(response.status, expected, "{slug}: {target}");
        let documented = &operation["responses"];
        let class = format!("{}XX", expected / 100);
        let is_documented = [expected.to_string(), class]
            .iter()
            .any(|status| documented.get(status).is_some());
        assert!(is_documented, "{slug}: {expected}");
        sent += 1;
    }
    assert!(sent > 12, "{sent}");
    // A write with the headers and the body of the form.
    let page = get(&app, "/en/playground/create-user", &[]).await;
    let body = field(&page.html, "name=\"body\"", "</textarea>");
    let body = body
        .split_once('>')
        .unwrap()
        .1
        .trim_start_matches('\n')
        .to_owned();
    let request = Request::post("/api/users").header("content-type", "application/json");
    let (parts, response) = app
        .send(request.body(Body::from(body.clone())).unwrap())
        .await;
    assert_eq!(
        parts.status,
        201,
        "{body}: {}",
        String::from_utf8_lossy(&response)
    );
}

async fn examples_of_the_reference_succeed_in_the_order_of_the_page(database: &TestDatabase) {
    let app = app(database).await;
    let index = get(&app, "/en/playground", &[]).await;
    let operations = operations();
    let find = |name: &str| {
        operations
            .iter()
            .find(|(_, _, operation)| slug(operation) == name)
    };
    let mut cookies: BTreeMap<String, String> = BTreeMap::new();
    let mut sent = 0;
    for slug in listed_slugs(&index.html) {
        let (_, method, _) = find(slug).unwrap();
        if slug == "events" || method == "HEAD" || method == "OPTIONS" {
            continue;
        }
        let pairs = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let cookie = pairs.collect::<Vec<_>>().join("; ");
        let page = get(
            &app,
            &format!("/en/playground/{slug}"),
            &[("cookie", &cookie)],
        )
        .await;
        let target = field(&page.html, "name=\"target\" value=\"", "\"");
        let body = field(&page.html, "name=\"body\"", "</textarea>");
        let body = body
            .split_once('>')
            .unwrap()
            .1
            .trim_start_matches('\n')
            .to_owned();
        let mut request = Request::builder().method(method.as_str()).uri(&target);
        request = request.header("cookie", &cookie);
        if !body.is_empty() {
            let types = ["application/merge-patch+json", "application/json"];
            let is_named = |kind: &&str| page.html.contains(&format!("value=\"{kind}\""));
            let media_type = types.into_iter().find(is_named);
            let media_type = media_type.unwrap_or_else(|| panic!("{slug}"));
            request = request.header("content-type", media_type);
        }
        let request = request.body(Body::from(body)).unwrap();
        let (parts, response) = app.send(request).await;
        let status = parts.status.as_u16();
        // A request for a status gets that status.
        let is_status = target
            .strip_prefix("/api/status/")
            .is_some_and(|code| code == parts.status.as_str());
        assert!(
            status < 300 || is_status,
            "{slug}: {method} {target}: {status} {}",
            String::from_utf8_lossy(&response)
        );
        for cookie in parts.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            cookies.insert(name.to_owned(), value.to_owned());
            cookies.retain(|_, value| !value.is_empty());
        }
        // The exchange is recorded after the response, so other tasks run first.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        sent += 1;
    }
    assert!(sent > 25, "{sent}");
}

/// Returns the slugs of the endpoints on a page.
fn listed_slugs(html: &str) -> Vec<&str> {
    let links = html.split("href=\"/en/playground/").skip(1);
    links.map(|rest| rest.split('"').next().unwrap()).collect()
}

async fn search_finds_endpoints_by_path_method_and_title(database: &TestDatabase) {
    let app = app(database).await;
    let search = async |query: &str| {
        let page = get(&app, &format!("/en/playground?q={query}"), &[]).await;
        assert_eq!(page.status, 200);
        page.html
    };
    assert_eq!(listed_slugs(&search("export+get").await), ["export-users"]);
    assert_eq!(
        listed_slugs(&search("CREATE+a+token").await),
        ["create-token"]
    );
    assert_eq!(
        listed_slugs(&search("%2Fapi%2Fusers%2F%7Bid%7D+patch").await),
        ["update-user"]
    );
    let all = search("").await;
    assert!(listed_slugs(&all).len() > 70);
    let none = search("%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    assert_eq!(listed_slugs(&none), Vec::<&str>::new());
    assert!(
        !none.contains("<script>alert"),
        "the query is shown as text"
    );
    let korean = get(
        &app,
        "/ko/playground?q=%EB%A1%9C%EA%B7%B8%EC%95%84%EC%9B%83",
        &[],
    )
    .await;
    assert!(korean.html.contains("/ko/playground/log-out\""));
    assert!(!korean.html.contains("/ko/playground/list-users\""));
}

/// Posts a `.http` text.
async fn post_http_text(app: &TestApp, language: &str, text: &str) -> crate::client::Page {
    post(
        app,
        &format!("/{language}/playground"),
        &[],
        &[("http", text)],
    )
    .await
}

async fn http_file_becomes_request_forms(database: &TestDatabase) {
    let app = app(database).await;
    let text = "@id = 2\r\nGET /api/users/{{id}}\r\nAccept: text/csv\r\n\r\n### b\r\n\
                PUT http://127.0.0.1:3000/api/users/3 HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{\"name\": \"</textarea>&\"}\r\n";
    let page = post_http_text(&app, "en", text).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.html.matches("class=\"target-input\"").count(), 2);
    assert!(
        page.html.contains("value=\"/api/users/2\"")
            && page.html.contains("value=\"/api/users/3\"")
    );
    assert!(page.html.contains("value=\"text/csv\""));
    assert!(
        page.html
            .contains("{&quot;name&quot;: &quot;&lt;/textarea&gt;&amp;&quot;}"),
        "shown as text"
    );
    // No request was sent, so no sandbox was created.
    assert_eq!(page.header("set-cookie"), None);
}

async fn http_file_with_an_error_returns_422_with_its_position(database: &TestDatabase) {
    let app = app(database).await;
    for (language, text, message) in [
        (
            "en",
            "GET /api/users\nAccept text/csv",
            "Line 2, column 1: write a header as Name: value",
        ),
        ("ko", "GET /api/users\nAccept text/csv", "2행 1열: 헤더는"),
        (
            "en",
            "GET https://evil.test/x",
            "Line 1, column 5: requests go to this site only",
        ),
        ("en", "# @foo x\nGET /api", "# @foo is not known"),
        (
            "en",
            "@host = https://evil.test\n\nGET {{host}}/api/users",
            "Line 3, column 5: requests go to this site only",
        ),
        ("ko", "GET /api/users/{{id}}", "{{id}}에 넣을 값을"),
        ("en", "", "a request line is missing"),
        (
            "en",
            &"/a\n###\n".repeat(101),
            "Line 201, column 1: a file has at most 100 requests",
        ),
        ("ko", &"/a\n###\n".repeat(101), "요청을 100개까지"),
        (
            "en",
            &format!("@a = {}\nGET /{}", "v".repeat(9000), "{{a}}".repeat(60)),
            "longer than 512 KiB",
        ),
        (
            "ko",
            &format!("GET /api/users\n{}", "A: b\n".repeat(1001)),
            "1000개까지",
        ),
    ] {
        let page = post_http_text(&app, language, text).await;
        assert_eq!(page.status, 422, "{text}");
        assert!(page.html.contains(message), "{text}: {message}");
        assert!(page.html.contains("aria-invalid=\"true\""), "{text}");
        assert!(
            page.html.contains(&text.replace('<', "&lt;")),
            "the typed text is kept: {text}"
        );
    }
}

async fn address_of_the_page_is_one_of_the_site(database: &TestDatabase) {
    let app = app(database).await;
    let text = "@host = http://localhost:3000\nPOST {{host}}/api/users\n\n{\"at\": \"http://localhost:3000/api\"}";
    let form = [("http", text)];
    let refused = post(&app, "/en/playground", &[], &form).await;
    assert_eq!(refused.status, 422);
    let origin = [
        ("origin", "http://localhost:3000"),
        ("host", "localhost:3000"),
    ];
    let page = post(&app, "/en/playground", &origin, &form).await;
    assert_eq!(page.status, 200);
    assert!(page.html.contains("value=\"/api/users\""));
    assert!(
        page.html.contains("&quot;http://localhost:3000/api&quot;"),
        "the body is unchanged"
    );
}

async fn copied_file_opens_with_its_login(database: &TestDatabase) {
    let app = app(database).await;
    let request = PreparedRequest {
        login: Some("grace@example.com".to_owned()),
        ..PreparedRequest::from(RequestDraft {
            method: "PATCH".to_owned(),
            target: "/api/me?q=한".to_owned(),
            headers: vec![Header::new("Content-Type", "application/json")],
            body: "{\"name\": \"한\"}".to_owned(),
        })
    };
    let language = SnippetLanguage::HttpFile;
    let text = snippet::code(language, &request, "http://127.0.0.1:3000", Some("key"));
    let page = post_http_text(&app, "ko", &text).await;
    assert_eq!(page.status, 200, "{text}");
    let targets = ["/api/session", "/api/me?q=%ED%95%9C"];
    for target in targets {
        assert!(
            page.html.contains(&format!("value=\"{target}\"")),
            "{target}"
        );
    }
}
