//! The texts of the steps of a trace.

use leptos::prelude::*;

use crate::model::trace::{StepKind, TraceStep};
use crate::model::translations::Translations;

/// The translations of the texts of a trace.
#[derive(Clone, Debug, Default)]
pub struct TraceTranslations {
    /// Names and details of steps.
    pub steps: Translations,
    /// Details of problems, which are the reasons of many steps.
    pub problems: Translations,
}

impl TraceTranslations {
    /// Returns the translation of a text.
    pub(super) fn find(&self, english: &str) -> Option<String> {
        self.steps
            .find(english)
            .or_else(|| self.problems.find(english))
    }
}

/// Returns the id of the step that decided the response.
#[must_use]
pub fn deciding_id(id: &str) -> String {
    [id, "-deciding-step"].concat()
}

/// Renders the name of a step: a text in the language of the page, or code.
pub(super) fn name_view(step: &TraceStep, translations: &TraceTranslations) -> AnyView {
    // Names in the code and paths have no spaces; a status begins with its code.
    let is_code = !step.name.contains(' ') || step.name.starts_with(|c: char| c.is_ascii_digit());
    match translations.steps.find(&step.name) {
        None if is_code => view! { <code>{step.name.clone()}</code> }.into_any(),
        name => view! { <span>{name.unwrap_or_else(|| step.name.to_string())}</span> }.into_any(),
    }
}

/// Returns the key of the word for a kind of step.
pub(super) fn kind_key(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Layer => "trace-kind-layer",
        StepKind::Route => "trace-kind-route",
        StepKind::Extractor => "trace-kind-extractor",
        StepKind::Authentication => "trace-kind-authentication",
        StepKind::Authorization => "trace-kind-authorization",
        StepKind::Handler => "trace-kind-handler",
        StepKind::Validation => "trace-kind-validation",
        StepKind::Precondition => "trace-kind-precondition",
        StepKind::Sql => "trace-kind-sql",
        StepKind::Constraint => "trace-kind-constraint",
        StepKind::Response => "trace-kind-response",
    }
}
