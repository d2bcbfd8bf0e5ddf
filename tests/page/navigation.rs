//! Locales, lessons and unknown paths, for an anonymous visitor.

use axum::body::Body;
use axum::http::Request;

use crate::client::{app, get};
use crate::database::TestDatabase;

on_both_engines! {
    path_without_locale_redirects_to_the_preferred_locale,
    lang_cookie_is_found_beside_a_cookie_with_non_ascii_bytes,
    every_lesson_has_a_page_with_alternate_links_in_both_locales,
    unknown_path_returns_a_page_with_404,
    anonymous_page_is_identical_for_all_visitors_and_sets_no_cookie,
}

async fn path_without_locale_redirects_to_the_preferred_locale(database: &TestDatabase) {
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

async fn every_lesson_has_a_page_with_alternate_links_in_both_locales(database: &TestDatabase) {
    let app = app(database).await;
    let pages: Vec<_> = app.state.library.pages().cloned().collect();
    assert_eq!(pages.len(), 34);
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
            // What the reader is asked to predict can be chosen.
            let expected = playground.block.expectations(1).map(ToString::to_string);
            for text in expected.filter(|_| page.html.contains("class=\"request-predict\"")) {
                if let Some(status) = text.strip_prefix("status == ") {
                    let option = format!("<option>{status}</option>");
                    assert!(page.html.contains(&option), "{}: {status}", lesson.href());
                }
            }
            assert!(
                page.html
                    .contains(&format!("<section id=\"{}\"", playground.id)),
                "{}",
                playground.id
            );
        }
        // Asterisks of Markdown that were not parsed as emphasis would be shown.
        let without = |html: &str, element: &str| -> String {
            let (start, end) = (format!("<{element}"), format!("</{element}>"));
            let parts = html.split(start.as_str());
            parts
                .map(|part| part.split_once(&end).map_or(part, |(_, rest)| rest))
                .collect()
        };
        let prose = without(&without(&page.html, "pre"), "code");
        assert!(!prose.contains("**"), "{}", lesson.href());
    }
}

async fn unknown_path_returns_a_page_with_404(database: &TestDatabase) {
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

async fn anonymous_page_is_identical_for_all_visitors_and_sets_no_cookie(database: &TestDatabase) {
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

async fn lang_cookie_is_found_beside_a_cookie_with_non_ascii_bytes(database: &TestDatabase) {
    let app = app(database).await;
    for cookies in ["team=한국어; lang=en", "lang=en; team=한국어"] {
        let request = Request::get("/").header("cookie", cookies.as_bytes());
        let (parts, _) = app.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(parts.headers["location"], "/en", "{cookies}");
    }
}
