//! The OpenAPI document, compared with golden files: `openapi.json` is the complete document and
//! `openapi.txt` a summary.
//!
//! `tests/schema` tests that the API conforms to the document.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::app::App;
use crate::database::TestDatabase;

on_both_engines! {
    document_equals_the_golden_file_and_has_an_etag,
}

async fn document_equals_the_golden_file_and_has_an_etag(database: &TestDatabase) {
    let app = App::new(database).await;
    let response = app.get("GET", "/api/openapi.json", &[]).await;
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert_eq!(response.header("set-cookie"), None);
    let served = response.json();
    let tag = response.header("etag").unwrap();
    let again = app
        .get("GET", "/api/openapi.json", &[("if-none-match", tag)])
        .await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    agrees("openapi.txt", &summary(&served));
    agrees("openapi.json", &format!("{served:#}\n"));
    let dangling: Vec<&str> = references(&served)
        .into_iter()
        .filter(|reference| served.pointer(reference.trim_start_matches('#')).is_none())
        .collect();
    assert_eq!(dangling, [""; 0]);
}

/// Returns a line for each operation: method, path, statuses, media types of the request and of the
/// responses, headers of the responses.
fn summary(document: &Value) -> String {
    let methods = ["get", "head", "post", "put", "patch", "delete", "options"];
    let mut lines = String::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in methods {
            let Some(operation) = item.get(method) else {
                continue;
            };
            let responses = operation["responses"].as_object().unwrap();
            let statuses: Vec<&str> = responses.keys().map(String::as_str).collect();
            let responses = responses
                .values()
                .map(|response| follow(document, response));
            let responses: Vec<&Value> = responses.collect();
            let reads = names(std::iter::once(&operation["requestBody"]), "content");
            let writes = names(responses.iter().copied(), "content");
            let headers = names(responses.iter().copied(), "headers");
            let method = method.to_uppercase();
            lines += &format!("{method} {path}: {}", statuses.join(" "));
            for (name, values) in [("reads", reads), ("writes", writes), ("headers", headers)] {
                if !values.is_empty() {
                    lines += &format!("; {name} {values}");
                }
            }
            lines.push('\n');
        }
    }
    lines
}

/// Returns the distinct keys of a member of all values, in order.
fn names<'a>(owners: impl Iterator<Item = &'a Value>, member: &str) -> String {
    let maps = owners.filter_map(|owner| owner[member].as_object());
    let names: BTreeSet<&str> = maps
        .flat_map(|map| map.keys())
        .map(String::as_str)
        .collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// Resolves a `$ref`; returns any other value unchanged.
fn follow<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str();
    let target = target.and_then(|target| document.pointer(target.trim_start_matches('#')));
    target.unwrap_or(value)
}

/// Returns every `$ref` in the document.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            reference
                .into_iter()
                .chain(members.values().flat_map(references))
                .collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// Compares a text with a golden file, or writes the file when `ROUTEBOOK_UPDATE` is set.
#[expect(clippy::disallowed_methods, reason = "a test has no configuration")]
fn agrees(name: &str, served: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/api")
        .join(name);
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
        "the OpenAPI document differs from tests/api/{name} from line {} on. There stands\n\n{}\n\n\
         and now it is\n\n{}\n\nIf that is meant: ROUTEBOOK_UPDATE=1 cargo test --test api openapi, and commit it.",
        line + 1,
        part(&agreed),
        part(served),
    );
}
