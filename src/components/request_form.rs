//! What a request form has besides the request, and what its pages show beside it.

use leptos::prelude::*;
use serde::Serialize;

use crate::model::http::{DraftFinding, FindingKind, RequestDraft, TargetError};
use crate::model::messages::MessageCatalog;

/// What a request form has besides the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FormExtras {
    /// Name and label of each value that the reader gives.
    pub prompts: Vec<(String, String)>,
    /// Whether the reader says beforehand what will happen.
    pub predict: bool,
    /// The name by which later requests take from the response.
    pub name: Option<String>,
    /// Whether a redirection is shown and not followed.
    pub no_redirect: bool,
    /// Whether it is sent without cookies.
    pub no_cookies: bool,
    /// Whether the browser may answer from its cache.
    pub browser_cache: bool,
    /// What the author says about it.
    pub notes: Vec<String>,
    /// What can be filled in one by one.
    pub parts: Option<FormParts>,
    /// `SECTION/SLUG#BLOCK` where it stands in a lesson.
    pub lesson: Option<String>,
    /// The lines above it in the file that it comes from, such as `# @expect status == 200`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// The suggested name under which it is saved, empty for its method and path; `None` where it cannot be saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub save_as: Option<String>,
}

/// Returns the texts of the expectations among the lines above a request.
pub fn expectation_lines(lines: &[String]) -> impl Iterator<Item = &str> {
    let lines = lines.iter();
    lines.filter_map(|line| line.strip_prefix("# @expect "))
}

/// The parts of a target with a field of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FormParts {
    /// The path as the API documents it, names between braces.
    pub template: String,
    /// The parameters that its query may have.
    pub query: Vec<String>,
    /// Whether they are shown from the beginning.
    pub open: bool,
}

impl FormParts {
    /// Whether the path or the query has anything with a name.
    #[must_use]
    pub fn has_names(&self) -> bool {
        self.template.contains('{') || !self.query.is_empty()
    }
}

/// The names that a header's input completes; once on a page that has request forms.
#[component]
pub fn HeaderNames() -> impl IntoView {
    const NAMES: [&str; 10] = [
        "Accept",
        "Accept-Language",
        "Authorization",
        "Content-Type",
        "Idempotency-Key",
        "If-Match",
        "If-None-Match",
        "Range",
        "Sandbox-Key",
        "User-Agent",
    ];
    let names = NAMES.map(|name| view! { <option value=name></option> });
    view! { <datalist id="header-names">{names.collect_view()}</datalist> }
}

/// Returns the message that says what is wrong with a field of a request, and with which one.
#[must_use]
pub fn finding_message(
    messages: &MessageCatalog,
    finding: &DraftFinding,
    draft: &RequestDraft,
) -> String {
    let name = finding.subject(draft);
    messages.with(problem_key(finding.kind), &[("name", name)])
}

fn problem_key(problem: FindingKind) -> &'static str {
    match problem {
        FindingKind::MethodMalformed => "problem-method",
        FindingKind::MethodForbidden => "problem-method-forbidden",
        FindingKind::Target(TargetError::NotAPath) => "problem-target-path",
        FindingKind::Target(TargetError::OtherHost) => "problem-target-host",
        FindingKind::Target(TargetError::Backslash | TargetError::ControlCharacter) => {
            "problem-target-character"
        }
        FindingKind::Target(TargetError::Fragment) => "problem-target-fragment",
        FindingKind::Target(TargetError::OutsideApi) => "problem-target-outside",
        FindingKind::Target(TargetError::EventStream) => "problem-target-stream",
        FindingKind::HeaderNameMalformed => "problem-header-name",
        FindingKind::HeaderForbidden => "problem-header-forbidden",
        FindingKind::HeaderValueMalformed => "problem-header-value",
        FindingKind::TargetTooLong => "problem-target-long",
        FindingKind::TooManyHeaders => "problem-headers-many",
        FindingKind::HeadersTooLong => "problem-headers-long",
        FindingKind::BodyForbidden => "problem-body-forbidden",
        FindingKind::NoToken => "problem-no-token",
    }
}
