//! The record of exchanges: limits, lists, event streams and undo.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use futures_util::StreamExt as _;
use routebook::model::exchange::Exchange;
use routebook::model::limits::Limits;
use routebook::model::trace::Trace;
use routebook::sandbox::SandboxKey;
use serde_json::{Value, json};

use crate::app::{App, count, execute};
use crate::database::TestDatabase;

on_both_engines! {
    record_keeps_the_last_two_hundred_exchanges_newest_first,
    record_keeps_at_most_one_mebibyte_of_the_newest_exchanges,
    exchange_group_is_returned_complete_and_in_order,
    search_for_a_group_waits_for_its_last_exchange,
    exchanges_are_private_to_their_sandbox,
    bodies_are_recorded_up_to_64_kib,
    exchanges_beyond_the_limit_are_dropped_before_they_are_stored,
    exchange_group_is_recorded_up_to_64_characters,
    undo_reverts_changes_one_by_one,
    two_concurrent_undo_requests_revert_two_changes,
    undo_returns_409_when_the_email_is_taken_or_no_change_is_left,
    event_stream_sends_the_exchanges_of_all_clients,
    event_stream_with_last_event_id_begins_with_the_missed_exchanges,
    reset_deletes_the_record,
    reset_during_a_flush_leaves_no_exchange,
    records_of_all_sandboxes_stay_within_the_budget,
    exchange_of_another_instance_is_found_at_the_timeout,
}

async fn list(app: &App, key: &str) -> Vec<Value> {
    let list = app
        .get("GET", "/api/sandbox/exchanges", &[("sandbox-key", key)])
        .await;
    assert_eq!(list.status, 200);
    list.json().as_array().unwrap().clone()
}

async fn record_keeps_the_last_two_hundred_exchanges_newest_first(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    for at in 1..=210 {
        let path = format!("/api/users/{at}");
        app.get("GET", &path, &[("sandbox-key", &key)]).await;
        // The exchanges are stored in small batches, as in production.
        if at % 30 == 0 {
            app.finish_recording().await;
            app.sandboxes.recorder().flush().await;
        }
    }
    app.finish_recording().await;
    let recorded = list(&app, &key).await;
    assert_eq!(recorded.len(), 200);
    assert_eq!(recorded[0]["target"], "/api/users/210");
    assert_eq!(recorded[199]["target"], "/api/users/11");
    app.sandboxes.recorder().flush().await;
    assert_eq!(list(&app, &key).await, recorded);
    assert!(count(database, "SELECT CAST(SUM(held) AS BIGINT) FROM exchange").await < 240);
    // The number of exchanges in memory is limited too.
    let busy = app.sandbox().await;
    let response = app
        .get("GET", "/api/users/1", &[("sandbox-key", &busy)])
        .await;
    assert_eq!(response.status, 200);
    let (busy, trace) = (SandboxKey::parse(&busy).unwrap(), Trace::disabled());
    let opened = app.sandboxes.open_sandbox(&busy, &trace).await;
    let id = opened.unwrap().unwrap().sandbox.id;
    app.finish_recording().await;
    let one = app.sandboxes.list_exchanges(id).await.unwrap().remove(0);
    for at in 0..210 {
        let mut exchange = Exchange::clone(&one);
        exchange.id = at.to_string();
        app.sandboxes.recorder().record(id, move || exchange);
    }
    app.sandboxes.recorder().flush().await;
    assert_eq!(count(database, "SELECT MAX(held) FROM exchange").await, 200);
}

async fn record_keeps_at_most_one_mebibyte_of_the_newest_exchanges(database: &TestDatabase) {
    let limits = Limits {
        exchange_bytes: 64 * 1024,
        ..Limits::default()
    };
    let app = App::with_limits(database, limits).await;
    let key = app.sandbox().await;
    for _ in 0..40 {
        app.get("GET", "/api/users", &[("sandbox-key", &key)]).await;
        app.finish_recording().await;
        app.sandboxes.recorder().flush().await;
    }
    let recorded = list(&app, &key).await;
    assert!((2..40).contains(&recorded.len()), "{}", recorded.len());
    assert!(count(database, "SELECT CAST(SUM(size) AS BIGINT) FROM exchange").await <= 64 * 1024);
}

