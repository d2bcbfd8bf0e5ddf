//! An exchange as the server saw it: what was expected of it, its body, headers, wire form, trace,
//! data, and the code that ran. Sections one below the other; where scripts run, tabs.

use std::sync::Arc;

use leptos::prelude::*;

use crate::model::exchange::Exchange;
use crate::model::expectation::{MissingReason, Verdict};
use crate::model::explain::{explain_method, explain_status};
use crate::model::handler_source::HandlerSource;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::prediction::PredictionResult as Predicted;
use crate::model::translations::Translations;
use crate::model::user::User;
use crate::ui::{
    DataSummary, DataView, Explain, MethodBadge, ResponseHeaders, StatusLine, TraceView, WireView,
    response_body,
};

/// An exchange with what stands around it.
#[derive(Clone, Debug)]
pub struct ExchangeParts {
    /// In which language lessons are linked.
    pub locale: Locale,
    /// What was recorded.
    pub exchange: Arc<Exchange>,
    /// The translations of its trace.
    pub translations: Translations,
    /// All users now, when the exchange has just happened.
    pub users: Option<Vec<User>>,
    /// The function that answered.
    pub code: Option<HandlerSource>,
    /// What its author expected, each with whether it came true.
    pub checks: Vec<(String, Verdict)>,
    /// What the reader had predicted.
    pub predicted: Option<Predicted>,
    /// The headers that the reader wrote, in lower case; `None` when that is not known.
    pub own: Option<Vec<String>>,
}

/// The exchange. `id` is unique on the page.
#[component]
pub fn ExchangeView(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    /// What is shown.
    parts: ExchangeParts,
    /// All words.
    words: MessageCatalog,
) -> impl IntoView {
    let exchange = parts.exchange.clone();
    let (locale, status) = (parts.locale, exchange.response.status);
    let method = exchange.request.method.clone();
    let missed = parts
        .predicted
        .is_some_and(|predicted| !predicted.is_right());
    let chosen = if missed { "trace" } else { "body" };
    let took = exchange.took.to_string();
    let panels = [
        ("body", body(&exchange, &words)),
        (
            "headers",
            view! { <ResponseHeaders exchange=exchange.clone() locale=locale words=words.clone()/> }.into_any(),
        ),
        (
            "wire",
            view! { <WireView exchange=exchange.clone() locale=locale own=parts.own words=words.clone()/> }
                .into_any(),
        ),
        (
            "trace",
            view! { <TraceView exchange=exchange.clone() translations=parts.translations words=words.clone()/> }.into_any(),
        ),
        (
            "data",
            view! { <DataView changes=exchange.changes.clone() users=parts.users words=words.clone()/> }
                .into_any(),
        ),
        ("code", code(parts.code, &words)),
    ];
    let tabs = panels.each_ref().map(|(key, _)| {
        let selected = *key == chosen;
        view! {
            <button type="button" role="tab" id=format!("{id}-{key}-tab") data-key=*key aria-controls=format!("{id}-{key}")
                aria-selected=selected.to_string() tabindex=if selected { "0" } else { "-1" }>
                {words.get(&format!("exchange-{key}"))}
            </button>
        }
    });
    let tabs = tabs.collect_view();
    let panels = panels.map(|(key, content)| {
        let class = if key == chosen { "exchange-panel" } else { "exchange-panel exchange-other" };
        view! {
            <section class=class id=format!("{id}-{key}") role="tabpanel" data-tab=key aria-labelledby=format!("{id}-{key}-tab")>
                <h3 class="exchange-heading">{words.get(&format!("exchange-{key}"))}</h3>
                {content}
            </section>
        }
    });
    view! {
        <div class="exchange" data-exchange=exchange.id.clone()>
            <div class="exchange-line">
                <Explain explanation=explain_status(&words, locale, status) words=words.clone()><StatusLine status=status/></Explain> " "
                <Explain explanation=explain_method(&words, locale, &method) words=words.clone()><MethodBadge method=method.clone()/></Explain> " "
                <code>{exchange.request.target.clone()}</code> " "
                <span class="quiet">{words.with("exchange-cost", &[("us", &took)])}</span>
            </div>
            <DataSummary changes=exchange.changes.clone() words=words.clone()/>
            <Checks checks=parts.checks words=words.clone()/>
            <Prediction predicted=parts.predicted words=words.clone()/>
            <div class="exchange-tabs" data-island="">
                <div role="tablist" aria-label=words.get("exchange-tabs")>{tabs}</div>
                {panels.collect_view()}
            </div>
        </div>
    }
}

fn body(exchange: &Exchange, words: &MessageCatalog) -> AnyView {
    let body = &exchange.response.body;
    let header = |name: &str| {
        let found = exchange.response.headers.iter();
        let mut found = found.filter(|(other, _)| other.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    };
    let html = response_body(
        &body.text,
        header("content-type").unwrap_or_default(),
        words,
    );
    let cut = body
        .cut
        .then(|| view! { <p class="quiet">{words.get("exchange-cut")}</p> });
    view! { <div inner_html=html></div> {cut} }.into_any()
}

fn code(code: Option<HandlerSource>, words: &MessageCatalog) -> AnyView {
    let Some(HandlerSource { axum, flask }) = code else {
        return view! { <p class="quiet">{words.get("code-none")}</p> }.into_any();
    };
    let flask = flask.map(|html| view! { <div><p class="exchange-subtitle">"Flask"</p><div inner_html=html></div></div> });
    view! {
        <p class="quiet">{words.get("code-intro")}</p>
        <div class="code-pair"><div><p class="exchange-subtitle">"axum"</p><div inner_html=axum></div></div>{flask}</div>
    }
    .into_any()
}

#[component]
fn Checks(checks: Vec<(String, Verdict)>, words: MessageCatalog) -> impl IntoView {
    if checks.is_empty() {
        return ().into_any();
    }
    let lines = checks.into_iter().map(|(text, verdict)| {
        let (class, mark, word) = match verdict.passed {
            true => ("check check-passed", "✓", "check-passed"),
            false => ("check check-failed", "✗", "check-failed"),
        };
        let actual = match verdict.missing {
            Some(MissingReason::Absent) => words.get("check-absent"),
            Some(MissingReason::NotJson) => words.get("check-not-json"),
            Some(MissingReason::Unknown) => words.get("check-unknown"),
            None => verdict.actual,
        };
        let actual = (!verdict.passed)
            .then(|| view! { <span class="quiet">{words.with("check-actual", &[("actual", &actual)])}</span> });
        view! {
            <li class=class>
                <span aria-hidden="true">{mark}</span><span class="visually-hidden">{words.get(word)}</span>
                " " <code>{text}</code> " " {actual}
            </li>
        }
    });
    view! { <ul class="checks" aria-label=words.get("check-title")>{lines.collect_view()}</ul> }
        .into_any()
}

#[component]
fn Prediction(predicted: Option<Predicted>, words: MessageCatalog) -> impl IntoView {
    predicted.map(|predicted| {
        let (class, key) = match (predicted.is_status_right, predicted.is_change_right) {
            (true, true) => ("prediction check-passed", "predict-right"),
            (false, true) => ("prediction check-failed", "predict-wrong-status"),
            (true, false) => ("prediction check-failed", "predict-wrong-rows"),
            (false, false) => ("prediction check-failed", "predict-wrong"),
        };
        view! { <p class=class>{words.get(key)}</p> }
    })
}
