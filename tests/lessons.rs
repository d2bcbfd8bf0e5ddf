//! Lessons cannot lie: every request of every lesson is sent to the API, each in a sandbox of its
//! own, and every expectation that the author states has to hold.

#![expect(clippy::unwrap_used, reason = "a test may end there")]

#[macro_use]
#[path = "support/database.rs"]
mod database;
#[path = "support/app.rs"]
mod site;

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Method, Request};
use database::TestDatabase;
use routebook::content::{Page, Playground};
use routebook::http_file::{self, Difference, Meta, Reference, ReplyPart, SampleReply};
use routebook::model::expectation::{Expectation, Observed, RowChanges};
use routebook::model::http::{Header, RequestDraft, normalise_target};
use routebook::model::json::Json;
use routebook::model::locale::Locale;
use serde_json::Value;
use site::TestApp;

on_both_engines! {
    every_request_of_every_lesson_does_what_its_author_says,
    a_false_claim_is_noticed,
    a_false_sample_is_noticed
}

async fn every_request_of_every_lesson_does_what_its_author_says(place: &TestDatabase) {
    let app = app(place).await;
    let (mut sent, mut compared) = (0, 0);
    let mut lies = Vec::new();
    for page in app.state.library.pages() {
        for playground in page.playgrounds() {
            sent += 1;
            let all: Vec<&Playground> = page.playgrounds().collect();
            let answer = run(&app, &all, playground).await;
            let (file, line, id) = (page.file(), playground.line, &playground.id);
            let failed = failed(playground, &answer).into_iter();
            lies.extend(failed.map(|lie| format!("{file}:{line}: {id}: {lie}")));
            for sample in page.samples().filter(|sample| sample.answers == *id) {
                compared += 1;
                let differences = differences(&sample.reply, &answer.reply).into_iter();
                lies.extend(differences.map(
                    |Difference {
                         line,
                         written,
                         came,
                     }| {
                        let line = sample.line + line;
                        format!("{file}:{line}: {id}: written {written}\ncame {came}")
                    },
                ));
            }
        }
    }
    assert!(sent >= 48, "only {sent} requests were found");
    assert!(compared >= 6, "only {compared} sample replies were found");
    assert!(lies.is_empty(), "\n{}", lies.join("\n"));
}

/// The test above can fail: each of these is wrong about the API.
async fn a_false_claim_is_noticed(place: &TestDatabase) {
    let app = app(place).await;
    for claim in [
        "status == 201",
        "header Content-Type == \"text/html\"",
        "header No-Such exists",
        "body $[0].id == 2",
        "body $[40].id exists",
        "rows added == 1",
    ] {
        let text = format!("# @id x\n# @expect {claim}\nGET /api/users\n");
        let block = http_file::parse(&text).unwrap().blocks.remove(0);
        assert!(matches!(block.metas().nth(1), Some(Meta::Expect(_))));
        let draft = block.template();
        let playground = Playground {
            id: "x".to_owned(),
            block,
            draft,
            side: false,
            line: 1,
        };
        let answer = run(&app, &[], &playground).await;
        assert_eq!(failed(&playground, &answer).len(), 1, "{claim}");
    }
}

/// Nor can a sample reply say what does not come: the true one is, and each of the others is wrong
/// in one line.
async fn a_false_sample_is_noticed(place: &TestDatabase) {
    let app = app(place).await;
    let request = "# @id x\n# @expect status == 200\nGET /api/users?per_page=2";
    let run = async |sample: &str| {
        let markdown = format!("\n```http\n{request}\n```\n\n```http\n{sample}\n```\n");
        let page = lesson(&markdown);
        let playground = page.playgrounds().last().unwrap();
        let answer = run(&app, &[], playground).await;
        let sample = page.samples().last().unwrap();
        let found = differences(&sample.reply, &answer.reply).into_iter();
        found.map(|one| one.line).collect::<Vec<_>>()
    };
    let truth = [
        "HTTP/1.1 200 OK",
        "Content-Type: application/json",
        "Total-Count: 12",
        "Link: …rel=\"next\"…",
        "",
        "[{ \"id\": 1, …, \"created_at\": \"2026-…Z\", … }, { \"id\": 2, … }]",
    ];
    assert_eq!(run(&truth.join("\n")).await, [0; 0]);
    for (line, lie) in [
        (1, "HTTP/1.1 201 Created"),
        (1, "HTTP/1.1 200 Fine"),
        (2, "Content-Type: application/xml"),
        (3, "Total-Count: 13"),
        (3, "Total-Users: 12"),
        (4, "Link: …rel=\"prev\"…"),
        (6, ""),
        (6, "[{ \"id\": 1, … }]"),
        (6, "[{ \"id\": 1 }, …]"),
        (6, "[…, { \"id\": 3, … }]"),
        (6, "[{ …, \"id\": 1, \"bio\": … }, …]"),
    ] {
        let mut lines = truth;
        lines[line - 1] = lie;
        assert_eq!(run(&lines.join("\n")).await, [line], "{lie}");
    }
}

