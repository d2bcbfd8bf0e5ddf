//! The request that the server sends for a form: the values of its placeholders, and its choice of the session.
//!
//! Placeholders for earlier responses have no value here, because the server does not store responses
//! for this purpose.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::fmt::strtime;
use rand::RngExt as _;
use uuid::Uuid;

use crate::http_file::{
    DateFormat, PlaceholderSource, PrepareError, PreparedRequest, RequestCredentials,
    RequestSession, SystemVariable, prepare,
};
use crate::model::http::RequestDraft;

/// Returns the request that a form stands for; `fields` are the fields of the form. The server sends also what a browser
/// cannot send, and has no last token.
///
/// # Errors
/// Returns [`PrepareError`] when a placeholder has no value, or the request is too large or invalid.
pub(in crate::pages) fn prepare_form(
    fields: &[(String, String)],
    draft: &RequestDraft,
) -> Result<PreparedRequest, PrepareError> {
    let mut session = RequestSession::default();
    // One pass over the fields instead of one for each placeholder, because there may be many of both.
    let mut prompts = HashMap::new();
    for (name, value) in fields {
        if let Some(name) = name.strip_prefix("prompt-") {
            prompts.entry(name).or_insert(value);
        } else if name == "credentials" {
            session.credentials = RequestCredentials::parse(value);
        }
    }
    let value_of = |reference: &PlaceholderSource| match reference {
        PlaceholderSource::Variable(name) => {
            let value = prompts.get(name.as_str());
            value.filter(|value| !value.is_empty()).cloned().cloned()
        }
        PlaceholderSource::Response { .. } => None,
        PlaceholderSource::System(system) => Some(system_value(system)),
    };
    prepare(draft, &session, &value_of)?.for_program()
}

/// Returns the value of a system variable at this moment.
fn system_value(system: &SystemVariable) -> String {
    let now = Timestamp::now();
    let formatted = |format| strtime::format(format, now).unwrap_or_default();
    match *system {
        SystemVariable::Guid => Uuid::new_v4().to_string(),
        SystemVariable::Timestamp => now.as_second().to_string(),
        SystemVariable::RandomInt(from, to) => rand::rng().random_range(from..to).to_string(),
        SystemVariable::DateTime(DateFormat::Iso8601) => formatted("%Y-%m-%dT%H:%M:%SZ"),
        SystemVariable::DateTime(DateFormat::Rfc1123) => formatted("%a, %d %b %Y %H:%M:%S GMT"),
    }
}
