//! The Flask version and the API itself answer alike: the same requests go to both, and status,
//! headers and body are compared. The requests are the files of `requests/`, each a story that
//! begins with the first users; the differences that are meant stand in `differences`.

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
mod held;
mod response;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use database::TestDatabase;
use differences::DIFFERENCES;
use flask_server::FlaskServer;
use response::TestResponse;
use routebook::http_file::{self, PlaceholderKind, RequestBlock, ResponsePart};
use routebook::model::expectation::JsonPath;
use routebook::model::http::{Header, RequestDraft};
use routebook::model::locale::Locale;
use serde_json::Value;
use site::TestApp;
use tokio::task::JoinSet;

/// The stories.
const STORIES: &[(&str, &str)] = &[
    ("users", include_str!("requests/users.http")),
    ("errors", include_str!("requests/errors.http")),
    ("lists", include_str!("requests/lists.http")),
    ("negotiation", include_str!("requests/negotiation.http")),
    ("conditions", include_str!("requests/conditions.http")),
    ("echo", include_str!("requests/echo.http")),
    ("session", include_str!("requests/session.http")),
    ("tokens", include_str!("requests/tokens.http")),
];

on_both_engines! { the_flask_version_answers_as_the_api_does }

async fn the_flask_version_answers_as_the_api_does(database: &TestDatabase) {
    let app = TestApp::new(database, "http://127.0.0.1:3000").await;
    let flask = FlaskServer::start().await;
    let mut found = Vec::new();
    let mut shown = BTreeSet::new();
    let mut sent = 0;
    for (story, text) in STORIES {
        flask.reset().await;
        let key = sandbox(&app).await;
        let (mut ours, mut theirs) = (Side::default(), Side::default());
        for block in &http_file::parse(text)
            .unwrap_or_else(|e| panic!("{story}: {e:?}"))
            .blocks
        {
            let id = block.id().expect("every request has an id");
            let request = ours.request(block);
            let our = ours.take(block, answer(&app, &key, request).await);
            let request = theirs.request(block);
            let their = theirs.take(block, flask.send(&request).await);
            sent += 1;
            for (part, values) in different(&our, &their) {
                let meant = DIFFERENCES.iter().position(|difference| {
                    difference.parts.contains(&part.as_str()) && difference.requests.contains(&id)
                });
                match meant {
                    Some(index) => _ = shown.insert((index, id.to_owned())),
                    None => found.push(format!("{story}: {id}: {part}: {values}")),
                }
            }
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
    assert!(sent >= 40, "only {sent} requests were compared");
    assert!(DIFFERENCES.len() <= 6);
    for (index, difference) in DIFFERENCES.iter().enumerate() {
        assert!(
            !difference.parts.contains(&"status"),
            "{}",
            difference.reason
        );
        for id in difference.requests {
            let seen = shown.contains(&(index, (*id).to_owned()));
            assert!(seen, "{id} no longer differs: {}", difference.reason);
        }
        for (locale, words) in [Locale::Ko, Locale::En].into_iter().zip(difference.taught) {
            let lesson = app.state.library.page(locale, difference.lesson).unwrap();
            assert!(
                lesson.markdown.contains(words),
                "{}: {words}",
                lesson.file()
            );
        }
    }
}

#[tokio::test]
async fn the_flask_version_also_runs_by_itself() {
    let flask = FlaskServer::start_alone().await;
    let draft = RequestDraft {
        method: "GET".to_owned(),
        target: "/api/users/1".to_owned(),
        ..RequestDraft::default()
    };
    assert_eq!(flask.send(&draft).await.status, 200);
}

/// Its two processes share one file: an address is given once, however many ask at the same time.
#[tokio::test]
async fn the_processes_of_the_flask_version_share_its_data() {
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
fn both_sides_begin_with_the_same_users() {
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

/// A difference between two responses is seen, wherever it is.
#[test]
fn a_difference_is_noticed() {
    let one =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nETag: \"a\"\r\n\r\n[{\"id\":1}]";
    let differences = |other: &str| {
        let [one, other] = [one, other].map(|text| TestResponse::parse(text.as_bytes()));
        different(&one, &other).into_keys().collect::<Vec<_>>()
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

/// The parts in which two responses are not the same, with both values.
fn different(ours: &TestResponse, theirs: &TestResponse) -> BTreeMap<String, String> {
    let ours: BTreeMap<_, _> = ours.parts().into_iter().collect();
    let theirs: BTreeMap<_, _> = theirs.parts().into_iter().collect();
    let parts: BTreeSet<_> = ours.keys().chain(theirs.keys()).cloned().collect();
    let value = |side: &BTreeMap<String, Value>, part: &str| {
        side.get(part)
            .map_or("nothing".to_owned(), Value::to_string)
    };
    let differ = parts
        .into_iter()
        .filter(|part| ours.get(part) != theirs.get(part));
    differ
        .map(|part| {
            let values = format!(
                "{} here, {} from the Flask version",
                value(&ours, &part),
                value(&theirs, &part)
            );
            (part, values)
        })
        .collect()
}

/// What a client of one side remembers: named responses, and cookies.
#[derive(Default)]
struct Side {
    responses: BTreeMap<String, TestResponse>,
    cookies: BTreeMap<String, String>,
}

impl Side {
    /// The request of a block, with what earlier responses said put in.
    fn request(&self, block: &RequestBlock) -> RequestDraft {
        let known = |reference: &PlaceholderKind| match reference {
            PlaceholderKind::Response { name, part } => self
                .responses
                .get(name)
                .map(|response| part_of(response, part)),
            _ => None,
        };
        let mut draft = block
            .resolve(&known)
            .unwrap_or_else(|unknown| panic!("{:?}: nothing says what {unknown:?} is", block.id()));
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

    /// Takes the cookies of a response, and remembers it if its request has a name.
    fn take(&mut self, block: &RequestBlock, response: TestResponse) -> TestResponse {
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
        response
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

/// Makes a sandbox on our side and answers its key.
async fn sandbox(app: &TestApp) -> String {
    let request = Request::post("/api/sandbox").body(Body::empty()).unwrap();
    let (parts, _) = app.send(request).await;
    parts.headers["sandbox-key"].to_str().unwrap().to_owned()
}

/// Sends a request to the production router.
async fn answer(app: &TestApp, key: &str, draft: RequestDraft) -> TestResponse {
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
