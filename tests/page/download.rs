//! The requests of a lesson as a `.http` file.

use std::sync::Arc;

use routebook::content::LessonPage;
use routebook::http_file;

use crate::client::{app, get, post};
use crate::database::TestDatabase;
use crate::site::TestApp;

on_both_engines! {
    download_contains_the_requests_of_a_lesson_with_absolute_addresses,
    download_contains_the_sandbox_key_and_no_other_cookie,
    download_opens_in_the_editor_as_in_its_lesson,
}

/// Returns the lessons that have requests; the others have no such file.
fn lessons_with_requests(app: &TestApp) -> Vec<Arc<LessonPage>> {
    let pages = app.state.library.pages();
    let pages = pages.filter(|page| page.playgrounds().next().is_some());
    pages.cloned().collect()
}

async fn download_contains_the_requests_of_a_lesson_with_absolute_addresses(
    database: &TestDatabase,
) {
    let app = app(database).await;
    let mut requests = 0;
    for page in lessons_with_requests(&app) {
        let address = format!("{}.http", page.href());
        let file = get(&app, &address, &[]).await;
        assert_eq!(file.status, 200, "{address}");
        assert_eq!(
            file.header("content-type"),
            Some("text/plain; charset=utf-8")
        );
        assert_eq!(file.header("cache-control"), Some("no-store"));
        let name = page.path.rsplit('/').next().unwrap();
        let disposition = format!("attachment; filename=\"{name}.http\"");
        assert_eq!(
            file.header("content-disposition"),
            Some(disposition.as_str())
        );
        assert_eq!(file.header("set-cookie"), None);
        assert!(
            file.html.contains("POST http://127.0.0.1:3000/api/sandbox"),
            "the comment explains how to get a key"
        );
        let opened = http_file::open(&file.html, &["http://127.0.0.1:3000"])
            .unwrap_or_else(|error| panic!("{address}: {error:?}"));
        let lesson: Vec<_> = page.playgrounds().collect();
        assert_eq!(opened.len(), lesson.len(), "{address}");
        for (request, playground) in opened.iter().zip(lesson) {
            assert_eq!(request.draft, playground.draft, "{address}");
            requests += 1;
        }
        let html = get(&app, &page.href(), &[]).await.html;
        assert!(html.contains(&format!("href=\"{address}\"")), "{address}");
    }
    assert!(requests > 60, "{requests}");
    assert_eq!(get(&app, "/en/methods/nothing.http", &[]).await.status, 404);
}

async fn download_contains_the_sandbox_key_and_no_other_cookie(database: &TestDatabase) {
    let app = app(database).await;
    let key = "AAAAAAAAAAAAAAAAAAAAAA";
    let cookie = format!("session=portal-secret; sandbox={key}; api_session=other-secret");
    let file = get(&app, "/ko/methods/get.http", &[("cookie", &cookie)]).await;
    let count = file.html.matches("http://127.0.0.1:3000/api").count();
    assert!(count > 0);
    assert_eq!(
        file.html.matches(&format!("Sandbox-Key: {key}")).count(),
        count
    );
    assert!(!file.html.contains("secret"));
}

/// The attribute with the data of each request form of a page.
fn forms(html: &str) -> Vec<serde_json::Value> {
    let islands = html.split("data-island=\"").skip(1);
    let data = islands.filter_map(|rest| {
        let (json, _) = rest.split_once("\" class=\"playground\"")?;
        if json.contains('"') {
            return None;
        }
        let json = json.replace("&quot;", "\"");
        let json = json
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&");
        Some(serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}")))
    });
    data.collect()
}

async fn download_opens_in_the_editor_as_in_its_lesson(database: &TestDatabase) {
    let app = app(database).await;
    let key = "AAAAAAAAAAAAAAAAAAAAAA";
    let cookie = format!("sandbox={key}");
    let visitor = [("cookie", cookie.as_str())];
    let mut expectations = 0;
    for page in lessons_with_requests(&app) {
        let file = get(&app, &format!("{}.http", page.href()), &visitor).await;
        let address = format!("/{}/playground?file", page.locale);
        let editor = post(&app, &address, &visitor, &[("http", &file.body)]).await;
        assert_eq!(editor.status, 200, "{}", page.href());
        let mut lesson = forms(&get(&app, &page.href(), &visitor).await.html);
        // The file has no requests of exercises.
        lesson.retain(|form| !form["id"].as_str().unwrap().starts_with("exercise-"));
        let opened = forms(&editor.html);
        assert_eq!(opened.len(), lesson.len(), "{}", page.href());
        for ((opened, in_lesson), playground) in opened.iter().zip(&lesson).zip(page.playgrounds())
        {
            let id = &playground.id;
            assert_eq!(opened["draft"], in_lesson["draft"], "{id}");
            for name in [
                "prompts",
                "predict",
                "name",
                "no_redirect",
                "no_cookies",
                "browser_cache",
                "notes",
                "parts",
            ] {
                let (opened, in_lesson) = (&opened["extras"][name], &in_lesson["extras"][name]);
                assert_eq!(opened, in_lesson, "{id}: {name}");
            }
            let lines = opened["extras"]["lines"].as_array().unwrap();
            let expected = lines
                .iter()
                .filter(|line| line.as_str().unwrap().starts_with("# @expect "));
            expectations += expected.count();
        }
    }
    assert!(expectations > 100, "{expectations}");
}
