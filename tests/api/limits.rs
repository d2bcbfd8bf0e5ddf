//! Rate limits, limits on event streams and created sandboxes, and behaviors.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use futures_util::StreamExt as _;
use routebook::model::limits::Limits;
use serde_json::{Value, json};

use crate::app::{App, TestResponse, rows, sandboxes};
use crate::database::TestDatabase;

on_both_engines! {
    requests_beyond_the_rate_limit_return_429_until_the_window_ends,
    writes_have_a_separate_limit,
    every_response_has_the_remaining_quota,
    requests_to_the_sandbox_beyond_their_own_limit_return_429,
    reset_undo_and_patch_of_the_sandbox_count_as_writes,
    health_and_document_have_no_limit,
    new_sandboxes_of_one_address_beyond_the_limit_return_429_and_others_still_work,
    class_of_200_behind_one_address_can_work,
    many_new_sandboxes_start_the_expiry,
    event_streams_beyond_five_in_a_sandbox_return_429,
    event_streams_beyond_the_share_of_an_address_or_the_server_return_429,
    event_stream_ends_at_its_maximum_age,
    event_stream_ends_with_its_sandbox,
    slow_event_listener_receives_the_number_of_missed_exchanges,
    head_and_options_of_the_events_respond_without_a_stream,
    failed_write_does_not_count_as_a_new_sandbox,
    unknown_sandbox_key_returns_401_also_when_the_creation_limit_is_reached,
    behaviors_are_changed_by_a_merge_patch_and_stored,
    fail_every_fails_every_third_request,
    latency_delays_the_response,
    behavior_rate_limit_applies_when_lower_than_the_usual_limit,
    require_if_match_returns_428_without_if_match,
    require_idempotency_key_returns_400_without_a_key,
    behaviors_apply_to_tokens_and_me,
    behaviors_do_not_apply_to_other_paths,
}

fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

async fn get(app: &App, key: &str, path: &str) -> TestResponse {
    app.get("GET", path, &[("sandbox-key", key)]).await
}

/// Changes behaviors.
async fn switch(app: &App, key: &str, patch: Value) -> TestResponse {
    let response = app
        .json(key, "PATCH", "/api/sandbox", &patch.to_string())
        .await;
    assert_eq!(
        response.status,
        200,
        "{}",
        String::from_utf8_lossy(&response.body)
    );
    response
}

async fn requests_beyond_the_rate_limit_return_429_until_the_window_ends(database: &TestDatabase) {
    let app = App::with_limits(database, limits(|limits| limits.requests_per_minute = 5)).await;
    let key = app.sandbox().await;
    let other = app.sandbox().await;
    for _ in 0..5 {
        assert_eq!(get(&app, &key, "/api/users/1").await.status, 200);
    }
    app.clock.advance(20_000);
    let refused = get(&app, &key, "/api/users/1").await;
    let problem = refused.problem(429);
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("5 requests in one sandbox a minute")
    );
    assert_eq!(refused.header("retry-after"), Some("40"));
    assert_eq!(refused.header("ratelimit"), Some("\"requests\";r=0;t=40"));
    assert_eq!(
        refused.header("ratelimit-policy"),
        Some("\"requests\";q=5;w=60")
    );
    assert_eq!(get(&app, &other, "/api/users/1").await.status, 200);
    app.clock.advance(40_000);
    assert_eq!(get(&app, &key, "/api/users/1").await.status, 200);
}

