//! The pages of passkeys and what they refuse. Real passkeys are tested in end2end/passkey.spec.ts.

use axum::body::Body;
use axum::http::header::COOKIE;
use axum::http::{Request, StatusCode};
use routebook::model::account::TeamRole;
use routebook::portal::store::audit::{Actor, AuditAction, AuditFilter};
use routebook::portal::store::passkey::PasskeyKey;

use crate::app::{App, PASSWORD, TestResponse, rows, sessions};
use crate::database::TestDatabase;

on_both_engines! {
    site_with_an_address_offers_no_passkeys,
    script_has_an_address_that_changes_with_it,
    options_are_for_this_site_and_for_one_login,
    response_that_is_no_passkey_is_refused,
    passkey_is_added_with_the_password_only,
    passkeys_of_others_are_neither_seen_nor_removed,
}

const PAGE: &str = "/en/account/passkeys";
const PENDING: &str = "routebook-login";

async fn site(database: &TestDatabase) -> App {
    App::with_base(database, "http://localhost:3000").await
}

async fn post_pending(app: &App, path: &str, token: &str, form: &[(&str, &str)]) -> TestResponse {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    let request = Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .header(COOKIE, format!("{PENDING}={token}"));
    app.send(request.body(Body::from(body.finish())).unwrap())
        .await
}

fn token_of(response: &TestResponse) -> String {
    let cookie = response.cookies(PENDING).remove(0);
    let (_, value) = cookie.split_once('=').unwrap();
    value.split(';').next().unwrap().to_owned()
}

async fn site_with_an_address_offers_no_passkeys(database: &TestDatabase) {
    let app = App::new(database).await;
    let login = app.get("/en/login", None).await;
    assert!(!login.body.contains("passkey"), "{}", login.body);
    let session = app.log_in_as_grace(None).await;
    for path in [PAGE, "/en/account"] {
        let page = app.get(path, Some(&session)).await;
        let text = "Passkeys need a host name";
        assert!(page.body.contains(text), "{}", page.body);
    }
    let page = app.get("/en/account", Some(&session)).await;
    assert!(!page.body.contains("href=\"/en/account/passkeys\""));
    for path in ["/en/login/passkey/options", "/en/account/passkeys/options"] {
        let response = app.post(path, Some(&session), &[]).await;
        assert_eq!(response.status, StatusCode::NOT_FOUND, "{path}");
    }
}

async fn script_has_an_address_that_changes_with_it(database: &TestDatabase) {
    let app = site(database).await;
    for (lang, text) in [("en", "Log in with a passkey"), ("ko", "패스키로 로그인")] {
        let login = app.get(&format!("/{lang}/login"), None).await;
        assert!(login.body.contains(text), "{}", login.body);
        let (_, rest) = login.body.split_once("src=\"/scripts/").expect("a script");
        let path = format!("/scripts/{}", rest.split('"').next().unwrap());
        let script = app.get(&path, None).await;
        assert_eq!(script.status, StatusCode::OK);
        assert_eq!(
            script.header("content-type"),
            Some("text/javascript; charset=utf-8")
        );
        assert!(
            script
                .header("cache-control")
                .unwrap()
                .contains("immutable")
        );
        assert!(script.body.contains("navigator.credentials"));
    }
    let other = app.get("/scripts/0000000000000000/passkey.js", None).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
}

async fn options_are_for_this_site_and_for_one_login(database: &TestDatabase) {
    let app = site(database).await;
    let options = app.post("/en/login/passkey/options", None, &[]).await;
    assert_eq!(options.header("content-type"), Some("application/json"));
    assert_eq!(options.header("cache-control"), Some("no-store"));
    let json: serde_json::Value = serde_json::from_str(&options.body).unwrap();
    assert_eq!(json["rpId"], "localhost");
    assert_eq!(json["userVerification"], "required");
    assert_eq!(json["allowCredentials"].as_array().map(Vec::len), Some(0));
    let again = app.post("/en/login/passkey/options", None, &[]).await;
    let again: serde_json::Value = serde_json::from_str(&again.body).unwrap();
    assert_ne!(json["challenge"], again["challenge"]);
    // A passkey is added by somebody who is logged in.
    let anonymous = app.post("/en/account/passkeys/options", None, &[]).await;
    assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED);
    let session = app.log_in_as_grace(None).await;
    let options = app
        .post("/en/account/passkeys/options", Some(&session), &[])
        .await;
    let json: serde_json::Value = serde_json::from_str(&options.body).unwrap();
    assert_eq!(json["rp"]["id"], "localhost");
    assert_eq!(json["user"]["name"], "grace@example.com");
    assert_eq!(json["authenticatorSelection"]["residentKey"], "required");
    // Devices know the account by the same number each time, which says nothing about it.
    let options = app
        .post("/en/account/passkeys/options", Some(&session), &[])
        .await;
    let again: serde_json::Value = serde_json::from_str(&options.body).unwrap();
    assert_eq!(json["user"]["id"], again["user"]["id"]);
}

