//! Tests that compare the responses of the API and of its Flask version to the same requests: status,
//! headers and body.
//!
//! The requests are the files of `requests/`. Each file is one sequence of requests that begins with
//! the seed. Intended differences are listed in `differences`.

#![expect(clippy::unwrap_used, reason = "a test may end there")]

#[macro_use]
#[path = "../support/database.rs"]
mod database;
#[path = "../support/rules.rs"]
mod rules;
#[path = "../support/app.rs"]
mod site;

mod differences;
mod flask_server;
mod http_rules;
mod response;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use database::TestDatabase;
use differences::DIFFERENCES;
use flask_server::FlaskServer;
use response::TestResponse;
use routebook::http_file::{self, PlaceholderSource, RequestBlock, ResponsePart};
use routebook::model::http::{Header, RequestDraft};
use routebook::model::json::JsonPath;
use routebook::model::locale::Locale;
use serde_json::Value;
use site::TestApp;
use tokio::task::JoinSet;

/// The request files by name.
const REQUEST_FILES: &[(&str, &str)] = &[
    ("users", include_str!("requests/users.http")),
    ("errors", include_str!("requests/errors.http")),
    ("lists", include_str!("requests/lists.http")),
    ("negotiation", include_str!("requests/negotiation.http")),
    ("conditions", include_str!("requests/conditions.http")),
    ("echo", include_str!("requests/echo.http")),
    ("session", include_str!("requests/session.http")),
    ("tokens", include_str!("requests/tokens.http")),
];

on_both_engines! { flask_version_has_the_same_responses_as_the_api }

async fn flask_version_has_the_same_responses_as_the_api(database: &TestDatabase) {
    let app = TestApp::new(database, "http://127.0.0.1:3000").await;
    let flask = FlaskServer::start().await;
    let mut unexpected = Vec::new();
    let mut confirmed = BTreeSet::new();
    let mut sent = 0;
    for (file, text) in REQUEST_FILES {
        flask.reset().await;
        let key = create_sandbox(&app).await;
        let (mut api_client, mut flask_client) = (Client::default(), Client::default());
        for block in &http_file::parse(text)
            .unwrap_or_else(|e| panic!("{file}: {e:?}"))
            .blocks
        {
            let id = block.id().expect("every request has an id");
            let request = api_client.request(block);
            let api_response = send_to_api(&app, &key, request).await;
            api_client.record(block, &api_response);
            let request = flask_client.request(block);
            let flask_response = flask.send(&request).await;
            flask_client.record(block, &flask_response);
            sent += 1;
            for (part, values) in differences_of(&api_response, &flask_response) {
                let intended = DIFFERENCES.iter().position(|difference| {
                    difference.parts.contains(&part.as_str()) && difference.requests.contains(&id)
                });
                match intended {
                    Some(index) => _ = confirmed.insert((index, id.to_owned())),
                    None => unexpected.push(format!("{file}: {id}: {part}: {values}")),
                }
            }
        }
    }
    assert!(unexpected.is_empty(), "\n{}", unexpected.join("\n"));
    assert!(sent >= 40, "only {sent} requests were compared");
    assert!(DIFFERENCES.len() <= 6);
    for (index, difference) in DIFFERENCES.iter().enumerate() {
        assert!(
            !difference.parts.contains(&"status"),
            "{}",
            difference.reason
        );
        for id in difference.requests {
            let differs = confirmed.contains(&(index, (*id).to_owned()));
            assert!(differs, "{id} no longer differs: {}", difference.reason);
        }
        for (locale, text) in [Locale::Ko, Locale::En]
            .into_iter()
            .zip(difference.explanation)
        {
            let lesson = app.state.library.page(locale, difference.lesson).unwrap();
            assert!(lesson.markdown.contains(text), "{}: {text}", lesson.file());
        }
    }
}

#[tokio::test]
async fn flask_version_runs_on_the_development_server() {
    let flask = FlaskServer::start_development_server().await;
    let draft = RequestDraft {
        method: "GET".to_owned(),
        target: "/api/users/1".to_owned(),
        ..RequestDraft::default()
    };
    assert_eq!(flask.send(&draft).await.status, 200);
}

/// The two worker processes share one database file, so of concurrent requests for one email address
/// only one succeeds.
#[tokio::test]
async fn worker_processes_of_the_flask_version_share_its_data() {
    let flask = Arc::new(FlaskServer::start().await);
    let draft = RequestDraft {
        method: "POST".to_owned(),
        target: "/api/users".to_owned(),
        headers: vec![Header::new("Content-Type", "application/json")],
        body: r#"{"name": "a", "email": "a@example.com"}"#.to_owned(),
    };
    let mut sent = JoinSet::new();
    for _ in 0..20 {
        let (flask, draft) = (Arc::clone(&flask), draft.clone());
        sent.spawn(async move { flask.send(&draft).await.status });
    }
    let statuses = sent.join_all().await;
    let count = |status| statuses.iter().filter(|found| **found == status).count();
    assert_eq!((count(201), count(409)), (1, 19));
}

#[test]
fn api_and_flask_version_have_the_same_seed() {
    let read = |path: &str| {
        let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()
    };
    assert_eq!(
        read("content/flask/seed.json"),
        read("src/sandbox/seed.json")
    );
}

