//! `Idempotency-Key`: a POST that is sent twice has one effect.

use serde_json::json;

use crate::app::{App, TestResponse, count, rows};
use crate::database::TestDatabase;

on_both_engines! {
    post_with_same_key_and_body_replays_the_response,
    post_with_same_key_and_another_body_returns_422,
    concurrent_posts_with_same_key_return_409_or_the_replay_and_create_one_user,
    post_with_key_of_a_failed_request_is_carried_out,
    idempotency_key_is_valid_only_in_its_sandbox,
    post_that_creates_a_sandbox_is_replayed_with_its_key,
    white_space_in_the_body_does_not_matter_to_the_idempotency_key,
    malformed_idempotency_key_returns_400,
}

async fn post(app: &App, key: &str, once: &str, email: &str) -> TestResponse {
    let headers = [
        ("sandbox-key", key),
        ("content-type", "application/json"),
        ("idempotency-key", once),
    ];
    let body = json!({ "name": "A", "email": email, "role": "member" });
    app.request("POST", "/api/users", &headers, body.to_string())
        .await
}

async fn post_with_same_key_and_body_replays_the_response(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let first = post(&app, &key, "one", "a@b.c").await;
    assert_eq!(
        (first.status, first.header("idempotency-replayed")),
        (201, None)
    );
    let changed = app
        .json(&key, "PATCH", "/api/users/13", r#"{"bio":"x"}"#)
        .await;
    assert_eq!(changed.status, 200);
    let before = rows(database).await;
    app.clock.advance(5000);
    let again = post(&app, &key, "one", "a@b.c").await;
    assert_eq!(
        (again.status, again.header("idempotency-replayed")),
        (201, Some("true"))
    );
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.header("etag"), first.header("etag"));
    assert_eq!(again.body, first.body);
    let users = |rows: Vec<String>| rows.into_iter().skip(1).collect::<Vec<_>>();
    assert_eq!(users(rows(database).await), users(before));
}

async fn post_with_same_key_and_another_body_returns_422(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    assert_eq!(post(&app, &key, "one", "a@b.c").await.status, 201);
    let other = post(&app, &key, "one", "other@b.c").await.problem(422);
    assert!(
        other["type"]
            .as_str()
            .unwrap()
            .ends_with("/idempotency-key-reused")
    );
    assert_eq!(count(database, "SELECT COUNT(*) FROM users").await, 13);
}

async fn concurrent_posts_with_same_key_return_409_or_the_replay_and_create_one_user(
    database: &TestDatabase,
) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let (app, key) = (app.clone(), key.clone());
            tokio::spawn(async move { post(&app, &key, "one", "a@b.c").await })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        let response = task.await.unwrap();
        if response.status == 409 {
            assert_eq!(response.header("retry-after"), Some("1"));
        }
        statuses.push(response.status);
    }
    assert!(
        statuses.contains(&201) && statuses.contains(&409),
        "{statuses:?}"
    );
    assert!(
        statuses.iter().all(|status| [201, 409].contains(status)),
        "{statuses:?}"
    );
    assert_eq!(count(database, "SELECT COUNT(*) FROM users").await, 13);
    assert_eq!(post(&app, &key, "one", "a@b.c").await.status, 201);
}

async fn post_with_key_of_a_failed_request_is_carried_out(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    post(&app, &key, "one", "not an address").await.problem(422);
    assert_eq!(post(&app, &key, "one", "a@b.c").await.status, 201);
}

async fn idempotency_key_is_valid_only_in_its_sandbox(database: &TestDatabase) {
    let app = App::new(database).await;
    let (one, two) = (app.sandbox().await, app.sandbox().await);
    assert_eq!(post(&app, &one, "key", "a@b.c").await.status, 201);
    let other = post(&app, &two, "key", "b@b.c").await;
    assert_eq!(
        (other.status, other.header("idempotency-replayed")),
        (201, None)
    );
    // A reset deletes the keys.
    app.get("POST", "/api/sandbox/reset", &[("sandbox-key", &one)])
        .await;
    let again = post(&app, &one, "key", "a@b.c").await;
    assert_eq!(again.header("idempotency-replayed"), None);
}

/// The user that [`post`] sends; serde_json sorts the members.
const PAYLOAD: &str = r#"{"email":"a@b.c","name":"A","role":"member"}"#;

async fn post_that_creates_a_sandbox_is_replayed_with_its_key(database: &TestDatabase) {
    let app = App::new(database).await;
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "one"),
    ];
    let first = app.request("POST", "/api/users", &headers, PAYLOAD).await;
    assert_eq!(first.status, 201);
    let key = first.header("sandbox-key").unwrap();
    let again = post(&app, key, "one", "a@b.c").await;
    assert_eq!(
        (again.status, again.header("idempotency-replayed")),
        (201, Some("true"))
    );
    assert_eq!(again.body, first.body);
}

async fn white_space_in_the_body_does_not_matter_to_the_idempotency_key(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    assert_eq!(post(&app, &key, "one", "a@b.c").await.status, 201);
    let headers = [
        ("sandbox-key", key.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", "one"),
    ];
    let spaced = PAYLOAD.replace(',', ",\n  ").replace(':', " : ");
    let again = app.request("POST", "/api/users", &headers, spaced).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
}

async fn malformed_idempotency_key_returns_400(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    for bad in ["", "\"\"", "   ", &"x".repeat(256), "\u{e9}", "a\tb"] {
        let response = post(&app, &key, bad, "a@b.c").await;
        assert_eq!(response.status, 400, "{bad:?}");
    }
    let headers = [
        ("sandbox-key", key.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", "one"),
        ("idempotency-key", "two"),
    ];
    let two = app.request("POST", "/api/users", &headers, PAYLOAD).await;
    two.problem(400);
    let longest = post(&app, &key, &"x".repeat(255), "longest@b.c").await;
    assert_eq!(longest.status, 201);
    assert_eq!(post(&app, &key, "\"quoted\"", "a@b.c").await.status, 201);
    let same = post(&app, &key, "quoted", "a@b.c").await;
    assert_eq!(same.header("idempotency-replayed"), Some("true"));
}
