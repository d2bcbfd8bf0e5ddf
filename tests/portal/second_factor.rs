//! The second step of a login: the code of an authenticator app, or a recovery code.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::{Request, StatusCode};
use routebook::config::Config;
use routebook::model::account::TeamRole;
use totp_rs::{Builder, Secret};

use crate::app::{App, PASSWORD, TestResponse, rows, sessions};
use crate::database::TestDatabase;

on_both_engines! {
    second_factor_is_enabled_with_a_code_and_the_password,
    session_begins_after_the_code_only,
    code_is_accepted_once_from_the_period_before_to_the_one_after,
    recovery_code_is_accepted_once,
    wrong_codes_are_throttled,
    login_that_waits_for_a_code_ends,
    new_password_ends_logins_that_wait_for_a_code,
    second_factor_is_disabled_with_the_password,
    recovery_codes_are_replaced,
    link_to_set_a_password_does_not_replace_the_code,
    admin_removes_the_second_factor_of_a_member,
    admin_without_a_required_second_factor_gets_one_first,
    second_factor_is_required_by_a_setting_too,
    secret_is_in_no_export_and_no_audit_log,
}

const ADMIN: &str = "admin@example.com";
const GRACE: &str = "grace@example.com";
const PAGE: &str = "/en/account/second-factor";
const PENDING: &str = "routebook-login";
/// The length of a period, in milliseconds.
const PERIOD: i64 = 30_000;

/// Returns the code that an app shows for a secret.
fn code_at(secret: &str, time: i64) -> String {
    let secret = Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let totp = Builder::new().with_secret(secret).build_noncompliant();
    totp.generate(u64::try_from(time / 1000).unwrap())
        .to_string()
}

/// Returns the secret in the form of a page.
fn secret_of(page: &TestResponse) -> String {
    let (_, rest) = page
        .body
        .split_once("name=\"secret\" value=\"")
        .expect("a secret");
    rest.split('"').next().unwrap().to_owned()
}

async fn enable_with(
    app: &App,
    session: &str,
    secret: &str,
    code: &str,
    current: &str,
) -> TestResponse {
    let form = [
        ("do", "enable"),
        ("secret", secret),
        ("code", code),
        ("current", current),
    ];
    app.post(PAGE, Some(session), &form).await
}

/// Gives the account of a session a second factor; returns the secret and the recovery codes.
async fn enable(app: &App, session: &str) -> (String, Vec<String>) {
    let secret = secret_of(&app.get(PAGE, Some(session)).await);
    let code = code_at(&secret, app.clock.now());
    let page = enable_with(app, session, &secret, &code, PASSWORD).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let codes = page.body.split("<code class=\"recovery-code\">").skip(1);
    let codes = codes
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .collect();
    // The code that confirmed the secret is used up.
    app.clock.advance(PERIOD);
    (secret, codes)
}

/// Sends the password and returns the token of the login that waits for the code.
async fn pending(app: &App, email: &str) -> String {
    let form = [
        ("email", email),
        ("password", PASSWORD),
        ("next", "/en/account"),
    ];
    let response = app.post("/en/login", None, &form).await;
    assert_eq!(
        response.header("location"),
        Some("/en/login/code"),
        "{}",
        response.body
    );
    assert!(response.cookies(app.cookie).is_empty());
    let cookie = response.cookies(PENDING).remove(0);
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let (_, value) = cookie.split_once('=').unwrap();
    value.split(';').next().unwrap().to_owned()
}

async fn send_code(app: &App, token: &str, code: &str) -> TestResponse {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.append_pair("code", code);
    let request = Request::post("/en/login/code")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .header(COOKIE, format!("{PENDING}={token}"));
    app.send(request.body(Body::from(body.finish())).unwrap())
        .await
}