async fn writes_have_a_separate_limit(database: &TestDatabase) {
    let app = App::with_limits(database, limits(|limits| limits.writes_per_minute = 2)).await;
    let key = app.sandbox().await;
    for bio in ["1", "2"] {
        let body = json!({ "bio": bio }).to_string();
        assert_eq!(
            app.json(&key, "PATCH", "/api/users/1", &body).await.status,
            200
        );
    }
    let before = rows(database).await;
    let refused = app
        .json(&key, "PATCH", "/api/users/1", r#"{"bio":"3"}"#)
        .await;
    refused.problem(429);
    assert_eq!(rows(database).await, before);
    assert_eq!(get(&app, &key, "/api/users/1").await.status, 200);
}

async fn every_response_has_the_remaining_quota(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let read = get(&app, &key, "/api/users/1").await;
    assert_eq!(read.header("ratelimit"), Some("\"requests\";r=2999;t=60"));
    let written = app.json(&key, "DELETE", "/api/users/1", "").await;
    assert_eq!(
        written.header("ratelimit"),
        Some("\"requests\";r=2998;t=60, \"writes\";r=599;t=60")
    );
    assert_eq!(
        written.header("ratelimit-policy"),
        Some("\"requests\";q=3000;w=60, \"writes\";q=600;w=60")
    );
    let anonymous = app.get("GET", "/api/users/1", &[]).await;
    assert_eq!(anonymous.header("ratelimit"), None);
}

async fn requests_to_the_sandbox_beyond_their_own_limit_return_429(database: &TestDatabase) {
    let few = limits(|limits| limits.sandbox_requests_per_minute = 3);
    let app = App::with_limits(database, few).await;
    let key = app.sandbox().await;
    for path in [
        "/api/sandbox",
        "/api/sandbox/exchanges",
        "/api/sandbox/exchanges/unknown",
    ] {
        assert_ne!(get(&app, &key, path).await.status, 429, "{path}");
    }
    let refused = get(&app, &key, "/api/sandbox/exchanges?group=a").await;
    let problem = refused.problem(429);
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("3 requests to /api/sandbox in one sandbox a minute"),
        "{detail}"
    );
    assert_eq!(refused.header("retry-after"), Some("60"));
    assert_eq!(refused.header("ratelimit"), Some("\"sandbox\";r=0;t=60"));
    assert_eq!(
        refused.header("ratelimit-policy"),
        Some("\"sandbox\";q=3;w=60")
    );
    // Requests with a separate limit still succeed.
    let read = get(&app, &key, "/api/users/1").await;
    assert_eq!(read.header("ratelimit"), Some("\"requests\";r=2999;t=60"));
    app.clock.advance(60_000);
    assert_eq!(get(&app, &key, "/api/sandbox").await.status, 200);
}

async fn reset_undo_and_patch_of_the_sandbox_count_as_writes(database: &TestDatabase) {
    let app = App::with_limits(database, limits(|limits| limits.writes_per_minute = 3)).await;
    let key = app.sandbox().await;
    let headers = [("sandbox-key", key.as_str())];
    switch(&app, &key, json!({ "latency_ms": 1 })).await;
    let undo = app.get("POST", "/api/sandbox/undo", &headers).await;
    assert_eq!(undo.status, 409);
    let reset = app.get("POST", "/api/sandbox/reset", &headers).await;
    assert_eq!(reset.status, 204);
    assert_eq!(
        reset.header("ratelimit"),
        Some("\"sandbox\";r=1197;t=60, \"writes\";r=0;t=60")
    );
    let before = rows(database).await;
    for (method, path) in [
        ("POST", "/api/sandbox/reset"),
        ("POST", "/api/sandbox/undo"),
        ("PATCH", "/api/sandbox"),
        ("DELETE", "/api/sandbox"),
        ("DELETE", "/api/users/1"),
    ] {
        app.json(&key, method, path, "{}").await.problem(429);
    }
    assert_eq!(rows(database).await, before);
    assert_eq!(get(&app, &key, "/api/sandbox").await.status, 200);
}

async fn health_and_document_have_no_limit(database: &TestDatabase) {
    let few = limits(|limits| {
        (
            limits.requests_per_minute,
            limits.sandbox_requests_per_minute,
        ) = (1, 1);
    });
    let app = App::with_limits(database, few).await;
    let key = app.sandbox().await;
    for _ in 0..3 {
        for path in ["/api/health", "/api/openapi.json"] {
            assert_eq!(get(&app, &key, path).await.status, 200, "{path}");
        }
    }
    assert_eq!(get(&app, &key, "/api/users/1").await.status, 200);
}

