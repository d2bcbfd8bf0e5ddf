//! The OpenAPI document as it is served: held to a copy that changes only on purpose.
//!
//! That it lists what the router has is tested beside it (`src/api/openapi`), that the API keeps it
//! by `tests/schema`.

use std::path::Path;

use serde_json::Value;

use crate::app::App;
use crate::database::TestDatabase;

on_both_engines! {
    the_document_is_as_agreed_and_served_with_a_tag,
}

async fn the_document_is_as_agreed_and_served_with_a_tag(place: &TestDatabase) {
    let app = App::new(place).await;
    let reply = app.get("GET", "/api/openapi.json", &[]).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("set-cookie"), None);
    let served = reply.json();
    let tag = reply.header("etag").unwrap();
    let again = app
        .get("GET", "/api/openapi.json", &[("if-none-match", tag)])
        .await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    agrees(&served);
}

/// Holds the document to `openapi.json`, or writes it there when told to.
#[expect(clippy::disallowed_methods, reason = "a test has no configuration")]
fn agrees(served: &Value) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/openapi.json");
    let served = format!("{served:#}\n");
    if std::env::var_os("ROUTEBOOK_UPDATE").is_some() {
        return std::fs::write(file, served).unwrap();
    }
    let agreed = std::fs::read_to_string(file).unwrap_or_default();
    let line = agreed
        .lines()
        .zip(served.lines())
        .take_while(|(a, b)| a == b)
        .count();
    let part = |text: &str| {
        let lines = text.lines().skip(line.saturating_sub(8)).take(16);
        lines.collect::<Vec<_>>().join("\n")
    };
    assert!(
        agreed == served,
        "the OpenAPI document differs from tests/api/openapi.json from line {} on. There stands\n\n{}\n\n\
         and now it is\n\n{}\n\nIf that is meant: ROUTEBOOK_UPDATE=1 cargo test --test api openapi, and commit it.",
        line + 1,
        part(&agreed),
        part(&served),
    );
}
