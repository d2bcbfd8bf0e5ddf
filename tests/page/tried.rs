//! Requests that are sent for a reader without scripts.

use crate::database::TestDatabase;
use crate::site::TestApp;
use crate::visit::{Page, app};

on_both_engines! {
    a_request_is_sent_in_the_readers_own_sandbox,
    what_leads_elsewhere_is_not_sent,
    head_and_options_of_the_events_are_sent,
    of_the_readers_cookies_only_the_sandboxs_goes_along,
    a_wrong_request_shows_the_problem_that_it_gets,
    response_that_is_never_recorded_says_so,
    draft_beyond_the_limits_of_the_wire_is_not_sent,
    foreign_bytes_beside_the_sandbox_cookie_do_not_hide_it,
    sandbox_cookie_that_stands_twice_is_refused,
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

async fn a_request_is_sent_in_the_readers_own_sandbox(database: &TestDatabase) {
    let app = app(database).await;
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

async fn response_that_is_never_recorded_says_so(database: &TestDatabase) {
    let app = app(database).await;
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

async fn what_leads_elsewhere_is_not_sent(database: &TestDatabase) {
    let app = app(database).await;
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
        assert!(!page.html.contains("response-status"), "{target}");
    }
}

async fn head_and_options_of_the_events_are_sent(database: &TestDatabase) {
    let app = app(database).await;
    for (method, status) in [("HEAD", "200</b>"), ("OPTIONS", "204</b>")] {
        let page = send(&app, None, &form(method, "/api/sandbox/events", "")).await;
        assert_eq!(page.status, 200, "{method}");
        assert!(page.html.contains(status), "{method}: {}", page.html);
    }
}

async fn of_the_readers_cookies_only_the_sandboxs_goes_along(database: &TestDatabase) {
    let app = app(database).await;
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

async fn a_wrong_request_shows_the_problem_that_it_gets(database: &TestDatabase) {
    let app = app(database).await;
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

async fn draft_beyond_the_limits_of_the_wire_is_not_sent(database: &TestDatabase) {
    let app = app(database).await;
    let value = "v".repeat(10_000);
    let target = format!("/api/echo?q={value}");
    let large = "{{large}}".repeat(60);
    for (target, header, times, body, message) in [
        ("/api/echo", "v", 123, "", "at most 100"),
        ("/api/echo", value.as_str(), 7, "", "at most 64 KiB"),
        (&target, "v", 1, "", "at most 8192 bytes"),
        ("/api/echo", "v", 1, &large, "longer than 512 KiB"),
    ] {
        let mut form = vec![("method", "POST"), ("target", target)];
        for _ in 0..times {
            form.extend([("header-name", "X-A"), ("header-value", header)]);
        }
        form.extend([("body", body), ("prompt-large", &value)]);
        let page = send(&app, None, &form).await;
        assert_eq!(page.status, 422, "{message}");
        assert!(page.html.contains(message), "{message}");
        assert_eq!(page.header("set-cookie"), None, "{message}");
    }
}

/// Posts a draft with these bytes as the `Cookie` field.
async fn send_with_cookies(app: &TestApp, cookies: &[u8], form: &[(&str, &str)]) -> Page {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    let request = axum::http::Request::post("/en/try")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", cookies);
    let body = axum::body::Body::from(body.finish());
    let (parts, body) = app.send(request.body(body).unwrap()).await;
    Page {
        status: parts.status.as_u16(),
        headers: parts.headers,
        html: String::from_utf8(body).unwrap(),
    }
}

async fn foreign_bytes_beside_the_sandbox_cookie_do_not_hide_it(database: &TestDatabase) {
    let app = app(database).await;
    let first = send(&app, None, &form("DELETE", "/api/users/1", "")).await;
    let given = first.header("set-cookie").unwrap();
    let sandbox = given.split(';').next().unwrap();
    let cookies = format!("team=한국어; {sandbox}");
    let again = form("DELETE", "/api/users/1", "");
    let again = send_with_cookies(&app, cookies.as_bytes(), &again).await;
    assert_eq!((again.status, again.header("set-cookie")), (200, None));
    assert!(again.html.contains("404</b>"), "{}", again.html);
    // So with the switches, and with what a page shows of the sandbox.
    let reset = axum::http::Request::post("/en/data")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", cookies.as_bytes());
    let reset = reset.body(axum::body::Body::from("do=reset")).unwrap();
    let (parts, _) = app.send(reset).await;
    assert_eq!(parts.status.as_u16(), 303);
    assert!(!parts.headers.contains_key("set-cookie"));
    let back = form("GET", "/api/users/1", "");
    let back = send_with_cookies(&app, cookies.as_bytes(), &back).await;
    assert!(back.html.contains("200</b>"), "{}", back.html);
}

async fn sandbox_cookie_that_stands_twice_is_refused(database: &TestDatabase) {
    let app = app(database).await;
    let first = send(&app, None, &form("DELETE", "/api/users/1", "")).await;
    let given = first.header("set-cookie").unwrap();
    let sandbox = given.split(';').next().unwrap();
    let cookies = format!("sandbox=AAAAAAAAAAAAAAAAAAAAAA; {sandbox}");
    let page = form("DELETE", "/api/users/2", "");
    let page = send_with_cookies(&app, cookies.as_bytes(), &page).await;
    assert!(page.html.contains("400</b>"), "{}", page.html);
    assert!(page.html.contains("stands twice"), "{}", page.html);
    assert_eq!(page.header("set-cookie"), None);
}