/// Builds a POST from a client address.
pub(crate) async fn from(app: &App, peer: &str, path: &str, body: &'static str) -> TestResponse {
    let mut request = Request::post(path)
        .header("content-type", "application/json")
        .body(Body::from(body))
        .unwrap();
    let peer: SocketAddr = peer.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    app.send(request).await
}

async fn new_sandboxes_of_one_address_beyond_the_limit_return_429_and_others_still_work(
    database: &TestDatabase,
) {
    let app = App::with_limits(database, limits(|limits| limits.sandboxes_per_hour = 30)).await;
    let mut statuses = Vec::new();
    for _ in 0..40 {
        statuses.push(
            from(&app, "192.0.2.1:5000", "/api/sandbox", "")
                .await
                .status,
        );
    }
    assert_eq!(statuses[..30], [201; 30]);
    assert_eq!(statuses[30..], [429; 10]);
    let refused = from(
        &app,
        "192.0.2.1:6000",
        "/api/users",
        r#"{"name":"A","email":"a@b.c","role":"member"}"#,
    )
    .await;
    let problem = refused.problem(429);
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("30 new sandboxes from one address an hour"),
        "{detail}"
    );
    assert_eq!(refused.header("retry-after"), Some("3600"));
    assert_eq!(
        (
            refused.header("ratelimit"),
            refused.header("ratelimit-policy")
        ),
        (
            Some("\"sandboxes\";r=0;t=3600"),
            Some("\"sandboxes\";q=30;w=3600")
        )
    );
    assert_eq!(sandboxes(database).await, 30);
    assert_eq!(
        from(&app, "192.0.2.2:5000", "/api/sandbox", "")
            .await
            .status,
        201
    );
    // One subscriber has a complete /64 network.
    for at in 0..30 {
        let peer = format!("[2001:db8::{at}:1]:5000");
        assert_eq!(
            from(&app, &peer, "/api/sandbox", "").await.status,
            201,
            "{peer}"
        );
    }
    from(&app, "[2001:db8::ffff]:1", "/api/sandbox", "")
        .await
        .problem(429);
    app.clock.advance(3_600_000);
    assert_eq!(
        from(&app, "192.0.2.1:5000", "/api/sandbox", "")
            .await
            .status,
        201
    );
}

/// Uses the default limits.
async fn class_of_200_behind_one_address_can_work(database: &TestDatabase) {
    let app = App::new(database).await;
    let mut streams = Vec::new();
    for visitor in 0..200 {
        let created = from(&app, "192.0.2.1:5000", "/api/sandbox", "").await;
        assert_eq!(created.status, 201, "{visitor}");
        let key = created.header("sandbox-key").unwrap().to_owned();
        let stream = listen(&app, &key, "192.0.2.1:5001").await;
        assert_eq!(stream.status(), 200, "{visitor}");
        streams.push(stream);
        assert_eq!(get(&app, &key, "/api/users/1").await.status, 200);
        let written = app
            .json(&key, "PATCH", "/api/users/1", r#"{"bio":"x"}"#)
            .await;
        assert_eq!(written.status, 200, "{visitor}");
    }
    assert_eq!(sandboxes(database).await, 200);
}

async fn many_new_sandboxes_start_the_expiry(database: &TestDatabase) {
    let app = App::with_limits(database, limits(|limits| limits.sandboxes = 200)).await;
    let is_time = async || {
        let waited = tokio::time::timeout(
            Duration::from_millis(1),
            app.sandboxes.wait_for_many_creations(),
        );
        waited.await.is_ok()
    };
    // One hundredth of the maximum, and then one more.
    app.sandbox().await;
    app.sandbox().await;
    assert!(!is_time().await);
    app.sandbox().await;
    assert!(is_time().await);
    assert_eq!(app.sandboxes.expire(10).await.unwrap(), 0);
    app.sandbox().await;
    assert!(!is_time().await);
}

/// Opens an event stream from a client address.
async fn listen(app: &App, key: &str, peer: &str) -> Response<Body> {
    let request = Request::get("/api/sandbox/events").header("sandbox-key", key);
    let mut request = request.body(Body::empty()).unwrap();
    let peer: SocketAddr = peer.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    app.respond(request).await
}

async fn problem_of(response: Response<Body>) -> String {
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "60");
    let body = axum::body::to_bytes(response.into_body(), 1 << 16).await;
    let problem: Value = serde_json::from_slice(&body.unwrap()).unwrap();
    problem["detail"].as_str().unwrap().to_owned()
}