/// A page that ends with this.
fn lesson(markdown: &str) -> std::sync::Arc<Page> {
    let mut files = routebook::content::load::built_in();
    let mut pages = files.iter_mut();
    let page = pages.find(|file| file.path == "en/methods/get.md").unwrap();
    page.bytes.extend(markdown.bytes());
    let library = routebook::content::Library::build(&files);
    let library = library.unwrap_or_else(|findings| panic!("{findings:?}"));
    library.page(Locale::En, "methods/get").unwrap().clone()
}

fn differences(sample: &SampleReply, reply: &Reply) -> Vec<Difference> {
    sample.differences(reply.status, &reply.headers, &reply.body)
}

#[test]
fn every_lesson_has_two_requests_one_of_which_fails() {
    let library =
        routebook::content::Library::build(&routebook::content::load::built_in()).unwrap();
    let mut lessons: BTreeMap<Locale, usize> = BTreeMap::new();
    for page in library.pages() {
        *lessons.entry(page.locale).or_default() += 1;
        let statuses: Vec<u16> = page.playgrounds().filter_map(expected_status).collect();
        assert!(statuses.len() >= 2, "{}: {statuses:?}", page.file());
        assert!(
            statuses.iter().any(|status| *status >= 400),
            "{}: {statuses:?}",
            page.file()
        );
    }
    assert_eq!(
        lessons,
        BTreeMap::from([(Locale::Ko, 12), (Locale::En, 12)])
    );
}

#[test]
fn both_languages_send_the_same_requests() {
    let library =
        routebook::content::Library::build(&routebook::content::load::built_in()).unwrap();
    for page in library.pages().filter(|page| page.locale == Locale::Ko) {
        let other = library.page(Locale::En, &page.path).unwrap();
        // Names and texts in bodies may be in the reader's language.
        let lines = |page: &Page| {
            let line = |p: &Playground| {
                (
                    p.id.clone(),
                    p.draft.method.clone(),
                    p.draft.target.clone(),
                    p.draft.headers.clone(),
                )
            };
            page.playgrounds().map(line).collect::<Vec<_>>()
        };
        assert_eq!(lines(page), lines(other), "{}", page.path);
        let samples = |page: &Page| {
            let sample = |sample: &routebook::content::Sample| {
                let SampleReply {
                    status, headers, ..
                } = &sample.reply;
                (sample.answers.clone(), *status, headers.clone())
            };
            page.samples().map(sample).collect::<Vec<_>>()
        };
        assert_eq!(samples(page), samples(other), "{}", page.path);
    }
}

/// The status that a request's author expects.
fn expected_status(playground: &Playground) -> Option<u16> {
    let texts = playground.block.expectations().map(ToString::to_string);
    texts
        .filter_map(|text| text.strip_prefix("status == ")?.parse().ok())
        .next()
}

async fn app(place: &TestDatabase) -> TestApp {
    TestApp::new(place, "http://127.0.0.1:3000").await
}

/// What is typed where a lesson asks for something.
const ANSWERS: [(&str, &str); 4] = [
    ("email", "mina@example.com"),
    ("name", "Mina Jeong"),
    ("id", "3"),
    ("password", "routebook"),
];

/// Sends a request in a fresh sandbox, after the earlier ones of its page that it takes something
/// from.
async fn run(app: &TestApp, page: &[&Playground], playground: &Playground) -> Answer {
    let made = send(app, None, &draft("POST", "/api/sandbox")).await;
    let key = made
        .headers
        .iter()
        .find(|header| header.name == "sandbox-key")
        .unwrap()
        .value
        .clone();
    let mut replies = BTreeMap::new();
    let takes = playground.block.draft().is_err();
    let earlier = page.iter().filter(|_| takes);
    for earlier in earlier.take_while(|earlier| earlier.id != playground.id) {
        let Some(name) = earlier.block.name() else {
            continue;
        };
        let draft = filled(earlier, &replies);
        let reply = send(app, Some(&key), &with_session(draft, &replies)).await;
        replies.insert(name.to_owned(), reply);
    }
    let before = users(app, &key).await;
    let draft = with_session(filled(playground, &replies), &replies);
    let reply = send(app, Some(&key), &draft).await;
    let rows = changes(&before, &users(app, &key).await);
    Answer { reply, rows }
}