async fn second_factor_is_enabled_with_a_code_and_the_password(database: &TestDatabase) {
    let app = App::new(database).await;
    let (session, other) = (
        app.log_in_as_grace(None).await,
        app.log_in_as_grace(None).await,
    );
    let page = app.get(PAGE, Some(&session)).await;
    assert!(
        page.body.contains("class=\"qr-code\"") && page.body.contains("M4 4h1v1h-1z"),
        "{}",
        page.body
    );
    assert!(!page.body.contains(" style="));
    let korean = app.get("/ko/account/second-factor", Some(&session)).await;
    assert!(korean.body.contains("2단계 로그인 쓰기"), "{}", korean.body);
    let secret = secret_of(&page);
    let right = code_at(&secret, app.clock.now());
    let wrong = code_at(&secret, app.clock.now() + 10 * PERIOD);
    for (code, current, text) in [
        (wrong.as_str(), PASSWORD, "This code is not valid."),
        (
            right.as_str(),
            "wrong password",
            "This is not the current password.",
        ),
    ] {
        let page = enable_with(&app, &session, &secret, code, current).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains(text), "{}", page.body);
        assert_eq!(secret_of(&page), secret, "the app has it already");
    }
    let page = enable_with(&app, &session, "no secret", &right, PASSWORD).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        rows(database, "SELECT account_id FROM second_factor")
            .await
            .is_empty()
    );
    let page = enable_with(&app, &session, &secret, &right, PASSWORD).await;
    assert_eq!(
        page.body.matches("<code class=\"recovery-code\">").count(),
        10,
        "{}",
        page.body
    );
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert!(app.viewer_name(&session).await.is_some());
    assert_eq!(app.viewer_name(&other).await, None);
    let page = app.get(PAGE, Some(&session)).await;
    assert!(
        page.body.contains("Recovery codes left: 10"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("name=\"secret\""));
    let audit = "SELECT id FROM audit WHERE action = 'enable-second-factor' AND subject = 'grace@example.com'";
    assert_eq!(rows(database, audit).await.len(), 1);
}

async fn session_begins_after_the_code_only(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = app.log_in_as_grace(None).await;
    let (secret, _) = enable(&app, &session).await;
    assert_eq!(sessions(database).await, 1);
    let token = pending(&app, GRACE).await;
    assert_eq!(sessions(database).await, 1);
    let without = app.get("/en/login/code", None).await;
    assert_eq!(without.header("location"), Some("/en/login"));
    let wrong = send_code(&app, &token, "12345").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("This code is not valid."),
        "{}",
        wrong.body
    );
    assert!(wrong.cookies(app.cookie).is_empty());
    let begun = send_code(&app, &token, &code_at(&secret, app.clock.now())).await;
    assert_eq!(
        begun.header("location"),
        Some("/en/account"),
        "{}",
        begun.body
    );
    assert!(begun.cookies(PENDING)[0].contains("Max-Age=0"));
    let session = begun.session_id(app.cookie).unwrap();
    assert_eq!(
        app.viewer_name(&session).await.as_deref(),
        Some("Grace Hopper")
    );
    // The login is finished once.
    app.clock.advance(PERIOD);
    let again = send_code(&app, &token, &code_at(&secret, app.clock.now())).await;
    assert_eq!(again.header("location"), Some("/en/login"));
    // A token of somebody is no session, and no session is a token.
    let response = send_code(&app, &session, "123456").await;
    assert_eq!(response.header("location"), Some("/en/login"));
}

async fn code_is_accepted_once_from_the_period_before_to_the_one_after(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = app.log_in_as_grace(None).await;
    let (secret, _) = enable(&app, &session).await;
    app.clock.advance(10 * PERIOD);
    let now = app.clock.now();
    let token = pending(&app, GRACE).await;
    for far in [-2, 2] {
        let response = send_code(&app, &token, &code_at(&secret, now + far * PERIOD)).await;
        assert_eq!(response.status, StatusCode::UNPROCESSABLE_ENTITY, "{far}");
    }
    for near in [-1, 0, 1] {
        let code = code_at(&secret, now + near * PERIOD);
        let token = pending(&app, GRACE).await;
        let response = send_code(&app, &token, &code).await;
        assert_eq!(response.status, StatusCode::SEE_OTHER, "{near}");
        let token = pending(&app, GRACE).await;
        let again = send_code(&app, &token, &code).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{near}");
    }
    // Sent twice at the same time it is accepted once.
    app.clock.advance(5 * PERIOD);
    let code = code_at(&secret, app.clock.now());
    let tokens = [pending(&app, GRACE).await, pending(&app, GRACE).await];
    let sent = tokens.iter().map(|token| send_code(&app, token, &code));
    let responses = futures_util::future::join_all(sent).await;
    let begun = responses
        .iter()
        .filter(|response| response.status == StatusCode::SEE_OTHER);
    assert_eq!(begun.count(), 1);
}

