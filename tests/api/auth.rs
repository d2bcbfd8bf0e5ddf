//! `/api/me`, and the behavior `require_auth`.

use serde_json::json;

use crate::app::{App, TestResponse};
use crate::database::TestDatabase;
use crate::session::{cookie, log_in};

on_both_engines! {
    me_without_credentials_returns_401,
    get_me_returns_the_authenticated_user,
    patch_me_behaves_like_patch_of_the_user,
    patch_me_that_raises_the_role_returns_403,
    require_auth_refuses_anonymous_writes_and_delete_by_members,
    refused_authentication_and_authorization_are_in_the_trace,
    cross_site_request_with_session_returns_403,
}

fn headers<'a>(key: &'a str, cookie: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("sandbox-key", key),
        ("cookie", cookie),
        ("content-type", "application/merge-patch+json"),
    ]
}

async fn session(app: &App, key: &str, email: &str) -> String {
    cookie(&log_in(app, key, email).await)
}

async fn me_without_credentials_returns_401(database: &TestDatabase) {
    let app = App::new(database).await;
    for (method, path) in [
        ("GET", "/api/me"),
        ("PATCH", "/api/me"),
        ("GET", "/api/session"),
        ("GET", "/api/tokens"),
        ("POST", "/api/tokens"),
        ("GET", "/api/tokens/x"),
        ("DELETE", "/api/tokens/x"),
        ("GET", "/api/admin/stats"),
    ] {
        let response = app.get(method, path, &[]).await;
        response.problem(401);
        let challenge = response.header("www-authenticate");
        assert_eq!(challenge, Some("Bearer realm=\"routebook\""), "{path}");
        // A sandbox key selects the data and does not authenticate a user.
        let unknown = app.get(method, path, &[("sandbox-key", "x")]).await;
        let kind = unknown.problem(401)["type"].to_string();
        assert!(kind.contains("/unknown-sandbox"), "{kind}");
    }
}

