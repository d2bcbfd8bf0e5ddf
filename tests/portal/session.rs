//! Sessions of the portal: creation, use and end.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use routebook::model::account::TeamRole;
use routebook::portal;
use routebook::portal::store::audit::Actor;
use routebook::portal::store::member::MemberChange;
use routebook::portal::{LogInError, LoginClient};
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use tower_sessions::Session;

use crate::app::{App, DAY, PASSWORD, START, rows, sessions};
use crate::database::TestDatabase;

on_both_engines! {
    anonymous_requests_set_no_cookie_and_store_no_row,
    login_creates_a_session_with_a_new_id,
    login_with_another_account_ends_the_previous_session,
    session_row_contains_only_the_hash_of_the_id,
    logout_ends_the_session_for_every_client,
    request_in_flight_does_not_restore_a_deleted_session,
    disabled_account_begins_no_session,
    login_in_flight_begins_no_session_when_the_account_has_changed,
    session_of_a_disabled_account_opens_nothing,
    forged_session_id_is_never_used,
    invalid_session_id_is_ignored_and_its_cookie_removed,
    session_expires_after_fourteen_idle_days,
    session_expires_after_sixty_days_of_use,
    last_use_is_stored_at_most_once_in_five_minutes,
    only_expired_sessions_are_deleted,
    session_is_created_only_by_a_login,
    session_cookie_under_https_is_secure_with_host_prefix,
    session_cookie_on_plain_http_has_no_secure_attribute,
    logout_requires_a_post_from_the_same_origin,
    api_session_and_portal_session_are_not_interchangeable,
    session_cookie_is_found_beside_bytes_that_are_not_ascii,
    repeated_session_cookie_is_ignored,
}

