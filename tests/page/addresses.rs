//! Redirects, section pages, paths that are not served, and the ids of lesson pages.

use std::collections::BTreeSet;

use routebook::clock::Clock;
use routebook::config::Config;
use routebook::content::{SourceFile, is_reserved_id, load};
use routebook::server::{self, Content};

use crate::client::{app, get};
use crate::database::TestDatabase;
use crate::site::{START, TestApp};

on_both_engines! {
    path_with_trailing_slash_redirects_to_the_path_without_it,
    section_page_lists_its_lessons,
    site_with_one_locale_links_no_other_and_has_all_messages,
    paths_to_files_of_the_server_return_404,
    ids_of_a_lesson_page_are_unique_and_reserved_or_authored,
    elements_whose_content_is_text_contain_no_markup_of_leptos,
    palette_lists_lessons_endpoints_and_actions_of_its_locale,
}

/// A comment in these elements is not a comment but text, and Leptos marks texts with comments.
async fn elements_whose_content_is_text_contain_no_markup_of_leptos(database: &TestDatabase) {
    let app = app(database).await;
    for path in [
        "/en",
        "/ko/methods/post",
        "/en/playground",
        "/ko/login",
        "/en/data",
    ] {
        let page = get(&app, path, &[]).await;
        for name in ["title", "textarea", "script", "style"] {
            let start = format!("<{name}");
            for element in page.body.split(&start).skip(1) {
                let (_, content) = element.split_once('>').unwrap();
                let content = content.split(&format!("</{name}>")).next().unwrap();
                assert!(!content.contains("<!"), "{path}: {name}: {content}");
            }
        }
    }
}

async fn palette_lists_lessons_endpoints_and_actions_of_its_locale(database: &TestDatabase) {
    let app = app(database).await;
    let page = get(&app, "/ko/palette", &[]).await;
    assert_eq!(page.header("content-type"), Some("application/json"));
    let entries: Vec<serde_json::Value> = serde_json::from_str(&page.html).unwrap();
    let hrefs: Vec<&str> = entries
        .iter()
        .map(|entry| entry["href"].as_str().unwrap())
        .collect();
    for href in [
        "/ko/methods/post",
        "/ko/playground/create-user",
        "/ko/data",
        "language:en",
        "theme:dark",
    ] {
        assert!(hrefs.contains(&href), "{href}");
    }
    // Every address leads to a page.
    for href in hrefs.iter().filter(|href| href.starts_with('/')) {
        let path = href.split('#').next().unwrap();
        assert_eq!(get(&app, path, &[]).await.status, 200, "{href}");
    }
}

async fn path_with_trailing_slash_redirects_to_the_path_without_it(database: &TestDatabase) {
    let app = app(database).await;
    for (path, location) in [
        ("/en/", "/en"),
        ("/ko//", "/ko"),
        ("/en/playground/", "/en/playground"),
        ("/en/methods/", "/en/methods"),
        ("/en/methods/get/?a=b", "/en/methods/get?a=b"),
    ] {
        let page = get(&app, path, &[]).await;
        assert_eq!(
            (page.status, page.header("location")),
            (308, Some(location)),
            "{path}"
        );
        assert_eq!(get(&app, location, &[]).await.status, 200, "{location}");
    }
    for path in [
        "//example.com/",
        "//en/",
        "/fr/",
        "/nothing/",
        "/en//example.com",
    ] {
        let page = get(&app, path, &[]).await;
        assert_eq!(
            (page.status, page.header("location")),
            (404, None),
            "{path}"
        );
    }
}

async fn section_page_lists_its_lessons(database: &TestDatabase) {
    let app = app(database).await;
    for section in app.state.library.sections() {
        for locale in &app.state.library.site.locales {
            let path = format!("/{locale}/{}", section.slug);
            let page = get(&app, &path, &[]).await;
            assert_eq!(page.status, 200, "{path}");
            let title = app.state.library.site.section_title(&section.slug, *locale);
            assert!(page.html.contains(&format!("<h1>{title}</h1>")), "{path}");
            for lesson in &section.pages {
                let link = format!("href=\"/{locale}/{lesson}\"");
                assert!(page.html.contains(&link), "{path}: {link}");
            }
        }
    }
    let page = get(&app, "/methods", &[("accept-language", "en")]).await;
    assert_eq!(
        (page.status, page.header("location")),
        (302, Some("/en/methods"))
    );
    assert_eq!(get(&app, "/en/no-section", &[]).await.status, 404);
}