async fn get_me_returns_the_authenticated_user(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let grace = session(&app, &key, "grace@example.com").await;
    let me = app.get("GET", "/api/me", &headers(&key, &grace)).await;
    let user = app
        .get("GET", "/api/users/2", &[("sandbox-key", &key)])
        .await;
    assert_eq!((me.status, &me.body), (200, &user.body));
    for name in ["etag", "last-modified", "content-type"] {
        assert_eq!(me.headers.get(name), user.headers.get(name), "{name}");
    }
    assert_eq!(me.header("content-location"), Some("/api/users/2"));
    assert_eq!(me.header("cache-control"), Some("no-store"));
    let csv = [
        ("sandbox-key", key.as_str()),
        ("cookie", &grace),
        ("accept", "text/csv"),
    ];
    let csv = app.get("GET", "/api/me", &csv).await;
    assert!(csv.header("content-type").unwrap().starts_with("text/csv"));
    // A change of the user is visible in `/api/me` immediately.
    app.json(&key, "PATCH", "/api/users/2", r#"{"name":"Amazing Grace"}"#)
        .await;
    let me = app.get("GET", "/api/me", &headers(&key, &grace)).await;
    assert_eq!(me.json()["name"], "Amazing Grace");
}

async fn patch_me_behaves_like_patch_of_the_user(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let grace = session(&app, &key, "grace@example.com").await;
    let patch = async |body: &str| -> TestResponse {
        app.request("PATCH", "/api/me", &headers(&key, &grace), body.to_owned())
            .await
    };
    let patched = patch(r#"{"bio":null,"name":"Grace"}"#).await;
    assert_eq!(
        (patched.status, &patched.json()["bio"]),
        (200, &json!(null))
    );
    let user = app
        .get("GET", "/api/users/2", &[("sandbox-key", &key)])
        .await;
    assert_eq!(patched.body, user.body);
    assert_eq!(patch("{}").await.header("etag"), patched.header("etag"));
    assert_eq!(patch(r#"{"name":null}"#).await.pointers(422), ["/name"]);
    assert_eq!(patch(r#"{"nick":"G"}"#).await.pointers(422), ["/nick"]);
    patch(r#"{"email":"ada@example.com"}"#).await.problem(409);
    patch(r#"{"id":1}"#).await.problem(409);
    patch("{").await.problem(400);
    let stale = [
        ("sandbox-key", key.as_str()),
        ("cookie", &grace),
        ("content-type", "application/merge-patch+json"),
        ("if-match", "\"stale\""),
    ];
    app.request("PATCH", "/api/me", &stale, r#"{"name":"x"}"#)
        .await
        .problem(412);
    let json = [
        ("sandbox-key", key.as_str()),
        ("cookie", &grace),
        ("content-type", "application/json"),
    ];
    app.request("PATCH", "/api/me", &json, "{}")
        .await
        .problem(415);
    let stored = app
        .get("GET", "/api/users/2", &[("sandbox-key", &key)])
        .await;
    assert_eq!(stored.body, patched.body);
}

async fn patch_me_that_raises_the_role_returns_403(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let grace = session(&app, &key, "grace@example.com").await;
    let patch = async |cookie: &str, body: &str| {
        app.request("PATCH", "/api/me", &headers(&key, cookie), body.to_owned())
            .await
    };
    let response = patch(&grace, r#"{"name":"Root","role":"admin"}"#).await;
    response.problem(403);
    assert_eq!(response.header("www-authenticate"), None);
    let token = app
        .request(
            "POST",
            "/api/tokens",
            &[
                ("sandbox-key", key.as_str()),
                ("cookie", &grace),
                ("content-type", "application/json"),
            ],
            r#"{"name":"x","kind":"opaque"}"#,
        )
        .await
        .json();
    let bearer = format!("Bearer {}", token["token"].as_str().unwrap());
    let by_token = [
        ("sandbox-key", key.as_str()),
        ("authorization", &bearer),
        ("content-type", "application/merge-patch+json"),
    ];
    let response = app
        .request("PATCH", "/api/me", &by_token, r#"{"role":"admin"}"#)
        .await;
    response.problem(403);
    let challenge = response.header("www-authenticate").unwrap();
    assert!(
        challenge.contains("error=\"insufficient_scope\""),
        "{challenge}"
    );
    let me = app
        .get("GET", "/api/me", &headers(&key, &grace))
        .await
        .json();
    assert_eq!(
        (&me["role"], &me["name"]),
        (&json!("member"), &json!("Grace Hopper"))
    );
    assert_eq!(patch(&grace, r#"{"role":"member"}"#).await.status, 200);
    // An admin may become a member, but not an admin again.
    let ada = session(&app, &key, "ada@example.com").await;
    assert_eq!(
        patch(&ada, r#"{"role":"admin","bio":"x"}"#).await.status,
        200
    );
    assert_eq!(patch(&ada, r#"{"role":"member"}"#).await.status, 200);
    patch(&ada, r#"{"role":"admin"}"#).await.problem(403);
}

async fn require_auth_refuses_anonymous_writes_and_delete_by_members(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let grace = session(&app, &key, "grace@example.com").await;
    let ada = session(&app, &key, "ada@example.com").await;
    let send = async |method: &str, path: &str, cookie: &str, body: &str| {
        let format = match method {
            "PATCH" => "application/merge-patch+json",
            _ => "application/json",
        };
        let headers = [
            ("sandbox-key", key.as_str()),
            ("cookie", cookie),
            ("content-type", format),
        ];
        app.request(method, path, &headers, body.to_owned()).await
    };
    let new_user = r#"{"name":"Rose","email":"rose@example.org","role":"member"}"#;
    // Without the behavior no login is required.
    assert_eq!(send("DELETE", "/api/users/12", "", "").await.status, 204);
    let switched_on = app.json(&key, "PATCH", "/api/sandbox", r#"{"require_auth":true}"#);
    assert_eq!(switched_on.await.status, 200);
    let users = app.users(&key).await;
    for (method, path, body) in [
        ("POST", "/api/users", new_user),
        ("PUT", "/api/users/3", new_user),
        ("PATCH", "/api/users/3", "{}"),
        ("DELETE", "/api/users/3", ""),
    ] {
        let response = send(method, path, "", body).await;
        response.problem(401);
        let challenge = response.header("www-authenticate");
        assert_eq!(challenge, Some("Bearer realm=\"routebook\""), "{method}");
    }
    let refused = send("DELETE", "/api/users/3", &grace, "").await;
    refused.problem(403);
    assert_eq!(refused.header("www-authenticate"), None);
    assert_eq!(refused.header("cache-control"), Some("no-store"));
    assert_eq!(app.users(&key).await, users);
    for method in ["GET", "HEAD", "OPTIONS"] {
        assert!(
            send(method, "/api/users/3", "", "").await.status < 300,
            "{method}"
        );
    }
    assert_eq!(
        send("POST", "/api/users", &grace, new_user).await.status,
        201
    );
    assert_eq!(
        send("PATCH", "/api/users/3", &grace, "{}").await.status,
        200
    );
    let response = send("DELETE", "/api/users/3", &ada, "").await;
    assert_eq!(
        (response.status, response.header("cache-control")),
        (204, Some("no-store"))
    );
    // The behavior applies to users only, and to this sandbox only.
    assert_eq!(send("DELETE", "/api/session", "", "").await.status, 204);
    let other = app.sandbox().await;
    let headers = [("sandbox-key", other.as_str())];
    assert_eq!(
        app.get("DELETE", "/api/users/3", &headers).await.status,
        204
    );
}

async fn refused_authentication_and_authorization_are_in_the_trace(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let grace = session(&app, &key, "grace@example.com").await;
    app.json(&key, "PATCH", "/api/sandbox", r#"{"require_auth":true}"#)
        .await;
    let authentication_steps = async |response: TestResponse| {
        let id = response.header("request-id").unwrap();
        let path = format!("/api/sandbox/exchanges/{id}");
        let record = app.get("GET", &path, &[("sandbox-key", &key)]).await.json();
        let steps = record["trace"].as_array().unwrap().clone();
        let short = |step: &serde_json::Value| {
            let text = |name: &str| step[name].as_str().unwrap().to_owned();
            (text("kind"), text("name"), text("outcome"))
        };
        let kinds = ["authentication", "authorization"];
        let found: Vec<_> = steps
            .iter()
            .filter(|step| kinds.contains(&step["kind"].as_str().unwrap()))
            .map(short)
            .collect();
        let stopped = steps.iter().filter(|step| step["outcome"] == "stopped");
        (found, stopped.count())
    };
    let step = |kind: &str, name: &str, outcome: &str| {
        (kind.to_owned(), name.to_owned(), outcome.to_owned())
    };
    let anonymous = app
        .get("DELETE", "/api/users/3", &[("sandbox-key", &key)])
        .await;
    let stopped = step("authentication", "session", "stopped");
    assert_eq!(authentication_steps(anonymous).await, (vec![stopped], 1));
    let authenticated = step("authentication", "session", "passed");
    let forbidden = app
        .get("DELETE", "/api/users/3", &headers(&key, &grace))
        .await;
    let stopped = step("authorization", "role admin", "stopped");
    assert_eq!(
        authentication_steps(forbidden).await,
        (vec![authenticated.clone(), stopped], 1)
    );
    let me = app.get("GET", "/api/me", &headers(&key, &grace)).await;
    assert_eq!(authentication_steps(me).await, (vec![authenticated], 0));
    let value = [("sandbox-key", key.as_str()), ("authorization", "Bearer x")];
    let token = app.get("GET", "/api/me", &value).await;
    let stopped = step("authentication", "bearer token", "stopped");
    assert_eq!(authentication_steps(token).await, (vec![stopped], 1));
}

async fn cross_site_request_with_session_returns_403(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let grace = session(&app, &key, "grace@example.com").await;
    for (method, path) in [
        ("POST", "/api/session"),
        ("DELETE", "/api/session"),
        ("POST", "/api/tokens"),
        ("PATCH", "/api/me"),
    ] {
        let foreign = [
            ("sandbox-key", key.as_str()),
            ("cookie", &grace),
            ("sec-fetch-site", "cross-site"),
        ];
        app.get(method, path, &foreign).await.problem(403);
    }
    let me = app.get("GET", "/api/me", &headers(&key, &grace)).await;
    assert_eq!(me.status, 200);
}
