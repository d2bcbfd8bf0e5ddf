//! Sends the requests of lessons to the API as a reader's browser does, and checks the expectations
//! of their authors.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request};
use serde_json::Value;

use crate::api::InProcess;
use crate::content::{ContentFinding, LessonPage, Playground, Rule};
use crate::http_file::{
    self, Difference, Directive, PlaceholderSource, RequestBlock, ResolveError, ResponsePart,
};
use crate::model::expectation::{ObservedResponse, RowChanges};
use crate::model::http::{Header, RequestDraft, normalize_target};
use crate::model::json::Json;
use crate::model::trace::Trace;
use crate::sandbox::{DataScope, SandboxId, SandboxKey, Sandboxes};
use crate::state::AppState;

/// The values that are entered for prompts, by the name of the prompt.
const PROMPT_VALUES: [(&str, &str); 4] = [
    ("email", "mina@example.com"),
    ("name", "Mina Jeong"),
    ("id", "3"),
    ("password", "routebook"),
];

/// The most characters of a response that a finding shows.
const SHOWN_MAX: usize = 300;

/// The value that is entered for a prompt with any other name.
const DEFAULT_VALUE: &str = "1";

/// Sends the requests of a page in order in one new sandbox, and returns a finding for every
/// expectation and sample response that does not hold, and one if no response is an error.
pub async fn check_in_order(state: &AppState, page: &LessonPage) -> Vec<ContentFinding> {
    let mut findings = Vec::new();
    let Some(first) = page.playgrounds().next() else {
        return findings;
    };
    let mut run = match LessonRun::new(state, Some(page)).await {
        Ok(run) => run,
        Err(message) => return vec![page.finding(first.line, Rule::Request, message)],
    };
    let mut all_succeeded = true;
    for playground in page.playgrounds() {
        if run.lacks_value(playground) {
            // What it lacks is a finding of its own.
            all_succeeded = false;
            continue;
        }
        let outcomes = run.send_as_expected(playground).await;
        let is_error = |outcome: &LessonOutcome| outcome.response.status >= 400;
        all_succeeded &= matches!(&outcomes, Ok(outcomes) if !outcomes.iter().any(is_error));
        findings.extend(find_differences(page, playground, outcomes));
    }
    if all_succeeded {
        let message = "the response to no request of the lesson is an error: add a request whose response is 4xx or 5xx";
        findings.push(page.finding(first.line, Rule::ErrorResponse, message.to_owned()));
    }
    findings
}

/// Sends one request of a page in a new sandbox, after the requests that it depends on, and returns
/// a finding for every expectation and sample response that does not hold.
pub async fn check_alone(
    state: &AppState,
    page: &LessonPage,
    playground: &Playground,
) -> Vec<ContentFinding> {
    let outcomes = async {
        let mut run = LessonRun::new(state, Some(page)).await?;
        let needs_earlier = playground.block.draft().is_err();
        let earlier = page.playgrounds().filter(|_| needs_earlier);
        for earlier in earlier.take_while(|earlier| earlier.id != playground.id) {
            if earlier.block.name().is_some() {
                run.send(earlier).await?;
            }
        }
        run.send_as_expected(playground).await
    };
    find_differences(page, playground, outcomes.await)
}

/// Returns a finding for every expectation of each send, and for every sample response of the first send,
/// that does not hold.
fn find_differences(
    page: &LessonPage,
    playground: &Playground,
    outcomes: Result<Vec<LessonOutcome>, String>,
) -> Vec<ContentFinding> {
    let id = &playground.id;
    let outcomes = match outcomes {
        Ok(outcomes) => outcomes,
        Err(message) => {
            return vec![page.finding(playground.line, Rule::Request, format!("{id}: {message}"))];
        }
    };
    let mut findings: Vec<ContentFinding> = (1..)
        .zip(&outcomes)
        .flat_map(|(number, outcome)| failed_expectations(playground, number, outcome))
        .map(|(line, message)| page.finding(line, Rule::Expect, format!("{id}: {message}")))
        .collect();
    let first = outcomes.first().map(|outcome| &outcome.response);
    for sample in page.samples().filter(|sample| sample.request_id == *id) {
        let Some(LessonResponse {
            status,
            headers,
            body,
        }) = first
        else {
            continue;
        };
        for difference in sample.response.differences(*status, headers, body) {
            let Difference {
                line,
                expected,
                actual,
            } = difference;
            let actual = match actual.char_indices().nth(SHOWN_MAX) {
                Some((end, _)) => format!("{}…", &actual[..end]),
                None if actual.is_empty() => "none".to_owned(),
                None => actual,
            };
            let message = format!("{id}: the sample has {expected}, the response has {actual}");
            findings.push(page.finding(sample.line + line, Rule::Sample, message));
        }
    }
    findings
}