/// Returns a site whose content folder has one lesson, in English.
async fn app_with_one_lesson(database: &TestDatabase) -> TestApp {
    let file = |path: &str, text: &str| SourceFile {
        path: path.to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let files = [
        file(
            "site.toml",
            "title = \"Team\"\ndefault_locale = \"en\"\nlocales = [\"en\"]\nedit_link = \"https://example.com/edit/\"\n[[sections]]\nslug = \"a\"\ntitle.en = \"A\"\n",
        ),
        file(
            "en/a/b.md",
            "---\ntitle: B\ndescription: C\n---\n\n```http\n# @id one\n# @expect status == 200\nGET /api/users\n```\n",
        ),
        file("i18n/en.ftl", "footer = Ours\n"),
    ];
    let config = Config {
        base_url: Some("http://127.0.0.1:3000".to_owned()),
        database: Some(database.url("portal")),
        sandbox_database: Some(database.url("sandbox")),
        ..Config::default()
    };
    let content = Content::read(&files).unwrap_or_else(|findings| panic!("{findings:?}"));
    let state = server::prepare(config, content, Clock::manual(START))
        .await
        .unwrap();
    TestApp::of(state).await
}

async fn site_with_one_locale_links_no_other_and_has_all_messages(database: &TestDatabase) {
    let app = app_with_one_lesson(database).await;
    let page = get(&app, "/en/a/b", &[("accept-language", "ko")]).await;
    assert_eq!(page.status, 200);
    assert!(!page.html.contains("hreflang=\"ko\""));
    assert!(page.html.contains("Ours"));
    assert!(
        page.html
            .contains("href=\"https://example.com/edit/en/a/b.md\"")
    );
    let i18n = load::i18n(&load::built_in()).unwrap();
    for key in i18n.messages(app.state.library.site.default_locale).keys() {
        if key.contains('-') {
            assert!(!page.html.contains(&format!(">{key}<")), "{key}");
        }
    }
    assert_eq!(get(&app, "/ko/a/b", &[]).await.status, 404);
    assert_eq!(get(&app, "/ko/", &[]).await.status, 404);
    let start = get(
        &app,
        "/",
        &[("accept-language", "ko"), ("cookie", "lang=ko")],
    )
    .await;
    assert_eq!(start.header("location"), Some("/en"));
}

async fn paths_to_files_of_the_server_return_404(database: &TestDatabase) {
    let app = app(database).await;
    let files = [
        ".git/config",
        ".git/HEAD",
        ".env",
        ".htpasswd",
        "routebook.toml",
        "portal.db",
        "portal.db-wal",
        "sandbox.db",
        "data/portal.db",
        "data/sandbox.db",
        "backup.sql",
        "backup.tar.gz",
        "Cargo.toml",
        "Cargo.lock",
        "content/site.toml",
        "site.toml",
        "i18n/en.ftl",
        "src/main.rs",
        "en/methods/get.md~",
        "en/methods/get.md.bak",
    ];
    for folder in [
        "",
        "en/",
        "en/methods/",
        "pkg/",
        "api/",
        "problems/",
        "..%2f",
        "pkg/..%2f..%2f",
        "pkg/%2e%2e/%2e%2e/",
        "pkg/../../",
    ] {
        for file in files {
            let path = format!("/{folder}{file}");
            let status = get(&app, &path, &[]).await.status;
            assert!(matches!(status, 400 | 404), "{path}: {status}");
        }
    }
}

async fn ids_of_a_lesson_page_are_unique_and_reserved_or_authored(database: &TestDatabase) {
    let app = app(database).await;
    let parts = [
        "-form",
        "-title",
        "-body",
        "-check",
        "-error",
        "-response",
        "-prompt-",
        "-path-",
        "-query-",
    ];
    for lesson in app.state.library.pages() {
        let page = get(&app, &lesson.href(), &[]).await;
        let ids = page.html.split(" id=\"").skip(1);
        let mut seen = BTreeSet::new();
        for id in ids.filter_map(|rest| rest.split('"').next()) {
            assert!(seen.insert(id), "{}: {id} is a duplicate", lesson.href());
            let is_heading = lesson.headings.iter().any(|heading| heading.id == id);
            let is_request = lesson.playgrounds().any(|request| {
                let rest = id.strip_prefix(request.id.as_str());
                rest.is_some_and(|rest| {
                    rest.is_empty() || parts.iter().any(|part| rest.starts_with(part))
                })
            });
            assert!(
                is_heading || is_request || is_reserved_id(id),
                "{}: {id} is the site's own and not reserved",
                lesson.href()
            );
        }
    }
    let data_panel = get(&app, "/en/data?part=all", &[]).await;
    for id in data_panel
        .html
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        assert!(is_reserved_id(id), "{id}");
    }
}
