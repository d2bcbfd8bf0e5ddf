//! Login to the API with a session: the cookie, its validity and its end.

use axum::body::Body;
use axum::http::Request;
use sha2::{Digest as _, Sha256};

use crate::app::{App, TestResponse, connect, count, sandboxes};
use crate::database::TestDatabase;

on_both_engines! {
    login_returns_the_user_and_sets_a_cookie,
    login_without_a_sandbox_creates_one_and_failed_login_does_not,
    wrong_email_and_wrong_password_return_the_same_401,
    invalid_login_body_returns_422_with_pointers,
    the_cookie_is_held_to_this_host_under_https,
    only_the_hash_of_the_session_key_is_stored,
    login_replaces_the_session_key,
    forged_session_key_is_never_adopted,
    logout_deletes_the_session_on_the_server,
    session_expires_after_a_day,
    session_is_valid_only_in_its_sandbox,
    deleting_a_user_deletes_their_sessions,
    reset_deletes_sessions_and_tokens,
    sandbox_has_at_most_a_hundred_sessions,
    authenticated_responses_have_no_store,
    record_contains_no_password,
    cookies_are_found_beside_non_ascii_bytes,
    repeated_cookie_returns_400,
}

const JSON: (&str, &str) = ("content-type", "application/json");
const DAY: i64 = 86_400_000;

/// Logs in by email address with the password of all users.
pub(crate) async fn log_in(app: &App, key: &str, email: &str) -> TestResponse {
    let body = format!(r#"{{"email":"{email}","password":"routebook"}}"#);
    app.json(key, "POST", "/api/session", &body).await
}

/// Returns the session cookie of a response as a client sends it.
pub(crate) fn cookie(response: &TestResponse) -> String {
    let cookies = response.headers.get_all("set-cookie").iter();
    let mut texts = cookies.map(|cookie| cookie.to_str().unwrap());
    let cookie_text = texts.find(|text| text.contains("api_session="));
    cookie_text.unwrap().split(';').next().unwrap().to_owned()
}

/// Sends GET /api/session with a cookie in a sandbox.
async fn show_session(app: &App, key: &str, cookie: &str) -> TestResponse {
    let headers = [("sandbox-key", key), ("cookie", cookie)];
    app.get("GET", "/api/session", &headers).await
}

async fn login_returns_the_user_and_sets_a_cookie(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let response = log_in(&app, &key, "GRACE@example.com").await;
    assert_eq!(
        (response.status, response.header("location")),
        (201, Some("/api/session"))
    );
    let grace = app
        .get("GET", "/api/users/2", &[("sandbox-key", &key)])
        .await;
    assert_eq!(response.json(), grace.json());
    let set = response.header("set-cookie").unwrap();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=86400"] {
        assert!(set.contains(attribute), "{attribute}: {set}");
    }
    assert!(set.starts_with("api_session=") && !set.contains("Secure") && !set.contains("Domain"));
    let shown = show_session(&app, &key, &cookie(&response)).await;
    assert_eq!((shown.status, shown.json()), (200, response.json()));
    let anonymous = show_session(&app, &key, "a=b").await;
    anonymous.problem(401);
    assert_eq!(
        anonymous.header("www-authenticate"),
        Some("Bearer realm=\"routebook\"")
    );
}

async fn login_without_a_sandbox_creates_one_and_failed_login_does_not(database: &TestDatabase) {
    let app = App::new(database).await;
    for body in [
        r#"{"email":"grace@example.com","password":"wrong"}"#,
        r#"{"email":"nobody@example.com","password":"routebook"}"#,
    ] {
        let response = app.request("POST", "/api/session", &[JSON], body).await;
        response.problem(401);
        assert_eq!(
            (response.header("set-cookie"), sandboxes(database).await),
            (None, 0)
        );
    }
    let body = r#"{"email":"grace@example.com","password":"routebook"}"#;
    let response = app.request("POST", "/api/session", &[JSON], body).await;
    assert_eq!((response.status, sandboxes(database).await), (201, 1));
    let key = response.header("sandbox-key").unwrap();
    let cookies = format!("sandbox={key}; {}", cookie(&response));
    let me = app.get("GET", "/api/me", &[("cookie", &cookies)]).await;
    assert_eq!((me.status, me.json()), (200, response.json()));
}

