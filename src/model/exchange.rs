//! Recorded exchanges: a request as received, its response as sent, the trace, and the changed users.
//!
//! Masking of secrets is in `api::middleware::masking`, storage and expiry in `sandbox::recorder`.

mod changes;

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::http::{Header, RequestDraft, is_forbidden_header};
use super::measure::duration;
use super::timestamp::Timestamp;
use super::trace::{StepKind, StepOutcome, TraceStep};
use super::user::User;
pub use changes::{FieldDifference, UserDifference, compare_users, count_changes, merge_changes};

/// The sender of a request header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HeaderSource {
    /// The client sent it.
    Client,
    /// A proxy between the client and this server added it.
    Proxy,
}

/// A header of a request with its origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceivedHeader {
    /// The name, in lower case.
    pub name: String,
    /// Its value, with secrets masked.
    pub value: String,
    /// Whether the client or a proxy sent it.
    pub source: HeaderSource,
}

/// A recorded body, which may be truncated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordedBody {
    /// The size of the complete body in bytes.
    pub size: u64,
    /// The text; bytes that are not UTF-8 are replaced by U+FFFD.
    pub text: String,
    /// Whether the text is only the beginning of the body.
    pub cut: bool,
}

/// A request as it was received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceivedRequest {
    /// The method.
    pub method: String,
    /// The target: path and query.
    pub target: String,
    /// The version, such as `HTTP/1.1`.
    pub version: String,
    /// The headers, in their order.
    pub headers: Vec<ReceivedHeader>,
    /// The body.
    pub body: RecordedBody,
}

impl ReceivedRequest {
    /// Returns whether the request had a body of which the server read nothing, because it refused the request before.
    #[must_use]
    pub fn has_unread_body(&self) -> bool {
        let mut headers = self.headers.iter();
        let is_announced = |header: &ReceivedHeader| match header.name.as_str() {
            "content-length" => header.value != "0",
            name => name == "transfer-encoding",
        };
        self.body.size == 0 && headers.any(is_announced)
    }
}

/// A response as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SentResponse {
    /// The status code.
    #[schema(minimum = 100, maximum = 999)]
    pub status: u16,
    /// The headers, in their order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: RecordedBody,
}

/// A user before and after a request; null where the user does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordedChange {
    /// The user before the request; null if the request created it.
    #[schema(required = true)]
    pub before: Option<User>,
    /// The user after the request; null if the request deleted it.
    #[schema(required = true)]
    pub after: Option<User>,
}

/// The identification of a request, whether or not its exchange is recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceRequest {
    /// The Request-Id of the response.
    #[schema(format = "uuid")]
    pub id: String,
    /// The method.
    pub method: String,
    /// The target, with secrets masked.
    pub target: String,
}

/// A request whose changes were undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UndoneStep {
    /// The request that made the changes.
    #[serde(flatten)]
    pub request: SourceRequest,
    /// When the changes were made.
    pub at: Timestamp,
    /// The number of users that it had changed.
    pub changed: usize,
}

/// A request as received, the response as sent, and the trace between them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Exchange {
    /// The Request-Id of the response.
    #[schema(format = "uuid")]
    pub id: String,
    /// The value of Exchange-Group that the client sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub group: Option<String>,
    /// The time when the request arrived.
    pub at: Timestamp,
    /// The duration in microseconds.
    pub took: u64,
    /// The request.
    pub request: ReceivedRequest,
    /// The response.
    pub response: SentResponse,
    /// The steps that the server took.
    pub trace: Vec<TraceStep>,
    /// The users that were changed.
    pub changes: Vec<RecordedChange>,
}

/// Returns whether requests to a target are recorded: all except those to `/api/sandbox` and below.
#[must_use]
pub fn is_recorded(target: &str) -> bool {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    path != "/api/sandbox" && !path.starts_with("/api/sandbox/")
}

/// The text that replaces a secret.
pub const MASK: &str = "(hidden)";

/// Headers that [`Exchange::draft`] leaves out: secrets, and headers that browsers and tools add.
const OMITTED_HEADERS: [&str; 12] = [
    "accept-language",
    "authorization",
    "cache-control",
    "cookie",
    "dnt",
    "exchange-group",
    "pragma",
    "priority",
    "sandbox-key",
    "te",
    "upgrade-insecure-requests",
    "user-agent",
];

impl Exchange {
    /// Returns the request as a draft to be edited, sent again or shared: without credentials, without
    /// masked parts, and without headers that browsers and tools add. `None` when its body was
    /// truncated, or masked as a whole because its format is unknown.
    #[must_use]
    pub fn draft(&self) -> Option<RequestDraft> {
        let is_included = |header: &&ReceivedHeader| {
            header.source == HeaderSource::Client
                && !OMITTED_HEADERS.contains(&header.name.as_str())
                && !is_forbidden_header(&header.name, &header.value)
                && !header.value.contains(MASK)
                && (header.name.as_str(), header.value.as_str()) != ("accept", "*/*")
        };
        let headers = self.request.headers.iter().filter(is_included);
        let headers = headers.map(|header| Header::new(&header.name, &header.value));
        let body = &self.request.body;
        let is_known = !body.cut && body.text != MASK;
        is_known.then(|| RequestDraft {
            method: self.request.method.clone(),
            target: self.request.target.replace(MASK, ""),
            headers: headers.collect(),
            body: body.text.replace(MASK, ""),
        })
    }

    /// Returns the `Location` of a 201 response.
    #[must_use]
    pub fn created_path(&self) -> Option<String> {
        let mut headers = self.response.headers.iter();
        let location = headers.find(|(name, _)| name == "location");
        let is_created = self.response.status == 201;
        location
            .filter(|_| is_created)
            .map(|(_, path)| path.clone())
    }