async fn exchange_group_is_returned_complete_and_in_order(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let group = "3f2a9c4e-0000-4000-8000-000000000001";
    let headers = [("sandbox-key", key.as_str()), ("exchange-group", group)];
    app.get("GET", "/api/users/", &headers).await;
    app.get("GET", "/api/users", &headers).await;
    app.get("GET", "/api/users/1", &[("sandbox-key", &key)])
        .await;
    app.finish_recording().await;
    let path = format!("/api/sandbox/exchanges?group={group}");
    let found = app.get("GET", &path, &[("sandbox-key", &key)]).await.json();
    let targets: Vec<&Value> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["request"]["target"])
        .collect();
    assert_eq!(targets, ["/api/users", "/api/users/"]);
    assert!(found[0]["trace"].as_array().unwrap().len() > 5);
    app.get(
        "GET",
        "/api/sandbox/exchanges?grp=1",
        &[("sandbox-key", &key)],
    )
    .await
    .problem(400);
}

/// The first exchange of a group may be recorded while the last one is not yet.
async fn search_for_a_group_waits_for_its_last_exchange(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let headers = [("sandbox-key", key.as_str()), ("exchange-group", "pair")];
    app.get("GET", "/api/users/1", &headers).await;
    app.finish_recording().await;
    // The first exchange is in the database, the second will be in memory.
    app.sandboxes.recorder().flush().await;
    let (key, trace) = (SandboxKey::parse(&key).unwrap(), Trace::disabled());
    let opened = app.sandboxes.open_sandbox(&key, &trace).await;
    let id = opened.unwrap().unwrap().sandbox.id;
    let first = app.sandboxes.list_exchanges(id).await.unwrap().remove(0);
    let mut second = Exchange::clone(&first);
    second.id = "second".to_owned();
    let recorder = app.sandboxes.recorder().clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        recorder.record(id, move || second);
    });
    let is_of = |exchange: &Exchange| exchange.group.as_deref() == Some("pair");
    let found = app
        .sandboxes
        .find_exchanges(id, "pair", Some("second"), is_of)
        .await
        .unwrap();
    let ids: Vec<&str> = found.iter().map(|found| found.id.as_str()).collect();
    assert_eq!(ids, ["second", first.id.as_str()]);
}

async fn exchanges_are_private_to_their_sandbox(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, other) = (app.sandbox().await, app.sandbox().await);
    let response = app
        .get("GET", "/api/users/1", &[("sandbox-key", &key)])
        .await;
    let path = format!(
        "/api/sandbox/exchanges/{}",
        response.header("request-id").unwrap()
    );
    assert_eq!(
        app.get("GET", &path, &[("sandbox-key", &key)]).await.status,
        200
    );
    app.get("GET", &path, &[("sandbox-key", &other)])
        .await
        .problem(404);
    app.get("GET", &path, &[]).await.problem(404);
    assert_eq!(list(&app, &other).await, [Value::Null; 0]);
}

async fn bodies_are_recorded_up_to_64_kib(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let body = format!("{{\"name\":\"{}\"}}", "x".repeat(70_000));
    let response = app.json(&key, "POST", "/api/users", &body).await;
    response.problem(413);
    let body = format!("{{\"name\":\"{}\"}}", "x".repeat(60_000));
    let response = app.json(&key, "POST", "/api/users", &body).await;
    let exchange = crate::trace::exchange(&app, &key, &response).await;
    assert_eq!(exchange["request"]["body"]["size"], body.len());
    assert_eq!(exchange["request"]["body"]["cut"], false);
    assert_eq!(exchange["request"]["body"]["text"], body);
    // The response is cut at the same limit: each of these characters is two bytes in the echo.
    let body = "\"".repeat(50_000);
    let response = app.json(&key, "POST", "/api/echo", &body).await;
    let exchange = crate::trace::exchange(&app, &key, &response).await;
    let recorded = &exchange["response"]["body"];
    assert_eq!(recorded["size"], response.body.len());
    assert_eq!(recorded["cut"], true);
    assert_eq!(recorded["text"].as_str().unwrap().len(), 64 * 1024);
}

