//! A response of the API or of the Flask version, and the parts of it that are compared.

use axum::http::HeaderMap;
use axum::http::header::{HeaderName, HeaderValue};
use serde_json::Value;

/// A complete response.
pub(crate) struct TestResponse {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// The compared headers, which are those that lessons mention; other headers depend on the server.
const HEADERS: [&str; 16] = [
    "accept",
    "accept-patch",
    "allow",
    "cache-control",
    "content-disposition",
    "content-language",
    "content-type",
    "etag",
    "last-modified",
    "link",
    "location",
    "retry-after",
    "set-cookie",
    "total-count",
    "vary",
    "www-authenticate",
];

impl TestResponse {
    /// Parses all bytes of a connection that ended after the response.
    pub(crate) fn parse(bytes: &[u8]) -> TestResponse {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no response: {}", String::from_utf8_lossy(bytes)));
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(':').unwrap();
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value.trim()).unwrap(),
            );
        }
        TestResponse {
            status: status.parse().unwrap(),
            headers,
            body: bytes[end + 4..].to_vec(),
        }
    }

    /// Returns the value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Returns the compared parts by name, with values that change in every response replaced.
    pub(crate) fn parts(&self) -> Vec<(String, Value)> {
        let mut parts = vec![("status".to_owned(), Value::from(self.status))];
        for name in HEADERS {
            let values = self.headers.get_all(name).iter();
            let values: Vec<_> = values.map(|value| value.to_str().unwrap()).collect();
            if let Some(value) = comparable(name, &values) {
                parts.push((format!("header {name}"), Value::from(value)));
            }
        }
        match serde_json::from_slice(&self.body) {
            Ok(json) => flatten("body", normalized("", json), &mut parts),
            Err(_) => {
                let text = without_times(&String::from_utf8_lossy(&self.body));
                parts.push(("body".to_owned(), Value::from(text)));
            }
        }
        parts
    }
}

/// Returns the value of a header with the parts that may differ replaced: unordered lists are sorted,
/// hashes and times are masked.
fn comparable(name: &str, values: &[&str]) -> Option<String> {
    let joined = values.join(", ");
    Some(match name {
        _ if values.is_empty() => return None,
        "allow" => sorted(&joined),
        // The Flask version has no sandboxes and does not compress.
        "vary" => {
            let all = joined.split(',').map(str::trim);
            let same = |name: &&str| !["Sandbox-Key", "accept-encoding"].contains(name);
            sorted(&all.filter(same).collect::<Vec<_>>().join(","))
        }
        "etag" if joined.starts_with("W/") => "weak".to_owned(),
        "etag" => "strong".to_owned(),
        "last-modified" if !joined.contains(" Jan 2026 ") => "<now>".to_owned(),
        "set-cookie" => {
            let relevant = values.iter().filter(|value| !value.starts_with("sandbox="));
            let cookies: Vec<_> = relevant.map(|value| cookie(value)).collect();
            if cookies.is_empty() {
                return None;
            }
            cookies.join(", ")
        }
        "location" => without_uuids(&joined),
        _ => joined,
    })
}

/// Sorts an unordered list.
fn sorted(list: &str) -> String {
    let mut items: Vec<_> = list.split(',').map(str::trim).collect();
    items.sort_unstable();
    items.join(", ")
}

/// Replaces random UUIDs in a text.
fn without_uuids(text: &str) -> String {
    let is_uuid = |word: &&str| word.len() == 36 && word.matches('-').count() == 4;
    let uuids: Vec<&str> = text.split('/').filter(is_uuid).collect();
    let replaced = |text: String, uuid: &&str| text.replace(*uuid, "<uuid>");
    uuids.iter().fold(text.to_owned(), replaced)
}

/// Returns a cookie with its value masked and its attributes sorted.
fn cookie(text: &str) -> String {
    let mut parts = text.split(';').map(str::trim);
    let (name, value) = parts.next().unwrap().split_once('=').unwrap();
    let value = if value.trim_matches('"').is_empty() {
        ""
    } else {
        "<secret>"
    };
    // Expires and Max-Age are two forms of the same information.
    let is_age = |part: &str| part.starts_with("Expires=") || part.starts_with("Max-Age=");
    let mut attributes: Vec<_> = parts
        .map(|part| if is_age(part) { "<age>" } else { part })
        .collect();
    attributes.sort_unstable();
    attributes.dedup();
    format!("{name}={value}; {}", attributes.join("; "))
}

/// Replaces times in a text, except those of the seed.
fn without_times(text: &str) -> String {
    let time_at = |at: usize| {
        let time = text.get(at..at + 20)?;
        let digit = |c: char| if c.is_ascii_digit() { '0' } else { c };
        let shape: String = time.chars().map(digit).collect();
        (shape == "0000-00-00T00:00:00Z" && !time.starts_with("2026-01-")).then_some(time)
    };
    let times: Vec<&str> = (0..text.len()).filter_map(time_at).collect();
    let replaced = |text: String, time: &&str| text.replace(*time, "<now>");
    times.iter().fold(text.to_owned(), replaced)
}

/// Replaces times other than those of the seed, ids of requests, and secrets in a value.
fn normalized(key: &str, value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(key, value)| {
                let value = normalized(&key, value);
                (key, value)
            })
            .collect(),
        Value::Array(items) if key == "headers" => comparable_headers(items),
        Value::Array(items) => items
            .into_iter()
            .map(|item| normalized(key, item))
            .collect(),
        Value::String(text) if key == "instance" && text.starts_with("urn:uuid:") => {
            "<request>".into()
        }
        Value::String(text)
            if (key.ends_with("_at") || key == "time") && !text.starts_with("2026-01-") =>
        {
            assert!(text.ends_with('Z') && text.len() == 20, "{key}: {text}");
            "<now>".into()
        }
        Value::String(text) if key.ends_with("token") && !text.is_empty() => "<secret>".into(),
        Value::String(text) => without_uuids(&text).into(),
        other => other,
    }
}

/// Sorts the headers of an echo and removes those that differ between the two clients of this test.
fn comparable_headers(mut items: Vec<Value>) -> Value {
    let name = |item: &Value| item["name"].as_str().unwrap_or_default().to_owned();
    items.retain(|item| !["connection", "sandbox-key"].contains(&name(item).as_str()));
    items.sort_by_key(name);
    items.into()
}

/// Adds the leaves of a value, each with its JSON pointer.
fn flatten(path: &str, value: Value, parts: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                flatten(&format!("{path}/{key}"), value, parts);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, item) in items.into_iter().enumerate() {
                flatten(&format!("{path}/{at}"), item, parts);
            }
        }
        leaf => parts.push((path.to_owned(), leaf)),
    }
}