async fn wrong_email_and_wrong_password_return_the_same_401(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let mut problems = Vec::new();
    for (email, password) in [
        ("grace@example.com", "wrong"),
        ("grace@example.com", "Routebook"),
        ("grace@example.com", ""),
        ("grace@example.com", "routebook\\u0000"),
        ("nobody@example.com", "routebook"),
        ("nobody@example.com", "wrong"),
        ("no address", "routebook"),
        ("\\u0000", "routebook"),
    ] {
        let body = format!(r#"{{"email":"{email}","password":"{password}"}}"#);
        let response = app.json(&key, "POST", "/api/session", &body).await;
        let mut problem = response.problem(401);
        problem.as_object_mut().unwrap().remove("instance");
        assert_eq!(
            response.header("www-authenticate"),
            Some("Login realm=\"routebook\"")
        );
        assert_eq!(response.header("set-cookie"), None);
        problems.push(problem);
    }
    problems.dedup();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0]["detail"]
            .as_str()
            .unwrap()
            .contains("routebook")
    );
    assert!(
        problems[0]["type"]
            .as_str()
            .unwrap()
            .ends_with("/wrong-login")
    );
    assert_eq!(count(database, "SELECT COUNT(*) FROM api_session").await, 0);
}

async fn invalid_login_body_returns_422_with_pointers(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    for (body, pointers) in [
        ("{}", vec!["/email", "/password"]),
        ("[]", vec![""]),
        (
            r#"{"email":1,"password":true}"#,
            vec!["/email", "/password"],
        ),
        (
            r#"{"email":"grace@example.com","password":"routebook","user_id":1}"#,
            vec!["/user_id"],
        ),
    ] {
        let response = app.json(&key, "POST", "/api/session", body).await;
        assert_eq!(response.pointers(422), pointers, "{body}");
    }
    let form = [
        ("sandbox-key", key.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let response = app
        .request("POST", "/api/session", &form, "email=grace@example.com")
        .await;
    response.problem(415);
}

async fn the_cookie_is_held_to_this_host_under_https(database: &TestDatabase) {
    let app = App::with_base(database, "https://learn.example.com").await;
    let key = app.sandbox().await;
    let response = log_in(&app, &key, "grace@example.com").await;
    let set = response.header("set-cookie").unwrap();
    assert!(set.starts_with("__Host-api_session="), "{set}");
    for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(set.contains(attribute), "{attribute}: {set}");
    }
    assert!(!set.contains("Domain"), "{set}");
    let cookie = cookie(&response);
    assert_eq!(show_session(&app, &key, &cookie).await.status, 200);
    // Over HTTPS the plain name is ignored.
    let plain = cookie.trim_start_matches("__Host-");
    assert_eq!(show_session(&app, &key, plain).await.status, 401);
    let headers = [("sandbox-key", key.as_str()), ("cookie", &cookie)];
    let out = app.get("DELETE", "/api/session", &headers).await;
    let removal = out.header("set-cookie").unwrap();
    for attribute in ["__Host-api_session=;", "Secure", "Path=/", "Max-Age=0"] {
        assert!(removal.contains(attribute), "{attribute}: {removal}");
    }
}

async fn only_the_hash_of_the_session_key_is_stored(database: &TestDatabase) {
    use sqlx::{Connection as _, Executor as _, Row as _};
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let cookie = cookie(&log_in(&app, &key, "grace@example.com").await);
    let secret = cookie.split_once('=').unwrap().1;
    // 128 random bits.
    assert_eq!(secret.len(), 22);
    let mut connection = connect(database).await;
    let row = connection.fetch_one("SELECT hash FROM api_session").await;
    let stored: Vec<u8> = row.unwrap().get(0);
    connection.close().await.unwrap();
    assert_eq!(stored, Sha256::digest(secret).to_vec());
}

async fn login_replaces_the_session_key(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let first = cookie(&log_in(&app, &key, "grace@example.com").await);
    let body = r#"{"email":"ada@example.com","password":"routebook"}"#;
    let headers = [JSON, ("sandbox-key", key.as_str()), ("cookie", &first)];
    let response = app.request("POST", "/api/session", &headers, body).await;
    let second = cookie(&response);
    assert_ne!(first, second);
    show_session(&app, &key, &first).await.problem(401);
    assert_eq!(show_session(&app, &key, &second).await.json()["id"], 4);
    // Another browser has a separate session.
    let third = cookie(&log_in(&app, &key, "ada@example.com").await);
    assert_eq!(show_session(&app, &key, &second).await.status, 200);
    assert_eq!(show_session(&app, &key, &third).await.status, 200);
}

async fn forged_session_key_is_never_adopted(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let forged = "api_session=AAAAAAAAAAAAAAAAAAAAAA";
    show_session(&app, &key, forged).await.problem(401);
    let body = r#"{"email":"grace@example.com","password":"routebook"}"#;
    let headers = [JSON, ("sandbox-key", key.as_str()), ("cookie", forged)];
    let response = app.request("POST", "/api/session", &headers, body).await;
    assert_ne!(cookie(&response), forged);
    show_session(&app, &key, forged).await.problem(401);
    for malformed in ["api_session=", "api_session=x", "api_session=%00"] {
        show_session(&app, &key, malformed).await.problem(401);
    }
}

async fn logout_deletes_the_session_on_the_server(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let own_cookie = cookie(&log_in(&app, &key, "grace@example.com").await);
    let other = cookie(&log_in(&app, &key, "ada@example.com").await);
    let headers = [("sandbox-key", key.as_str()), ("cookie", &own_cookie)];
    for _ in 0..2 {
        let out = app.get("DELETE", "/api/session", &headers).await;
        assert_eq!((out.status, out.body.len()), (204, 0));
        let removal = out.header("set-cookie").unwrap();
        assert!(removal.starts_with("api_session=;") && removal.contains("Max-Age=0"));
        show_session(&app, &key, &own_cookie).await.problem(401);
    }
    assert_eq!(show_session(&app, &key, &other).await.status, 200);
    // The user of the token is not the user of the cookie.
    let headers = [
        ("sandbox-key", key.as_str()),
        ("cookie", &other),
        ("authorization", "Bearer x"),
    ];
    app.get("DELETE", "/api/session", &headers).await;
    assert_eq!(show_session(&app, &key, &other).await.status, 200);
}

async fn session_expires_after_a_day(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let own_cookie = cookie(&log_in(&app, &key, "grace@example.com").await);
    app.clock.advance(DAY - 1);
    assert_eq!(show_session(&app, &key, &own_cookie).await.status, 200);
    app.clock.advance(1);
    show_session(&app, &key, &own_cookie).await.problem(401);
    // The next login deletes it.
    log_in(&app, &key, "ada@example.com").await;
    assert_eq!(count(database, "SELECT COUNT(*) FROM api_session").await, 1);
}

async fn session_is_valid_only_in_its_sandbox(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, other) = (app.sandbox().await, app.sandbox().await);
    let own_cookie = cookie(&log_in(&app, &key, "grace@example.com").await);
    assert_eq!(show_session(&app, &key, &own_cookie).await.status, 200);
    show_session(&app, &other, &own_cookie).await.problem(401);
    app.get("GET", "/api/session", &[("cookie", &own_cookie)])
        .await
        .problem(401);
    let headers = [("sandbox-key", other.as_str()), ("cookie", &own_cookie)];
    app.get("DELETE", "/api/session", &headers).await;
    assert_eq!(show_session(&app, &key, &own_cookie).await.status, 200);
}

