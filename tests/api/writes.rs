//! The responses and the effects of POST, PUT and PATCH.

use serde_json::{Value, json};

use crate::app::App;
use crate::database::TestDatabase;

on_both_engines! {
    post_returns_201_with_the_location_of_the_user,
    get_response_can_be_put_back,
    put_with_another_id_in_the_body_returns_409,
    patch_with_null_removes_the_bio_and_empty_patch_changes_nothing,
    taken_email_returns_409_with_the_field,
    one_of_twenty_concurrent_posts_with_the_same_email_succeeds,
    twenty_concurrent_posts_with_different_emails_create_users_with_different_ids,
    deleted_id_is_never_assigned_again,
    post_to_a_full_sandbox_returns_507,
    post_after_the_highest_id_returns_507,
    put_with_content_range_returns_400,
}

async fn post_returns_201_with_the_location_of_the_user(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let body = r#"{"name":"장미 <&>","email":"Rose@Example.org","bio":"줄\n바꿈"}"#;
    let created = app.json(&key, "POST", "/api/users", body).await;
    assert_eq!(
        (created.status, created.header("location")),
        (201, Some("/api/users/13"))
    );
    let user = created.json();
    let keys: Vec<&str> = [
        "id",
        "name",
        "email",
        "role",
        "bio",
        "created_at",
        "updated_at",
    ]
    .to_vec();
    let text = String::from_utf8(created.body.clone()).unwrap();
    let order: Vec<usize> = keys
        .iter()
        .map(|key| text.find(&format!("\"{key}\":")).unwrap())
        .collect();
    assert!(order.is_sorted(), "{text}");
    assert_eq!(
        (user["role"].as_str(), user["email"].as_str()),
        (Some("member"), Some("Rose@Example.org"))
    );
    assert_eq!(user["created_at"], "2027-01-15T08:00:00Z");
    let read = app
        .get("GET", "/api/users/13", &[("sandbox-key", &key)])
        .await;
    assert_eq!(read.body, created.body);
}

async fn get_response_can_be_put_back(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let before = app
        .get("GET", "/api/users/5", &[("sandbox-key", &key)])
        .await;
    app.clock.advance(5_000);
    let text = String::from_utf8(before.body.clone()).unwrap();
    let same = app.json(&key, "PUT", "/api/users/5", &text).await;
    assert_eq!((same.status, &same.body), (200, &before.body));
    let changed = app
        .json(
            &key,
            "PUT",
            "/api/users/5",
            &text.replace("member", "admin"),
        )
        .await;
    let user = changed.json();
    assert_eq!(
        (user["role"].as_str(), user["created_at"].clone()),
        (Some("admin"), before.json()["created_at"].clone())
    );
    assert_eq!(user["updated_at"], "2027-01-15T08:00:05Z");
    // Other times are refused.
    let lie = app.json(&key, "PUT", "/api/users/5", &text).await;
    assert_eq!(lie.pointers(422), ["/updated_at"]);
}

async fn put_with_another_id_in_the_body_returns_409(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let body = r#"{"id":6,"name":"Rose","email":"rose@example.org","role":"member"}"#;
    assert_eq!(
        app.json(&key, "PUT", "/api/users/5", body)
            .await
            .pointers(409),
        ["/id"]
    );
    app.json(&key, "PUT", "/api/users/0", body)
        .await
        .problem(404);
}

