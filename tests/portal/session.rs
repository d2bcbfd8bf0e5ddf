//! Sessions: how they begin, what they open, how they end.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use routebook::portal;
use routebook::portal::LoginClient;
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use tower_sessions::Session;

use crate::app::{App, DAY, HOUR, PASSWORD, START, rows, sessions};
use crate::database::TestDatabase;

on_both_engines! {
    an_anonymous_reader_gets_no_cookie_and_no_row,
    a_login_begins_a_session_under_a_new_id,
    a_login_as_somebody_else_ends_the_session_before,
    the_table_holds_the_hash_of_the_id,
    a_session_ends_at_logout_for_every_holder,
    a_request_in_flight_revives_nothing,
    an_id_that_was_made_up_is_never_adopted,
    what_is_no_id_is_ignored_and_removed,
    a_session_ends_when_it_is_idle,
    a_session_ends_after_sixty_days_of_use,
    its_use_is_noted_once_an_hour,
    only_expired_sessions_are_deleted,
    a_session_is_made_by_a_login_only,
    cookies_under_https,
    cookies_on_plain_http,
    logging_out_takes_a_post_from_our_own_pages,
    the_session_of_the_api_is_nothing_here_and_this_one_nothing_there,
    foreign_bytes_beside_the_cookie_do_not_hide_it,
    cookie_that_stands_twice_opens_nothing,
}

async fn an_anonymous_reader_gets_no_cookie_and_no_row(database: &TestDatabase) {
    let app = App::new(database).await;
    for path in [
        "/",
        "/en",
        "/ko/methods/get",
        "/en/login?next=/en",
        "/en/nothing",
    ] {
        let response = app.get(path, None).await;
        assert!(response.status.as_u16() < 500, "{path}");
        assert!(!response.headers.contains_key("set-cookie"), "{path}");
    }
    let refused = app.log_in(None, "grace@example.com", "wrong").await;
    assert!(!refused.headers.contains_key("set-cookie"));
    assert_eq!(sessions(database).await, 0);
}

async fn a_login_begins_a_session_under_a_new_id(database: &TestDatabase) {
    let app = App::new(database).await;
    let first = app.logged_in(None).await;
    assert_eq!(app.who(&first).await.as_deref(), Some("Grace Hopper"));
    let second = app.logged_in(Some(&first)).await;
    assert_ne!(first, second);
    assert_eq!(app.who(&second).await.as_deref(), Some("Grace Hopper"));
    assert_eq!(app.who(&first).await, None, "the old id opens nothing");
    assert_eq!(sessions(database).await, 1);
}

async fn a_login_as_somebody_else_ends_the_session_before(database: &TestDatabase) {
    let app = App::new(database).await;
    app.register("alan@example.com", "Alan Turing").await;
    let grace = app.logged_in(None).await;
    let response = app.log_in(Some(&grace), "ALAN@example.com", PASSWORD).await;
    let alan = response.session_id(app.cookie).unwrap();
    assert_eq!(app.who(&alan).await.as_deref(), Some("Alan Turing"));
    assert_eq!(app.who(&grace).await, None);
    // A failed attempt leaves the session alone.
    let response = app.log_in(Some(&alan), "grace@example.com", "wrong").await;
    assert_eq!(response.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.who(&alan).await.as_deref(), Some("Alan Turing"));
}

async fn the_table_holds_the_hash_of_the_id(database: &TestDatabase) {
    let app = App::new(database).await;
    let id = app.logged_in(None).await;
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(&id).unwrap();
    assert_eq!(bytes.len(), 16, "128 bits");
    let row = rows(database, "SELECT * FROM session").await.remove(0);
    let stored: Vec<u8> = row.get("id_hash");
    assert_eq!(stored, Sha256::digest(&bytes).to_vec());
    // Nor does the id stand anywhere else in the row.
    for column in ["data", "agent", "address"] {
        let text: Option<String> = row.get(column);
        assert!(!text.unwrap_or_default().contains(&id), "{column}");
    }
}

