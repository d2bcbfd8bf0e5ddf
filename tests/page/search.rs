//! The search page and its fragment, over the built-in lessons.

use axum::body::Body;
use axum::http::Request;

use crate::client::{Page, app, get};
use crate::database::TestDatabase;
use crate::site::TestApp;

on_both_engines! {
    search_page_links_to_the_headings_of_matching_passages,
    query_in_another_form_finds_the_same,
    search_without_results_advises_and_returns_200,
    search_offers_the_results_in_the_other_language,
    search_page_without_a_query_is_shared_and_with_one_is_not,
    search_page_is_not_indexed_and_its_language_links_keep_the_query,
    search_fragment_has_the_options_of_the_palette,
    long_or_malformed_query_is_answered,
    page_with_404_has_the_search_form,
    every_passage_of_a_lesson_can_be_found_by_its_heading,
}

async fn search(app: &TestApp, locale: &str, query: &str) -> Page {
    let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    get(app, &format!("/{locale}/search?q={query}"), &[]).await
}

/// Returns the addresses of the results, in order.
fn results(page: &Page) -> Vec<String> {
    let list = page.html.split_once("<ol class=\"search-results\">");
    let Some((_, list)) = list else {
        return Vec::new();
    };
    let list = list.split("</ol>").next().unwrap();
    let links = list.split("<a href=\"").skip(1);
    links
        .map(|link| link.split('"').next().unwrap().to_owned())
        .collect()
}

async fn search_page_links_to_the_headings_of_matching_passages(database: &TestDatabase) {
    let app = app(database).await;
    let page = search(&app, "ko", "멱등").await;
    assert_eq!(page.status, 200);
    let found = results(&page);
    assert!(found.len() > 1, "{found:?}");
    assert!(page.html.contains("<mark>멱등</mark>"));
    assert!(page.html.contains(&format!("검색 결과 {}개", found.len())));
    for address in found {
        let (path, fragment) = address.split_once('#').unwrap_or((&address, ""));
        let lesson = get(&app, path, &[]).await;
        assert_eq!(lesson.status, 200, "{address}");
        let is_there = lesson.html.contains(&format!("id=\"{fragment}\""));
        assert!(fragment.is_empty() || is_there, "{address}");
    }
    // The lesson with the word in its title is first.
    let page = search(&app, "en", "error responses").await;
    assert_eq!(results(&page)[0], "/en/errors/problem-details");
}

async fn query_in_another_form_finds_the_same(database: &TestDatabase) {
    use unicode_normalization::UnicodeNormalization as _;
    let app = app(database).await;
    let plain = results(&search(&app, "ko", "오류").await);
    assert!(!plain.is_empty());
    let decomposed: String = "오류".nfd().collect();
    assert_eq!(results(&search(&app, "ko", &decomposed).await), plain);
    assert_eq!(results(&search(&app, "ko", " 오류  ").await), plain);
    let with_particle = results(&search(&app, "ko", "오류를").await);
    for address in plain {
        assert!(with_particle.contains(&address), "{address}");
    }
    assert!(results(&search(&app, "ko", "요청본문").await).len() > 3);
    let parameter = results(&search(&app, "ko", "파라미터").await);
    for address in results(&search(&app, "ko", "매개변수").await) {
        assert!(parameter.contains(&address), "{address}");
    }
    let pagination = results(&search(&app, "ko", "페이지네이션").await);
    assert!(
        pagination
            .iter()
            .any(|address| address.starts_with("/ko/methods/get"))
    );
    let both = results(&search(&app, "ko", "오류 422").await);
    let number = results(&search(&app, "ko", "422").await);
    assert!(!both.is_empty() && both.len() < number.len());
}

async fn search_without_results_advises_and_returns_200(database: &TestDatabase) {
    let app = app(database).await;
    let page = search(&app, "en", "xylophone <b>").await;
    assert_eq!(page.status, 200);
    assert_eq!(results(&page), [""; 0]);
    assert!(page.html.contains("xylophone &lt;b&gt;"));
    assert!(page.html.contains("class=\"search-advice\""));
    assert!(page.html.contains("value=\"xylophone &lt;b&gt;\""));
}

