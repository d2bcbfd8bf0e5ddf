//! An exchange as the server saw it: what was expected of it, its body, headers, wire form, trace,
//! data, and the code that ran. Sections one below the other; where scripts run, tabs.

use std::sync::Arc;

use leptos::prelude::*;

use crate::components::{
    DataSummary, DataView, Explain, MethodBadge, ResponseBody, ResponseHeaders, StatusLine,
    TraceView, WireView,
};
use crate::islands::tabs::{ExchangeTabs, TabList};
use crate::model::exchange::Exchange;
use crate::model::expectation::{MissingReason, Verdict};
use crate::model::explain::{explain_method, explain_status};
use crate::model::handler_source::HandlerSource;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::prediction::PredictionResult as Predicted;
use crate::model::translations::Translations;
use crate::model::user::User;

/// An exchange with what stands around it.
#[derive(Clone, Debug)]
pub(in crate::pages) struct ExchangeParts {
    /// In which language lessons are linked.
    pub(in crate::pages) locale: Locale,
    /// What was recorded.
    pub(in crate::pages) exchange: Arc<Exchange>,
    /// The translations of its trace.
    pub(in crate::pages) translations: Translations,
    /// All users now, when the exchange has just happened.
    pub(in crate::pages) users: Option<Vec<User>>,
    /// The function that answered.
    pub(in crate::pages) code: Option<HandlerSource>,
    /// What its author expected, each with whether it came true.
    pub(in crate::pages) checks: Vec<(String, Verdict)>,
    /// What the reader had predicted.
    pub(in crate::pages) predicted: Option<Predicted>,
    /// The headers that the reader wrote, in lower case; `None` when that is not known.
    pub(in crate::pages) own: Option<Vec<String>>,
}

/// Renders an exchange; `id` is unique on the page.
pub(in crate::pages) fn exchange_view(
    id: String,
    parts: ExchangeParts,
    words: &MessageCatalog,
) -> impl IntoView + use<> {
    let words = words.clone();
    let exchange = parts.exchange.clone();
    let (locale, status) = (parts.locale, exchange.response.status);
    let method = exchange.request.method.clone();
    let missed = parts
        .predicted
        .is_some_and(|predicted| !predicted.is_right());
    let selected = if missed { "trace" } else { "body" };
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
    let label = |key: &str| words.get(&format!("exchange-{key}"));
    let labels = panels
        .each_ref()
        .map(|(key, _)| ((*key).to_owned(), label(key)));
    let list = TabList {
        id: id.clone(),
        label: words.get("exchange-tabs"),
        selected: selected.to_owned(),
        tabs: labels.to_vec(),
    };
    let panels = panels.map(|(key, content)| {
        view! {
            <section class="exchange-panel" id=format!("{id}-{key}") role="tabpanel" data-tab=key data-hidden=(key != selected).then_some("") aria-labelledby=format!("{id}-{key}-tab")>
                <h3 class="exchange-heading">{label(key)}</h3>
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
            <ExchangeTabs list=list>{panels.collect_view()}</ExchangeTabs>
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
    let content_type = header("content-type").unwrap_or_default().to_owned();
    let cut = body
        .cut
        .then(|| view! { <p class="quiet">{words.get("exchange-cut")}</p> });
    view! {
        <div><ResponseBody text=body.text.clone() content_type=content_type messages=words.clone()/></div>
        {cut}
    }
    .into_any()
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
