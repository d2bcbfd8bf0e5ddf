//! The values of the placeholders of a request that the server sends.
//!
//! Placeholders for earlier responses have no value here, because the server does not store responses
//! for this purpose.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::fmt::strtime;
use rand::RngExt as _;
use uuid::Uuid;

use crate::http_file::{DateFormat, PlaceholderSource, ResolveError, SystemVariable, fill};
use crate::model::http::RequestDraft;

/// Returns the draft with the values of its placeholders; `fields` are the fields of the form.
///
/// # Errors
/// Returns [`ResolveError`] when a placeholder has no value or the request becomes too large.
pub(in crate::pages) fn resolve(
    fields: &[(String, String)],
    draft: &RequestDraft,
) -> Result<RequestDraft, ResolveError> {
    // One pass over the fields instead of one for each placeholder, because there may be many of both.
    let mut prompts = HashMap::new();
    for (name, value) in fields {
        if let Some(name) = name.strip_prefix("prompt-") {
            prompts.entry(name).or_insert(value);
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
    fill(draft, &value_of)
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