async fn search_offers_the_results_in_the_other_language(database: &TestDatabase) {
    let app = app(database).await;
    let page = search(&app, "en", "멱등").await;
    assert_eq!(results(&page), [""; 0]);
    let count = results(&search(&app, "ko", "멱등").await).len();
    let link = format!(
        "<a href=\"/ko/search?q=%EB%A9%B1%EB%93%B1\" hreflang=\"ko\">{count} results in 한국어</a>"
    );
    assert!(page.html.contains(&link), "{}", page.html);
}

async fn search_page_without_a_query_is_shared_and_with_one_is_not(database: &TestDatabase) {
    let app = app(database).await;
    let etag = async |path: &str| get(&app, path, &[]).await.header("etag").map(str::to_owned);
    assert!(etag("/en/search").await.is_some());
    assert_eq!(etag("/en/search?q=patch").await, None);
    let page = get(&app, "/en/search", &[]).await;
    assert!(page.html.contains("role=\"search\"") && !page.html.contains("class=\"search-count"));
}

async fn search_page_is_not_indexed_and_its_language_links_keep_the_query(database: &TestDatabase) {
    let app = app(database).await;
    for path in ["/en/search", "/en/search?q=patch"] {
        let page = get(&app, path, &[]).await;
        assert!(
            page.html
                .contains("<meta name=\"robots\" content=\"noindex\">"),
            "{path}"
        );
        assert!(!page.html.contains("rel=\"canonical\""), "{path}");
    }
    let page = search(&app, "en", "a&b=c d").await;
    assert!(
        page.html.contains("href=\"/ko/search?q=a%26b%3Dc+d\""),
        "{}",
        page.html
    );
}

async fn search_fragment_has_the_options_of_the_palette(database: &TestDatabase) {
    let app = app(database).await;
    let fragment = get(&app, "/en/search?part&q=user", &[]).await;
    assert_eq!(fragment.status, 200);
    assert_eq!(fragment.header("html-fragment"), Some("1"));
    assert_eq!(
        fragment.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(!fragment.html.contains("<html"));
    assert_eq!(fragment.html.matches("role=\"option\"").count(), 7);
    assert!(fragment.html.contains("data-href=\"/en/search?q=user\""));
    for at in 0..7 {
        assert!(
            fragment
                .html
                .contains(&format!("id=\"palette-passage-{at}\"")),
            "{at}"
        );
    }
    let none = get(&app, "/en/search?part&q=xylophone", &[]).await;
    assert_eq!((none.status, none.html.as_str()), (200, ""));
    let other = get(&app, "/en/search?part&q=%EB%A9%B1%EB%93%B1", &[]).await;
    assert!(
        other
            .html
            .contains("data-href=\"/ko/search?q=%EB%A9%B1%EB%93%B1\"")
    );
}

async fn long_or_malformed_query_is_answered(database: &TestDatabase) {
    let app = app(database).await;
    for query in [
        "가".repeat(250),
        "a ".repeat(600),
        "\"*^(NEAR".to_owned(),
        "\0".to_owned(),
    ] {
        assert_eq!(search(&app, "ko", &query).await.status, 200, "{query}");
    }
    for path in [
        "/en/search?q=%FF%FE",
        "/en/search?q",
        "/en/search?q=%",
        "/en/search?&&=&q=a&q=b",
    ] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let (parts, _) = app.send(request).await;
        assert_eq!(parts.status, 200, "{path}");
    }
}

async fn page_with_404_has_the_search_form(database: &TestDatabase) {
    let app = app(database).await;
    let page = get(&app, "/en/methods/nothing", &[]).await;
    assert_eq!(page.status, 404);
    assert!(
        page.html
            .contains("role=\"search\" method=\"get\" action=\"/en/search\"")
    );
}

async fn every_passage_of_a_lesson_can_be_found_by_its_heading(database: &TestDatabase) {
    let app = app(database).await;
    let lesson = app.state.library.pages().next().unwrap().clone();
    let (_, passages) = lesson.passages.split_first().unwrap();
    assert!(passages.len() > 2);
    for passage in passages {
        let query = format!("{} {}", lesson.front.title, passage.heading);
        let page = search(&app, lesson.locale.as_str(), &query).await;
        let address = format!("{}#{}", lesson.href(), passage.id);
        assert!(results(&page).contains(&address), "{address}: {query}");
    }
}