async fn event_streams_beyond_five_in_a_sandbox_return_429(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, other) = (app.sandbox().await, app.sandbox().await);
    let mut streams = Vec::new();
    for _ in 0..5 {
        let stream = listen(&app, &key, "192.0.2.1:5000").await;
        assert_eq!(stream.status(), 200);
        streams.push(stream);
    }
    let detail = problem_of(listen(&app, &key, "192.0.2.2:5000").await).await;
    assert!(
        detail.contains("5 event streams in one sandbox"),
        "{detail}"
    );
    assert_eq!(listen(&app, &other, "192.0.2.1:5000").await.status(), 200);
    streams.pop();
    assert_eq!(listen(&app, &key, "192.0.2.1:5000").await.status(), 200);
}

async fn event_streams_beyond_the_share_of_an_address_or_the_server_return_429(
    database: &TestDatabase,
) {
    let few = limits(|limits| {
        (limits.event_streams_per_address, limits.event_streams) = (1, 2);
    });
    let app = App::with_limits(database, few).await;
    let (one, two) = (app.sandbox().await, app.sandbox().await);
    let first = listen(&app, &one, "192.0.2.1:5000").await;
    assert_eq!(first.status(), 200);
    let detail = problem_of(listen(&app, &two, "192.0.2.1:5000").await).await;
    assert!(
        detail.contains("1 event streams from one address"),
        "{detail}"
    );
    let second = listen(&app, &two, "192.0.2.2:5000").await;
    assert_eq!(second.status(), 200);
    let detail = problem_of(listen(&app, &two, "192.0.2.3:5000").await).await;
    assert!(
        detail.contains("2 event streams on this server"),
        "{detail}"
    );
    drop(first);
    assert_eq!(listen(&app, &one, "192.0.2.1:5000").await.status(), 200);
}

/// Reads an event stream to its end.
async fn to_end(response: Response<Body>) -> String {
    let body = axum::body::to_bytes(response.into_body(), 1 << 22);
    let body = tokio::time::timeout(Duration::from_secs(10), body).await;
    String::from_utf8(body.expect("the stream ends").unwrap().to_vec()).unwrap()
}

async fn event_stream_ends_at_its_maximum_age(database: &TestDatabase) {
    let short = limits(|limits| (limits.event_stream_seconds, limits.event_streams) = (1, 1));
    let app = App::with_limits(database, short).await;
    let key = app.sandbox().await;
    for _ in 0..2 {
        let stream = listen(&app, &key, "192.0.2.1:5000").await;
        assert_eq!(stream.status(), 200);
        assert_eq!(to_end(stream).await, "");
    }
}

async fn event_stream_ends_with_its_sandbox(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let stream = listen(&app, &key, "192.0.2.1:5000").await;
    let headers = [("sandbox-key", key.as_str())];
    let deleted = app.get("DELETE", "/api/sandbox", &headers).await;
    assert_eq!(deleted.status, 204);
    assert_eq!(to_end(stream).await, "");
}

async fn slow_event_listener_receives_the_number_of_missed_exchanges(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let stream = listen(&app, &key, "192.0.2.1:5000").await;
    for _ in 0..100 {
        get(&app, &key, "/api/users/1").await;
    }
    app.sandboxes.recorder().flush().await;
    let mut events = stream.into_body().into_data_stream();
    let mut text = String::new();
    while text.matches("event: exchange\n").count() < 64 {
        let next = tokio::time::timeout(Duration::from_secs(10), events.next());
        let data = next.await.expect("another event").unwrap().unwrap();
        text.push_str(std::str::from_utf8(&data).unwrap());
    }
    let lagged = "event: lagged\ndata: {\"missed\":36}\n\n";
    assert!(text.starts_with(lagged), "{text:.200}");
}

