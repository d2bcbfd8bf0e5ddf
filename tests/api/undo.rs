//! The undo log: every change adds a step, recorded or not, and a step can be reverted only while
//! the users are as it left them.

use routebook::model::credential::{NewToken, TokenKind};
use routebook::model::limits::Limits;
use routebook::model::trace::Trace;
use routebook::model::user::UserId;
use routebook::sandbox::{DataScope, SandboxKey, WriteError};
use serde_json::{Value, json};

use crate::app::{App, TestResponse, count, execute};
use crate::database::TestDatabase;

on_both_engines! {
    undo_reverts_a_write_that_was_not_recorded,
    undo_of_a_row_changed_since_returns_409_and_writes_nothing,
    undo_of_a_created_user_names_its_request,
    write_without_changes_adds_no_undo_step,
    undo_of_a_reset_restores_users_behaviors_and_next_id,
    undo_of_a_reset_keeps_behaviors_set_afterwards,
    undo_of_a_reset_restores_emails_that_two_users_swapped,
    reset_larger_than_the_limit_cannot_be_undone,
    undo_log_keeps_a_bounded_number_of_steps,
    two_concurrent_patches_of_behaviors_both_take_effect,
    patch_of_behaviors_takes_effect_with_concurrent_use,
    token_of_a_deleted_user_is_refused,
}

const HOUR: i64 = 3_600_000;

async fn undo(app: &App, key: &str) -> TestResponse {
    app.get("POST", "/api/sandbox/undo", &[("sandbox-key", key)])
        .await
}

async fn reset(app: &App, key: &str) {
    let headers = [("sandbox-key", key)];
    let reset = app.get("POST", "/api/sandbox/reset", &headers).await;
    assert_eq!(reset.status, 204);
}

async fn switches(app: &App, key: &str) -> Value {
    let headers = [("sandbox-key", key)];
    let shown = app.get("GET", "/api/sandbox", &headers).await;
    shown.json()["behaviors"].clone()
}

/// Returns the number of steps of all undo logs.
async fn steps(database: &TestDatabase) -> i64 {
    count(database, "SELECT COUNT(*) FROM undo_step").await
}

/// Returns the scope of a visitor for direct access without HTTP.
async fn scope(app: &App, key: &str) -> DataScope {
    let key = SandboxKey::parse(key).unwrap();
    let opened = app.sandboxes.open_sandbox(&key, &Trace::disabled()).await;
    DataScope {
        sandbox: Some(opened.unwrap().unwrap().sandbox.id),
        trace: Trace::disabled(),
        source: None,
    }
}

