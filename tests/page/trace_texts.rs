//! The texts of traces have translations, except values and texts that the response contains too.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::Request;
use routebook::model::locale::Locale;
use serde_json::Value;

use crate::client::{Page, app, get};
use crate::database::TestDatabase;
use crate::site::TestApp;

on_both_engines! {
    korean_translations_match_the_trace_texts_of_the_source,
    trace_of_an_exchange_is_shown_in_the_locale_of_the_page,
}

/// Collects the files below a folder.
fn collect_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => collect_files(&path, found),
            false => found.push(path),
        }
    }
}

/// Returns the string literal at the start of source code, if there is one.
fn literal(source: &str) -> Option<&str> {
    let text = source.trim_start().strip_prefix('"')?;
    let end = text.find('"')?;
    assert!(!text[..end].contains('\\'), "{}", &text[..end]);
    Some(&text[..end])
}

/// Returns the names and details of steps that are literals in the source.
fn source_texts() -> BTreeSet<String> {
    let mut paths = Vec::new();
    collect_files(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")),
        &mut paths,
    );
    let mut texts = BTreeSet::new();
    for path in paths {
        let source = fs::read_to_string(&path).unwrap_or_default();
        let source = source.split("#[cfg(test)]").next().unwrap();
        for call in ["TraceText::translatable(", "TraceText::translatable_with("] {
            for rest in source.split(call).skip(1) {
                let text = literal(rest);
                let text =
                    text.unwrap_or_else(|| panic!("{}: {call} needs a literal", path.display()));
                texts.insert(text.to_owned());
            }
        }
        if source.contains("TraceText::from_error(") {
            let errors = source.split("#[error(").skip(1);
            texts.extend(errors.filter_map(literal).map(str::to_owned));
        }
        for rest in source.split("TraceText::literal(").skip(1) {
            let text = literal(rest);
            assert_eq!(
                text,
                None,
                "{}: use TraceText::translatable for a string literal",
                path.display()
            );
        }
    }
    assert!(texts.len() > 30, "{texts:#?}");
    texts
}

async fn korean_translations_match_the_trace_texts_of_the_source(database: &TestDatabase) {
    let app = app(database).await;
    let korean = app.state.i18n.trace(Locale::Ko);
    let translated: BTreeSet<String> = korean.keys().map(str::to_owned).collect();
    let texts = source_texts();
    let missing: Vec<_> = texts.difference(&translated).collect();
    let unused: Vec<_> = translated.difference(&texts).collect();
    assert!(
        missing.is_empty() && unused.is_empty(),
        "content/i18n/ko.toml lacks {missing:#?} and has unused keys: {unused:#?}"
    );
}

/// Sends a request to the API.
async fn call(app: &TestApp, line: &str, headers: &[(&str, &str)], body: &str) -> Page {
    let (method, target) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let (parts, body) = app.send(request).await;
    Page {
        status: parts.status.as_u16(),
        headers: parts.headers,
        html: String::from_utf8(body).unwrap(),
    }
}

fn cookie(page: &Page) -> String {
    let field = page.header("set-cookie").unwrap();
    field.split(';').next().unwrap().to_owned()
}

/// A step on a page.
struct ShownStep {
    name: String,
    /// Whether the name is shown as code.
    is_code: bool,
    detail: Option<String>,
    /// Whether the detail is marked as English.
    is_english: bool,
}

fn between<'a>(html: &'a str, start: &str, end: &str) -> Option<&'a str> {
    html.split_once(start)?
        .1
        .split_once(end)
        .map(|(text, _)| text)
}

fn text(html: &str) -> String {
    let text = html
        .replace("<!>", "")
        .replace("&lt;", "<")
        .replace("&gt;", ">");
    let text = text
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'");
    text.replace("&amp;", "&")
}

/// Returns the steps on a page, without SQL statements.
fn steps(html: &str) -> Vec<ShownStep> {
    let trace = between(html, "<ol class=\"trace\">", "</ol>").unwrap();
    let all = trace.split("<li ").skip(1);
    let own = all.filter(|step| !step.contains("step-sql"));
    own.map(|step| {
        let what = step.split_once("step-what\">").unwrap().1;
        let is_code = what.starts_with("<code>");
        let name = if is_code {
            between(what, "<code>", "</code>")
        } else {
            between(what, "<span>", "</span>")
        };
        let plain = between(what, "<span class=\"step-detail\">", "</span>");
        let english = between(what, "<span lang=\"en\" class=\"step-detail\">", "</span>");
        ShownStep {
            name: text(name.unwrap()),
            is_code,
            detail: plain.or(english).map(text),
            is_english: english.is_some(),
        }
    })
    .collect()
}

fn is_korean(text: &str) -> bool {
    text.contains(|letter| ('가'..='힣').contains(&letter))
}

/// Returns whether a text is a value, such as a name in the code, a number or a media type, not a sentence.
fn is_value(text: &str) -> bool {
    !text.contains(' ') || text.starts_with(|first: char| first.is_ascii_digit())
}