async fn deleting_a_user_deletes_their_sessions(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let own_cookie = cookie(&log_in(&app, &key, "grace@example.com").await);
    let headers = [("sandbox-key", key.as_str())];
    app.get("DELETE", "/api/users/2", &headers).await;
    show_session(&app, &key, &own_cookie).await.problem(401);
    // A user that is created later with the same id is another user.
    let body = r#"{"name":"Eve","email":"eve@example.com","role":"member"}"#;
    let put = app.json(&key, "PUT", "/api/users/2", body).await;
    assert_eq!(put.status, 201);
    show_session(&app, &key, &own_cookie).await.problem(401);
}

async fn reset_deletes_sessions_and_tokens(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, other) = (app.sandbox().await, app.sandbox().await);
    let own_cookie = cookie(&log_in(&app, &key, "grace@example.com").await);
    let others = cookie(&log_in(&app, &other, "grace@example.com").await);
    let token = crate::token::create_token(&app, &key, &own_cookie, "opaque").await;
    let headers = [("sandbox-key", key.as_str())];
    let reset = app.get("POST", "/api/sandbox/reset", &headers).await;
    assert_eq!(reset.status, 204);
    show_session(&app, &key, &own_cookie).await.problem(401);
    let bearer = format!("Bearer {}", token["token"].as_str().unwrap());
    let headers = [("sandbox-key", key.as_str()), ("authorization", &bearer)];
    app.get("GET", "/api/me", &headers).await.problem(401);
    assert_eq!(show_session(&app, &other, &others).await.status, 200);
}