async fn exchanges_beyond_the_limit_are_dropped_before_they_are_stored(database: &TestDatabase) {
    let limits = Limits {
        exchange_bytes: 24 * 1024,
        ..Limits::default()
    };
    let app = App::with_limits(database, limits).await;
    let key = app.sandbox().await;
    let get = async |path: &str| {
        app.get("GET", path, &[("sandbox-key", &key)]).await;
        app.finish_recording().await;
    };
    // Each exchange changes twelve users: much more than a sandbox keeps, stored in one batch.
    for _ in 0..40 {
        get("/api/users").await;
    }
    get("/api/users/7").await;
    app.sandboxes.recorder().flush().await;
    let recorded = list(&app, &key).await;
    assert!((2..20).contains(&recorded.len()), "{}", recorded.len());
    assert_eq!(recorded[0]["target"], "/api/users/7");
    assert!(count(database, "SELECT CAST(SUM(size) AS BIGINT) FROM exchange").await <= 24 * 1024);
}

async fn exchange_group_is_recorded_up_to_64_characters(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    for (length, recorded) in [(64, true), (65, false)] {
        let group = "g".repeat(length);
        let headers = [("sandbox-key", key.as_str()), ("exchange-group", &group)];
        let response = app.get("GET", "/api/users/1", &headers).await;
        let exchange = crate::trace::exchange(&app, &key, &response).await;
        let expected = if recorded { json!(group) } else { Value::Null };
        assert_eq!(exchange["group"], expected, "{length}");
    }
}