async fn trace_of_an_exchange_is_shown_in_the_locale_of_the_page(database: &TestDatabase) {
    let app = app(database).await;
    let json = ("content-type", "application/json");
    let user = r#"{"name":"Rose","email":"rose@example.com","role":"member"}"#;
    let taken = r#"{"name":"Rose","email":"ada@example.com","role":"member"}"#;
    let login = |email: &str| format!(r#"{{"email":"{email}","password":"routebook"}}"#);
    // The write that creates a sandbox is recorded in it.
    let created = call(&app, "POST /api/users", &[json], user).await;
    let sandbox = cookie(&created);
    let patch = ("content-type", "application/merge-patch+json");
    let own = ("cookie", sandbox.as_str());
    let login = call(
        &app,
        "POST /api/session",
        &[json, own],
        &login("grace@example.com"),
    )
    .await;
    let member = format!("{sandbox}; {}", cookie(&login));
    let member = ("cookie", member.as_str());
    let token = call(
        &app,
        "POST /api/tokens",
        &[json, member],
        r#"{"name":"a","kind":"opaque"}"#,
    )
    .await;
    assert_eq!(token.status, 201, "{}", token.html);
    let token: Value = serde_json::from_str(&token.html).unwrap();
    let token = format!("Bearer {}", token["token"].as_str().unwrap());
    let bearer = ("authorization", token.as_str());
    let read = call(&app, "GET /api/users/2", &[own], "").await;
    let tag = read.header("etag").unwrap().to_owned();
    let tag = ("if-none-match", tag.as_str());
    let key = ("idempotency-key", "one");
    let named = r#"{"name":"Ina","email":"ina@example.com","role":"member"}"#;
    let other = r#"{"name":"Ina","email":"ina2@example.com","role":"member"}"#;
    let wrong = r#"{"email":"grace@example.com","password":"guess"}"#;
    let mut responses = vec![(201, created), (201, login), (200, read)];
    for (status, line, headers, body) in [
        (304, "GET /api/users/2", vec![own, tag], ""),
        (
            412,
            "PATCH /api/users/2",
            vec![own, patch, ("if-match", "\"old\"")],
            "{}",
        ),
        (409, "POST /api/users", vec![own, json], taken),
        (422, "POST /api/users", vec![own, json], "{}"),
        (400, "POST /api/users", vec![own, json], "{"),
        (
            415,
            "POST /api/users",
            vec![own, ("content-type", "text/html")],
            "a",
        ),
        (
            404,
            "PATCH /api/users/99",
            vec![own, patch],
            r#"{"name":"Nobody"}"#,
        ),
        (404, "GET /api/users/99", vec![own], ""),
        (404, "GET /api/nothing", vec![own], ""),
        (405, "POST /api/users/2", vec![own, json], "{}"),
        (501, "BREW /api/users", vec![own], ""),
        (401, "POST /api/session", vec![own, json], wrong),
        (401, "GET /api/me", vec![own], ""),
        (200, "GET /api/me", vec![member], ""),
        (403, "GET /api/admin/stats", vec![member], ""),
        (200, "GET /api/me", vec![own, bearer], ""),
        (
            403,
            "PATCH /api/me",
            vec![member, patch],
            r#"{"role":"admin"}"#,
        ),
        (
            409,
            "PUT /api/users/2",
            vec![own, json],
            r#"{"id":3,"name":"A","email":"a@example.com","role":"member"}"#,
        ),
        (201, "POST /api/users", vec![own, json, key], named),
        (422, "POST /api/users", vec![own, json, key], other),
    ] {
        responses.push((status, call(&app, line, &headers, body).await));
    }
    let korean = app.state.i18n.trace(Locale::Ko);
    let mut used = BTreeSet::new();
    for (status, response) in &responses {
        assert_eq!(response.status, *status, "{}", response.html);
        let problem: Value = serde_json::from_str(&response.html).unwrap_or_default();
        let id = response.header("request-id").unwrap();
        let page = |language: &str| format!("/{language}/exchanges/{id}?part");
        let english = get(&app, &page("en"), &[own]).await;
        let translated = get(&app, &page("ko"), &[own]).await;
        let (english, translated) = (steps(&english.html), steps(&translated.html));
        assert_eq!(english.len(), translated.len());
        for (english, shown) in english.iter().zip(&translated) {
            used.extend(korean.key(&english.name).map(str::to_owned));
            let code = shown.is_code && is_value(&shown.name);
            assert!(code || is_korean(&shown.name), "{status}: {}", shown.name);
            assert!(
                english.is_code && !is_korean(&english.name),
                "{}",
                english.name
            );
            let (Some(detail), Some(original)) = (&shown.detail, &english.detail) else {
                assert!(shown.detail.is_none() && english.detail.is_none());
                continue;
            };
            used.extend(korean.key(original).map(str::to_owned));
            assert!(english.is_english && !is_korean(original), "{original}");
            // A value, or a text of the response.
            let quoted = is_value(original) || problem["detail"] == detail.as_str();
            assert_ne!(quoted, is_korean(detail), "{status}: {detail}");
            assert_eq!(shown.is_english, quoted, "{status}: {detail}");
            assert!(!quoted || detail == original, "{status}: {detail}");
        }
    }
    assert!(used.len() > 20, "{used:#?}");
}
