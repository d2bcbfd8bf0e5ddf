//! The page of a recorded exchange, and the fragments that scripts fetch.

use axum::body::Body;
use axum::http::Request;

use crate::client::{app, get};
use crate::database::TestDatabase;

on_both_engines! {
    page_of_an_exchange_has_a_title_a_back_link_and_a_form_link,
    fragment_has_the_fragment_header_and_page_has_not,
}

async fn page_of_an_exchange_has_a_title_a_back_link_and_a_form_link(database: &TestDatabase) {
    let app = app(database).await;
    let create = Request::post("/api/sandbox").body(Body::empty()).unwrap();
    let (parts, _) = app.send(create).await;
    let cookie = parts.headers["set-cookie"].to_str().unwrap().to_owned();
    let cookie = cookie.split(';').next().unwrap();
    let request = Request::get("/api/users/99?x=1").header("cookie", cookie);
    let (parts, _) = app.send(request.body(Body::empty()).unwrap()).await;
    let id = parts.headers["request-id"].to_str().unwrap();
    for (language, back, form) in [
        ("en", "Your data and requests", "Open in a form"),
        ("ko", "내 데이터와 요청", "양식에서 열기"),
    ] {
        let page = get(
            &app,
            &format!("/{language}/exchanges/{id}"),
            &[("cookie", cookie)],
        )
        .await;
        assert_eq!(page.status, 200);
        let title = "GET /api/users/99?x=1: 400 Bad Request";
        assert!(
            page.html.contains(&format!("<title>{title} · ")),
            "{}",
            page.html
        );
        assert!(page.html.contains(&format!("<h1>{title}</h1>")));
        assert!(
            page.html
                .contains(&format!("<a href=\"/{language}/data\">{back}</a>"))
        );
        let link = page
            .html
            .split(&format!("href=\"/{language}/playground#try="))
            .nth(1);
        assert!(link.is_some_and(|link| link.contains(form)), "{language}");
    }
}

async fn fragment_has_the_fragment_header_and_page_has_not(database: &TestDatabase) {
    let app = app(database).await;
    for (path, is_fragment) in [
        ("/en/data?part", true),
        ("/en/data?part&open=none", true),
        ("/en/data", false),
        ("/en/playground", false),
        ("/en/methods/get", false),
    ] {
        let page = get(&app, path, &[]).await;
        assert_eq!(
            page.header("html-fragment").is_some(),
            is_fragment,
            "{path}"
        );
        let html = page.header("content-type").unwrap();
        assert!(html.starts_with("text/html"), "{path}: {html}");
        assert_eq!(
            page.html.contains("<!DOCTYPE html>"),
            !is_fragment,
            "{path}"
        );
    }
}
