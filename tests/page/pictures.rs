//! The pictures of lessons, and the site of an author's folder over the built-in lessons.

use axum::body::Body;
use axum::http::Request;
use routebook::clock::Clock;
use routebook::config::Config;
use routebook::content::SourceFile;
use routebook::server::{self, Content};

use crate::client::get;
use crate::database::TestDatabase;
use crate::site::{START, TestApp};

on_both_engines! {
    picture_is_served_under_the_hash_of_its_bytes,
    only_pictures_of_lessons_are_served,
    folder_sets_logo_and_front_page,
    site_of_one_language_has_no_trace_of_the_other,
}

const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 4 3\"><!--";

fn svg(name: &str) -> String {
    format!("{SVG}{name}--></svg>")
}

async fn app(database: &TestDatabase, files: &[(&str, &str)]) -> TestApp {
    let files = files.iter().map(|(path, text)| SourceFile {
        path: (*path).to_owned(),
        bytes: text.as_bytes().to_vec(),
    });
    let config = Config {
        base_url: Some("http://127.0.0.1:3000".to_owned()),
        database: Some(database.url("portal")),
        sandbox_database: Some(database.url("sandbox")),
        ..Config::default()
    };
    let content = Content::over_built_in(&files.collect::<Vec<_>>(), false)
        .unwrap_or_else(|findings| panic!("{findings:?}"));
    let state = server::prepare(config, content, Clock::manual(START)).await;
    TestApp::of(state.unwrap()).await
}

fn lesson(text: &str) -> String {
    format!("---\ntitle: Ours\ndescription: D.\n---\n\n{text}\n")
}

/// Returns the address of the first picture of a page.
fn picture_address(html: &str) -> String {
    let (_, rest) = html.split_once("<img src=\"/pictures/").unwrap();
    format!("/pictures/{}", rest.split_once('"').unwrap().0)
}

