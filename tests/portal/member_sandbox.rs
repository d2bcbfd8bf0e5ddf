//! The sandbox of a member follows the account, and is left to nobody else.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use routebook::model::account::TeamRole;
use routebook::model::trace::Trace;
use routebook::sandbox::SandboxKey;

use crate::app::{App, PASSWORD, TestResponse};
use crate::database::TestDatabase;

on_both_engines! {
    sandbox_follows_the_account_to_another_browser,
    sandbox_of_an_account_is_not_left_to_the_next_one,
    sandbox_that_is_gone_is_replaced,
    sandbox_that_a_member_creates_is_the_accounts_at_once,
}

/// Creates a sandbox and returns its key.
async fn create_sandbox(app: &App) -> String {
    let request = Request::post("/api/sandbox").body(Body::empty()).unwrap();
    let created = app.send(request).await;
    created.header("sandbox-key").unwrap().to_owned()
}

/// Creates a sandbox in a browser that is logged in, and returns its key.
async fn create_sandbox_as(app: &App, session: &str) -> String {
    let request =
        Request::post("/api/sandbox").header("cookie", format!("{}={session}", app.cookie));
    let created = app.send(request.body(Body::empty()).unwrap()).await;
    created.header("sandbox-key").unwrap().to_owned()
}

async fn exists(app: &App, key: &str) -> bool {
    let key = SandboxKey::parse(key).unwrap();
    let trace = Trace::disabled();
    let opened = app.state().sandboxes.open_sandbox(&key, &trace);
    opened.await.unwrap().is_some()
}

/// Logs in with a sandbox in the browser.
async fn log_in(app: &App, email: &str, sandbox: Option<&str>) -> TestResponse {
    let form = format!("email={}&password=correct+horse", email.replace('@', "%40"));
    assert_eq!(PASSWORD, "correct horse");
    let mut request =
        Request::post("/en/login").header("content-type", "application/x-www-form-urlencoded");
    if let Some(key) = sandbox {
        request = request.header("cookie", format!("sandbox={key}"));
    }
    let response = app.send(request.body(Body::from(form)).unwrap()).await;
    assert_eq!(response.status, StatusCode::SEE_OTHER, "{}", response.body);
    response
}

/// Logs out a session in a browser with a sandbox.
async fn log_out(app: &App, session: &str, sandbox: &str) -> TestResponse {
    let cookie = format!("{}={session}; sandbox={sandbox}", app.cookie);
    let request = Request::post("/en/logout").header("cookie", cookie);
    app.send(request.body(Body::empty()).unwrap()).await
}

/// Returns the value of the last cookie with this name that a response sets; empty when it deletes it.
fn sandbox_of(response: &TestResponse) -> Option<String> {
    let cookies = response.cookies("sandbox");
    let (_, rest) = cookies.last()?.split_once('=')?;
    rest.split(';').next().map(str::to_owned)
}

async fn sandbox_follows_the_account_to_another_browser(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = create_sandbox(&app).await;
    // What was done before the login belongs to the account from then on.
    let first = log_in(&app, "grace@example.com", Some(&key)).await;
    assert_eq!(sandbox_of(&first), None, "it stays in the browser");
    let other = log_in(&app, "grace@example.com", None).await;
    assert_eq!(sandbox_of(&other).as_deref(), Some(key.as_str()));
    // The browser of the account has another sandbox meanwhile: the account's is not lost.
    let second = create_sandbox(&app).await;
    let third = log_in(&app, "grace@example.com", Some(&second)).await;
    assert_eq!(sandbox_of(&third).as_deref(), Some(key.as_str()));
}

async fn sandbox_of_an_account_is_not_left_to_the_next_one(database: &TestDatabase) {
    let app = App::new(database).await;
    app.register("ada@example.com", "Ada").await;
    let key = create_sandbox(&app).await;
    let response = log_in(&app, "grace@example.com", None).await;
    let session = response.session_id(app.cookie).unwrap();
    // It was created after the login.
    let out = log_out(&app, &session, &key).await;
    assert_eq!(
        sandbox_of(&out).as_deref(),
        Some(""),
        "the browser loses it"
    );
    assert_eq!(out.cookies("api_session").len(), 1, "and its session");
    let again = log_in(&app, "grace@example.com", None).await;
    assert_eq!(sandbox_of(&again).as_deref(), Some(key.as_str()));
    // Ada uses a browser that was never logged out.
    let ada = log_in(&app, "ada@example.com", Some(&key)).await;
    assert_eq!(sandbox_of(&ada).as_deref(), Some(""));
    let ada = log_in(&app, "ada@example.com", None).await;
    assert_eq!(sandbox_of(&ada), None);
}

async fn sandbox_that_is_gone_is_replaced(database: &TestDatabase) {
    let app = App::new(database).await;
    let account = app.portal.store.list_accounts().await.unwrap()[0].id;
    let gone = "AAAAAAAAAAAAAAAAAAAAAA";
    assert!(
        app.portal
            .store
            .keep_sandbox_key(account, gone)
            .await
            .unwrap()
    );
    let key = create_sandbox(&app).await;
    let response = log_in(&app, "grace@example.com", Some(&key)).await;
    assert_eq!(sandbox_of(&response), None);
    let other = log_in(&app, "grace@example.com", None).await;
    assert_eq!(sandbox_of(&other).as_deref(), Some(key.as_str()));
    // A key in the browser that opens nothing is not kept either.
    let response = log_in(&app, "grace@example.com", Some(gone)).await;
    assert_eq!(sandbox_of(&response).as_deref(), Some(key.as_str()));
}

async fn sandbox_that_a_member_creates_is_the_accounts_at_once(database: &TestDatabase) {
    let app = App::new(database).await;
    let response = log_in(&app, "grace@example.com", None).await;
    let session = response.session_id(app.cookie).unwrap();
    let key = create_sandbox_as(&app, &session).await;
    // A telephone, while the first browser is still logged in.
    let other = log_in(&app, "grace@example.com", None).await;
    assert_eq!(sandbox_of(&other).as_deref(), Some(key.as_str()));
    // A further sandbox does not replace the one with which the member works.
    let second = create_sandbox_as(&app, &session).await;
    let other = log_in(&app, "grace@example.com", None).await;
    assert_eq!(sandbox_of(&other).as_deref(), Some(key.as_str()));
    assert_ne!(second, key);

    // With the account an admin deletes the data in it.
    let admin = app.session_of("boss@example.com", TeamRole::Admin).await;
    let account = app.portal.store.list_accounts().await.unwrap();
    let grace = account
        .iter()
        .find(|one| one.name.as_str() == "Grace Hopper");
    let id = grace.unwrap().id.0.to_string();
    let form = [
        ("do", "delete"),
        ("id", &id),
        ("confirm", "grace@example.com"),
    ];
    app.post("/en/admin/members", Some(&admin), &form).await;
    assert!(!exists(&app, &key).await);
}
