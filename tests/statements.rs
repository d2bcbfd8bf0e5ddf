//! Compares the statements in a trace with the log of the database driver.
//!
//! A separate test program, because the driver logs from its own threads, so the log of the whole
//! process is collected.

#![expect(clippy::unwrap_used, reason = "a test may end there")]

#[macro_use]
#[path = "support/database.rs"]
mod database;
#[path = "support/app.rs"]
mod site;

use std::fmt;
use std::sync::Mutex;

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use crate::database::TestDatabase;
use crate::site::TestApp;

on_both_engines! {
    statements_of_a_trace_equal_the_log_of_the_driver,
    waiting_for_a_group_reads_the_record_twice_during_other_exchanges,
}

/// Allows one test at a time, because the log is that of the process.
static TEST_LOCK: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
/// The statements that the driver has logged.
static LOG: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Collects the log events of the driver.
struct DriverLog;

impl<S: tracing::Subscriber> Layer<S> for DriverLog {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            let mut text = StatementText::default();
            event.record(&mut text);
            LOG.lock().unwrap().push(text.0);
        }
    }
}

/// The statement of a log event: the full text if it is long, else the summary.
#[derive(Default)]
struct StatementText(String);

impl Visit for StatementText {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let is_text = ["summary", "db.statement"].contains(&field.name());
        if is_text && !value.trim().is_empty() {
            self.0 = one_line(value);
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_counted(text: &str) -> bool {
    // Excludes the statements that open a connection, and those with which another test makes and removes its
    // database; the driver does not log the begin and the end of a transaction.
    !text.starts_with("SELECT set_config(")
        && !text.contains(" DATABASE ")
        && !["BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"].contains(&text)
}

async fn statements_of_a_trace_equal_the_log_of_the_driver(database: &TestDatabase) {
    let _lock = TEST_LOCK.lock().await;
    // The second test finds it set already.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(DriverLog));
    let app = TestApp::new(database, "http://127.0.0.1:3000").await;
    let send = async |method: &str, path: &str, key: &str, body: &str| {
        let format = match method {
            "PATCH" => "application/merge-patch+json",
            _ => "application/json",
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", format)
            .header("sandbox-key", key)
            .body(Body::from(body.to_owned()));
        app.send(request.unwrap()).await
    };
    let create = Request::post("/api/sandbox").body(Body::empty()).unwrap();
    let (created, _) = app.send(create).await;
    let key = created.headers["sandbox-key"].to_str().unwrap().to_owned();
    let rose = r#"{"name":"Rose","email":"rose@example.com","role":"member"}"#;
    for (method, path, body) in [
        ("GET", "/api/users", ""),
        ("GET", "/api/users?q=a&sort=-name&per_page=3", ""),
        ("GET", "/api/users/1", ""),
        ("GET", "/api/users/999", ""),
        ("POST", "/api/users", rose),
        ("POST", "/api/users", rose),
        ("POST", "/api/users", "{}"),
        ("PUT", "/api/users/1", rose),
        (
            "PUT",
            "/api/users/50",
            r#"{"name":"B","email":"b@c.d","role":"admin"}"#,
        ),
        ("PATCH", "/api/users/2", r#"{"bio":"new"}"#),
        ("PATCH", "/api/users/2", r#"{"bio":"new"}"#),
        ("DELETE", "/api/users/3", ""),
        ("DELETE", "/api/users/3", ""),
    ] {
        app.state.sandboxes.recorder().flush().await;
        LOG.lock().unwrap().clear();
        let (response, _) = send(method, path, &key, body).await;
        let driver: Vec<String> = std::mem::take(&mut *LOG.lock().unwrap());
        let id = response.headers["request-id"].to_str().unwrap().to_owned();
        let path_of_record = format!("/api/sandbox/exchanges/{id}");
        let (_, record) = send("GET", &path_of_record, &key, "").await;
        let record: Value = serde_json::from_slice(&record).unwrap();
        let steps = record["trace"].as_array().unwrap().iter();
        let traced: Vec<String> = steps
            .filter(|step| step["kind"] == "sql")
            .map(|step| one_line(step["name"].as_str().unwrap()))
            .collect();
        let counted = |all: Vec<String>| -> Vec<String> {
            all.into_iter().filter(|text| is_counted(text)).collect()
        };
        let (driver, traced) = (counted(driver), counted(traced));
        assert_eq!(traced, driver, "{method} {path}");
        assert!(
            !traced.is_empty() || body == "{}",
            "{method} {path} ran no statement"
        );
    }
}

async fn waiting_for_a_group_reads_the_record_twice_during_other_exchanges(
    database: &TestDatabase,
) {
    let _lock = TEST_LOCK.lock().await;
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(DriverLog));
    let app = TestApp::new(database, "http://127.0.0.1:3000").await;
    let send = async |method: &str, path: &str, key: &str| {
        let request = Request::builder().method(method).uri(path);
        let request = match key.is_empty() {
            true => request,
            false => request.header("sandbox-key", key),
        };
        app.send(request.body(Body::empty()).unwrap()).await
    };
    let mut keys = Vec::new();
    for _ in 0..2 {
        let (created, _) = send("POST", "/api/sandbox", "").await;
        keys.push(created.headers["sandbox-key"].to_str().unwrap().to_owned());
    }
    LOG.lock().unwrap().clear();
    let waiters = futures_util::future::join_all((0..10).map(|at| {
        let (path, key) = (format!("/api/sandbox/exchanges?group={at}"), &keys[at % 2]);
        async move { send("GET", &path, key).await }
    }));
    let others = async {
        for _ in 0..20 {
            send("GET", "/api/users/1", &keys[0]).await;
            // Waits, so that each arrives separately.
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    let (found, ()) = tokio::join!(waiters, others);
    assert!(found.iter().all(|(_, body)| body == b"[]"));
    let log = std::mem::take(&mut *LOG.lock().unwrap());
    let reads = log
        .iter()
        .filter(|text| text.starts_with("SELECT body FROM exchange"));
    assert_eq!(reads.count(), 20);
}