    /// Returns the exchange without headers, bodies and trace, for a list.
    #[must_use]
    pub fn summary(&self) -> ExchangeSummary<'_> {
        ExchangeSummary {
            id: &self.id,
            group: self.group.as_deref(),
            at: self.at,
            took: self.took,
            method: &self.request.method,
            target: &self.request.target,
            status: self.response.status,
            changed: self.changes.len(),
        }
    }

    /// Returns the exchange as plain text for a terminal: the request line, one line for each step of
    /// the trace and each change, and the status.
    #[must_use]
    pub fn to_plain_text(&self) -> String {
        let mut text = format!(
            "{} {} {}\n",
            self.request.method, self.request.target, self.request.version
        );
        for step in &self.trace {
            let mark = match step.outcome {
                StepOutcome::Passed => "✓",
                StepOutcome::Stopped => "✗",
                StepOutcome::Unreached => "·",
            };
            let kind = match step.kind {
                StepKind::Sql => "SQL",
                StepKind::Layer => "layer",
                StepKind::Route => "route",
                StepKind::Extractor => "extractor",
                StepKind::Authentication => "authentication",
                StepKind::Authorization => "authorization",
                StepKind::Handler => "handler",
                StepKind::Validation => "validation",
                StepKind::Precondition => "precondition",
                StepKind::Constraint => "constraint",
                StepKind::Response => "response",
            };
            let _ = write!(text, "{mark} {kind:<14} {}", step.name);
            if let Some(sql) = &step.sql {
                let values = sql.parameters.join(", ");
                let _ = write!(
                    text,
                    "  [{values}] {} rows",
                    sql.rows
                        .max(usize::try_from(sql.affected).unwrap_or(usize::MAX),)
                );
            }
            if let Some(detail) = &step.detail {
                let _ = write!(text, ": {detail}");
            }
            match step.outcome {
                StepOutcome::Unreached => text.push_str(" (not reached)"),
                _ if step.took > 0 => {
                    let _ = write!(text, " ({})", duration(step.took));
                }
                _ => {}
            }
            text.push('\n');
        }
        for change in &self.changes {
            let _ = match (&change.before, &change.after) {
                (None, Some(user)) => writeln!(text, "+ user {}", user.id),
                (Some(user), None) => writeln!(text, "- user {}", user.id),
                (Some(user), Some(_)) => writeln!(text, "~ user {}", user.id),
                (None, None) => Ok(()),
            };
        }
        let took = duration(self.took);
        let _ = writeln!(text, "{} after {took}", self.response.status);
        text
    }
}

/// A summary of an exchange.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = ExchangeSummary)]
pub struct ExchangeSummary<'a> {
    /// The Request-Id of the response.
    #[schema(format = "uuid")]
    id: &'a str,
    /// The value of Exchange-Group that the client sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    group: Option<&'a str>,
    /// The time when the request arrived.
    at: Timestamp,
    /// The duration in microseconds.
    took: u64,
    /// The method of the request.
    method: &'a str,
    /// The path and query of the request.
    target: &'a str,
    /// The status code of the response.
    #[schema(minimum = 100, maximum = 999)]
    status: u16,
    /// The number of users that the request changed.
    changed: usize,
}

#[cfg(test)]
impl Exchange {
    /// Returns a request without header fields and body, answered with an empty 200, for tests.
    pub(crate) fn sample(method: &str, target: &str) -> Exchange {
        Exchange {
            id: "1".to_owned(),
            group: None,
            at: Timestamp::from_milliseconds(0),
            took: 1,
            request: ReceivedRequest {
                method: method.to_owned(),
                target: target.to_owned(),
                version: "HTTP/1.1".to_owned(),
                headers: Vec::new(),
                body: RecordedBody::default(),
            },
            response: SentResponse {
                status: 200,
                headers: Vec::new(),
                body: RecordedBody::default(),
            },
            trace: Vec::new(),
            changes: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(headers: &[(&str, &str)], body: RecordedBody) -> Exchange {
        let header = |(name, value): &(&str, &str)| ReceivedHeader {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
            source: match name.starts_with("x-forwarded") {
                true => HeaderSource::Proxy,
                false => HeaderSource::Client,
            },
        };
        let target = "/api/session?access_token=(hidden)&x=1";
        let mut exchange = Exchange::sample("POST", target);
        exchange.request.headers = headers.iter().map(header).collect();
        exchange.request.body = body;
        exchange
    }

    #[test]
    fn draft_of_an_exchange_has_no_secrets() {
        let body = RecordedBody {
            text: r#"{"email":"a@b.c","password":"(hidden)"}"#.to_owned(),
            ..RecordedBody::default()
        };
        let headers = [
            ("content-type", "application/json"),
            ("authorization", "Bearer abcd…"),
            ("cookie", "sandbox=abcd…"),
            ("sandbox-key", "abcd…"),
            ("host", "127.0.0.1"),
            ("accept", "*/*"),
            ("x-api-key", "(hidden)"),
            ("x-forwarded-for", "127.0.0.1"),
            ("user-agent", "curl/8"),
            ("if-match", "\"1\""),
        ];
        let draft = exchange(&headers, body).draft().expect("a whole body");
        let names: Vec<&str> = draft
            .headers
            .iter()
            .map(|header| header.name.as_str())
            .collect();
        assert_eq!(names, ["content-type", "if-match"]);
        assert_eq!(draft.target, "/api/session?access_token=&x=1");
        assert_eq!(draft.body, r#"{"email":"a@b.c","password":""}"#);
    }

    #[test]
    fn draft_of_an_exchange_with_a_truncated_body_is_none() {
        let body = RecordedBody {
            cut: true,
            ..RecordedBody::default()
        };
        assert_eq!(exchange(&[], body).draft(), None);
    }
}