async fn undo_reverts_a_write_that_was_not_recorded(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let first = app.users(&key).await;
    let recorded = app.json(&key, "PATCH", "/api/users/1", r#"{"bio":"recorded"}"#);
    assert_eq!(recorded.await.status, 200);
    let second = app.users(&key).await;
    let headers = [
        ("sandbox-key", key.as_str()),
        ("content-type", "application/merge-patch+json"),
        ("exchange-group", "none"),
    ];
    let body = r#"{"bio":"not recorded"}"#;
    let patch = app.request("PATCH", "/api/users/1", &headers, body);
    assert_eq!(patch.await.status, 200);
    assert_eq!(undo(&app, &key).await.status, 200);
    assert_eq!(app.users(&key).await, second);
    assert_eq!(undo(&app, &key).await.status, 200);
    assert_eq!(app.users(&key).await, first);
    undo(&app, &key).await.problem(409);
}

async fn undo_of_a_row_changed_since_returns_409_and_writes_nothing(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let changed = app.json(&key, "PATCH", "/api/users/4", r#"{"bio":"mine"}"#);
    assert_eq!(changed.await.status, 200);
    execute(database, "UPDATE users SET bio = 'other' WHERE id = 4").await;
    let before = app.users(&key).await;
    let problem = undo(&app, &key).await.problem(409);
    assert!(
        problem["type"]
            .as_str()
            .unwrap()
            .ends_with("/changed-since")
    );
    assert!(
        problem["detail"].as_str().unwrap().contains("user 4"),
        "{problem}"
    );
    assert_eq!(app.users(&key).await, before);
    // When the user is again as the change left it, undo succeeds.
    execute(database, "UPDATE users SET bio = 'mine' WHERE id = 4").await;
    assert_eq!(undo(&app, &key).await.status, 200);
}

async fn undo_of_a_created_user_names_its_request(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let before = app.users(&key).await;
    let body = r#"{"name":"Rosé \"R\" 하늘","email":"rose@example.org"}"#;
    let created = app.json(&key, "POST", "/api/users?x=1", body).await;
    created.problem(400);
    let created = app.json(&key, "POST", "/api/users", body).await;
    assert_eq!(created.status, 201);
    let undone = undo(&app, &key).await.json();
    let id = created.header("request-id").unwrap();
    let step = &undone["undone"];
    assert_eq!(
        (
            &step["id"],
            &step["method"],
            &step["target"],
            &step["changed"]
        ),
        (&json!(id), &json!("POST"), &json!("/api/users"), &json!(1))
    );
    assert_eq!(app.users(&key).await, before);
    assert_eq!(steps(database).await, 0);
}

async fn write_without_changes_adds_no_undo_step(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let body_with_taken_email = r#"{"name":"A","email":"ada@example.com"}"#;
    for (method, path, body, status) in [
        ("PATCH", "/api/users/1", "{}", 200),
        ("PATCH", "/api/users/99", "{}", 404),
        ("POST", "/api/users", body_with_taken_email, 409),
        (
            "PATCH",
            "/api/users/1",
            r#"{"email":"ada@example.com"}"#,
            409,
        ),
    ] {
        let response = app.json(&key, method, path, body).await;
        assert_eq!(response.status, status, "{method} {path} {body}");
    }
    // A reset of unchanged data adds no step either.
    reset(&app, &key).await;
    assert_eq!(steps(database).await, 0);
    undo(&app, &key).await.problem(409);
}

async fn undo_of_a_reset_restores_users_behaviors_and_next_id(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let fresh = app.users(&key).await;
    let whole = r#"{"name":"B","email":"b@b.c","role":"admin"}"#;
    for (method, path, body) in [
        ("PUT", "/api/users/40", whole),
        ("PATCH", "/api/users/5", r#"{"bio":"new"}"#),
        ("DELETE", "/api/users/1", ""),
    ] {
        assert!(app.json(&key, method, path, body).await.status < 300);
    }
    let patch = r#"{"latency_ms":1,"require_if_match":true}"#;
    assert_eq!(
        app.json(&key, "PATCH", "/api/sandbox", patch).await.status,
        200
    );
    let (before, set) = (app.users(&key).await, switches(&app, &key).await);
    reset(&app, &key).await;
    assert_eq!(app.users(&key).await, fresh);
    assert_eq!(switches(&app, &key).await["require_if_match"], false);
    let undone = undo(&app, &key).await;
    assert_eq!(undone.status, 200);
    assert_eq!(undone.json()["undone"]["target"], "/api/sandbox/reset");
    assert_eq!(app.users(&key).await, before);
    assert_eq!(switches(&app, &key).await, set);
    let body = r#"{"name":"C","email":"c@b.c"}"#;
    let created = app.json(&key, "POST", "/api/users", body).await;
    assert_eq!(created.header("location"), Some("/api/users/41"));
    assert_eq!(undo(&app, &key).await.json()["undone"]["method"], "POST");
    // Changes before the reset can still be undone.
    assert_eq!(undo(&app, &key).await.json()["undone"]["method"], "DELETE");
    let headers = [("sandbox-key", key.as_str())];
    let restored = app.get("GET", "/api/users/1", &headers).await;
    assert_eq!(restored.status, 200);
}

async fn undo_of_a_reset_keeps_behaviors_set_afterwards(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let set = async |patch: &str| {
        let response = app.json(&key, "PATCH", "/api/sandbox", patch).await;
        assert_eq!(response.status, 200);
    };
    set(r#"{"latency_ms":1}"#).await;
    reset(&app, &key).await;
    set(r#"{"latency_ms":2}"#).await;
    assert_eq!(undo(&app, &key).await.status, 200);
    assert_eq!(switches(&app, &key).await["latency_ms"], 2);
}

async fn undo_of_a_reset_restores_emails_that_two_users_swapped(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let email = async |id: u8| {
        let path = format!("/api/users/{id}");
        let user = app.get("GET", &path, &[("sandbox-key", &key)]).await;
        user.json()["email"].as_str().unwrap().to_owned()
    };
    let set = async |id: u8, email: &str| {
        let (path, body) = (format!("/api/users/{id}"), json!({ "email": email }));
        let response = app.json(&key, "PATCH", &path, &body.to_string()).await;
        assert_eq!(response.status, 200);
    };
    let (one, two) = (email(1).await, email(2).await);
    set(1, "between@example.org").await;
    set(2, &one).await;
    set(1, &two).await;
    let before = app.users(&key).await;
    reset(&app, &key).await;
    assert_eq!(undo(&app, &key).await.status, 200);
    assert_eq!(app.users(&key).await, before);
}

async fn reset_larger_than_the_limit_cannot_be_undone(database: &TestDatabase) {
    let limits = Limits {
        exchange_bytes: 2048,
        ..Limits::default()
    };
    let app = App::with_limits(database, limits).await;
    let key = app.sandbox().await;
    for at in 0..4 {
        let body = json!({ "name": "A", "email": format!("a{at}@b.c"), "bio": "x".repeat(500) });
        let created = app
            .json(&key, "POST", "/api/users", &body.to_string())
            .await;
        assert_eq!(created.status, 201);
    }
    reset(&app, &key).await;
    // Changes before it cannot be undone either, because the users are not as they left them.
    assert_eq!(steps(database).await, 0);
    undo(&app, &key).await.problem(409);
}

async fn undo_log_keeps_a_bounded_number_of_steps(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    for at in 0..310 {
        let body = format!(r#"{{"bio":"{at}"}}"#);
        let response = app.json(&key, "PATCH", "/api/users/1", &body).await;
        assert_eq!(response.status, 200);
    }
    app.sandboxes.recorder().flush().await;
    let step_count = steps(database).await;
    assert!((200..=250).contains(&step_count), "{step_count}");
    let newest = count(database, "SELECT MAX(number) FROM undo_step").await;
    assert_eq!(newest, 310);
}

async fn two_concurrent_patches_of_behaviors_both_take_effect(database: &TestDatabase) {
    let app = App::new(database).await;
    for _ in 0..5 {
        let key = app.sandbox().await;
        let (one, other) = tokio::join!(
            app.json(&key, "PATCH", "/api/sandbox", r#"{"latency_ms":1}"#),
            app.json(&key, "PATCH", "/api/sandbox", r#"{"fail_every":1000}"#)
        );
        assert_eq!((one.status, other.status), (200, 200));
        let set = switches(&app, &key).await;
        assert_eq!(
            (&set["latency_ms"], &set["fail_every"]),
            (&json!(1), &json!(1000))
        );
    }
}

async fn patch_of_behaviors_takes_effect_with_concurrent_use(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let scope = scope(&app, &key).await;
    for latency in 1..20 {
        app.clock.advance(2 * HOUR);
        if latency % 10 == 9 {
            // Renews the cookie of the sandbox, which extends its life.
            switches(&app, &key).await;
        }
        let patch = routebook::model::json::Json::parse(
            format!(r#"{{"latency_ms":{latency}}}"#).as_bytes(),
        );
        let (_, patched) = tokio::join!(
            switches(&app, &key),
            app.sandboxes.patch_behaviors(&scope, patch.unwrap())
        );
        patched.unwrap();
        assert_eq!(switches(&app, &key).await["latency_ms"], latency);
    }
}

async fn token_of_a_deleted_user_is_refused(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let scope = scope(&app, &key).await;
    let new = NewToken {
        name: "x".to_owned(),
        kind: TokenKind::Opaque,
        expires_in: 60,
    };
    let missing = UserId::new(99).unwrap();
    let refused = app.sandboxes.create_token(&scope, missing, new).await;
    // An issued token is not shown for debugging.
    let refused = refused.map(drop);
    assert!(
        matches!(refused, Err(WriteError::UserNotFound)),
        "{refused:?}"
    );
}