async fn a_session_ends_at_logout_for_every_holder(database: &TestDatabase) {
    let app = App::new(database).await;
    let id = app.logged_in(None).await;
    let other = app.logged_in(None).await;
    let response = app.post("/en/logout", Some(&id), &[]).await;
    assert_eq!(response.status, StatusCode::SEE_OTHER);
    assert_eq!(response.header("location"), Some("/en"));
    assert_eq!(app.who(&id).await, None, "a replayed cookie opens nothing");
    assert_eq!(
        app.who(&other).await.as_deref(),
        Some("Grace Hopper"),
        "another device stays"
    );
    assert_eq!(sessions(database).await, 1);
    let again = app.post("/en/logout", Some(&id), &[]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
}

async fn a_request_in_flight_revives_nothing(database: &TestDatabase) {
    let app = App::new(database).await;
    let store = Arc::new(app.portal.sessions());
    let account = app.portal.store.list_accounts().await.unwrap()[0].id;
    for round in 0..100 {
        let login = Session::new(None, Arc::clone(&store), None);
        portal::log_in(&login, account, LoginClient::default())
            .await
            .unwrap();
        let id = login.id();
        // A request that has read the session and will change it, and the logout.
        let flight = Session::new(id, Arc::clone(&store), None);
        assert!(portal::viewer(&flight).await.unwrap().is_some());
        let logout = Session::new(id, Arc::clone(&store), None);
        let late = async {
            flight.insert("key", round).await.unwrap();
            flight.save().await
        };
        if round % 2 == 0 {
            let (ended, saved) = tokio::join!(portal::log_out(&logout), late);
            ended.unwrap();
            saved.expect("a save that comes too late is silent");
        } else {
            portal::log_out(&logout).await.unwrap();
            late.await.expect("a save that comes too late is silent");
        }
        let replay = Session::new(id, Arc::clone(&store), None);
        assert_eq!(
            portal::viewer(&replay).await.unwrap(),
            None,
            "round {round}"
        );
    }
    assert_eq!(sessions(database).await, 0);
}

async fn an_id_that_was_made_up_is_never_adopted(database: &TestDatabase) {
    let app = App::new(database).await;
    let forged = BASE64_URL_SAFE_NO_PAD.encode([7; 16]);
    assert_eq!(app.who(&forged).await, None);
    let id = app.logged_in(Some(&forged)).await;
    assert_ne!(id, forged);
    assert_eq!(app.who(&forged).await, None);
    assert_eq!(sessions(database).await, 1);
}

async fn what_is_no_id_is_ignored_and_removed(database: &TestDatabase) {
    let app = App::new(database).await;
    let long = "A".repeat(4000);
    let unknown = BASE64_URL_SAFE_NO_PAD.encode([9; 16]);
    let fine_but_long = BASE64_URL_SAFE_NO_PAD.encode([9; 17]);
    for id in [
        "",
        "x",
        "%00",
        "' OR 1=1 --",
        "====",
        &long,
        &fine_but_long,
        &unknown,
    ] {
        let response = app.get("/en/login", Some(id)).await;
        assert_eq!(response.status, StatusCode::OK, "{id}");
        assert!(!response.body.contains("account-name"), "{id}");
        assert_eq!(response.session_id(app.cookie).as_deref(), Some(""), "{id}");
        let id = app.logged_in(Some(id)).await;
        assert_eq!(id.len(), 22);
    }
}

async fn a_session_ends_when_it_is_idle(database: &TestDatabase) {
    let app = App::new(database).await;
    let id = app.logged_in(None).await;
    app.clock.advance(14 * DAY - 1);
    assert!(app.who(&id).await.is_some());
    // That was a use, so it counts anew.
    app.clock.advance(14 * DAY - 1);
    assert!(app.who(&id).await.is_some());
    app.clock.advance(14 * DAY);
    assert_eq!(app.who(&id).await, None);
}

async fn a_session_ends_after_sixty_days_of_use(database: &TestDatabase) {
    let app = App::new(database).await;
    let id = app.logged_in(None).await;
    for day in 1..60 {
        app.clock.advance(DAY);
        assert!(app.who(&id).await.is_some(), "day {day}");
    }
    app.clock.advance(DAY - 1);
    assert!(app.who(&id).await.is_some());
    app.clock.advance(1);
    assert_eq!(app.who(&id).await, None);
}

async fn its_use_is_noted_once_an_hour(database: &TestDatabase) {
    let app = App::new(database).await;
    let id = app.logged_in(None).await;
    let noted = async || {
        let row = rows(database, "SELECT created, seen, expires FROM session")
            .await
            .remove(0);
        let times = ["created", "seen", "expires"].map(|column| row.get::<i64, _>(column) - START);
        (times[0], times[1], times[2])
    };
    assert_eq!(noted().await, (0, 0, 14 * DAY));
    app.clock.advance(HOUR - 1);
    app.who(&id).await.unwrap();
    assert_eq!(noted().await, (0, 0, 14 * DAY));
    app.clock.advance(1);
    app.who(&id).await.unwrap();
    assert_eq!(noted().await, (0, HOUR, HOUR + 14 * DAY));
}

async fn only_expired_sessions_are_deleted(database: &TestDatabase) {
    let app = App::new(database).await;
    app.logged_in(None).await;
    app.clock.advance(DAY);
    let young = app.logged_in(None).await;
    app.clock.advance(13 * DAY - 1);
    assert_eq!(app.portal.sessions().delete_expired().await.unwrap(), 0);
    app.clock.advance(1);
    assert_eq!(app.portal.sessions().delete_expired().await.unwrap(), 1);
    assert!(app.who(&young).await.is_some());
}

async fn a_session_is_made_by_a_login_only(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = Session::new(None, Arc::new(app.portal.sessions()), None);
    session.insert("key", "value").await.unwrap();
    assert!(session.save().await.is_err());
    assert_eq!(sessions(database).await, 0);
}

async fn cookies_under_https(database: &TestDatabase) {
    let app = App::with_base(database, "https://learn.example.com").await;
    let response = app.log_in(None, "grace@example.com", PASSWORD).await;
    let given = response.cookies("__Host-routebook");
    let id = response.session_id("__Host-routebook").unwrap();
    assert_eq!(
        attributes(&given[0]),
        [
            "HttpOnly",
            "Max-Age=5184000",
            "Path=/",
            "SameSite=Lax",
            "Secure"
        ]
    );
    let response = app.post("/en/logout", Some(&id), &[]).await;
    let removed = response.cookies("__Host-routebook");
    assert!(removed[0].starts_with("__Host-routebook=;"), "{removed:?}");
    assert_eq!(
        attributes(&removed[0]),
        ["HttpOnly", "Max-Age=0", "Path=/", "SameSite=Lax", "Secure"]
    );
}

async fn cookies_on_plain_http(database: &TestDatabase) {
    let app = App::new(database).await;
    let response = app.log_in(None, "grace@example.com", PASSWORD).await;
    let given = response.cookies("routebook");
    assert_eq!(
        attributes(&given[0]),
        ["HttpOnly", "Max-Age=5184000", "Path=/", "SameSite=Lax"]
    );
    let id = response.session_id("routebook").unwrap();
    let response = app.post("/en/logout", Some(&id), &[]).await;
    let removed = response.cookies("routebook");
    assert_eq!(
        attributes(&removed[0]),
        ["HttpOnly", "Max-Age=0", "Path=/", "SameSite=Lax"]
    );
}

async fn logging_out_takes_a_post_from_our_own_pages(database: &TestDatabase) {
    let app = App::new(database).await;
    let id = app.logged_in(None).await;
    let response = app.get("/en/logout", Some(&id)).await;
    assert_eq!(response.status, StatusCode::METHOD_NOT_ALLOWED);
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let request = axum::http::Request::post("/en/logout")
            .header("host", "127.0.0.1:3000")
            .header("cookie", format!("routebook={id}"))
            .header(name, value);
        let request = request.body(axum::body::Body::empty()).unwrap();
        assert_eq!(
            app.send(request).await.status,
            StatusCode::FORBIDDEN,
            "{name}: {value}"
        );
    }
    assert!(app.who(&id).await.is_some());
}

