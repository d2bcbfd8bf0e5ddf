//! The first sentence about a trace: where the request ended or what ran, and what became of the data.

use leptos::prelude::*;

use super::texts::TraceTranslations;
use crate::components::code_marks::CodeMarks;
use crate::model::exchange::{Exchange, count_changes};
use crate::model::expectation::RowChanges;
use crate::model::messages::MessageCatalog;
use crate::model::trace::{StepKind, TraceSentence, sentence};

/// Renders the sentence.
pub(super) fn sentence_view(
    exchange: &Exchange,
    translations: &TraceTranslations,
    words: &MessageCatalog,
) -> AnyView {
    let (count, case) = data_case(count_changes(&exchange.changes));
    let message = |key: &str, name: &str| {
        let mut codes = CodeMarks::default();
        let name = codes.mark(name);
        codes.view(&words.with(key, &[("name", &name), ("count", &count)]))
    };
    // Nobody expects a safe method to write.
    let is_safe = matches!(exchange.request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
    let data = match case {
        "nothing" if is_safe => String::new(),
        "nothing" => words.get("trace-wrote-nothing"),
        _ => words.with("trace-wrote-rows", &[("count", &count)]),
    };
    match sentence(&exchange.trace, exchange.response.status) {
        TraceSentence::Stopped(step) => {
            let stage = message(stop_key(step.kind), &step.name);
            let reason = step
                .detail
                .as_deref()
                .map(|detail| view! { ": " {reason(detail, translations)} });
            view! { <b>{stage}</b>{reason} ". " {data} }.into_any()
        }
        TraceSentence::NotModified(handler) => message("trace-not-modified", handler),
        TraceSentence::Ran(handler) => message(&["trace-ran-", case].concat(), handler),
        TraceSentence::Unhandled => view! { {words.get("trace-unhandled")} " " {data} }.into_any(),
        TraceSentence::Unrecorded => words.get("trace-unrecorded").into_any(),
    }
}

/// Renders why a request ended, without the full stop of a translation; marked as English without one.
fn reason(detail: &str, translations: &TraceTranslations) -> impl IntoView + use<> {
    let translated = translations.find(detail);
    let lang = translated.is_none().then_some("en");
    let text = translated.unwrap_or_else(|| detail.to_owned());
    let text = text.trim_end_matches('.').to_owned();
    view! { <span lang=lang>{text}</span> }
}

/// Returns the number of changed rows and the name of the case of what became of the data.
fn data_case(counts: RowChanges) -> (String, &'static str) {
    let (count, case) = match (counts.added, counts.changed, counts.removed) {
        (0, 0, 0) => (0, "nothing"),
        (added, 0, 0) => (added, "added"),
        (0, changed, 0) => (changed, "changed"),
        (0, 0, removed) => (removed, "removed"),
        (added, changed, removed) => (added + changed + removed, "several"),
    };
    (count.to_string(), case)
}

/// Returns the key of the message for a request that ended in a step of this kind.
fn stop_key(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Layer => "trace-stop-layer",
        StepKind::Route => "trace-stop-route",
        StepKind::Extractor => "trace-stop-extractor",
        StepKind::Authentication => "trace-stop-authentication",
        StepKind::Authorization => "trace-stop-authorization",
        StepKind::Handler => "trace-stop-handler",
        StepKind::Validation => "trace-stop-validation",
        StepKind::Precondition => "trace-stop-precondition",
        StepKind::Sql | StepKind::Constraint => "trace-stop-database",
        StepKind::Response => "trace-stop-response",
    }
}