/// Returns line and message for every expectation of the `number`-th send that does not hold.
fn failed_expectations(
    playground: &Playground,
    number: u32,
    LessonOutcome { response, rows }: &LessonOutcome,
) -> Vec<(usize, String)> {
    let observed = ObservedResponse {
        status: response.status,
        headers: &response.headers,
        body: &response.body,
        rows: *rows,
    };
    playground
        .expectations(number)
        .filter_map(|(line, expectation)| {
            let verdict = expectation.evaluate(&observed);
            let of = match number {
                1 => String::new(),
                number => format!(" of send {number}"),
            };
            (!verdict.passed).then(|| {
                let actual = verdict.actual;
                (
                    line,
                    format!("expected {expectation}{of}, but it is {actual}"),
                )
            })
        })
        .collect()
}

/// The response to a request of a lesson, and its row changes if the users could be listed.
struct LessonOutcome {
    response: LessonResponse,
    rows: Option<RowChanges>,
}

/// A response to a request of a lesson or exercise.
#[derive(Clone)]
pub(super) struct LessonResponse {
    pub(super) status: u16,
    headers: Vec<Header>,
    body: String,
}

/// The state of a reader who sends the requests of a lesson: a sandbox, the session cookie of the API,
/// and the responses so far.
pub(super) struct LessonRun<'a> {
    api: &'a InProcess,
    pub(super) key: String,
    session: Option<String>,
    responses: BTreeMap<String, LessonResponse>,
}