async fn response_that_is_no_passkey_is_refused(database: &TestDatabase) {
    let app = site(database).await;
    let without = app
        .post("/en/login/passkey", None, &[("credential", "{}")])
        .await;
    assert_eq!(without.status, StatusCode::BAD_REQUEST);
    for credential in ["", "{}", "no JSON", r#"{"id":"AAAA"}"#] {
        let options = app.post("/en/login/passkey/options", None, &[]).await;
        let token = token_of(&options);
        let form = [("credential", credential)];
        for _ in 0..2 {
            let refused = post_pending(&app, "/en/login/passkey", &token, &form).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{credential}");
            assert!(
                refused.body.contains("The passkey was not accepted"),
                "{}",
                refused.body
            );
        }
    }
    assert_eq!(sessions(database).await, 0);
    let audit = rows(
        database,
        "SELECT id FROM audit WHERE action = 'log-in-failed'",
    )
    .await;
    assert!(audit.len() >= 4);
    assert!(
        rows(database, "SELECT kind FROM pending_login")
            .await
            .is_empty()
    );
}

async fn passkey_is_added_with_the_password_only(database: &TestDatabase) {
    let app = site(database).await;
    let session = app.log_in_as_grace(None).await;
    for (name, current, status, text) in [
        (
            " ",
            PASSWORD,
            StatusCode::UNPROCESSABLE_ENTITY,
            "A name has 1 to 100 characters.",
        ),
        (
            "My laptop",
            "wrong password",
            StatusCode::UNPROCESSABLE_ENTITY,
            "This is not the current password.",
        ),
        (
            "My laptop",
            PASSWORD,
            StatusCode::BAD_REQUEST,
            "The passkey was not accepted.",
        ),
    ] {
        let form = [
            ("do", "add"),
            ("credential", "{}"),
            ("name", name),
            ("current", current),
        ];
        let page = app.post(PAGE, Some(&session), &form).await;
        assert_eq!(page.status, status, "{}", page.body);
        assert!(page.body.contains(text), "{}", page.body);
        assert!(
            page.body.contains(&format!("value=\"{name}\"")),
            "{}",
            page.body
        );
    }
    assert!(rows(database, "SELECT id FROM passkey").await.is_empty());
}

async fn passkeys_of_others_are_neither_seen_nor_removed(database: &TestDatabase) {
    let app = site(database).await;
    let session = app.log_in_as_grace(None).await;
    let other = app.session_of("ada@example.com", TeamRole::Learner).await;
    let grace = app.portal.find_viewer(&session).await.unwrap().unwrap();
    let grace = app
        .portal
        .store
        .find_account(grace.account)
        .await
        .unwrap()
        .unwrap();
    let key = || PasskeyKey {
        credential_id: vec![7; 16],
        transports: 0,
        static_state: vec![1],
        dynamic_state: vec![0; 7],
    };
    let (actor, now) = (Actor::default(), app.clock.now());
    let store = &app.portal.store;
    assert!(
        store
            .create_passkey(&grace, "Laptop <1>", key(), &actor, now)
            .await
            .unwrap()
    );
    assert!(
        !store
            .create_passkey(&grace, "Again", key(), &actor, now)
            .await
            .unwrap()
    );
    let id = store.list_passkeys(grace.id).await.unwrap()[0]
        .id
        .to_string();
    let remove = [("do", "remove"), ("id", id.as_str()), ("confirm", "yes")];
    let page = app.get(PAGE, Some(&other)).await;
    assert!(!page.body.contains("Laptop"), "{}", page.body);
    app.post(PAGE, Some(&other), &remove).await;
    assert_eq!(rows(database, "SELECT id FROM passkey").await.len(), 1);
    let page = app.get(PAGE, Some(&session)).await;
    assert!(
        page.body.contains("Laptop &lt;1>") || page.body.contains("Laptop &lt;1&gt;"),
        "{}",
        page.body
    );
    let data = app.get("/en/account/data.json", Some(&session)).await;
    assert!(data.body.contains("Laptop <1>"), "{}", data.body);
    let asked = app.post(PAGE, Some(&session), &remove[..2]).await;
    assert!(
        asked.body.contains("You will no longer log in with"),
        "{}",
        asked.body
    );
    let removed = app.post(PAGE, Some(&session), &remove).await;
    let target = removed.header("location").unwrap();
    let page = app.get(target, Some(&session)).await.body;
    assert!(page.contains("The passkey was removed."), "{page}");
    let again = app.post(PAGE, Some(&session), &remove).await;
    assert_eq!(again.header("location"), Some(PAGE), "it is gone");
    assert!(rows(database, "SELECT id FROM passkey").await.is_empty());
    for action in ["add-passkey", "remove-passkey"] {
        let entries = store
            .list_audit(
                &AuditFilter {
                    action: AuditAction::parse(action),
                    ..AuditFilter::default()
                },
                None,
                9,
            )
            .await;
        assert_eq!(entries.unwrap().len(), 1, "{action}");
    }
}