/// The attributes of a cookie, sorted.
fn attributes(cookie: &str) -> Vec<&str> {
    let mut attributes: Vec<_> = cookie.split("; ").skip(1).collect();
    attributes.sort_unstable();
    attributes
}

async fn the_session_of_the_api_is_nothing_here_and_this_one_nothing_there(
    database: &TestDatabase,
) {
    let app = App::new(database).await;
    let id = app.logged_in(None).await;
    let login = Request::post("/api/session").header(CONTENT_TYPE, "application/json");
    let body = r#"{"email":"grace@example.com","password":"routebook"}"#;
    let response = app.send(login.body(Body::from(body)).unwrap()).await;
    assert_eq!(response.status, StatusCode::CREATED);
    let key = response.session_id("api_session").unwrap();
    let sandbox = response.session_id("sandbox").unwrap();
    assert_eq!(app.who(&key).await, None);
    assert_eq!(app.who(&id).await.as_deref(), Some("Grace Hopper"));
    for (cookie, status) in [
        (format!("sandbox={sandbox}; api_session={key}"), 200),
        (format!("sandbox={sandbox}; routebook={id}"), 401),
        (format!("sandbox={sandbox}; api_session={id}"), 401),
        (format!("sandbox={sandbox}; routebook={key}"), 401),
    ] {
        let me = Request::get("/api/me").header(COOKIE, cookie);
        let me = app.send(me.body(Body::empty()).unwrap()).await;
        assert_eq!(me.status.as_u16(), status);
    }
}