async fn anonymous_requests_set_no_cookie_and_store_no_row(database: &TestDatabase) {
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

async fn login_creates_a_session_with_a_new_id(database: &TestDatabase) {
    let app = App::new(database).await;
    let first = app.log_in_as_grace(None).await;
    assert_eq!(
        app.viewer_name(&first).await.as_deref(),
        Some("Grace Hopper")
    );
    let second = app.log_in_as_grace(Some(&first)).await;
    assert_ne!(first, second);
    assert_eq!(
        app.viewer_name(&second).await.as_deref(),
        Some("Grace Hopper")
    );
    assert_eq!(
        app.viewer_name(&first).await,
        None,
        "the old id is not valid"
    );
    assert_eq!(sessions(database).await, 1);
}

async fn login_with_another_account_ends_the_previous_session(database: &TestDatabase) {
    let app = App::new(database).await;
    app.register("alan@example.com", "Alan Turing").await;
    let grace = app.log_in_as_grace(None).await;
    let response = app.log_in(Some(&grace), "ALAN@example.com", PASSWORD).await;
    let alan = response.session_id(app.cookie).unwrap();
    assert_eq!(app.viewer_name(&alan).await.as_deref(), Some("Alan Turing"));
    assert_eq!(app.viewer_name(&grace).await, None);
    // A failed attempt does not change the session.
    let response = app.log_in(Some(&alan), "grace@example.com", "wrong").await;
    assert_eq!(response.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.viewer_name(&alan).await.as_deref(), Some("Alan Turing"));
}

async fn session_row_contains_only_the_hash_of_the_id(database: &TestDatabase) {
    let app = App::new(database).await;
    let id = app.log_in_as_grace(None).await;
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(&id).unwrap();
    assert_eq!(bytes.len(), 16, "128 bits");
    let row = rows(database, "SELECT * FROM session").await.remove(0);
    let stored: Vec<u8> = row.get("id_hash");
    assert_eq!(stored, Sha256::digest(&bytes).to_vec());
    // No other column contains the id.
    for column in ["data", "agent", "address"] {
        let text: Option<String> = row.get(column);
        assert!(!text.unwrap_or_default().contains(&id), "{column}");
    }
}

async fn logout_ends_the_session_for_every_client(database: &TestDatabase) {
    let app = App::new(database).await;
    let id = app.log_in_as_grace(None).await;
    let other = app.log_in_as_grace(None).await;
    let response = app.post("/en/logout", Some(&id), &[]).await;
    assert_eq!(response.status, StatusCode::SEE_OTHER);
    assert_eq!(response.header("location"), Some("/en"));
    assert_eq!(
        app.viewer_name(&id).await,
        None,
        "a replayed cookie is not valid"
    );
    assert_eq!(
        app.viewer_name(&other).await.as_deref(),
        Some("Grace Hopper"),
        "another session remains"
    );
    assert_eq!(sessions(database).await, 1);
    let again = app.post("/en/logout", Some(&id), &[]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
}

async fn disabled_account_begins_no_session(database: &TestDatabase) {
    let app = App::new(database).await;
    let account = app.portal.store.list_accounts().await.unwrap()[0].clone();
    // Its version stays, which is another reason to refuse the session.
    let sql = "UPDATE account SET disabled = 1 RETURNING id";
    assert_eq!(rows(database, sql).await.len(), 1);
    let login = Session::new(None, Arc::new(app.portal.sessions()), None);
    let begun = portal::log_in(&login, &account, LoginClient::default()).await;
    assert!(matches!(begun, Err(LogInError::Ended)), "{begun:?}");
    assert_eq!(sessions(database).await, 0);
}

async fn login_in_flight_begins_no_session_when_the_account_has_changed(database: &TestDatabase) {
    let app = App::new(database).await;
    let (store, actor) = (&app.portal.store, Actor::default());
    let grace = async || store.list_accounts().await.unwrap()[0].clone();
    for change in ["disabled", "role", "password"] {
        // The checks of passwords wait behind others, so that the accounts are read before the change.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let others: Vec<_> = (0..cores * 20)
            .map(|_| {
                let passwords = app.portal.passwords.clone();
                tokio::spawn(async move { passwords.verify(PASSWORD.to_owned(), None).await })
            })
            .collect();
        let logins = (0..16).map(|_| app.log_in(None, "grace@example.com", PASSWORD));
        let logins = futures_util::future::join_all(logins);
        let change = async {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            let (account, now) = (grace().await, app.clock.now());
            let member = |change| store.change_member(account.id, change, &actor, now);
            match change {
                "disabled" => drop(member(MemberChange::Disabled(true)).await.unwrap()),
                "role" => drop(member(MemberChange::Role(TeamRole::Mentor)).await.unwrap()),
                _ => {
                    let hash = "another hash".to_owned();
                    let changed = store.change_password(&account, hash, &actor, now).await;
                    assert!(changed.unwrap().is_some());
                }
            }
            (change, sessions(database).await, account)
        };
        let (responses, (change, at_change, account)) = tokio::join!(logins, change);
        let refused = responses
            .iter()
            .filter(|one| one.status != StatusCode::SEE_OTHER);
        assert_eq!(at_change, 0, "{change}: no login had ended before");
        assert!(refused.count() > 0, "{change}: logins were in flight");
        for response in responses
            .iter()
            .filter(|one| one.status != StatusCode::SEE_OTHER)
        {
            assert!(response.cookies(app.cookie).is_empty(), "{change}");
        }
        if change == "role" {
            // Those that began after the change are logins of the account as it is now.
            rows(database, "DELETE FROM session").await;
        }
        assert_eq!(sessions(database).await, 0, "{change}");
        for other in others {
            drop(other.await.unwrap());
        }
        // The account as it was before begins no session, and changes no password.
        let sessions_store = Arc::new(app.portal.sessions());
        let late = Session::new(None, sessions_store, None);
        let begun = portal::log_in(&late, &account, LoginClient::default()).await;
        assert!(
            matches!(begun, Err(LogInError::Ended)),
            "{change}: {begun:?}"
        );
        let now = app.clock.now();
        let changed = store
            .change_password(&account, "x".to_owned(), &actor, now)
            .await;
        assert!(changed.unwrap().is_none(), "{change}");
        if change == "disabled" {
            let enabled = MemberChange::Disabled(false);
            store
                .change_member(account.id, enabled, &actor, now)
                .await
                .unwrap();
        }
    }
}

async fn session_of_a_disabled_account_opens_nothing(database: &TestDatabase) {
    let app = App::new(database).await;
    let id = app.log_in_as_grace(None).await;
    assert!(app.viewer_name(&id).await.is_some());
    rows(database, "UPDATE account SET disabled = 1").await;
    assert_eq!(app.viewer_name(&id).await, None);
}

async fn request_in_flight_does_not_restore_a_deleted_session(database: &TestDatabase) {
    let app = App::new(database).await;
    let store = Arc::new(app.portal.sessions());
    let account = app.portal.store.list_accounts().await.unwrap()[0].clone();
    for round in 0..500 {
        let login = Session::new(None, Arc::clone(&store), None);
        portal::log_in(&login, &account, LoginClient::default())
            .await
            .unwrap();
        let id = login.id();
        // One request has read the session and will change it; another logs out.
        let in_flight = Session::new(id, Arc::clone(&store), None);
        assert!(portal::load_viewer(&in_flight).await.unwrap().is_some());
        let logout = Session::new(id, Arc::clone(&store), None);
        let save = async {
            in_flight.insert("key", round).await.unwrap();
            in_flight.save().await
        };
        if round % 2 == 0 {
            let (ended, saved) = tokio::join!(portal::log_out(&logout), save);
            ended.unwrap();
            saved.expect("saving a deleted session is no error");
        } else {
            portal::log_out(&logout).await.unwrap();
            save.await.expect("saving a deleted session is no error");
        }
        let replay = Session::new(id, Arc::clone(&store), None);
        assert_eq!(
            portal::load_viewer(&replay).await.unwrap(),
            None,
            "round {round}"
        );
    }
    assert_eq!(sessions(database).await, 0);
}

async fn forged_session_id_is_never_used(database: &TestDatabase) {
    let app = App::new(database).await;
    let forged = BASE64_URL_SAFE_NO_PAD.encode([7; 16]);
    assert_eq!(app.viewer_name(&forged).await, None);
    let id = app.log_in_as_grace(Some(&forged)).await;
    assert_ne!(id, forged);
    assert_eq!(app.viewer_name(&forged).await, None);
    assert_eq!(sessions(database).await, 1);
}

async fn invalid_session_id_is_ignored_and_its_cookie_removed(database: &TestDatabase) {
    let app = App::new(database).await;
    let long = "A".repeat(4000);
    let unknown = BASE64_URL_SAFE_NO_PAD.encode([9; 16]);
    let too_long = BASE64_URL_SAFE_NO_PAD.encode([9; 17]);
    for id in [
        "",
        "x",
        "%00",
        "' OR 1=1 --",
        "====",
        &long,
        &too_long,
        &unknown,
    ] {
        let response = app.get("/en/login", Some(id)).await;
        assert_eq!(response.status, StatusCode::OK, "{id}");
        assert!(!response.body.contains("class=\"account-name\""), "{id}");
        assert_eq!(response.session_id(app.cookie).as_deref(), Some(""), "{id}");
        let id = app.log_in_as_grace(Some(id)).await;
        assert_eq!(id.len(), 22);
    }
}

async fn session_expires_after_fourteen_idle_days(database: &TestDatabase) {
    let app = App::new(database).await;
    let id = app.log_in_as_grace(None).await;
    app.clock.advance(14 * DAY - 1);
    assert!(app.viewer_name(&id).await.is_some());
    // The request was a use, so the idle time starts again.
    app.clock.advance(14 * DAY - 1);
    assert!(app.viewer_name(&id).await.is_some());
    app.clock.advance(14 * DAY);
    assert_eq!(app.viewer_name(&id).await, None);
}

async fn session_expires_after_sixty_days_of_use(database: &TestDatabase) {
    let app = App::new(database).await;
    let id = app.log_in_as_grace(None).await;
    for day in 1..60 {
        app.clock.advance(DAY);
        assert!(app.viewer_name(&id).await.is_some(), "day {day}");
    }
    app.clock.advance(DAY - 1);
    assert!(app.viewer_name(&id).await.is_some());
    app.clock.advance(1);
    assert_eq!(app.viewer_name(&id).await, None);
}

async fn last_use_is_stored_at_most_once_in_five_minutes(database: &TestDatabase) {
    let app = App::new(database).await;
    let id = app.log_in_as_grace(None).await;
    let stored_times = async || {
        let row = rows(database, "SELECT created, seen, expires FROM session")
            .await
            .remove(0);
        let times = ["created", "seen", "expires"].map(|column| row.get::<i64, _>(column) - START);
        (times[0], times[1], times[2])
    };
    const INTERVAL: i64 = 5 * 60 * 1000;
    let account_seen = async || {
        let row = rows(database, "SELECT seen FROM account").await.remove(0);
        row.get::<i64, _>("seen") - START
    };
    assert_eq!(stored_times().await, (0, 0, 14 * DAY));
    app.clock.advance(INTERVAL - 1);
    app.viewer_name(&id).await.unwrap();
    assert_eq!(stored_times().await, (0, 0, 14 * DAY));
    assert_eq!(account_seen().await, 0, "a request is not a write");
    app.clock.advance(1);
    app.viewer_name(&id).await.unwrap();
    assert_eq!(stored_times().await, (0, INTERVAL, INTERVAL + 14 * DAY));
    assert_eq!(account_seen().await, INTERVAL, "mentors see it");
}

async fn only_expired_sessions_are_deleted(database: &TestDatabase) {
    let app = App::new(database).await;
    app.log_in_as_grace(None).await;
    app.clock.advance(DAY);
    let young = app.log_in_as_grace(None).await;
    app.clock.advance(13 * DAY - 1);
    assert_eq!(app.portal.sessions().delete_expired().await.unwrap(), 0);
    app.clock.advance(1);
    assert_eq!(app.portal.sessions().delete_expired().await.unwrap(), 1);
    assert!(app.viewer_name(&young).await.is_some());
}

async fn session_is_created_only_by_a_login(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = Session::new(None, Arc::new(app.portal.sessions()), None);
    session.insert("key", "value").await.unwrap();
    assert!(session.save().await.is_err());
    assert_eq!(sessions(database).await, 0);
}

async fn session_cookie_under_https_is_secure_with_host_prefix(database: &TestDatabase) {
    let app = App::with_base(database, "https://learn.example.com").await;
    let response = app.log_in(None, "grace@example.com", PASSWORD).await;
    let set = response.cookies("__Host-routebook");
    let id = response.session_id("__Host-routebook").unwrap();
    assert_eq!(
        attributes(&set[0]),
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

async fn session_cookie_on_plain_http_has_no_secure_attribute(database: &TestDatabase) {
    let app = App::new(database).await;
    let response = app.log_in(None, "grace@example.com", PASSWORD).await;
    let set = response.cookies("routebook");
    assert_eq!(
        attributes(&set[0]),
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

async fn logout_requires_a_post_from_the_same_origin(database: &TestDatabase) {
    let app = App::new(database).await;
    let id = app.log_in_as_grace(None).await;
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
    assert!(app.viewer_name(&id).await.is_some());
}

/// Returns the attributes of a cookie, sorted.
fn attributes(cookie: &str) -> Vec<&str> {
    let mut attributes: Vec<_> = cookie.split("; ").skip(1).collect();
    attributes.sort_unstable();
    attributes
}

async fn api_session_and_portal_session_are_not_interchangeable(database: &TestDatabase) {
    let app = App::new(database).await;
    let id = app.log_in_as_grace(None).await;
    let login = Request::post("/api/session").header(CONTENT_TYPE, "application/json");
    let body = r#"{"email":"grace@example.com","password":"routebook"}"#;
    let response = app.send(login.body(Body::from(body)).unwrap()).await;
    assert_eq!(response.status, StatusCode::CREATED);
    let key = response.session_id("api_session").unwrap();
    let sandbox = response.session_id("sandbox").unwrap();
    assert_eq!(app.viewer_name(&key).await, None);
    assert_eq!(app.viewer_name(&id).await.as_deref(), Some("Grace Hopper"));
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

/// Returns whether a page shows Grace's name to a request with these `Cookie` fields.
async fn shows_grace_with(app: &App, fields: &[&[u8]]) -> bool {
    let mut request = Request::get("/en/login");
    for field in fields {
        request = request.header(COOKIE, *field);
    }
    let page = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(page.status, StatusCode::OK);
    page.body.contains("class=\"account-name\">Grace Hopper<")
}

async fn session_cookie_is_found_beside_bytes_that_are_not_ascii(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = format!("routebook={}", app.log_in_as_grace(None).await);
    for foreign in ["team=한국어".as_bytes(), b"a=\xff\xfe", b"\xff"] {
        let before = [foreign, b"; ", session.as_bytes()].concat();
        let after = [session.as_bytes(), b"; ", foreign].concat();
        assert!(shows_grace_with(&app, &[&before]).await, "{foreign:?}");
        assert!(shows_grace_with(&app, &[&after]).await, "{foreign:?}");
        assert!(
            shows_grace_with(&app, &[foreign, session.as_bytes()]).await,
            "{foreign:?}"
        );
    }
}

async fn repeated_session_cookie_is_ignored(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = format!("routebook={}", app.log_in_as_grace(None).await);
    let (session, other) = (session.as_bytes(), &b"routebook=AAAAAAAAAAAAAAAAAAAAAA"[..]);
    assert!(shows_grace_with(&app, &[session]).await);
    for fields in [[other, session], [session, other], [session, session]] {
        assert!(!shows_grace_with(&app, &fields).await);
        assert!(!shows_grace_with(&app, &[&fields.join(&b"; "[..])]).await);
    }
    // The session itself still exists.
    assert!(shows_grace_with(&app, &[session]).await);
}