async fn recovery_code_is_accepted_once(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = app.log_in_as_grace(None).await;
    let (_, codes) = enable(&app, &session).await;
    let typed = codes[3].to_uppercase().replace('-', " ");
    let begun = send_code(&app, &pending(&app, GRACE).await, &typed).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);
    let again = send_code(&app, &pending(&app, GRACE).await, &codes[3]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let other = send_code(&app, &pending(&app, GRACE).await, &codes[4]).await;
    assert_eq!(other.status, StatusCode::SEE_OTHER);
    let audit = rows(
        database,
        "SELECT id FROM audit WHERE action = 'use-recovery-code'",
    )
    .await;
    assert_eq!(audit.len(), 2);
    let session = other.session_id(app.cookie).unwrap();
    let page = app.get(PAGE, Some(&session)).await;
    assert!(
        page.body.contains("Recovery codes left: 8"),
        "{}",
        page.body
    );
}

async fn wrong_codes_are_throttled(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = app.log_in_as_grace(None).await;
    let (secret, codes) = enable(&app, &session).await;
    // Another login does not give other attempts.
    for _ in 0..5 {
        let token = pending(&app, GRACE).await;
        for _ in 0..2 {
            let response = send_code(&app, &token, "000000").await;
            assert_eq!(response.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
    }
    let token = pending(&app, GRACE).await;
    for code in [code_at(&secret, app.clock.now()), codes[0].clone()] {
        let response = send_code(&app, &token, &code).await;
        assert_eq!(response.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.header("retry-after"), Some("300"));
    }
    app.clock.advance(300_000);
    let code = code_at(&secret, app.clock.now());
    let begun = send_code(&app, &token, &code).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);
}

async fn login_that_waits_for_a_code_ends(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = app.log_in_as_grace(None).await;
    let (secret, _) = enable(&app, &session).await;
    let token = pending(&app, GRACE).await;
    app.clock.advance(600_000);
    let late = send_code(&app, &token, &code_at(&secret, app.clock.now())).await;
    assert_eq!(late.header("location"), Some("/en/login"));
    app.portal
        .store
        .delete_expired_links(app.clock.now())
        .await
        .unwrap();
    assert!(
        rows(database, "SELECT kind FROM pending_login")
            .await
            .is_empty()
    );
    // An account that is disabled in the meantime does not get in.
    let token = pending(&app, GRACE).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let id = rows_of_grace(&app).await;
    let form = [("id", id.as_str()), ("do", "disable"), ("confirm", "yes")];
    app.post("/en/admin/members", Some(&admin), &form).await;
    let disabled = send_code(&app, &token, &code_at(&secret, app.clock.now())).await;
    assert_eq!(disabled.header("location"), Some("/en/login"));
}

/// Returns the id of Grace's account.
async fn rows_of_grace(app: &App) -> String {
    let accounts = app.portal.store.list_accounts().await.unwrap();
    let mut accounts = accounts.iter();
    let grace = accounts.find(|account| account.email.as_str() == GRACE);
    grace.unwrap().id.to_string()
}

async fn new_password_ends_logins_that_wait_for_a_code(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = app.log_in_as_grace(None).await;
    let (secret, _) = enable(&app, &session).await;
    // Somebody knows the old password, and has asked for another address too.
    let token = pending(&app, GRACE).await;
    let account = app
        .portal
        .find_viewer(&session)
        .await
        .unwrap()
        .unwrap()
        .account;
    let account = app
        .portal
        .store
        .find_account(account)
        .await
        .unwrap()
        .unwrap();
    let email = routebook::model::user::Email::parse("other@example.com").unwrap();
    let link = app
        .portal
        .create_email_change(&account, &email)
        .await
        .unwrap();
    let form = [
        ("do", "password"),
        ("current", PASSWORD),
        ("password", "another sentence"),
    ];
    app.post("/en/account", Some(&session), &form).await;
    let response = send_code(&app, &token, &code_at(&secret, app.clock.now())).await;
    assert_eq!(response.header("location"), Some("/en/login"));
    let path = format!("/en/confirm-email/{}", link.as_str());
    assert_eq!(app.get(&path, None).await.status, StatusCode::NOT_FOUND);
}

async fn second_factor_is_disabled_with_the_password(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = app.log_in_as_grace(None).await;
    enable(&app, &session).await;
    let disable = async |current: &str| {
        let form = [("do", "disable"), ("current", current)];
        app.post(PAGE, Some(&session), &form).await
    };
    let refused = disable("wrong password").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    pending(&app, GRACE).await;
    let done = disable(PASSWORD).await;
    let target = format!("{PAGE}?done=disabled");
    assert_eq!(done.header("location"), Some(&*target), "{}", done.body);
    let page = app.get(&target, Some(&session)).await.body;
    assert!(page.contains("The two-step login is off."), "{page}");
    app.log_in_as_grace(None).await;
    assert!(
        rows(database, "SELECT account_id FROM recovery_code")
            .await
            .is_empty()
    );
    let audit = rows(
        database,
        "SELECT id FROM audit WHERE action = 'disable-second-factor'",
    )
    .await;
    assert_eq!(audit.len(), 1);
}

async fn recovery_codes_are_replaced(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = app.log_in_as_grace(None).await;
    let (_, old) = enable(&app, &session).await;
    let form = [("do", "codes"), ("current", PASSWORD)];
    let page = app.post(PAGE, Some(&session), &form).await;
    assert_eq!(
        page.body.matches("<code class=\"recovery-code\">").count(),
        10
    );
    assert!(!page.body.contains(&old[0]));
    let refused = send_code(&app, &pending(&app, GRACE).await, &old[0]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        rows(database, "SELECT account_id FROM recovery_code")
            .await
            .len(),
        10
    );
}

async fn link_to_set_a_password_does_not_replace_the_code(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = app.log_in_as_grace(None).await;
    let (secret, _) = enable(&app, &session).await;
    let account = app
        .portal
        .find_viewer(&session)
        .await
        .unwrap()
        .unwrap()
        .account;
    let actor = routebook::portal::store::audit::Actor::default();
    let (_, link) = app.portal.create_reset_link(account, &actor).await.unwrap();
    let path = format!("/en/reset/{}", link.as_str());
    let response = app.post(&path, None, &[("password", PASSWORD)]).await;
    assert_eq!(
        response.header("location"),
        Some("/en/login/code"),
        "{}",
        response.body
    );
    assert!(response.cookies(app.cookie).is_empty());
    assert_eq!(sessions(database).await, 0);
    let code = code_at(&secret, app.clock.now());
    let begun = send_code(&app, &pending(&app, GRACE).await, &code).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER);
}

