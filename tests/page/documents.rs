//! What programs read: the site map, the lessons as Markdown, structured data; and what is left of a lesson that was moved
//! or is not translated.

use axum::body::Body;
use axum::http::Request;
use routebook::clock::Clock;
use routebook::config::Config;
use routebook::content::SourceFile;
use routebook::model::locale::Locale;
use routebook::server::{self, Content};

use crate::client::{Page, app, get};
use crate::database::TestDatabase;
use crate::site::{START, TestApp};

on_both_engines! {
    site_map_lists_every_page_with_its_translations,
    lesson_is_returned_as_markdown_with_the_code_that_it_shows,
    lists_for_language_models_lead_to_every_lesson,
    page_has_structured_data_about_itself,
    lesson_has_an_image_for_links_on_other_sites,
    section_is_one_page_to_print,
    moved_lesson_is_redirected,
    untranslated_lesson_is_shown_in_the_other_language,
}

async fn site_map_lists_every_page_with_its_translations(database: &TestDatabase) {
    let app = app(database).await;
    let map = get(&app, "/sitemap.xml", &[]).await;
    assert_eq!(map.status, 200);
    assert_eq!(
        map.header("content-type"),
        Some("application/xml; charset=utf-8")
    );
    let addresses: Vec<&str> = map
        .html
        .split("<loc>")
        .skip(1)
        .filter_map(|rest| rest.split_once("</loc>"))
        .map(|(address, _)| address)
        .collect();
    let lessons = app.state.library.pages().count();
    let sections = app.state.library.sections().len();
    assert_eq!(
        addresses.len(),
        // Besides the sections: the front page, the playground and the glossary.
        lessons + 2 * (sections + 3),
        "{addresses:?}"
    );
    for address in &addresses {
        let path = address.strip_prefix("http://127.0.0.1:3000").unwrap();
        assert_eq!(get(&app, path, &[]).await.status, 200, "{path}");
        let alternate = format!("hreflang=\"en\" href=\"{}\"", address.replace("/ko", "/en"));
        assert!(map.html.contains(&alternate), "{address}");
    }
    let robots = get(&app, "/robots.txt", &[]).await;
    assert!(
        robots
            .html
            .contains("Sitemap: http://127.0.0.1:3000/sitemap.xml\n")
    );
}

async fn lesson_is_returned_as_markdown_with_the_code_that_it_shows(database: &TestDatabase) {
    let app = app(database).await;
    let file = get(&app, "/en/routing/paths.md", &[]).await;
    assert_eq!(file.status, 200);
    assert_eq!(
        file.header("content-type"),
        Some("text/markdown; charset=utf-8")
    );
    assert_eq!(file.header("x-robots-tag"), Some("noindex"));
    assert!(file.html.starts_with("# "), "{}", &file.html[..80]);
    assert!(
        file.html.contains("class UserId"),
        "the code of a fence with source="
    );
    // Twice, because the first request fills the cache.
    for _ in 0..2 {
        let page = get(&app, "/en/routing/paths", &[]).await;
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert!(
            page.header("vary").unwrap().contains("Accept"),
            "{:?}",
            page.header("vary")
        );
        let accept = [("accept", "text/html;q=0.5, text/markdown")];
        let negotiated = get(&app, "/en/routing/paths", &accept).await;
        assert_eq!(negotiated.html, file.html);
        let any = get(&app, "/en/routing/paths", &[("accept", "*/*")]).await;
        assert_eq!(any.html, page.html);
    }
    assert_eq!(get(&app, "/en/routing/nowhere.md", &[]).await.status, 404);
    assert_eq!(get(&app, "/en/routing/paths.txt", &[]).await.status, 404);
}