async fn sandbox_has_at_most_a_hundred_sessions(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let first = cookie(&log_in(&app, &key, "grace@example.com").await);
    app.clock.advance(1000);
    let second = cookie(&log_in(&app, &key, "grace@example.com").await);
    app.clock.advance(1000);
    for _ in 0..99 {
        log_in(&app, &key, "ada@example.com").await;
    }
    assert_eq!(
        count(database, "SELECT COUNT(*) FROM api_session").await,
        100
    );
    show_session(&app, &key, &first).await.problem(401);
    assert_eq!(show_session(&app, &key, &second).await.status, 200);
}

async fn authenticated_responses_have_no_store(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let response = log_in(&app, &key, "grace@example.com").await;
    assert_eq!(response.header("cache-control"), Some("no-store"));
    let own_cookie = cookie(&response);
    let headers = [("sandbox-key", key.as_str()), ("cookie", &own_cookie)];
    for (method, path) in [
        ("GET", "/api/session"),
        ("GET", "/api/me"),
        ("HEAD", "/api/me"),
        ("GET", "/api/me?x=1"),
        ("GET", "/api/tokens"),
        ("GET", "/api/tokens/x"),
        ("GET", "/api/admin/stats"),
        ("DELETE", "/api/session"),
    ] {
        let response = app.get(method, path, &headers).await;
        assert_eq!(
            response.header("cache-control"),
            Some("no-store"),
            "{method} {path}"
        );
    }
    // A token is masked also in requests that do not need one.
    let headers = [("authorization", "Bearer x")];
    let seed = app.get("GET", "/api/users", &headers).await;
    assert_eq!(
        (seed.status, seed.header("cache-control")),
        (200, Some("no-store"))
    );
}

async fn record_contains_no_password(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let response = log_in(&app, &key, "grace@example.com").await;
    let secret = cookie(&response).split_once('=').unwrap().1.to_owned();
    let path = format!(
        "/api/sandbox/exchanges/{}",
        response.header("request-id").unwrap()
    );
    let record = app.get("GET", &path, &[("sandbox-key", &key)]).await;
    assert_eq!(record.status, 200);
    let text = String::from_utf8(record.body.clone()).unwrap();
    assert!(
        !text.contains("\\\"routebook\\\"") && !text.contains(&secret),
        "{text}"
    );
    let steps = record.json()["trace"].as_array().unwrap().clone();
    let step = steps.iter().find(|step| step["kind"] == "authentication");
    let step = step.unwrap();
    assert_eq!(
        (&step["outcome"], &step["detail"]),
        (&"passed".into(), &"user 2".into())
    );
}

/// Sends a request with these bytes as its `Cookie` field.
async fn with_cookies(app: &App, method: &str, path: &str, cookies: &[u8]) -> TestResponse {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("cookie", cookies);
    app.send(request.body(Body::empty()).unwrap()).await
}

async fn cookies_are_found_beside_non_ascii_bytes(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let session = cookie(&log_in(&app, &key, "grace@example.com").await);
    let cookies = format!("{session}; sandbox={key}");
    for foreign in ["lang=한".as_bytes(), b"a=\xff"] {
        for cookies in [
            [foreign, b"; ", cookies.as_bytes()].concat(),
            [cookies.as_bytes(), b"; ", foreign].concat(),
        ] {
            let response = with_cookies(&app, "GET", "/api/me", &cookies).await;
            assert_eq!(response.status, 200, "{foreign:?}");
            let response = with_cookies(&app, "GET", "/api/sandbox", &cookies).await;
            assert_eq!(response.json()["key"], key.as_str(), "{foreign:?}");
        }
    }
}

async fn repeated_cookie_returns_400(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let session = cookie(&log_in(&app, &key, "grace@example.com").await);
    let twice = format!("sandbox=AAAAAAAAAAAAAAAAAAAAAA; sandbox={key}");
    for (method, path) in [("GET", "/api/users/1"), ("DELETE", "/api/users/1")] {
        let response = with_cookies(&app, method, path, twice.as_bytes()).await;
        let problem = response.problem(400);
        assert!(
            problem["detail"]
                .as_str()
                .unwrap()
                .contains("sandbox occurs twice")
        );
    }
    // The header selects the sandbox, and the cookies are ignored.
    let headers = [("sandbox-key", key.as_str()), ("cookie", twice.as_str())];
    let response = app.get("GET", "/api/users/1", &headers).await;
    assert_eq!(response.status, 200);
    let twice = format!("sandbox={key}; {session}; api_session=AAAAAAAAAAAAAAAAAAAAAA");
    let response = with_cookies(&app, "GET", "/api/me", twice.as_bytes()).await;
    let problem = response.problem(400);
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("api_session occurs twice")
    );
    let response = with_cookies(&app, "GET", "/api/users/1", twice.as_bytes()).await;
    assert_eq!(response.status, 200);
}