async fn patch_with_null_removes_the_bio_and_empty_patch_changes_nothing(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let before = app
        .get("GET", "/api/users/7", &[("sandbox-key", &key)])
        .await;
    app.clock.advance(60_000);
    let nothing = app.json(&key, "PATCH", "/api/users/7", "{}").await;
    assert_eq!((nothing.status, &nothing.body), (200, &before.body));
    assert_eq!(nothing.header("allow"), None, "another router's methods");
    let removed = app
        .json(&key, "PATCH", "/api/users/7", r#"{"bio":null}"#)
        .await
        .json();
    assert_eq!(
        (&removed["bio"], &removed["name"]),
        (&Value::Null, &before.json()["name"])
    );
    assert_eq!(removed["updated_at"], "2027-01-15T08:01:00Z");
    app.json(&key, "PATCH", "/api/users/99", "{}")
        .await
        .problem(404);
}

async fn taken_email_returns_409_with_the_field(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let before = app.users(&key).await;
    let post = r#"{"name":"Another","email":"ADA@example.com"}"#;
    assert_eq!(
        app.json(&key, "POST", "/api/users", post)
            .await
            .pointers(409),
        ["/email"]
    );
    let patch = r#"{"email":"Ada@Example.com"}"#;
    assert_eq!(
        app.json(&key, "PATCH", "/api/users/1", patch)
            .await
            .pointers(409),
        ["/email"]
    );
    let put = r#"{"name":"Another","email":"ada@example.com","role":"member"}"#;
    assert_eq!(
        app.json(&key, "PUT", "/api/users/1", put)
            .await
            .pointers(409),
        ["/email"]
    );
    assert_eq!(
        app.json(&key, "PUT", "/api/users/50", put)
            .await
            .pointers(409),
        ["/email"]
    );
    assert_eq!(app.users(&key).await, before);
    // The own email in another case is allowed.
    let response = app
        .json(
            &key,
            "PATCH",
            "/api/users/4",
            r#"{"email":"ADA@example.com"}"#,
        )
        .await;
    assert_eq!(
        (response.status, response.json()["email"].as_str()),
        (200, Some("ADA@example.com"))
    );
}

async fn one_of_twenty_concurrent_posts_with_the_same_email_succeeds(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let sending: Vec<_> = (0..20)
        .map(|_| {
            let (app, key) = (app.clone(), key.clone());
            let body = r#"{"name":"Rose","email":"rose@example.org"}"#;
            tokio::spawn(async move { app.json(&key, "POST", "/api/users", body).await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for response in sending {
        statuses.push(response.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses[0], 201);
    assert_eq!(&statuses[1..], [409; 19]);
    let users: Value = serde_json::from_slice(&app.users(&key).await).unwrap();
    assert_eq!(users.as_array().unwrap().len(), 13);
}

async fn deleted_id_is_never_assigned_again(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let new = async |email: &str| {
        let body = json!({ "name": "Rose", "email": email }).to_string();
        app.json(&key, "POST", "/api/users", &body).await.json()["id"]
            .as_i64()
            .unwrap()
    };
    assert_eq!(new("a@example.org").await, 13);
    assert_eq!(
        app.get("DELETE", "/api/users/13", &[("sandbox-key", &key)])
            .await
            .status,
        204
    );
    assert_eq!(new("b@example.org").await, 14);
    let put = r#"{"name":"High","email":"high@example.org","role":"member"}"#;
    assert_eq!(
        app.json(&key, "PUT", "/api/users/40", put).await.status,
        201
    );
    assert_eq!(new("c@example.org").await, 41);
}

async fn post_to_a_full_sandbox_returns_507(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    for at in 0..488 {
        let body = json!({ "name": "Rose", "email": format!("rose{at}@example.org") }).to_string();
        assert_eq!(
            app.json(&key, "POST", "/api/users", &body).await.status,
            201
        );
    }
    let one_more = r#"{"name":"Late","email":"late@example.org","role":"member"}"#;
    let problem = app
        .json(&key, "POST", "/api/users", one_more)
        .await
        .problem(507);
    assert!(problem["detail"].as_str().unwrap().contains("500 users"));
    app.json(&key, "PUT", "/api/users/900", one_more)
        .await
        .problem(507);
    // Existing users can still be changed and deleted.
    assert_eq!(
        app.json(&key, "PATCH", "/api/users/1", r#"{"bio":null}"#)
            .await
            .status,
        200
    );
    assert_eq!(
        app.get("DELETE", "/api/users/1", &[("sandbox-key", &key)])
            .await
            .status,
        204
    );
    assert_eq!(
        app.json(&key, "POST", "/api/users", one_more).await.status,
        201
    );
}

async fn post_after_the_highest_id_returns_507(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let last = r#"{"name":"Last","email":"last@example.org","role":"member"}"#;
    let put = app.json(&key, "PUT", "/api/users/2147483647", last).await;
    assert_eq!(put.status, 201);
    let before = app.users(&key).await;
    let one_more = r#"{"name":"Late","email":"late@example.org","role":"member"}"#;
    let problem = app
        .json(&key, "POST", "/api/users", one_more)
        .await
        .problem(507);
    assert!(problem["detail"].as_str().unwrap().contains("highest id"));
    assert_eq!(app.users(&key).await, before);
    // Below the highest id there are free ids.
    let put = app.json(&key, "PUT", "/api/users/13", one_more).await;
    assert_eq!(put.status, 201);
}

async fn put_with_content_range_returns_400(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let before = app.users(&key).await;
    let body = r#"{"name":"Rose","email":"rose@example.org","role":"member"}"#;
    let headers = [
        ("sandbox-key", key.as_str()),
        ("content-type", "application/json"),
        ("content-range", "bytes 0-61/100"),
    ];
    for path in ["/api/users/1", "/api/users/40"] {
        let response = app.request("PUT", path, &headers, body).await;
        response.problem(400);
    }
    assert_eq!(app.users(&key).await, before);
}

async fn twenty_concurrent_posts_with_different_emails_create_users_with_different_ids(
    database: &TestDatabase,
) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let tasks: Vec<_> = (0..20)
        .map(|at| {
            let (app, key) = (app.clone(), key.clone());
            let body = format!(r#"{{"name":"A","email":"a{at}@b.c","role":"member"}}"#);
            tokio::spawn(async move { app.json(&key, "POST", "/api/users", &body).await })
        })
        .collect();
    let mut ids = Vec::new();
    for task in tasks {
        let response = task.await.unwrap();
        assert_eq!(
            response.status,
            201,
            "{}",
            String::from_utf8_lossy(&response.body)
        );
        ids.push(response.json()["id"].as_i64().unwrap());
    }
    ids.sort_unstable();
    assert_eq!(ids, (13..33).collect::<Vec<_>>());
}