async fn head_and_options_of_the_events_respond_without_a_stream(database: &TestDatabase) {
    let app = App::with_limits(database, limits(|limits| limits.event_streams = 1)).await;
    let key = app.sandbox().await;
    let path = "/api/sandbox/events";
    let headers = [("sandbox-key", key.as_str())];
    let open = listen(&app, &key, "192.0.2.1:5000").await;
    for _ in 0..2 {
        let head = app.get("HEAD", path, &headers).await;
        assert_eq!(head.status, 200);
        for name in ["content-type", "cache-control", "vary"] {
            let expected = open.headers()[name].to_str().unwrap();
            assert_eq!(head.header(name), Some(expected), "{name}");
        }
        assert!(head.body.is_empty());
        let options = app.get("OPTIONS", path, &headers).await;
        assert_eq!(options.status, 204);
        assert_eq!(options.header("allow"), Some("GET, HEAD, OPTIONS"));
    }
    assert_eq!(app.get("HEAD", path, &[]).await.status, 404);
}

async fn failed_write_does_not_count_as_a_new_sandbox(database: &TestDatabase) {
    let app = App::with_limits(database, limits(|limits| limits.sandboxes_per_hour = 1)).await;
    for _ in 0..3 {
        from(&app, "192.0.2.1:5000", "/api/users", "{}")
            .await
            .problem(422);
    }
    assert_eq!(
        from(&app, "192.0.2.1:5000", "/api/sandbox", "")
            .await
            .status,
        201
    );
}

async fn unknown_sandbox_key_returns_401_also_when_the_creation_limit_is_reached(
    database: &TestDatabase,
) {
    let app = App::with_limits(database, limits(|limits| limits.sandboxes_per_hour = 1)).await;
    let peer: SocketAddr = "192.0.2.1:5000".parse().unwrap();
    let created = from(&app, "192.0.2.1:5000", "/api/sandbox", "").await;
    assert_eq!(created.status, 201);
    let request = Request::post("/api/users").header("sandbox-key", "of-another-day");
    let mut request = request.body(Body::empty()).unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    app.send(request).await.problem(401);
}

async fn behaviors_are_changed_by_a_merge_patch_and_stored(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let off = json!({
        "require_auth": false, "require_if_match": false, "require_idempotency_key": false,
        "latency_ms": 0, "fail_every": null, "rate_limit": null
    });
    assert_eq!(
        get(&app, &key, "/api/sandbox").await.json()["behaviors"],
        off
    );
    let response = switch(
        &app,
        &key,
        json!({ "fail_every": 7, "require_if_match": true }),
    )
    .await;
    assert_eq!(response.json()["behaviors"]["fail_every"], 7);
    switch(&app, &key, json!({ "require_if_match": null })).await;
    let stored = get(&app, &key, "/api/sandbox").await.json()["behaviors"].clone();
    assert_eq!(
        (&stored["fail_every"], &stored["require_if_match"]),
        (&json!(7), &json!(false))
    );
    // The behaviors are stored in the database, where other processes find them.
    let stored: String = crate::app::value(database, "SELECT behaviors FROM sandbox").await;
    assert!(stored.contains("\"fail_every\":7"), "{stored}");
    let bad = app
        .json(
            &key,
            "PATCH",
            "/api/sandbox",
            r#"{"latency_ms":9999,"x":1,"rate_limit":0}"#,
        )
        .await;
    assert_eq!(bad.pointers(422), ["/latency_ms", "/x", "/rate_limit"]);
    // A visitor without a sandbox receives one.
    let headers = [("content-type", "application/merge-patch+json")];
    let created = app
        .request("PATCH", "/api/sandbox", &headers, r#"{"latency_ms":1}"#)
        .await;
    let made_key = created.header("sandbox-key").unwrap().to_owned();
    assert_eq!(
        get(&app, &made_key, "/api/sandbox").await.json()["behaviors"]["latency_ms"],
        1
    );
}

async fn fail_every_fails_every_third_request(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    switch(&app, &key, json!({ "fail_every": 3 })).await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let response = get(&app, &key, "/api/users/1").await;
        if response.status == 503 {
            response.problem(503);
            assert_eq!(response.header("retry-after"), Some("1"));
        }
        statuses.push(response.status);
    }
    assert_eq!(statuses, [200, 200, 503, 200, 200, 503]);
}

