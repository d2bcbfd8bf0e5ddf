//! The requests of a lesson as a `.http` file.

use routebook::http_file;

use crate::client::{app, get};
use crate::database::TestDatabase;

on_both_engines! {
    download_contains_the_requests_of_a_lesson_with_absolute_addresses,
    download_contains_the_sandbox_key_and_no_other_cookie,
}

async fn download_contains_the_requests_of_a_lesson_with_absolute_addresses(
    database: &TestDatabase,
) {
    let app = app(database).await;
    let mut requests = 0;
    for page in app.state.library.pages().cloned().collect::<Vec<_>>() {
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
        let text = file.html.replace(" http://127.0.0.1:3000/api", " /api");
        let again =
            http_file::parse(&text).unwrap_or_else(|error| panic!("{address}: {error}\n{text}"));
        let lesson: Vec<_> = page.playgrounds().collect();
        assert_eq!(again.blocks.len(), lesson.len(), "{address}");
        for (block, playground) in again.blocks.iter().zip(lesson) {
            let own = &playground.block.request;
            assert_eq!(block.request.method(), own.method(), "{address}");
            assert_eq!(block.request.target(), own.target(), "{address}");
            assert_eq!(block.request.headers, own.headers, "{address}");
            assert_eq!(block.request.body, own.body, "{address}");
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