impl<'a> LessonRun<'a> {
    /// Creates a sandbox with the data with which a lesson begins.
    pub(super) async fn new(
        state: &'a AppState,
        lesson: Option<&LessonPage>,
    ) -> Result<LessonRun<'a>, String> {
        let mut run = LessonRun {
            api: &state.api,
            key: String::new(),
            session: None,
            responses: BTreeMap::new(),
        };
        let created = run
            .exchange(&request_without_body("POST", "/api/sandbox"))
            .await?;
        let key = created
            .headers
            .iter()
            .find(|header| header.name == "sandbox-key");
        run.key = key.map(|header| header.value.clone()).ok_or_else(|| {
            format!(
                "no sandbox could be created: {} {}",
                created.status, created.body
            )
        })?;
        if let Some(users) = lesson.and_then(|lesson| state.library.starting_users(lesson)) {
            let failed = |cause: &dyn std::fmt::Display| {
                format!("the starting data could not be written: {cause}")
            };
            let scope = DataScope {
                sandbox: Some(run.sandbox(&state.sandboxes).await?),
                trace: Trace::disabled(),
                source: None,
            };
            let reset = state.sandboxes.reset_sandbox_to(&scope, users).await;
            reset.map_err(|cause| failed(&cause))?;
        }
        Ok(run)
    }

    /// Returns the id of the sandbox.
    pub(super) async fn sandbox(&self, sandboxes: &Sandboxes) -> Result<SandboxId, String> {
        let key = SandboxKey::parse(&self.key).ok_or("the sandbox has no key")?;
        let opened = sandboxes.open_sandbox(&key, &Trace::disabled()).await;
        let opened = opened.map_err(|cause| format!("the sandbox cannot be opened: {cause}"))?;
        Ok(opened.ok_or("the sandbox was deleted")?.sandbox.id)
    }

    /// Returns whether a request cannot be written with the values of its variables, because it is too large, uses a
    /// variable that is not defined, or the response to a request that the page lacks or that could not be sent.
    fn lacks_value(&self, playground: &Playground) -> bool {
        let mut unknown = match playground.block.draft() {
            Ok(_) => return false,
            Err(ResolveError::TooLarge) => return true,
            Err(ResolveError::Unknown(unknown)) => unknown.into_iter(),
        };
        unknown.any(|reference| match &reference {
            PlaceholderSource::Variable(name) => {
                let mut prompts = playground.block.prompts();
                !prompts.any(|(prompt, _)| prompt == name)
            }
            PlaceholderSource::Response { name, .. } => !self.responses.contains_key(name),
            PlaceholderSource::System(_) => false,
        })
    }

    /// Sends a request as often as its block has expectations for.
    async fn send_as_expected(
        &mut self,
        playground: &Playground,
    ) -> Result<Vec<LessonOutcome>, String> {
        let mut outcomes = Vec::new();
        for _ in 0..playground.block.expected_sends() {
            outcomes.push(self.send(playground).await?);
        }
        Ok(outcomes)
    }

    /// Sends a request, and compares the users before and after it.
    async fn send(&mut self, playground: &Playground) -> Result<LessonOutcome, String> {
        let before = self.users().await;
        let response = self
            .send_block(&playground.block, &playground.draft)
            .await?;
        let after = self.users().await;
        let rows = before
            .zip(after)
            .map(|(before, after)| row_changes(&before, &after));
        Ok(LessonOutcome { response, rows })
    }

    /// Sends the request of a block after replacing its placeholders with the values that a reader would enter
    /// or has received.
    pub(super) async fn send_block(
        &mut self,
        block: &RequestBlock,
        draft: &RequestDraft,
    ) -> Result<LessonResponse, String> {
        let mut draft =
            http_file::fill(draft, &|reference| self.value(reference)).map_err(|unresolved| {
                match unresolved {
                    ResolveError::TooLarge => {
                        "the request is too long with the values of its variables: shorten it"
                            .to_owned()
                    }
                    unknown => {
                        let names = unknown.names().join(", ");
                        format!("{names} is not defined: no earlier response has it")
                    }
                }
            })?;
        let session = self.session.as_ref();
        if let Some(session) = session.filter(|_| !block.has(&Directive::NoCookieJar)) {
            draft.headers.push(Header::new("Cookie", session));
        }
        let response = self.exchange(&draft).await?;
        let cookies = response
            .headers
            .iter()
            .filter(|header| header.name == "set-cookie");
        let mut pairs = cookies.filter_map(|cookie| cookie.value.split(';').next());
        if let Some(pair) = pairs.rfind(|pair| pair.contains("api_session=")) {
            self.session = (!pair.ends_with('=')).then(|| pair.to_owned());
        }
        if let Some(name) = block.name() {
            self.responses.insert(name.to_owned(), response.clone());
        }
        Ok(response)
    }

    /// Returns the value of a reference in a request.
    fn value(&self, reference: &PlaceholderSource) -> Option<String> {
        match reference {
            PlaceholderSource::Variable(name) => {
                let value = PROMPT_VALUES.iter().find(|(prompt, _)| prompt == name);
                Some(value.map_or(DEFAULT_VALUE, |(_, value)| value).to_owned())
            }
            PlaceholderSource::Response { name, part } => {
                let response = self.responses.get(name)?;
                match part {
                    ResponsePart::Header(name) => {
                        let mut headers = response.headers.iter();
                        let found = headers.find(|header| header.name.eq_ignore_ascii_case(name));
                        found.map(|header| header.value.clone())
                    }
                    ResponsePart::Body(path) => {
                        let json = Json::parse(response.body.as_bytes()).ok()?;
                        json.at(path).map(Json::as_value)
                    }
                }
            }
            PlaceholderSource::System(_) => Some("7".to_owned()),
        }
    }

    /// Returns the users of the sandbox, or `None` when they cannot be listed.
    async fn users(&self) -> Option<Vec<Value>> {
        let draft = request_without_body("GET", "/api/users?per_page=100");
        let response = self.exchange(&draft).await.ok()?;
        serde_json::from_str(&response.body).ok()
    }

    /// Sends a request as it is.
    pub(super) async fn exchange(&self, draft: &RequestDraft) -> Result<LessonResponse, String> {
        let method: Method = draft
            .method
            .parse()
            .map_err(|_| format!("{:?} is not a method", draft.method))?;
        let target = normalize_target(&draft.target)
            .map_err(|problem| format!("{:?} is not a target: {problem}", draft.target))?;
        let mut request = Request::builder().method(method).uri(target);
        for header in &draft.headers {
            request = request.header(&header.name, &header.value);
        }
        if !self.key.is_empty() {
            request = request.header("Sandbox-Key", &self.key);
        }
        let request = request
            .body(Bytes::from(draft.body.clone()))
            .map_err(|error| error.to_string())?;
        let (parts, body) = self.api.send(request, None).await.into_parts();
        let text =
            |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = parts.headers.iter();
        Ok(LessonResponse {
            status: parts.status.as_u16(),
            headers: headers
                .map(|(name, value)| Header::new(name.as_str(), text(value)))
                .collect(),
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }
}

fn request_without_body(method: &str, target: &str) -> RequestDraft {
    RequestDraft {
        method: method.to_owned(),
        target: target.to_owned(),
        ..RequestDraft::default()
    }
}

/// Returns the row changes between two listings.
fn row_changes(before: &[Value], after: &[Value]) -> RowChanges {
    let has = |rows: &[Value], row: &Value| rows.iter().any(|other| other["id"] == row["id"]);
    let count = |rows: &[Value], is_counted: &dyn Fn(&Value) -> bool| {
        u32::try_from(rows.iter().filter(|row| is_counted(row)).count()).unwrap_or(u32::MAX)
    };
    RowChanges {
        added: count(after, &|row| !has(before, row)),
        changed: count(after, &|row| has(before, row) && !before.contains(row)),
        removed: count(before, &|row| !has(after, row)),
    }
}