/// Verifies that the comparison finds a difference in each part of a response.
#[test]
fn different_part_of_a_response_is_reported() {
    let one =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nETag: \"a\"\r\n\r\n[{\"id\":1}]";
    let differences = |other: &str| {
        let [one, other] = [one, other].map(|text| TestResponse::parse(text.as_bytes()));
        differences_of(&one, &other).into_keys().collect::<Vec<_>>()
    };
    assert_eq!(differences(one), [""; 0]);
    assert_eq!(differences(&one.replace("\"a\"", "\"b\"")), [""; 0]);
    assert_eq!(differences(&one.replace("200", "201")), ["status"]);
    assert_eq!(
        differences(&one.replace("ETag: \"a\"\r\n", "")),
        ["header etag"]
    );
    assert_eq!(
        differences(&one.replace("\"a\"", "W/\"a\"")),
        ["header etag"]
    );
    assert_eq!(
        differences(&one.replace("/json", "/xml")),
        ["header content-type"]
    );
    assert_eq!(differences(&one.replace(":1", ":2")), ["body/0/id"]);
    assert_eq!(differences(&one.replace("}", ",\"a\":null}")), ["body/0/a"]);
}

/// Returns the parts in which two responses differ, with both values.
fn differences_of(api: &TestResponse, flask: &TestResponse) -> BTreeMap<String, String> {
    let api: BTreeMap<_, _> = api.parts().into_iter().collect();
    let flask: BTreeMap<_, _> = flask.parts().into_iter().collect();
    let parts: BTreeSet<_> = api.keys().chain(flask.keys()).cloned().collect();
    let value = |parts: &BTreeMap<String, Value>, part: &str| {
        parts
            .get(part)
            .map_or("nothing".to_owned(), Value::to_string)
    };
    let differ = parts
        .into_iter()
        .filter(|part| api.get(part) != flask.get(part));
    differ
        .map(|part| {
            let values = format!(
                "{} from the API, {} from the Flask version",
                value(&api, &part),
                value(&flask, &part)
            );
            (part, values)
        })
        .collect()
}

/// The state of a client: named responses and cookies.
#[derive(Default)]
struct Client {
    responses: BTreeMap<String, TestResponse>,
    cookies: BTreeMap<String, String>,
}

impl Client {
    /// Returns the request of a block, with values of earlier responses and with cookies.
    fn request(&self, block: &RequestBlock) -> RequestDraft {
        let known = |reference: &PlaceholderSource| match reference {
            PlaceholderSource::Response { name, part } => self
                .responses
                .get(name)
                .map(|response| part_of(response, part)),
            _ => None,
        };
        let mut draft = block
            .resolve(&known)
            .unwrap_or_else(|unknown| panic!("{:?}: no value for {unknown:?}", block.id()));
        draft
            .headers
            .insert(0, Header::new("Host", "127.0.0.1:3000"));
        if !self.cookies.is_empty() {
            let pairs = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"));
            let pairs: Vec<_> = pairs.collect();
            draft.headers.push(Header::new("Cookie", pairs.join("; ")));
        }
        draft
    }

    /// Stores the cookies of a response, and the response itself if its request has a name.
    fn record(&mut self, block: &RequestBlock, response: &TestResponse) {
        for cookie in response.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match value.trim_matches('"') {
                _ if name != "api_session" => {}
                "" => _ = self.cookies.remove(name),
                value => _ = self.cookies.insert(name.to_owned(), value.to_owned()),
            }
        }
        let copy = TestResponse {
            status: response.status,
            headers: response.headers.clone(),
            body: response.body.clone(),
        };
        if let Some(name) = block.name() {
            self.responses.insert(name.to_owned(), copy);
        }
    }
}

fn part_of(response: &TestResponse, part: &ResponsePart) -> String {
    match part {
        ResponsePart::Header(name) => response.header(name).unwrap().to_owned(),
        ResponsePart::Body(path) => text_at(path, &response.body),
    }
}

fn text_at(path: &JsonPath, body: &[u8]) -> String {
    let json: Value = serde_json::from_slice(body).unwrap();
    match path.find(&json) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => panic!("{path} is not in {json}"),
    }
}

/// Creates a sandbox of the API and returns its key.
async fn create_sandbox(app: &TestApp) -> String {
    let request = Request::post("/api/sandbox").body(Body::empty()).unwrap();
    let (parts, _) = app.send(request).await;
    parts.headers["sandbox-key"].to_str().unwrap().to_owned()
}

/// Sends a request to the production router.
async fn send_to_api(app: &TestApp, key: &str, draft: RequestDraft) -> TestResponse {
    let mut request = Request::builder()
        .method(draft.method.as_str())
        .uri(&draft.target)
        .header("Sandbox-Key", key);
    for header in &draft.headers {
        request = request.header(&header.name, &header.value);
    }
    if !draft.body.is_empty() {
        request = request.header("Content-Length", draft.body.len());
    }
    let (parts, body) = app
        .send(request.body(Body::from(draft.body)).unwrap())
        .await;
    TestResponse {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body,
    }
}
