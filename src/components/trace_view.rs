//! What the server did with a request, step by step, with times; where it ended, and what it never
//! came to.

use std::sync::Arc;

use leptos::prelude::*;

use crate::model::exchange::Exchange;
use crate::model::messages::MessageCatalog;
use crate::model::trace::{StepKind, StepOutcome, TraceStep, TracedStatement};
use crate::model::translations::Translations;

/// The steps of an exchange as a list.
#[component]
pub fn TraceView(
    /// What was recorded.
    exchange: Arc<Exchange>,
    /// The translations of the steps.
    translations: Translations,
    /// The messages with the prefix `trace-`.
    words: MessageCatalog,
) -> impl IntoView {
    let steps = exchange
        .trace
        .iter()
        .map(|step| line(step, &translations, &words));
    let steps = steps.collect_view();
    let status = exchange.response.status.to_string();
    let took = exchange.took.to_string();
    let mut reached = exchange.trace.iter();
    let stopped = reached.rfind(|step| step.outcome == StepOutcome::Stopped);
    let stopped = stopped.map(|step| stop(step, &translations, &words));
    view! {
        {stopped}
        <ol class="trace">{steps}</ol>
        <p class="quiet">{words.with("trace-end", &[("status", &status), ("us", &took)])}</p>
    }
}

/// Where the request ended, before all that went well until then.
fn stop(
    step: &TraceStep,
    translations: &Translations,
    words: &MessageCatalog,
) -> impl IntoView + use<> {
    let kind = words.get(kind(step.kind));
    let detail = step
        .detail
        .as_deref()
        .map(|detail| detail_in(detail, translations));
    view! {
        <p class="trace-stop">
            <b>{words.with("trace-stop", &[("kind", &kind)])}</b>" "{name_of(step, translations)}{detail}
        </p>
    }
}

fn name_of(step: &TraceStep, translations: &Translations) -> AnyView {
    match translations.find(&step.name) {
        Some(name) => view! { <span>{name}</span> }.into_any(),
        None => view! { <code>{step.name.clone()}</code> }.into_any(),
    }
}

fn line(
    step: &TraceStep,
    translations: &Translations,
    words: &MessageCatalog,
) -> impl IntoView + use<> {
    let (class, mark, word) = match step.outcome {
        StepOutcome::Passed => ("step", "✓", "trace-passed"),
        StepOutcome::Stopped => ("step step-stopped", "✗", "trace-stopped"),
        StepOutcome::Unreached => ("step step-unreached", "·", "trace-unreached"),
    };
    let reached = step.outcome != StepOutcome::Unreached;
    let time = (reached && step.took > 0).then(|| format!("{} µs", step.took));
    let detail = step
        .detail
        .as_deref()
        .map(|detail| detail_in(detail, translations));
    let sql = step.sql.as_deref().map(|sql| statement(sql, words));
    view! {
        <li class=class>
            <span class="step-mark" aria-hidden="true">{mark}</span>
            <span class="visually-hidden">{words.get(word)}</span>
            <span class="step-kind">{words.get(kind(step.kind))}</span>
            <span class="step-what">
                {name_of(step, translations)}
                {detail}
                {sql}
            </span>
            <span class="step-time">{time}</span>
        </li>
    }
}

/// In the reader's language; marked when there is only the English, as in what the response says too.
fn detail_in(detail: &str, translations: &Translations) -> impl IntoView + use<> {
    let translated = translations.find(detail);
    let lang = translated.is_none().then_some("en");
    let text = translated.unwrap_or_else(|| detail.to_owned());
    view! { " " <span class="step-detail" lang=lang>{text}</span> }
}

fn statement(sql: &TracedStatement, words: &MessageCatalog) -> impl IntoView + use<> {
    let rows = sql.rows.to_string();
    let affected = sql.affected.to_string();
    let parameters = sql.parameters.iter().enumerate().map(|(at, value)| {
        let name = format!("${}", at + 1);
        view! { <span class="step-parameter">{name}" = "<code>{value.clone()}</code></span> }
    });
    view! {
        <span class="step-sql">
            {parameters.collect_view()}
            <span class="quiet">{words.with("trace-rows", &[("rows", &rows), ("affected", &affected)])}</span>
        </span>
    }
}

fn kind(kind: StepKind) -> &'static str {
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