async fn picture_is_served_under_the_hash_of_its_bytes(database: &TestDatabase) {
    let text = lesson("![A picture](img/a.svg)");
    let files = [
        ("en/methods/ours.md", text.as_str()),
        ("en/methods/img/a.svg", &svg("a")),
    ];
    let app = app(database, &files).await;
    let page = get(&app, "/en/methods/ours", &[]).await;
    let address = picture_address(&page.html);
    let size = "alt=\"A picture\" width=\"4\" height=\"3\" loading=\"lazy\" decoding=\"async\">";
    assert!(page.html.contains(size), "{}", page.html);
    let picture = get(&app, &address, &[]).await;
    assert_eq!((picture.status, &*picture.html), (200, &*svg("a")));
    for (name, value) in [
        ("content-type", "image/svg+xml"),
        ("cache-control", "public, max-age=31536000, immutable"),
        (
            "content-security-policy",
            "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        ),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(picture.header(name), Some(value), "{name}");
    }
}

async fn only_pictures_of_lessons_are_served(database: &TestDatabase) {
    let shown = lesson("![A picture](img/a.svg)");
    let draft = lesson("![A picture](img/draft.svg)").replace("title", "draft: true\ntitle");
    let files = [
        ("en/methods/ours.md", shown.as_str()),
        ("en/methods/later.md", &draft),
        ("en/methods/img/a.svg", &svg("a")),
        ("en/methods/img/draft.svg", &svg("draft")),
        ("en/methods/img/unused.svg", &svg("unused")),
    ];
    let app = app(database, &files).await;
    let pages = get(&app, "/en/methods/ours", &[]).await;
    let address = picture_address(&pages.html);
    assert_eq!(get(&app, &address, &[]).await.status, 200);
    let other = |text: &str| {
        use sha2::{Digest as _, Sha256};
        let hash = Sha256::digest(text.as_bytes());
        let hash: String = hash
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("/pictures/{hash}.svg")
    };
    assert_eq!(other(&svg("a")), address);
    // Admins see drafts; nobody else knows the hash of the picture of one.
    let of_draft = get(&app, &other(&svg("draft")), &[]).await;
    assert_eq!(of_draft.status, 200);
    for path in [
        &*other(&svg("unused")),
        &*address.replace(".svg", ".png"),
        &*address.replace(".svg", ""),
        "/pictures/a.svg",
        "/pictures/..%2fsite.toml",
        "/en/methods/img/a.svg",
        "/pictures/",
    ] {
        let response = app
            .respond(
                Request::get(path)
                    .header("host", "127.0.0.1:3000")
                    .body(Body::empty())
                    .unwrap(),
            )
            .await;
        assert_eq!(response.status(), 404, "{path}");
    }
}

async fn folder_sets_logo_and_front_page(database: &TestDatabase) {
    let site = "title = \"Team\"\nlogo = \"img/logo.svg\"\n[home]\ntitle.en = \"Welcome, <team>\"\nlead.en = \"Our lead.\"\n";
    let files = [("site.toml", site), ("img/logo.svg", &svg("logo"))];
    let app = app(database, &files).await;
    let page = get(&app, "/en", &[]).await;
    assert!(
        page.html
            .contains("<h1 id=\"home-title\">Welcome, &lt;team&gt;</h1>")
    );
    assert!(page.html.contains("<p class=\"lead\">Our lead.</p>"));
    assert!(page.html.contains("<title>Team</title>"));
    assert!(
        page.html
            .contains("<meta name=\"description\" content=\"Our lead.\"")
    );
    assert!(page.html.contains("class=\"site-logo\""));
    let logo = picture_address(&page.html);
    assert_eq!(get(&app, &logo, &[]).await.html, svg("logo"));
    assert!(
        get(&app, "/en/llms.txt", &[])
            .await
            .html
            .contains("> Our lead.")
    );
    let korean = get(&app, "/ko", &[]).await;
    assert!(!korean.html.contains("Our lead."));
    for home in [&page, &korean] {
        assert!(
            !home.html.contains("class=\"home-part audiences"),
            "the program is not presented"
        );
    }
}

async fn site_of_one_language_has_no_trace_of_the_other(database: &TestDatabase) {
    let text = lesson("## Unique {#unique}\n\nxylophone");
    let files = [
        (
            "site.toml",
            // The guide for authors mentions the languages.
            "locales = [\"en\"]\n[[sections]]\nslug = \"authoring\"\nhidden = true\n",
        ),
        ("en/methods/ours.md", text.as_str()),
    ];
    let app = app(database, &files).await;
    assert_eq!(app.state.library.warnings(), []);
    let start = get(&app, "/", &[("accept-language", "ko")]).await;
    assert_eq!((start.status, start.header("location")), (302, Some("/en")));
    for path in [
        "/en",
        "/en/methods/ours",
        "/en/methods/get",
        "/en/methods",
        "/en/playground",
        "/en/search?q=xylophone",
    ] {
        let page = get(&app, path, &[("accept-language", "ko")]).await;
        assert_eq!(page.status, 200, "{path}");
        for trace in ["hreflang=", "class=\"language-switch", "href=\"/ko"] {
            assert!(!page.html.contains(trace), "{path}: {trace}");
        }
    }
    for path in ["/ko", "/ko/methods/get", "/ko/llms.txt", "/ko/search"] {
        assert_eq!(get(&app, path, &[]).await.status, 404, "{path}");
    }
    for path in [
        "/sitemap.xml",
        "/en/llms.txt",
        "/en/llms-full.txt",
        "/en/palette",
    ] {
        let file = get(&app, path, &[]).await;
        assert!(
            file.html.contains("Ours") || file.html.contains("methods/ours"),
            "{path}"
        );
        for trace in ["/ko", "hreflang", "language:ko"] {
            assert!(!file.html.contains(trace), "{path}: {trace}");
        }
    }
}
