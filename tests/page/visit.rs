//! A visit without an account: languages, lessons, pages that are not there.

use axum::body::Body;
use axum::http::{HeaderMap, Request};

use crate::database::TestDatabase;
use crate::site::TestApp;

on_both_engines! {
    a_path_without_a_language_leads_to_the_visitors,
    foreign_bytes_beside_the_language_cookie_do_not_hide_it,
    every_lesson_is_there_in_both_languages_and_names_them,
    what_is_not_there_is_a_page_with_status_404,
    an_anonymous_page_is_the_same_for_everybody_and_leaves_nothing,
}

/// A page as text, with its status and headers.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// Fetches a page with these headers.
pub(crate) async fn get(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Page {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, body) = app.send(request.body(Body::empty()).unwrap()).await;
    Page {
        status: parts.status.as_u16(),
        headers: parts.headers,
        html: String::from_utf8(body).unwrap(),
    }
}

pub(crate) async fn app(database: &TestDatabase) -> TestApp {
    TestApp::new(database, "http://127.0.0.1:3000").await
}

async fn a_path_without_a_language_leads_to_the_visitors(database: &TestDatabase) {
    let app = app(database).await;
    for (path, headers, location) in [
        ("/", vec![], "/ko"),
        (
            "/",
            vec![("accept-language", "en-US,en;q=0.9,ko;q=0.8")],
            "/en",
        ),
        (
            "/",
            vec![("accept-language", "fr"), ("cookie", "a=b; lang=en")],
            "/en",
        ),
        (
            "/methods/get",
            vec![("cookie", "lang=ko"), ("accept-language", "en")],
            "/ko/methods/get",
        ),
        (
            "/methods/get?a=1",
            vec![("accept-language", "en")],
            "/en/methods/get?a=1",
        ),
    ] {
        let page = get(&app, path, &headers).await;
        assert_eq!(
            (page.status, page.header("location")),
            (302, Some(location)),
            "{path} {headers:?}"
        );
        assert_eq!(
            page.header("vary")
                .map(|vary| vary.contains("Accept-Language")),
            Some(true)
        );
    }
    for path in ["//evil.example", "/%2f%2fevil.example", "/\\evil.example"] {
        let page = get(&app, path, &[]).await;
        assert!(
            page.header("location")
                .is_none_or(|location| location.starts_with("/ko") || location.starts_with("/en")),
            "{path}"
        );
    }
}

async fn every_lesson_is_there_in_both_languages_and_names_them(database: &TestDatabase) {
    let app = app(database).await;
    let pages: Vec<_> = app.state.library.pages().cloned().collect();
    assert_eq!(pages.len(), 24);
    for lesson in pages {
        let page = get(&app, &lesson.href(), &[]).await;
        assert_eq!(page.status, 200);
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert!(
            page.html
                .starts_with(&format!("<!DOCTYPE html><html lang=\"{}\">", lesson.locale)),
            "{}",
            lesson.href()
        );
        for tag in [
            format!(
                "<link rel=\"canonical\" href=\"http://127.0.0.1:3000{}\">",
                lesson.href()
            ),
            format!(
                "hreflang=\"ko\" href=\"http://127.0.0.1:3000/ko/{}\"",
                lesson.path
            ),
            format!(
                "hreflang=\"en\" href=\"http://127.0.0.1:3000/en/{}\"",
                lesson.path
            ),
            "<meta name=\"description\"".to_owned(),
        ] {
            assert!(page.html.contains(&tag), "{}: {tag}", lesson.href());
        }
        assert_eq!(
            page.html.matches("aria-current=\"page\"").count(),
            1,
            "{}",
            lesson.href()
        );
        assert_eq!(page.html.matches("<h1").count(), 1, "{}", lesson.href());
        for heading in &lesson.headings {
            assert!(
                page.html.contains(&format!("id=\"{}\"", heading.id)),
                "{}: {}",
                lesson.href(),
                heading.id
            );
            assert!(
                page.html.contains(&format!("href=\"#{}\"", heading.id)),
                "{}: {}",
                lesson.href(),
                heading.id
            );
        }
        for playground in lesson.playgrounds() {
            assert!(
                page.html
                    .contains(&format!("<section id=\"{}\"", playground.id)),
                "{}",
                playground.id
            );
        }
        // Asterisks that emphasise nothing would be seen.
        let prose = page
            .html
            .split("<pre")
            .map(|part| part.split_once("</pre>").map_or(part, |(_, rest)| rest));
        assert!(
            !prose.collect::<String>().contains("**"),
            "{}",
            lesson.href()
        );
    }
}

async fn what_is_not_there_is_a_page_with_status_404(database: &TestDatabase) {
    let app = app(database).await;
    for path in [
        "/en/methods/nothing",
        "/en/x",
        "/fr/methods/get",
        "/en/methods/get/more",
        "/nothing",
        "/.git/config",
        "/en/../Cargo.toml",
    ] {
        let page = get(&app, path, &[]).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.html.contains("<h1"), "{path}");
        assert!(page.html.contains("noindex"), "{path}");
    }
}

async fn an_anonymous_page_is_the_same_for_everybody_and_leaves_nothing(database: &TestDatabase) {
    let app = app(database).await;
    for path in ["/en", "/en/methods/post", "/ko/auth/sessions", "/en/login"] {
        let one = get(&app, path, &[]).await;
        let other = get(
            &app,
            path,
            &[
                ("user-agent", "curl"),
                ("cookie", "theme=dark; sandbox=AAAAAAAAAAAAAAAAAAAAAA"),
            ],
        )
        .await;
        assert_eq!(one.html, other.html, "{path}");
        for page in [&one, &other] {
            assert_eq!(page.header("set-cookie"), None, "{path}");
            assert_eq!(
                page.header("cache-control"),
                Some("private, no-cache"),
                "{path}"
            );
        }
    }
}

async fn foreign_bytes_beside_the_language_cookie_do_not_hide_it(database: &TestDatabase) {
    let app = app(database).await;
    for cookies in ["team=한국어; lang=en", "lang=en; team=한국어"] {
        let request = Request::get("/").header("cookie", cookies.as_bytes());
        let (parts, _) = app.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(parts.headers["location"], "/en", "{cookies}");
    }
}