async fn lists_for_language_models_lead_to_every_lesson(database: &TestDatabase) {
    let app = app(database).await;
    for locale in Locale::ALL {
        let list = get(&app, &format!("/{locale}/llms.txt"), &[]).await;
        let full = get(&app, &format!("/{locale}/llms-full.txt"), &[]).await;
        for page in app.state.library.in_order(locale) {
            let link = format!("]({}{}.md): ", "http://127.0.0.1:3000", page.href());
            assert!(list.html.contains(&link), "{link}");
            assert!(full.html.contains(&format!("# {}\n", page.front.title)));
        }
        // What only this site can show is a link. The guide for authors shows how it is written.
        let exercise = "/exercises/set-and-remove-a-field)\n";
        assert_eq!(full.html.matches(exercise).count(), 1);
        assert!(full.html.contains(&format!("](/{locale}/quizzes/patch)\n")));
        assert!(
            full.html
                .contains(&format!("](/{locale}/glossary#idempotent)"))
        );
        assert!(!full.html.contains("](term:idempotent)"));
        assert!(!full.html.contains("```exercise set-and-remove-a-field"));
        let other = format!("/{}/", locale.other());
        assert!(!list.html.contains(&other), "{}", list.html);
    }
}

/// Returns the JSON-LD of a page.
fn structured_data(page: &Page) -> serde_json::Value {
    let (_, rest) = page
        .html
        .split_once("<script type=\"application/ld+json\">")
        .unwrap();
    let (json, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(json).unwrap()
}

async fn page_has_structured_data_about_itself(database: &TestDatabase) {
    let app = app(database).await;
    let page = get(&app, "/en/methods/post", &[]).await;
    let data = structured_data(&page);
    assert_eq!(data["@graph"][0]["inLanguage"], "en");
    let items = data["@graph"][1]["itemListElement"].as_array().unwrap();
    let items: Vec<_> = items
        .iter()
        .map(|item| item["item"].as_str().unwrap())
        .collect();
    let site = "http://127.0.0.1:3000/en";
    assert_eq!(
        items,
        [
            site,
            &format!("{site}/methods"),
            &format!("{site}/methods/post")
        ]
    );
    assert!(
        page.html.contains("<a href=\"/en/methods\">"),
        "the section above the title"
    );
}

const SITE: &str = "title = \"A & <B>\"\ndefault_locale = \"en\"\nlocales = [\"en\", \"ko\"]\n\
                    [[sections]]\nslug = \"a\"\ntitle.en = \"</script>\"\ntitle.ko = \"가\"\n";
const LESSON: &str = "---\ntitle: Only English\ndescription: One.\naliases: [a/old, b/older]\nlastUpdated: 2026-11-29\n---\nText.\n";

/// Returns a site with one lesson, which is only in English.
async fn small_site(database: &TestDatabase) -> TestApp {
    let file = |path: &str, text: &str| SourceFile {
        path: path.to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let files = [file("site.toml", SITE), file("en/a/b.md", LESSON)];
    let config = Config {
        base_url: Some("http://127.0.0.1:3000".to_owned()),
        database: Some(database.url("portal")),
        sandbox_database: Some(database.url("sandbox")),
        ..Config::default()
    };
    let content = Content::read(&files).unwrap();
    let state = server::prepare(config, content, Clock::manual(START)).await;
    TestApp::of(state.unwrap()).await
}

async fn lesson_has_an_image_for_links_on_other_sites(database: &TestDatabase) {
    let app = app(database).await;
    let page = get(&app, "/ko/methods/get", &[]).await;
    let image = "<meta property=\"og:image\" content=\"http://127.0.0.1:3000/ko/methods/get.png\"";
    assert!(page.html.contains(image), "{}", page.html);
    let mut tags = Vec::new();
    for path in ["/ko/methods/get.png", "/en/methods/get.png"] {
        // Twice: drawn, and from memory; an image is never compressed again.
        for _ in 0..2 {
            let request = Request::get(path).header("accept-encoding", "br, gzip");
            let (parts, body) = app.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(parts.status, 200);
            assert_eq!(parts.headers["content-type"], "image/png");
            assert!(!parts.headers.contains_key("content-encoding"));
            let vary = parts
                .headers
                .get("vary")
                .map(|value| value.to_str().unwrap());
            assert!(
                !vary.unwrap_or_default().contains("Accept-Encoding"),
                "{vary:?}"
            );
            assert!(body.starts_with(b"\x89PNG"));
            tags.push(parts.headers["etag"].clone());
        }
    }
    assert!(tags[0] == tags[1] && tags[2] == tags[3] && tags[0] != tags[2]);
    let missing = get(&app, "/en/methods/nothing.png", &[]).await;
    assert_eq!(missing.status, 404);
}

async fn section_is_one_page_to_print(database: &TestDatabase) {
    let app = app(database).await;
    let section = get(&app, "/en/methods", &[]).await;
    assert!(section.html.contains("href=\"/en/print/methods\""));
    for (locale, other) in [("en", "ko"), ("ko", "en")] {
        let page = get(&app, &format!("/{locale}/print/methods"), &[]).await;
        assert_eq!(page.status, 200);
        assert!(page.html.contains("content=\"noindex\""));
        assert!(
            page.html
                .contains(&format!("href=\"/{other}/print/methods\""))
        );
        let library = &app.state.library;
        let locale = Locale::parse(locale).unwrap();
        for path in &library.section("methods").unwrap().pages {
            let lesson = library.page(locale, path).unwrap();
            let title = format!("<h1>{}</h1>", lesson.front.title);
            assert!(page.html.contains(&title), "{path}");
        }
        assert!(page.html.contains("POST /api/users"));
        assert!(
            !page.html.contains("@expect")
                && !page
                    .html
                    .contains("<leptos-island data-component=\"Playground")
        );
        let ids = page.html.split(" id=\"").skip(1);
        let mut ids: Vec<_> = ids.map(|rest| rest.split('"').next().unwrap()).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "ids are unique");
        let targets = page.html.split("href=\"#").skip(1);
        for target in targets.map(|rest| rest.split('"').next().unwrap()) {
            // This link is displayed only where there is a data panel.
            assert!(target == "data-panel" || ids.contains(&target), "#{target}");
        }
    }
    assert_eq!(get(&app, "/en/print/nothing", &[]).await.status, 404);
}

async fn moved_lesson_is_redirected(database: &TestDatabase) {
    let app = small_site(database).await;
    for (path, target) in [
        ("/en/a/old", "/en/a/b"),
        ("/ko/b/older?a=1", "/ko/a/b?a=1"),
        ("/en/a/old.md", "/en/a/b.md"),
    ] {
        let page = get(&app, path, &[]).await;
        assert_eq!((page.status, page.header("location")), (308, Some(target)));
    }
    assert_eq!(get(&app, "/en/b/other", &[]).await.status, 404);
}

async fn untranslated_lesson_is_shown_in_the_other_language(database: &TestDatabase) {
    let app = small_site(database).await;
    let page = get(&app, "/ko/a/b", &[]).await;
    assert_eq!(page.status, 200);
    for expected in [
        "<html lang=\"ko\">",
        "lang=\"en\"",
        "아직 번역되지 않았습니다",
        "<meta name=\"robots\" content=\"noindex\"",
        "<link rel=\"canonical\" href=\"http://127.0.0.1:3000/en/a/b\"",
    ] {
        assert!(page.html.contains(expected), "{expected}");
    }
    assert!(!page.html.contains("rel=\"alternate\" hreflang=\"ko\""));
    let own = get(&app, "/en/a/b", &[]).await;
    assert!(own.html.contains("datetime=\"2026-11-29\"") && !own.html.contains("noindex"));
    // Nothing of the content ends the element.
    assert_eq!(
        structured_data(&own)["@graph"][1]["itemListElement"][1]["name"],
        "</script>"
    );
    // The lists of lessons lead to it too.
    for list in ["/ko", "/ko/a", "/ko/a/b"] {
        let list = get(&app, list, &[]).await;
        assert!(list.html.contains("href=\"/ko/a/b\""), "{}", list.html);
    }
    let print = get(&app, "/ko/print/a", &[]).await;
    assert!(
        print.html.contains("<article lang=\"en\""),
        "{}",
        print.html
    );
    let map = get(&app, "/sitemap.xml", &[]).await;
    assert!(map.html.contains("<lastmod>2026-11-29</lastmod>"));
    assert!(!map.html.contains("/ko/a/b"), "{}", map.html);
}
