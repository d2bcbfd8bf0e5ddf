//! Requests that the server sends for a visitor without scripts.

use crate::client::{Page, app};
use crate::database::TestDatabase;
use crate::site::TestApp;

on_both_engines! {
    request_is_sent_in_the_sandbox_of_the_visitor,
    changed_method_of_a_form_gets_its_media_type,
    second_send_of_a_block_is_judged_as_such,
    target_outside_the_api_is_not_sent,
    head_and_options_of_the_event_stream_are_sent,
    only_cookies_of_the_users_api_are_forwarded,
    request_with_an_error_shows_the_problem,
    response_to_a_request_that_is_never_recorded_has_a_note,
    draft_over_a_size_limit_is_not_sent,
    session_of_the_form_is_that_of_the_request,
    finding_names_its_header,
    lines_of_a_file_are_prompts_and_expectations_of_the_form,
    header_in_any_script_is_sent_as_utf_8,
    sandbox_cookie_is_found_beside_a_cookie_with_non_ascii_bytes,
    duplicate_sandbox_cookie_is_rejected_with_400,
}

/// Posts a request form.
async fn send(app: &TestApp, cookie: Option<&str>, form: &[(&str, &str)]) -> Page {
    let headers: Vec<(&str, &str)> = cookie
        .map(|cookie| ("cookie", cookie))
        .into_iter()
        .collect();
    crate::client::post(app, "/en/try?from=/methods/post", &headers, form).await
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

async fn request_is_sent_in_the_sandbox_of_the_visitor(database: &TestDatabase) {
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
        "the link back to the lesson"
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

    // The status is shown once.
    assert_eq!(page.html.matches("201</b>").count(), 1, "{}", page.html);
    assert_eq!(page.html.matches("class=\"response-status\"").count(), 1);

    // The next request uses the same sandbox.
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

async fn response_to_a_request_that_is_never_recorded_has_a_note(database: &TestDatabase) {
    let app = app(database).await;
    let unrecorded_note = "<p class=\"quiet\">Requests to /api/sandbox are never recorded";
    let lost_note = "<p class=\"quiet\">What the server recorded could not be fetched";
    for target in ["/api/sandbox", "/api/sandbox/exchanges?x=1"] {
        let page = send(&app, None, &[("method", "GET"), ("target", target)]).await;
        assert!(page.html.contains(unrecorded_note), "{target}");
        assert!(!page.html.contains(lost_note), "{target}");
    }
    let page = send(&app, None, &[("method", "GET"), ("target", "/api/users")]).await;
    assert!(!page.html.contains(unrecorded_note));
    assert!(!page.html.contains(lost_note));
}

async fn second_send_of_a_block_is_judged_as_such(database: &TestDatabase) {
    let app = app(database).await;
    let body = r#"{"name":"Rose","email":"rose@example.org"}"#;
    let send = async |address: &str, form: &[(&str, &str)], cookie: Option<&str>| {
        let headers: Vec<_> = cookie
            .map(|cookie| ("cookie", cookie))
            .into_iter()
            .collect();
        crate::client::post(&app, address, &headers, form).await
    };
    let first = "/en/try?from=/methods/post&block=create-user";
    let page = send(first, &form("POST", "/api/users", body), None).await;
    let cookie = page.header("set-cookie").unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    assert!(page.html.contains("/6 as expected"), "{}", page.html);
    let second = "/en/try?from=%2Fmethods%2Fpost&amp;block=create-user&amp;send=2&amp;method=POST";
    assert!(page.html.contains(second), "{}", page.html);
    let second = second.replace("&amp;", "&");
    let page = send(&second, &form("POST", "/api/users", body), Some(&cookie)).await;
    assert!(page.html.contains("409</b>"), "{}", page.html);
    assert!(page.html.contains("2/2 as expected"), "{}", page.html);
    let mut broken = form("POST", "/api/users", body);
    broken.push(("mutation", "trailing-comma"));
    let page = send(first, &broken, Some(&cookie)).await;
    assert!(
        page.html.contains("broken on purpose: JSON does not parse"),
        "{}",
        page.html
    );
    assert!(page.html.contains("&amp;send=1"), "{}", page.html);
}

async fn target_outside_the_api_is_not_sent(database: &TestDatabase) {
    let app = app(database).await;
    for (method, target) in [
        ("POST", "/en/logout"),
        ("POST", "//example.com/api/users"),
        ("POST", "/api/../en/logout"),
        ("POST", "/api/%2e%2e/en/logout"),
        ("POST", "http://example.com/"),
        ("POST", "/api\\..\\x"),
        ("POST", ""),
        // Only the response to GET has no end.
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
        assert!(!page.html.contains("class=\"response-status"), "{target}");
    }
}

async fn head_and_options_of_the_event_stream_are_sent(database: &TestDatabase) {
    let app = app(database).await;
    for (method, status) in [("HEAD", "200</b>"), ("OPTIONS", "204</b>")] {
        let page = send(&app, None, &form(method, "/api/sandbox/events", "")).await;
        assert_eq!(page.status, 200, "{method}");
        assert!(page.html.contains(status), "{method}: {}", page.html);
    }
}

async fn only_cookies_of_the_users_api_are_forwarded(database: &TestDatabase) {
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
    // Neither a `Cookie` field of the draft nor a cookie of the portal is sent.
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
        "user 1 was deleted in this sandbox"
    );
    assert!(!page.html.contains("of-the-portal"));
    assert!(
        !page.html.contains(key),
        "the key is in the cookie, not in the page"
    );
}

async fn request_with_an_error_shows_the_problem(database: &TestDatabase) {
    let app = app(database).await;
    let page = send(&app, None, &form("POST", "/api/users", "{\"name\": }")).await;
    assert_eq!(page.status, 200);
    assert!(
        page.html.contains("400</b>") && page.html.contains("line 1, column 10"),
        "{}",
        page.html
    );
    // The server also sends methods and bodies that a browser cannot send.
    let page = send(&app, None, &form("TRACE", "/api/users", "")).await;
    assert!(page.html.contains("405</b>"), "{}", page.html);
}

async fn draft_over_a_size_limit_is_not_sent(database: &TestDatabase) {
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

async fn session_of_the_form_is_that_of_the_request(database: &TestDatabase) {
    let app = app(database).await;
    let login = r#"{"email": "grace@example.com", "password": "routebook"}"#;
    // A login keeps its cookie, whoever sends it.
    let mut form_of_nobody = form("POST", "/api/session", login);
    form_of_nobody.push(("credentials", "none"));
    let page = send(&app, None, &form_of_nobody).await;
    let cookies = page.headers.get_all("set-cookie").iter();
    let cookies: Vec<_> = cookies
        .filter_map(|value| value.to_str().unwrap().split(';').next())
        .collect();
    let cookie = cookies.join("; ");
    assert!(cookie.contains("api_session="), "{cookie}");
    for (credentials, status) in [
        ("session", "200</b>"),
        ("none", "401</b>"),
        ("x", "200</b>"),
    ] {
        let me = [
            ("method", "GET"),
            ("target", "/api/me"),
            ("credentials", credentials),
        ];
        let page = send(&app, Some(&cookie), &me).await;
        assert!(page.html.contains(status), "{credentials}: {}", page.html);
    }
    let me = [
        ("method", "GET"),
        ("target", "/api/me"),
        ("credentials", "bearer"),
    ];
    let page = send(&app, Some(&cookie), &me).await;
    assert_eq!(page.status, 422);
    assert!(page.html.contains("No response has contained a token yet."));
}

async fn finding_names_its_header(database: &TestDatabase) {
    let app = app(database).await;
    let wrong = [
        ("method", "GET"),
        ("target", "/api/users"),
        ("header-name", "X A"),
        ("header-value", "1"),
        ("header-name", "X-B"),
        ("header-value", "a\u{1b}[31m"),
    ];
    let page = send(&app, None, &wrong).await;
    assert_eq!(page.status, 422);
    assert!(
        page.html.contains("“X A” is not a header name"),
        "{}",
        page.html
    );
    assert!(page.html.contains("The value of X-B has"), "{}", page.html);
}

async fn header_in_any_script_is_sent_as_utf_8(database: &TestDatabase) {
    let app = app(database).await;
    let echo = [
        ("method", "GET"),
        ("target", "/api/echo"),
        ("header-name", "If-Match"),
        ("header-value", "\"é 한\""),
    ];
    let page = send(&app, None, &echo).await;
    assert!(page.html.contains("é 한"), "{}", page.html);
}

/// Posts a request form with these bytes as the `Cookie` field.
async fn send_with_cookies(app: &TestApp, cookies: &[u8], form: &[(&str, &str)]) -> Page {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    let request = axum::http::Request::post("/en/try")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", cookies);
    let body = axum::body::Body::from(body.finish());
    let (parts, body) = app.send(request.body(body).unwrap()).await;
    Page::new(parts, body)
}

async fn sandbox_cookie_is_found_beside_a_cookie_with_non_ascii_bytes(database: &TestDatabase) {
    let app = app(database).await;
    let first = send(&app, None, &form("DELETE", "/api/users/1", "")).await;
    let given = first.header("set-cookie").unwrap();
    let sandbox = given.split(';').next().unwrap();
    let cookies = format!("team=한국어; {sandbox}");
    let again = form("DELETE", "/api/users/1", "");
    let again = send_with_cookies(&app, cookies.as_bytes(), &again).await;
    assert_eq!((again.status, again.header("set-cookie")), (200, None));
    assert!(again.html.contains("404</b>"), "{}", again.html);
    // The same applies to the forms of the data panel.
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

async fn duplicate_sandbox_cookie_is_rejected_with_400(database: &TestDatabase) {
    let app = app(database).await;
    let first = send(&app, None, &form("DELETE", "/api/users/1", "")).await;
    let given = first.header("set-cookie").unwrap();
    let sandbox = given.split(';').next().unwrap();
    let cookies = format!("sandbox=AAAAAAAAAAAAAAAAAAAAAA; {sandbox}");
    let page = form("DELETE", "/api/users/2", "");
    let page = send_with_cookies(&app, cookies.as_bytes(), &page).await;
    assert!(page.html.contains("400</b>"), "{}", page.html);
    assert!(page.html.contains("occurs twice"), "{}", page.html);
    assert_eq!(page.header("set-cookie"), None);
}

async fn lines_of_a_file_are_prompts_and_expectations_of_the_form(database: &TestDatabase) {
    let app = app(database).await;
    let form = [
        ("line", "# @prompt id The <id>"),
        ("line", "# @expect status == 200"),
        ("line", "# @expect 2 status == 500"),
        ("line", "# @note Look."),
        ("prompt-id", "2"),
        ("method", "GET"),
        ("target", "/api/users/{{id}}"),
    ];
    let page = crate::client::post(&app, "/en/try", &[], &form).await;
    assert_eq!(page.status, 200);
    assert!(page.html.contains("1/1 as expected"), "{}", page.html);
    assert!(page.html.contains("name=\"prompt-id\""));
    assert!(page.html.contains("The &lt;id&gt;") && page.html.contains("Look."));
    // The form keeps the lines and counts the sends.
    assert!(
        page.html
            .contains("name=\"line\" value=\"# @expect 2 status == 500\"")
    );
    assert!(page.html.contains("action=\"/en/try?send=2&amp;method="));
    let again = crate::client::post(&app, "/en/try?send=2", &[], &form).await;
    assert!(again.html.contains("0/1 as expected"), "{}", again.html);
}

async fn changed_method_of_a_form_gets_its_media_type(database: &TestDatabase) {
    let app = app(database).await;
    let form = [
        ("method", "PATCH"),
        ("target", "/api/users/1"),
        ("body", r#"{"role":"admin"}"#),
    ];
    let send = async |shown: &str| {
        let address = format!("/en/try?from=/methods/post&exercise=create-an-admin&method={shown}");
        crate::client::post(&app, &address, &[], &form).await.html
    };
    let changed = send("GET").await;
    assert!(
        !changed.contains("415</b>") && changed.contains("200</b>"),
        "{changed}"
    );
    let verdict = "href=\"/en/exercises/create-an-admin#exercise-create-an-admin\"";
    assert!(changed.contains(verdict), "{changed}");
    // Who removes the field on purpose sees what the server says.
    assert!(send("PATCH").await.contains("415</b>"));
}