async fn latency_delays_the_response(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    switch(&app, &key, json!({ "latency_ms": 200 })).await;
    let response = get(&app, &key, "/api/users/1").await;
    assert_eq!(response.status, 200);
    let exchange = crate::trace::exchange(&app, &key, &response).await;
    assert!(
        exchange["took"].as_u64().unwrap() >= 200_000,
        "{exchange:#}"
    );
}

async fn behavior_rate_limit_applies_when_lower_than_the_usual_limit(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    switch(&app, &key, json!({ "rate_limit": 2 })).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(get(&app, &key, "/api/users").await.status);
    }
    assert_eq!(statuses, [200, 200, 429]);
    switch(&app, &key, json!({ "rate_limit": null })).await;
    assert_eq!(get(&app, &key, "/api/users").await.status, 200);
}

async fn require_if_match_returns_428_without_if_match(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    switch(&app, &key, json!({ "require_if_match": true })).await;
    let before = rows(database).await;
    for method in ["PATCH", "PUT", "DELETE"] {
        app.json(&key, method, "/api/users/1", "{}")
            .await
            .problem(428);
    }
    assert_eq!(rows(database).await, before);
    let tag = get(&app, &key, "/api/users/1")
        .await
        .header("etag")
        .unwrap()
        .to_owned();
    let headers = [("sandbox-key", key.as_str()), ("if-match", tag.as_str())];
    assert_eq!(
        app.get("DELETE", "/api/users/1", &headers).await.status,
        204
    );
    // `If-None-Match: *` is a precondition too.
    let headers = [
        ("sandbox-key", key.as_str()),
        ("content-type", "application/json"),
        ("if-none-match", "*"),
    ];
    let body = r#"{"name":"A","email":"a@b.c","role":"member"}"#;
    let created = app.request("PUT", "/api/users/30", &headers, body).await;
    assert_eq!(created.status, 201);
}

async fn require_idempotency_key_returns_400_without_a_key(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    switch(&app, &key, json!({ "require_idempotency_key": true })).await;
    let body = r#"{"name":"A","email":"a@b.c","role":"member"}"#;
    app.json(&key, "POST", "/api/users", body)
        .await
        .problem(400);
    let headers = [
        ("sandbox-key", key.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", "one"),
    ];
    assert_eq!(
        app.request("POST", "/api/users", &headers, body)
            .await
            .status,
        201
    );
}

async fn behaviors_apply_to_tokens_and_me(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let login = crate::session::log_in(&app, &key, "grace@example.com").await;
    let cookie = crate::session::cookie(&login);
    switch(&app, &key, json!({ "require_idempotency_key": true })).await;
    let headers = [
        ("sandbox-key", key.as_str()),
        ("cookie", cookie.as_str()),
        ("content-type", "application/json"),
    ];
    // Only the creation of a user requires a key.
    let token = r#"{"name":"a","kind":"opaque"}"#;
    let created = app.request("POST", "/api/tokens", &headers, token).await;
    assert_eq!(created.status, 201);
    switch(&app, &key, json!({ "fail_every": 1 })).await;
    for path in ["/api/me", "/api/tokens", "/api/users/1"] {
        app.get("GET", path, &headers).await.problem(503);
    }
}

async fn behaviors_do_not_apply_to_other_paths(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    switch(&app, &key, json!({ "fail_every": 1, "rate_limit": 1 })).await;
    for path in [
        "/api/health",
        "/api/sandbox",
        "/api/sandbox/exchanges",
        "/api/echo",
        "/api/echo",
    ] {
        assert_eq!(get(&app, &key, path).await.status, 200, "{path}");
    }
    get(&app, &key, "/api/users").await.problem(503);
}