async fn undo_reverts_changes_one_by_one(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let mut states = vec![app.users(&key).await];
    for (method, path, body) in [
        (
            "POST",
            "/api/users",
            r#"{"name":"A","email":"a@b.c","role":"member"}"#,
        ),
        ("PATCH", "/api/users/13", r#"{"bio":"new"}"#),
        ("DELETE", "/api/users/2", ""),
        (
            "PUT",
            "/api/users/40",
            r#"{"name":"B","email":"b@b.c","role":"admin"}"#,
        ),
    ] {
        assert!(app.json(&key, method, path, body).await.status < 300);
        states.push(app.users(&key).await);
        app.finish_recording().await;
    }
    for _ in 0..4 {
        states.pop();
        let undone = app
            .get("POST", "/api/sandbox/undo", &[("sandbox-key", &key)])
            .await;
        assert_eq!(
            undone.status,
            200,
            "{}",
            String::from_utf8_lossy(&undone.body)
        );
        assert!(undone.json()["undone"]["method"].is_string());
        assert_eq!(app.users(&key).await, *states.last().unwrap());
    }
    // An id is never assigned twice.
    let created = app
        .json(
            &key,
            "POST",
            "/api/users",
            r#"{"name":"C","email":"c@b.c","role":"member"}"#,
        )
        .await;
    assert_eq!(created.json()["id"], 41);
}

async fn two_concurrent_undo_requests_revert_two_changes(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let before = app.users(&key).await;
    for path in ["/api/users/1", "/api/users/2"] {
        assert_eq!(app.json(&key, "DELETE", path, "").await.status, 204);
    }
    app.finish_recording().await;
    let headers = [("sandbox-key", key.as_str())];
    let (one, other) = tokio::join!(
        app.get("POST", "/api/sandbox/undo", &headers),
        app.get("POST", "/api/sandbox/undo", &headers)
    );
    assert_eq!((one.status, other.status), (200, 200));
    assert_ne!(one.json()["undone"], other.json()["undone"]);
    assert_eq!(app.users(&key).await, before);
}

async fn undo_returns_409_when_the_email_is_taken_or_no_change_is_left(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let undo = async || {
        app.get("POST", "/api/sandbox/undo", &[("sandbox-key", &key)])
            .await
    };
    undo().await.problem(409);
    app.get("POST", "/api/sandbox/undo", &[]).await.problem(409);
    let deleted = app
        .json(&key, "PATCH", "/api/users/1", r#"{"email":"new@b.c"}"#)
        .await;
    assert_eq!(deleted.status, 200);
    app.finish_recording().await;
    assert_eq!(undo().await.status, 200);
    undo().await.problem(409);
    // A change that is not recorded can be undone too.
    let freed = app.json(&key, "DELETE", "/api/users/4", "").await;
    assert_eq!(freed.status, 204);
    let headers = [
        ("sandbox-key", key.as_str()),
        ("content-type", "application/json"),
        ("exchange-group", "none"),
    ];
    let body = r#"{"name":"A","email":"ADA@example.com","role":"member"}"#;
    let taker = app.request("POST", "/api/users", &headers, body).await;
    assert_eq!(taker.status, 201);
    app.finish_recording().await;
    let undone = undo().await.json();
    assert_eq!(undone["undone"]["method"], "POST");
    assert_eq!(undone["undone"]["id"], taker.header("request-id").unwrap());
    // Gives another user the email that undo would restore, directly in the database.
    execute(
        database,
        "UPDATE users SET email_folded = 'ada@example.com' WHERE id = 5",
    )
    .await;
    let before = app.users(&key).await;
    let refused = undo().await;
    assert_eq!(refused.pointers(409), ["/email"]);
    assert_eq!(app.users(&key).await, before);
    // When the email is free again, undo succeeds.
    execute(
        database,
        "UPDATE users SET email_folded = email WHERE id = 5",
    )
    .await;
    assert_eq!(undo().await.status, 200);
    let restored = app
        .get("GET", "/api/users/4", &[("sandbox-key", &key)])
        .await;
    assert_eq!(restored.json()["email"], "ada@example.com");
}

async fn event_stream_sends_the_exchanges_of_all_clients(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, other) = (app.sandbox().await, app.sandbox().await);
    app.get("GET", "/api/sandbox/events", &[])
        .await
        .problem(404);
    let request = Request::get("/api/sandbox/events").header("sandbox-key", &key);
    let stream = app.respond(request.body(Body::empty()).unwrap()).await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert_eq!(stream.headers()["cache-control"], "no-store");
    app.get("GET", "/api/users/2", &[("sandbox-key", &other)])
        .await;
    let response = app
        .get("GET", "/api/users/1", &[("sandbox-key", &key)])
        .await;
    let mut stream = stream.into_body().into_data_stream();
    let next = tokio::time::timeout(Duration::from_secs(5), stream.next());
    let data = next.await.expect("an event").unwrap().unwrap();
    let text = String::from_utf8(data.to_vec()).unwrap();
    let id = response.header("request-id").unwrap();
    assert!(text.contains("event: exchange\n"), "{text}");
    assert!(text.contains(&format!("id: {id}\n")), "{text}");
    let data = text
        .lines()
        .find_map(|line| line.strip_prefix("data: "))
        .unwrap();
    let exchange: Value = serde_json::from_str(data).unwrap();
    assert_eq!(exchange["request"]["target"], json!("/api/users/1"));
}

/// Returns the targets of the first `count` events of a new stream.
async fn overhear(app: &App, key: &str, last: Option<&str>, count: usize) -> Vec<String> {
    let mut request = Request::get("/api/sandbox/events").header("sandbox-key", key);
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let response = app.respond(request.body(Body::empty()).unwrap()).await;
    // A new exchange follows while the stream is open.
    app.get("GET", "/api/users/9", &[("sandbox-key", key)])
        .await;
    let mut stream = response.into_body().into_data_stream();
    let mut text = String::new();
    while text.matches("event: exchange\n").count() < count {
        let next = tokio::time::timeout(Duration::from_secs(5), stream.next());
        let data = next.await.expect("another event").unwrap().unwrap();
        text.push_str(std::str::from_utf8(&data).unwrap());
    }
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let exchanges = data.map(|data| serde_json::from_str::<Value>(data).unwrap());
    let target = |exchange: Value| exchange["request"]["target"].as_str().unwrap().to_owned();
    exchanges.map(target).collect()
}

async fn event_stream_with_last_event_id_begins_with_the_missed_exchanges(database: &TestDatabase) {
    let app = App::new(database).await;
    let (key, other) = (app.sandbox().await, app.sandbox().await);
    let mut ids = Vec::new();
    for id in 1..=4 {
        let target = format!("/api/users/{id}");
        let response = app.get("GET", &target, &[("sandbox-key", &key)]).await;
        ids.push(response.header("request-id").unwrap().to_owned());
        app.get("GET", "/api/users/7", &[("sandbox-key", &other)])
            .await;
        if id == 2 {
            // Some exchanges are in the database, and some are still in memory.
            app.finish_recording().await;
            app.sandboxes.recorder().flush().await;
        }
    }
    app.finish_recording().await;
    let users =
        |ids: &[u8]| -> Vec<String> { ids.iter().map(|id| format!("/api/users/{id}")).collect() };
    assert_eq!(
        overhear(&app, &key, Some(&ids[0]), 4).await,
        users(&[2, 3, 4, 9])
    );
    // The latest exchange is included, and no exchange is sent twice.
    assert_eq!(overhear(&app, &key, Some(&ids[3]), 2).await, users(&[9, 9]));
    // An exchange that is no longer recorded is older than all recorded ones.
    let all = users(&[1, 2, 3, 4, 9, 9, 9]);
    assert_eq!(overhear(&app, &key, Some("unknown"), 7).await, all);
    // A client without `Last-Event-ID` receives only new exchanges.
    assert_eq!(overhear(&app, &key, None, 1).await, users(&[9]));
}

async fn reset_deletes_the_record(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    for _ in 0..2 {
        app.json(&key, "DELETE", "/api/users/1", "").await;
        app.finish_recording().await;
        app.sandboxes.recorder().flush().await;
    }
    app.json(&key, "DELETE", "/api/users/2", "").await;
    app.finish_recording().await;
    let reset = app
        .get("POST", "/api/sandbox/reset", &[("sandbox-key", &key)])
        .await;
    assert_eq!(reset.status, 204);
    assert_eq!(list(&app, &key).await, [Value::Null; 0]);
}

async fn reset_during_a_flush_leaves_no_exchange(database: &TestDatabase) {
    let app = App::new(database).await;
    let key = app.sandbox().await;
    let headers = [("sandbox-key", key.as_str())];
    for _ in 0..10 {
        for _ in 0..3 {
            app.get("GET", "/api/users/1", &headers).await;
        }
        app.finish_recording().await;
        let (_, reset) = tokio::join!(
            app.sandboxes.recorder().flush(),
            app.get("POST", "/api/sandbox/reset", &headers)
        );
        assert_eq!(reset.status, 204);
        app.sandboxes.recorder().flush().await;
        assert_eq!(list(&app, &key).await, [Value::Null; 0]);
        assert_eq!(count(database, "SELECT COUNT(*) FROM exchange").await, 0);
    }
}

async fn records_of_all_sandboxes_stay_within_the_budget(database: &TestDatabase) {
    let budget = 64 * 1024;
    let limits = Limits {
        record_bytes: budget,
        ..Limits::default()
    };
    let app = App::with_limits(database, limits).await;
    let mut keys = Vec::new();
    for _ in 0..8 {
        let key = app.sandbox().await;
        for _ in 0..3 {
            app.get("GET", "/api/users", &[("sandbox-key", &key)]).await;
        }
        let bio = format!(r#"{{"bio":"{}"}}"#, "x".repeat(500));
        app.json(&key, "PATCH", "/api/users/1", &bio).await;
        app.finish_recording().await;
        app.sandboxes.recorder().flush().await;
        keys.push(key);
    }
    let sum = "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM exchange";
    let recorded = count(database, sum).await;
    assert!((1..=budget).contains(&recorded), "{recorded}");
    assert_eq!(list(&app, &keys[0]).await, [Value::Null; 0]);
    assert_eq!(list(&app, &keys[7]).await.len(), 4);
    // The undo logs stay within the budget too, and the oldest steps are deleted.
    for key in &keys {
        for at in 0..12 {
            let bio = format!(r#"{{"bio":"{at}{}"}}"#, "x".repeat(490));
            let response = app.json(key, "PATCH", "/api/users/1", &bio).await;
            assert_eq!(response.status, 200);
        }
        app.clock.advance(1000);
        app.finish_recording().await;
        app.sandboxes.recorder().flush().await;
    }
    let sum = "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM undo_step";
    let recorded = count(database, sum).await;
    assert!((1..=budget).contains(&recorded), "{recorded}");
    let undo = async |key: &str| {
        let headers = [("sandbox-key", key)];
        app.get("POST", "/api/sandbox/undo", &headers).await.status
    };
    assert_eq!((undo(&keys[0]).await, undo(&keys[7]).await), (409, 200));
}

async fn exchange_of_another_instance_is_found_at_the_timeout(database: &TestDatabase) {
    let (app, other) = (App::new(database).await, App::new(database).await);
    let key = app.sandbox().await;
    // Tries another group when the other instance is too slow.
    for at in 0..10 {
        let group = format!("group-{at}");
        let path = format!("/api/sandbox/exchanges?group={group}");
        let by_key = [("sandbox-key", key.as_str())];
        let headers = [("sandbox-key", key.as_str()), ("exchange-group", &group)];
        let (found, ()) = tokio::join!(app.get("GET", &path, &by_key), async {
            other.get("GET", "/api/users/1", &headers).await;
            other.finish_recording().await;
            other.sandboxes.recorder().flush().await;
        });
        if found.json().as_array().unwrap().len() == 1 {
            return;
        }
    }
    panic!("the exchange of the other instance was not found");
}
