//! Sends every request of every lesson to the API, each in a new sandbox, and checks every
//! expectation that the author states.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[macro_use]
#[path = "support/database.rs"]
mod database;

use std::collections::BTreeMap;
use std::sync::Arc;

use database::TestDatabase;
use routebook::clock::Clock;
use routebook::config::Config;
use routebook::content::{
    ContentFinding, LessonPage, Library, ParsedContent, Playground, Rule, load,
};
use routebook::http_file::SampleResponse;
use routebook::model::limits::Limits;
use routebook::model::locale::Locale;
use routebook::server::exercises::check_exercise;
use routebook::server::lessons::{check_alone, check_in_order};
use routebook::server::{self, Content};
use routebook::state::AppState;

on_both_engines! {
    every_request_in_its_own_sandbox_meets_its_expectations,
    every_lesson_in_order_meets_its_expectations,
    expectation_of_the_second_send_is_checked,
    false_expectation_is_reported,
    false_sample_response_is_reported,
    every_solution_passes_and_every_starter_fails,
    wrong_solution_and_solved_starter_are_reported
}

async fn every_request_in_its_own_sandbox_meets_its_expectations(database: &TestDatabase) {
    let state = state(database).await;
    let (mut sent, mut compared) = (0, 0);
    let mut findings = Vec::new();
    for page in state.library.pages() {
        compared += page.samples().count();
        for playground in page.playgrounds() {
            sent += 1;
            findings.extend(check_alone(&state, page, playground).await);
        }
    }
    assert!(sent >= 48, "only {sent} requests were found");
    assert!(compared >= 6, "only {compared} sample responses were found");
    assert_none(&findings);
}

async fn every_lesson_in_order_meets_its_expectations(database: &TestDatabase) {
    let state = state(database).await;
    let mut findings = Vec::new();
    for page in state.library.pages() {
        findings.extend(check_in_order(&state, page).await);
    }
    assert_none(&findings);
}

fn assert_none(findings: &[ContentFinding]) {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "\n{}", lines.join("\n"));
}

async fn expectation_of_the_second_send_is_checked(database: &TestDatabase) {
    let state = state(database).await;
    let block = |second: &str| {
        lesson(&format!(
            "\n```http\n# @id x\n# @expect status == 201\n# @expect 2 status == {second}\n# @expect * body $ exists\n\
             POST /api/users\nContent-Type: application/json\n\n{{\"name\": \"Ida\", \"email\": \"ida@example.com\"}}\n```\n"
        ))
    };
    let page = block("409");
    let playground = page.playgrounds().last().unwrap();
    assert_none(&check_alone(&state, &page, playground).await);
    let page = block("201");
    let playground = page.playgrounds().last().unwrap();
    let found = check_alone(&state, &page, playground).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0]
            .message
            .contains("expected status == 201 of send 2, but it is 409"),
        "{found:?}"
    );
}

/// Verifies that the tests above can fail: each of these expectations is wrong.
async fn false_expectation_is_reported(database: &TestDatabase) {
    let state = state(database).await;
    for expectation in [
        "status == 201",
        "header Content-Type == \"text/html\"",
        "header No-Such exists",
        "body $[0].id == 2",
        "body $[40].id exists",
        "rows added == 1",
    ] {
        let page = lesson(&format!(
            "\n```http\n# @id x\n# @expect {expectation}\nGET /api/users\n```\n"
        ));
        let playground = page.playgrounds().last().unwrap();
        let found = check_alone(&state, &page, playground).await;
        let rules: Vec<_> = found.iter().map(|one| (one.rule, one.line)).collect();
        // The fence, `@id`, `@expect`.
        let line = playground.line + 2;
        assert_eq!(rules, [(Rule::Expect, line)], "{expectation}");
        let in_order = check_in_order(&state, &page).await;
        assert!(in_order.contains(&found[0]), "{expectation}: {in_order:?}");
    }
}

/// Verifies the check of sample responses: the correct one is accepted, and each of the others is
/// wrong in one line.
async fn false_sample_response_is_reported(database: &TestDatabase) {
    let state = state(database).await;
    let request = "# @id x\n# @expect status == 200\nGET /api/users?per_page=2";
    let run = async |sample: &str| {
        let markdown = format!("\n```http\n{request}\n```\n\n```http\n{sample}\n```\n");
        let page = lesson(&markdown);
        let playground = page.playgrounds().last().unwrap();
        let first = page.samples().last().unwrap().line;
        let found = check_alone(&state, &page, playground).await;
        assert!(
            found.iter().all(|one| one.rule == Rule::Sample),
            "{found:?}"
        );
        found.iter().map(|one| one.line - first).collect::<Vec<_>>()
    };
    let correct = [
        "HTTP/1.1 200 OK",
        "Content-Type: application/json",
        "Total-Count: 12",
        "Link: …rel=\"next\"…",
        "",
        "[{ \"id\": 1, …, \"created_at\": \"2026-…Z\", … }, { \"id\": 2, … }]",
    ];
    assert_eq!(run(&correct.join("\n")).await, [0; 0]);
    for (line, wrong) in [
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
        let mut lines = correct;
        lines[line - 1] = wrong;
        assert_eq!(run(&lines.join("\n")).await, [line], "{wrong}");
    }
}

async fn every_solution_passes_and_every_starter_fails(database: &TestDatabase) {
    let state = state(database).await;
    let mut findings = Vec::new();
    let mut checked = 0;
    let files = load::built_in();
    for exercise in ParsedContent::parse(&[], &files, &load::i18n(&files).unwrap(), false).exercises
    {
        checked += 1;
        findings.extend(check_exercise(&state, &exercise).await);
    }
    assert!(checked >= 12, "only {checked} exercises were found");
    assert_none(&findings);
}