/// Whose name a page shows to a request with these `Cookie` fields.
async fn who_with(app: &App, fields: &[&[u8]]) -> bool {
    let mut request = Request::get("/en/login");
    for field in fields {
        request = request.header(COOKIE, *field);
    }
    let page = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(page.status, StatusCode::OK);
    page.body.contains("class=\"account-name\">Grace Hopper<")
}

async fn foreign_bytes_beside_the_cookie_do_not_hide_it(database: &TestDatabase) {
    let app = App::new(database).await;
    let ours = format!("routebook={}", app.logged_in(None).await);
    for foreign in ["team=한국어".as_bytes(), b"a=\xff\xfe", b"\xff"] {
        let before = [foreign, b"; ", ours.as_bytes()].concat();
        let after = [ours.as_bytes(), b"; ", foreign].concat();
        assert!(who_with(&app, &[&before]).await, "{foreign:?}");
        assert!(who_with(&app, &[&after]).await, "{foreign:?}");
        assert!(
            who_with(&app, &[foreign, ours.as_bytes()]).await,
            "{foreign:?}"
        );
    }
}

async fn cookie_that_stands_twice_opens_nothing(database: &TestDatabase) {
    let app = App::new(database).await;
    let ours = format!("routebook={}", app.logged_in(None).await);
    let (ours, other) = (ours.as_bytes(), &b"routebook=AAAAAAAAAAAAAAAAAAAAAA"[..]);
    assert!(who_with(&app, &[ours]).await);
    for fields in [[other, ours], [ours, other], [ours, ours]] {
        assert!(!who_with(&app, &fields).await);
        assert!(!who_with(&app, &[&fields.join(&b"; "[..])]).await);
    }
    // The session itself is still there.
    assert!(who_with(&app, &[ours]).await);
}