async fn admin_removes_the_second_factor_of_a_member(database: &TestDatabase) {
    let app = App::new(database).await;
    let session = app.log_in_as_grace(None).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let members = "/en/admin/members";
    let page = app.get(members, Some(&admin)).await;
    assert!(
        !page.body.contains("Remove the two-step login"),
        "{}",
        page.body
    );
    enable(&app, &session).await;
    let page = app.get(members, Some(&admin)).await;
    assert_eq!(page.body.matches("Remove the two-step login").count(), 1);
    let id = rows_of_grace(&app).await;
    let form = [("id", id.as_str()), ("do", "second-factor")];
    let asked = app.post(members, Some(&admin), &form).await;
    assert!(
        asked.body.contains("then logs in with the password alone"),
        "{}",
        asked.body
    );
    pending(&app, GRACE).await;
    let form = [
        ("id", id.as_str()),
        ("do", "second-factor"),
        ("confirm", "yes"),
    ];
    let done = app.post_and_follow(members, Some(&admin), &form).await;
    assert!(
        done.body.contains("Grace Hopper has no two-step login"),
        "{}",
        done.body
    );
    assert_eq!(app.viewer_name(&session).await, None);
    app.log_in_as_grace(None).await;
    let audit = "SELECT id FROM audit WHERE action = 'reset-second-factor' AND actor_name = 'admin@example.com' AND subject = 'grace@example.com'";
    assert_eq!(rows(database, audit).await.len(), 1);
    // A learner cannot.
    let learner = app.log_in_as_grace(None).await;
    let refused = app.post(members, Some(&learner), &form).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

async fn admin_without_a_required_second_factor_gets_one_first(database: &TestDatabase) {
    let config = Config {
        require_admin_totp: Some(true),
        ..Config::default()
    };
    let app = App::with_config(database, config).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let login = app.log_in(None, ADMIN, PASSWORD).await;
    assert_eq!(login.target().as_deref(), Some(PAGE));
    for path in [
        "/en/admin/members",
        "/en/account",
        "/en/admin/audit.csv",
        "/en/account/data.json",
    ] {
        let response = app.get(path, Some(&admin)).await;
        assert_eq!(response.header("location"), Some(PAGE), "{path}");
    }
    let form = [
        ("do", "create"),
        ("role", "admin"),
        ("days", "7"),
        ("uses", "1"),
    ];
    let response = app.post("/en/admin/invitations", Some(&admin), &form).await;
    assert_eq!(response.header("location"), Some(PAGE));
    assert!(rows(database, "SELECT id FROM invitation").await.is_empty());
    let page = app.get(PAGE, Some(&admin)).await;
    assert!(
        page.body
            .contains("Admins of this site need the two-step login."),
        "{}",
        page.body
    );
    enable(&app, &admin).await;
    let members = app.get("/en/admin/members", Some(&admin)).await;
    assert_eq!(members.status, StatusCode::OK);
    // Nobody else needs one.
    let grace = app.log_in_as_grace(None).await;
    assert_eq!(
        app.get("/en/account", Some(&grace)).await.status,
        StatusCode::OK
    );
}

async fn second_factor_is_required_by_a_setting_too(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let members = "/en/admin/members";
    assert_eq!(app.get(members, Some(&admin)).await.status, StatusCode::OK);
    let settings = routebook::portal::Settings {
        require_admin_totp: true,
        ..routebook::portal::Settings::default()
    };
    let actor = routebook::portal::store::audit::Actor::default();
    app.portal.change_settings(&settings, &actor).await.unwrap();
    let response = app.get(members, Some(&admin)).await;
    assert_eq!(response.header("location"), Some(PAGE));
    // The page of the settings, which would say so, is not shown any more.
    let saved = app.get("/en/admin/settings?done=saved", Some(&admin)).await;
    let target = saved.header("location").unwrap();
    let page = app.get(target, Some(&admin)).await.body;
    assert!(
        page.contains("Saved.") && page.contains("need the two-step login"),
        "{page}"
    );
    let plain = app.get(PAGE, Some(&admin)).await.body;
    assert!(!plain.contains("Saved."));
}

async fn secret_is_in_no_export_and_no_audit_log(database: &TestDatabase) {
    let app = App::new(database).await;
    let admin = app.session_of(ADMIN, TeamRole::Admin).await;
    let (secret, codes) = enable(&app, &admin).await;
    let secret = secret.replace(' ', "");
    for path in [
        "/en/account/data.json",
        "/en/admin/audit.jsonl",
        "/en/admin/audit.csv",
        "/en/admin/audit",
        "/en/admin/members",
        "/en/account",
        PAGE,
    ] {
        let page = app.get(path, Some(&admin)).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.body.contains(&secret), "{path}");
        assert!(codes.iter().all(|code| !page.body.contains(code)), "{path}");
    }
}
