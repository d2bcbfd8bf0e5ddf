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
    korean_translations_of_problems_are_for_texts_of_the_source,
    detail_of_a_problem_is_translated_on_korean_pages,
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

/// Every fixed part of a translated problem text is in the source, so that no translation outlives its text.
async fn korean_translations_of_problems_are_for_texts_of_the_source(database: &TestDatabase) {
    let app = app(database).await;
    let mut paths = Vec::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    collect_files(Path::new(folder), &mut paths);
    let source: String = paths
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .collect();
    // A literal over several lines is one text.
    let mut joined = String::new();
    for (at, part) in source.split("\\\n").enumerate() {
        joined.push_str(if at == 0 { part } else { part.trim_start() });
    }
    let mut count = 0;
    for key in app.state.i18n.problems(Locale::Ko).keys() {
        let fixed = key.split(['{', '}', ';', ':']).map(str::trim);
        for part in fixed.filter(|part| part.len() > 20) {
            count += 1;
            let words = [
                "the text ends where",
                "must be text, not",
                "must be an object, not",
            ];
            let part = words
                .into_iter()
                .find(|word| part.starts_with(word))
                .unwrap_or(part);
            assert!(
                joined.contains(part) || part.starts_with("found where "),
                "{key}: {part:?} is not in the source"
            );
        }
    }
    assert!(count > 40, "{count}");
}

async fn detail_of_a_problem_is_translated_on_korean_pages(database: &TestDatabase) {
    let app = app(database).await;
    let json = ("content-type", "application/json");
    let taken = r#"{"name":"Rose","email":"ada@example.com"}"#;
    let free = r#"{"name":"Rose","email":"rose@example.com"}"#;
    let created = call(&app, "POST /api/users", &[json], free).await;
    let sandbox = cookie(&created);
    let own = ("cookie", sandbox.as_str());
    for (body, status, texts) in [
        (
            taken,
            409,
            &[
                "다른 사용자가 이 이메일 주소를 쓰고 있습니다.",
                "/email: 다른 사용자가 쓰는 주소입니다.",
            ][..],
        ),
        (
            "{\"a\": 1,}",
            400,
            &["1행", "JSON에서는 마지막 항목 뒤에 쉼표를 쓸 수 없습니다."],
        ),
        (
            r#"{"name":"A","email":"x"}"#,
            422,
            &[
                "올바르지 않은 필드가 하나 있습니다.",
                "/email: `kim@example.com` 같은",
            ],
        ),
    ] {
        let response = call(&app, "POST /api/users", &[own, json], body).await;
        assert_eq!(response.status, status, "{}", response.html);
        let id = response.header("request-id").unwrap();
        let korean = get(&app, &format!("/ko/exchanges/{id}?part"), &[own]).await;
        for expected in texts {
            assert!(
                text(&korean.html).contains(expected),
                "{expected}: {}",
                korean.html
            );
        }
        let english = get(&app, &format!("/en/exchanges/{id}?part"), &[own]).await;
        assert!(!english.html.contains("problem-translation"));
    }
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
    Page::new(parts, body)
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

/// Returns the steps on a page, without database statements.
fn steps(html: &str) -> Vec<ShownStep> {
    let (_, trace) = html.split_once("<ol class=\"trace\">").unwrap();
    let (trace, _) = trace.split_once("data-tab=\"data\"").unwrap();
    // A step is in the list of the step that it is inside of, after the row of that step.
    let all = trace.split("class=\"step step-").skip(1);
    let own = all.filter(|step| {
        let (class, _) = step.split_once('"').unwrap();
        !class.contains("step-statement")
    });
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
    let problems = app.state.i18n.problems(Locale::Ko);
    let mut used = BTreeSet::new();
    for (status, response) in &responses {
        assert_eq!(response.status, *status, "{}", response.html);
        let problem: Value = serde_json::from_str(&response.html).unwrap_or_default();
        if *status == 403 {
            let detail = problem["detail"].as_str().unwrap();
            assert!(problems.find(detail).is_some(), "{detail}");
        }
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
                english.is_code == is_value(&english.name) && !is_korean(&english.name),
                "{}",
                english.name
            );
            let (Some(detail), Some(original)) = (&shown.detail, &english.detail) else {
                assert!(shown.detail.is_none() && english.detail.is_none());
                continue;
            };
            used.extend(korean.key(original).map(str::to_owned));
            assert!(english.is_english && !is_korean(original), "{original}");
            // A value, or a text of the response that has no translation.
            let is_translated = problems.find(original).is_some();
            let is_of_the_response = problem["detail"] == original.as_str();
            let quoted = !is_translated && (is_value(original) || is_of_the_response);
            assert_ne!(quoted, is_korean(detail), "{status}: {detail}");
            assert_eq!(shown.is_english, quoted, "{status}: {detail}");
            assert!(!quoted || detail == original, "{status}: {detail}");
        }
    }
    assert!(used.len() > 20, "{used:#?}");
}
