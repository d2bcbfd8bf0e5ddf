//! The page of a recorded exchange, and the fragments that scripts fetch.

use axum::body::Body;
use axum::http::Request;

use crate::client::{app, get};
use crate::database::TestDatabase;

on_both_engines! {
    page_of_an_exchange_has_a_title_a_back_link_and_a_form_link,
    fragment_has_the_fragment_header_and_page_has_not,
    fragment_is_judged_by_the_expectations_of_its_send,
    fragment_begins_with_the_response_line_and_says_what_happened,
    fragment_of_a_cached_response_shows_the_request_that_stored_it,
    recorded_response_has_the_header_request_id,
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
        // The status is in the response line, once.
        assert!(page.html.contains("<h1>GET /api/users/99?x=1</h1>"));
        assert_eq!(page.html.matches("<b>400</b>").count(), 1, "{}", page.html);
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

/// Sends the example of the block `create-user` in a new sandbox; returns the cookie and the id of the
/// exchange.
async fn create_user(app: &crate::site::TestApp, cookie: Option<&str>) -> (String, String) {
    let body = r#"{"name":"Seoa Yoon","email":"seoa@example.com","bio":"Designs APIs."}"#;
    let mut request = Request::post("/api/users").header("content-type", "application/json");
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    let (parts, _) = app.send(request.body(Body::from(body)).unwrap()).await;
    let given = parts.headers.get("set-cookie").map(|field| {
        let field = field.to_str().unwrap();
        field.split(';').next().unwrap().to_owned()
    });
    let id = parts.headers["request-id"].to_str().unwrap().to_owned();
    (given.or(cookie.map(str::to_owned)).unwrap(), id)
}

/// Returns the text of a page, without elements.
fn text(html: &str) -> String {
    let html = html.replace("<!>", "");
    let texts = html
        .split('<')
        .map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    let text: Vec<&str> = texts.collect();
    let text = text.concat().replace("&quot;", "\"").replace("&gt;", ">");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn fragment_is_judged_by_the_expectations_of_its_send(database: &TestDatabase) {
    let app = app(database).await;
    let (cookie, id) = create_user(&app, None).await;
    let address = |query: &str| {
        format!("/en/exchanges/{id}?part=&fresh=&lesson=methods/post%23create-user{query}")
    };
    let shown = async |query: &str| {
        let page = get(&app, &address(query), &[("cookie", cookie.as_str())]).await;
        assert_eq!(page.status, 200);
        page.html
    };
    let first = text(&shown("&send=1").await);
    assert!(first.contains("6/6 as expected"), "{first}");
    assert!(
        first.contains("the body has $.role = \"member\""),
        "{first}"
    );
    assert!(first.contains("$ is the whole JSON body"), "{first}");
    // The block states nothing of a third send.
    let third = text(&shown("&send=3").await);
    assert!(!third.contains("as expected"), "{third}");
    let broken = text(&shown("&send=1&mutation=trailing-comma").await);
    assert!(
        broken.contains("broken on purpose: JSON does not parse"),
        "{broken}"
    );
    assert!(!broken.contains("as expected"), "{broken}");
    // What is as expected is folded; what is not is open.
    assert!(shown("").await.contains("<details class=\"line-checks\">"));
    let (_, again) = create_user(&app, Some(&cookie)).await;
    let address =
        |send| format!("/en/exchanges/{again}?part=&lesson=methods/post%23create-user&send={send}");
    let second = get(&app, &address(2), &[("cookie", cookie.as_str())]).await;
    assert!(
        text(&second.html).contains("2/2 as expected"),
        "{}",
        second.html
    );
    let again = get(&app, &address(1), &[("cookie", cookie.as_str())]).await;
    assert!(
        again.html.contains("<details open class=\"line-checks\">"),
        "{}",
        again.html
    );
    let again = text(&again.html);
    assert!(again.contains("the status is 201 but it is 409"), "{again}");
}

async fn fragment_begins_with_the_response_line_and_says_what_happened(database: &TestDatabase) {
    let app = app(database).await;
    let (cookie, id) = create_user(&app, None).await;
    let get = async |path: String| {
        let page = get(&app, &path, &[("cookie", cookie.as_str())]).await;
        text(&page.html)
    };
    let created = get(format!("/en/exchanges/{id}?part=&fresh=")).await;
    assert!(created.starts_with("201 Created"), "{created}");
    assert!(created.contains("1 row added"), "{created}");
    assert!(
        created.contains("The handler user::create ran, and one row was added."),
        "{created}"
    );
    assert!(
        created.contains("user 13 added · name: \"Seoa Yoon\""),
        "{created}"
    );
    assert!(created.contains("layers passed"), "{created}");
    assert!(created.contains("decided the response"), "{created}");
    let (_, taken) = create_user(&app, Some(&cookie)).await;
    let refused = get(format!("/en/exchanges/{taken}?part=&fresh=")).await;
    assert!(refused.starts_with("409 Conflict"), "{refused}");
    assert!(refused.contains("no user changed"), "{refused}");
    let sentence =
        "Stopped at the database: another user has this email address. Nothing was written.";
    assert!(refused.contains(sentence), "{refused}");
    assert!(refused.contains("ended here"), "{refused}");
    let korean = get(format!("/ko/exchanges/{taken}?part=&fresh=")).await;
    let sentence = "데이터베이스에서 멈췄습니다: 다른 사용자가 이미 쓰는 이메일 주소입니다. 저장된 것은 없습니다.";
    assert!(korean.contains(sentence), "{korean}");
}

async fn fragment_of_a_cached_response_shows_the_request_that_stored_it(database: &TestDatabase) {
    const NOTE: &str = "Your browser took this response from its cache.";
    let app = app(database).await;
    let (cookie, _) = create_user(&app, None).await;
    let request = Request::get("/api/time")
        .header("cookie", &cookie)
        .header("exchange-group", "stored");
    let (parts, _) = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(parts.headers["cache-control"], "private, max-age=30");
    let id = parts.headers["request-id"].to_str().unwrap();
    let visitor = [("cookie", cookie.as_str())];
    for (group, is_cached) in [("stored", false), ("sent-later", true)] {
        let path = format!("/en/exchanges/{group}?part&last={id}");
        let fragment = get(&app, &path, &visitor).await;
        assert_eq!(fragment.status, 200, "{group}");
        assert_eq!(fragment.html.contains(NOTE), is_cached, "{group}");
        assert!(fragment.html.contains(&format!("data-exchange=\"{id}\"")));
    }
    // Nobody else can read it.
    let (other, _) = create_user(&app, None).await;
    let path = format!("/en/exchanges/sent-later?part&last={id}");
    let fragment = get(&app, &path, &[("cookie", &other)]).await;
    assert_eq!(fragment.status, 204);
}

/// The page judges an expectation by the record, and the check of the content by the response.
async fn recorded_response_has_the_header_request_id(database: &TestDatabase) {
    let app = app(database).await;
    let (cookie, id) = create_user(&app, None).await;
    let path = format!("/en/exchanges/{id}?part&expect=header%20Request-Id%20%3D%3D%20%22{id}%22");
    let fragment = get(&app, &path, &[("cookie", &cookie)]).await;
    assert_eq!(fragment.status, 200);
    let text = text(&fragment.html);
    assert!(text.contains("1/1 as expected"), "{text}");
}
