//! Requests that are sent for a reader without scripts.

use crate::database::TestDatabase;
use crate::site::TestApp;
use crate::visit::{Page, app};

on_both_engines! {
    a_request_is_sent_in_the_readers_own_sandbox,
    what_leads_elsewhere_is_not_sent,
    of_the_readers_cookies_only_the_sandboxs_goes_along,
    a_wrong_request_shows_the_problem_that_it_gets,
    response_that_is_never_recorded_says_so,
}

/// Posts the form of a request; the fields of headers in pairs.
async fn send(app: &TestApp, cookie: Option<&str>, form: &[(&str, &str)]) -> Page {
    let headers: Vec<(&str, &str)> = cookie
        .map(|cookie| ("cookie", cookie))
        .into_iter()
        .collect();
    crate::safety::post(app, "/en/try?from=/methods/post", &headers, form).await
}

const JSON: [(&str, &str); 2] = [
    ("header-name", "Content-Type"),
    ("header-value", "application/json"),
];

fn form<'a>(method: &'a str, target: &'a str, body: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![("method", method), ("target", target)];
    form.extend(JSON);
    form.push(("body", body));
    form
}

async fn a_request_is_sent_in_the_readers_own_sandbox(place: &TestDatabase) {
    let app = app(place).await;
    let body = "{\r\n  \"name\": \"Rose\",\r\n  \"email\": \"rose@example.org\"\r\n}";
    let page = send(&app, None, &form("POST", "/api/users", body)).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert!(
        page.html.contains("201</b>") && page.html.contains("row-added"),
        "{}",
        page.html
    );
    assert!(
        page.html.contains("href=\"/en/methods/post\""),
        "the way back"
    );
    let cookies: Vec<_> = page
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap())
        .collect();
    assert_eq!(cookies.len(), 1, "{cookies:?}");
    let cookie = cookies[0].split(';').next().unwrap();
    assert!(cookie.starts_with("sandbox="), "{cookie}");

    // The next one finds what the first did.
    let again = send(&app, Some(cookie), &form("POST", "/api/users", body)).await;
    assert_eq!((again.status, again.header("set-cookie")), (200, None));
    assert!(again.html.contains("409</b>"), "{}", again.html);
    let gone = send(&app, Some(cookie), &form("DELETE", "/api/users/13", "")).await;
    assert!(
        gone.html.contains("204</b>") && gone.html.contains("row-removed"),
        "{}",
        gone.html
    );
}

async fn response_that_is_never_recorded_says_so(place: &TestDatabase) {
    let app = app(place).await;
    let never = "<p class=\"quiet\">Requests to /api/sandbox are never recorded";
    let lost = "<p class=\"quiet\">What the server recorded could not be fetched";
    for target in ["/api/sandbox", "/api/sandbox/exchanges?x=1"] {
        let page = send(&app, None, &[("method", "GET"), ("target", target)]).await;
        assert!(page.html.contains(never), "{target}");
        assert!(!page.html.contains(lost), "{target}");
    }
    let page = send(&app, None, &[("method", "GET"), ("target", "/api/users")]).await;
    assert!(!page.html.contains(never));
    assert!(!page.html.contains(lost));
}

async fn what_leads_elsewhere_is_not_sent(place: &TestDatabase) {
    let app = app(place).await;
    for (method, target) in [
        ("POST", "/en/logout"),
        ("POST", "//example.com/api/users"),
        ("POST", "/api/../en/logout"),
        ("POST", "/api/%2e%2e/en/logout"),
        ("POST", "http://example.com/"),
        ("POST", "/api\\..\\x"),
        ("POST", ""),
        // Only the response to GET never ends.
        ("GET", "/api/sandbox/events"),
    ] {
        let page = send(&app, None, &form(method, target, "")).await;
        assert_eq!(page.status, 422, "{target}");
        assert!(page.html.contains("role=\"alert\""), "{target}");
        assert_eq!(
            page.header("set-cookie"),
            None,
            "{target}: nothing was sent"
        );
        assert!(!page.html.contains("reply-status"), "{target}");
    }
}

async fn of_the_readers_cookies_only_the_sandboxs_goes_along(place: &TestDatabase) {
    let app = app(place).await;
    let first = send(&app, None, &form("DELETE", "/api/users/1", "")).await;
    let sandbox = first
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let key = sandbox.strip_prefix("sandbox=").unwrap();
    // A cookie that the draft itself names does not win, nor does one of the portal.
    let forged = [
        ("method", "GET"),
        ("target", "/api/users"),
        ("header-name", "Cookie"),
        ("header-value", "sandbox=AAAAAAAAAAAAAAAAAAAAAA"),
    ];
    let page = send(
        &app,
        Some(&format!("routebook=of-the-portal; {sandbox}")),
        &forged,
    )
    .await;
    assert!(
        page.html.contains("haneul@example.com").eq(&false),
        "user 1 is gone in this sandbox"
    );
    assert!(!page.html.contains("of-the-portal"));
    assert!(
        !page.html.contains(key),
        "the key is in the cookie, not in the page"
    );
}

async fn a_wrong_request_shows_the_problem_that_it_gets(place: &TestDatabase) {
    let app = app(place).await;
    let page = send(&app, None, &form("POST", "/api/users", "{\"name\": }")).await;
    assert_eq!(page.status, 200);
    assert!(
        page.html.contains("400</b>") && page.html.contains("line 1, column 10"),
        "{}",
        page.html
    );
    // A method or body that no browser would send is sent from here.
    let page = send(&app, None, &form("TRACE", "/api/users", "")).await;
    assert!(page.html.contains("405</b>"), "{}", page.html);
}