/// Verifies that the test above can fail.
async fn wrong_solution_and_solved_starter_are_reported(database: &TestDatabase) {
    let state = state(database).await;
    let find = async |starter: &str, solution: &str| {
        let mut files = load::built_in();
        let path = "exercises/two-errors-at-once.toml";
        let file = files.iter_mut().find(|file| file.path == path).unwrap();
        let text = String::from_utf8(file.bytes.clone()).unwrap();
        let (_, rest) = text.split_once("\n[title]").unwrap();
        let requests = format!("starter = '''\n{starter}\n'''\nsolution = '''\n{solution}\n'''\n");
        let text = format!("id = \"two-errors-at-once\"\n{requests}\n[title]{rest}");
        file.bytes = text.into_bytes();
        let library = Library::build(&files, &load::i18n(&files).unwrap());
        let library = library.unwrap_or_else(|findings| panic!("{findings:?}"));
        let (_, exercise) = library.exercise(Locale::En, "two-errors-at-once").unwrap();
        let found = check_exercise(&state, exercise).await;
        found
            .iter()
            .map(|one| (one.rule.name(), one.message.clone()))
            .collect::<Vec<_>>()
    };
    let right =
        "POST /api/users\nContent-Type: application/json\n\n{\"name\": \"\", \"email\": \"a\"}";
    let wrong =
        "POST /api/users\nContent-Type: application/json\n\n{\"name\": \"\", \"email\": \"a@b.c\"}";
    let other = "GET /api/users";
    assert_eq!(find(wrong, right).await, []);
    assert_eq!(find(other, right).await, []);
    let found = find(wrong, wrong).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "solution");
    assert!(
        found[0]
            .1
            .contains("step 1 expects body $.errors[1].pointer exists"),
        "{found:?}"
    );
    let found = find(wrong, other).await;
    assert!(
        found[0]
            .1
            .contains("no request is the POST /api/users of step 1"),
        "{found:?}"
    );
    let found = find(right, right).await;
    assert_eq!(found[0].0, "starter", "{found:?}");
    let found = find("GET /api/users/{{nothing.response.body.$.id}}", right).await;
    assert_eq!(found[0].0, "starter", "{found:?}");
}

/// Returns a page that ends with this Markdown.
fn lesson(markdown: &str) -> Arc<LessonPage> {
    let mut files = load::built_in();
    let mut pages = files.iter_mut();
    let page = pages.find(|file| file.path == "en/methods/get.md").unwrap();
    page.bytes.extend(markdown.bytes());
    let library = Library::build(&files, &load::i18n(&files).unwrap());
    let library = library.unwrap_or_else(|findings| panic!("{findings:?}"));
    library.page(Locale::En, "methods/get").unwrap().clone()
}

fn built_in() -> Library {
    let files = load::built_in();
    Library::build(&files, &load::i18n(&files).unwrap()).unwrap_or_else(|found| panic!("{found:?}"))
}

#[test]
fn every_lesson_has_two_requests_one_of_which_fails() {
    let library = built_in();
    let mut lessons: BTreeMap<Locale, usize> = BTreeMap::new();
    let pages = library.pages();
    for page in pages.filter(|page| !page.path.starts_with(GUIDE)) {
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
    let library = built_in();
    for page in library.pages().filter(|page| page.locale == Locale::Ko) {
        let other = library.page(Locale::En, &page.path).unwrap();
        // Names and texts in bodies may be in the language of the reader.
        let lines = |page: &LessonPage| {
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
        let samples = |page: &LessonPage| {
            let sample = |sample: &routebook::content::SampleBlock| {
                let SampleResponse {
                    status, headers, ..
                } = &sample.response;
                (sample.request_id.clone(), *status, headers.clone())
            };
            page.samples().map(sample).collect::<Vec<_>>()
        };
        assert_eq!(samples(page), samples(other), "{}", page.path);
    }
}

#[test]
fn every_lesson_has_a_recap_of_three_lines_and_a_warning() {
    let mut lessons = 0;
    for file in load::built_in() {
        if !file.path.ends_with(".md") || file.path.contains(GUIDE) {
            continue;
        }
        lessons += 1;
        let text = String::from_utf8(file.bytes.to_vec()).unwrap();
        assert!(
            text.contains("> [!WARNING]") || text.contains("> [!CAUTION]"),
            "{} warns of nothing",
            file.path
        );
        let (_, rest) = text.split_once(" {#recap}\n").unwrap_or_else(|| {
            panic!("{} has no recap", file.path);
        });
        let recap = rest.split_once("\n## ").map_or(rest, |(recap, _)| recap);
        let lines: Vec<&str> = recap.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines.len(), 3, "{}: {lines:?}", file.path);
        assert!(lines.iter().all(|line| line.starts_with("- ")), "{lines:?}");
    }
    assert_eq!(lessons, 24);
}

/// The section of the guide for authors, whose pages are no lessons on HTTP.
const GUIDE: &str = "authoring/";

/// Returns the status that the author of a request expects.
fn expected_status(playground: &Playground) -> Option<u16> {
    let texts = playground.block.expectations(1).map(ToString::to_string);
    texts
        .filter_map(|text| text.strip_prefix("status == ")?.parse().ok())
        .next()
}

/// Returns the state of a site with this database.
async fn state(database: &TestDatabase) -> AppState {
    let config = Config {
        limits: Limits {
            sandboxes_per_hour: u32::MAX,
            ..Limits::default()
        },
        database: Some(database.url("portal")),
        sandbox_database: Some(database.url("sandbox")),
        ..Config::default()
    };
    let content = Content::built_in().unwrap();
    server::prepare(config, content, Clock::system())
        .await
        .unwrap()
}