/// A reply, and what became of the rows.
struct Answer {
    reply: Reply,
    rows: RowChanges,
}

/// The expectations that did not hold.
fn failed(playground: &Playground, Answer { reply, rows }: &Answer) -> Vec<String> {
    let observed = Observed {
        status: reply.status,
        headers: &reply.headers,
        body: &reply.body,
        rows: Some(*rows),
    };
    let failed = |expectation: &Expectation| {
        let verdict = expectation.evaluate(&observed);
        (!verdict.passed).then(|| {
            format!(
                "expected {expectation}, came {}\n{}",
                verdict.actual, reply.body
            )
        })
    };
    playground.block.expectations().filter_map(failed).collect()
}

/// With the session of an earlier login, as a browser sends it.
fn with_session(mut draft: RequestDraft, replies: &BTreeMap<String, Reply>) -> RequestDraft {
    let headers = replies.values().flat_map(|reply| &reply.headers);
    let cookie = headers.filter(|header| header.name == "set-cookie");
    let mut cookie = cookie.filter_map(|header| header.value.split(';').next());
    if let Some(session) = cookie.rfind(|pair| pair.starts_with("api_session=")) {
        draft.headers.push(Header::new("Cookie", session));
    }
    draft
}

/// The request with the values put in that a reader would give, or has got.
fn filled(playground: &Playground, replies: &BTreeMap<String, Reply>) -> RequestDraft {
    let known = |reference: &Reference| match reference {
        Reference::Variable(name) => {
            let answer = ANSWERS.iter().find(|(asked, _)| asked == name);
            answer.map(|(_, answer)| (*answer).to_owned())
        }
        Reference::Reply { name, part } => {
            let reply = replies.get(name)?;
            match part {
                ReplyPart::Header(name) => {
                    let mut headers = reply.headers.iter();
                    let found = headers.find(|header| header.name.eq_ignore_ascii_case(name));
                    found.map(|header| header.value.clone())
                }
                ReplyPart::Body(path) => {
                    let json = Json::parse(reply.body.as_bytes()).ok()?;
                    json.at(path).map(Json::as_value)
                }
            }
        }
        Reference::System(_) => Some("7".to_owned()),
    };
    http_file::fill(&playground.draft, &known).unwrap_or_else(|unknown| panic!("{unknown:?}"))
}

fn draft(method: &str, target: &str) -> RequestDraft {
    RequestDraft {
        method: method.to_owned(),
        target: target.to_owned(),
        ..RequestDraft::default()
    }
}

/// What became of the rows between two listings.
fn changes(before: &[Value], after: &[Value]) -> RowChanges {
    let has = |rows: &[Value], row: &Value| rows.iter().any(|other| other["id"] == row["id"]);
    let count = |rows: &[Value], counts: &dyn Fn(&Value) -> bool| {
        u32::try_from(rows.iter().filter(|row| counts(row)).count()).unwrap()
    };
    RowChanges {
        added: count(after, &|row| !has(before, row)),
        changed: count(after, &|row| has(before, row) && !before.contains(row)),
        removed: count(before, &|row| !has(after, row)),
    }
}

async fn users(app: &TestApp, key: &str) -> Vec<Value> {
    let reply = send(app, Some(key), &draft("GET", "/api/users?per_page=100")).await;
    serde_json::from_str(&reply.body).unwrap()
}

struct Reply {
    status: u16,
    headers: Vec<Header>,
    body: String,
}

async fn send(app: &TestApp, key: Option<&str>, draft: &RequestDraft) -> Reply {
    let mut request = Request::builder()
        .method(draft.method.parse::<Method>().unwrap())
        .uri(normalise_target(&draft.target).unwrap());
    for header in &draft.headers {
        request = request.header(&header.name, &header.value);
    }
    if let Some(key) = key {
        request = request.header("Sandbox-Key", key);
    }
    let body = Body::from(draft.body.clone());
    let (parts, body) = app.send(request.body(body).unwrap()).await;
    let headers = parts.headers.iter();
    Reply {
        status: parts.status.as_u16(),
        headers: headers
            .map(|(name, value)| Header::new(name.as_str(), value.to_str().unwrap()))
            .collect(),
        body: String::from_utf8(body).unwrap(),
    }
}
