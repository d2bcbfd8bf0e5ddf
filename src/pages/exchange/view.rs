//! A recorded exchange: the response line, then its body, trace, data, headers, wire form and the code that
//! ran. Sections one below the other; where scripts run, tabs.

use leptos::prelude::*;

use crate::components::{
    DataView, Explain, HeadersView, MethodBadge, ResponseBody, StatusLine, TraceTranslations,
    TraceView, WireView,
};
use crate::content::HandlerSource;
use crate::islands::tabs::{ExchangeIsland, ExchangeTabs, TabList};
use crate::model::exchange::Exchange;
use crate::model::explain::explain_method;
use crate::model::http::is_json_type;
use crate::model::json::Json;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::exchange::line::{prediction_view, response_line};
use crate::pages::exchange::parts::{ExchangeParts, RouteCode};

/// Renders the exchanges of one action, the last of which is its response; `id` is unique on the page.
pub(in crate::pages) fn exchange_view(
    id: &str,
    mut parts: Vec<ExchangeParts>,
    words: &MessageCatalog,
) -> AnyView {
    let Some(last) = parts.pop() else {
        return ().into_any();
    };
    let last_id = format!("{id}-{}", parts.len());
    let line = response_line(&last_id, &last, words);
    let prediction = last
        .predicted
        .map(|predicted| prediction_view(&last_id, predicted, words));
    let from_cache = last.from_cache.then(|| {
        view! { <p class="cache-note">{words.get("exchange-from-cache")}</p> }
    });
    let hops = parts.into_iter().enumerate();
    let hops: Vec<_> = hops
        .map(|(at, parts)| hop(&format!("{id}-{at}"), parts, words))
        .collect();
    let hops = (!hops.is_empty()).then(|| {
        let count = hops.len().to_string();
        view! {
            <div class="hops">
                <p class="exchange-subtitle">{words.with("exchange-hops", &[("count", &count)])}</p>
                {hops}
            </div>
        }
    });
    let exchange = last.exchange.id.clone();
    let tabs = tabs(&last_id, last, words);
    view! {
        <ExchangeIsland>
            {line}
            {from_cache}
            {prediction}
            {hops}
            <div class="exchange" data-exchange=exchange>{tabs}</div>
        </ExchangeIsland>
    }
    .into_any()
}

/// Renders method and target of an exchange.
pub(in crate::pages) fn request_view(
    locale: Locale,
    exchange: &Exchange,
    words: &MessageCatalog,
) -> impl IntoView + use<> {
    let method = exchange.request.method.clone();
    view! {
        <div class="exchange-request">
            <Explain explanation=explain_method(words, locale, &method) words=words.clone()><MethodBadge method=method.clone()/></Explain> " "
            <code>{exchange.request.target.clone()}</code>
        </div>
    }
}

/// Renders an earlier exchange of the same action, folded.
fn hop(id: &str, parts: ExchangeParts, words: &MessageCatalog) -> AnyView {
    let exchange = parts.exchange.clone();
    let request = &exchange.request;
    view! {
        <details class="exchange hop" data-exchange=exchange.id.clone()>
            <summary>
                <MethodBadge method=request.method.clone()/> " "
                <code>{request.target.clone()}</code> " "
                <span aria-hidden="true">"→"</span> " "
                <StatusLine status=exchange.response.status/>
            </summary>
            {tabs(id, parts, words)}
        </details>
    }
    .into_any()
}

/// Renders the tabs of an exchange.
fn tabs(id: &str, parts: ExchangeParts, words: &MessageCatalog) -> AnyView {
    let exchange = parts.exchange.clone();
    let has_missed = parts
        .predicted
        .is_some_and(|predicted| !predicted.is_right());
    // What such a response says is in its headers.
    let is_head = exchange.request.method == "HEAD" || exchange.response.status == 304;
    let selected = match (has_missed, is_head) {
        (true, _) => "trace",
        (false, true) => "headers",
        (false, false) => "body",
    };
    let trace = view! {
        <TraceView id=id.to_owned() exchange=exchange.clone() translations=parts.translations.clone() words=words.clone()/>
    };
    let data = view! { <DataView changes=exchange.changes.clone() users=parts.users words=words.clone()/> };
    let headers = view! {
        <HeadersView exchange=exchange.clone() locale=parts.locale own=parts.own.clone() words=words.clone()/>
    };
    let wire = view! { <WireView exchange=exchange.clone() own=parts.own words=words.clone()/> };
    let panels = [
        ("body", body(&exchange, &parts.translations, words)),
        ("trace", trace.into_any()),
        ("data", data.into_any()),
        ("headers", headers.into_any()),
        ("wire", wire.into_any()),
        ("code", code(parts.code, words)),
    ];
    let label = |key: &str| words.get(&format!("exchange-{key}"));
    let labels = panels
        .each_ref()
        .map(|(key, _)| ((*key).to_owned(), label(key)));
    let list = TabList {
        id: id.to_owned(),
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
    view! { <ExchangeTabs list=list>{panels.collect_view()}</ExchangeTabs> }.into_any()
}

/// Renders the body, and the translations of the texts of a problem.
fn body(exchange: &Exchange, translations: &TraceTranslations, words: &MessageCatalog) -> AnyView {
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
    let texts = match exchange.response.status >= 400 && is_json_type(&content_type) {
        true => problem_texts(&body.text, translations),
        false => Vec::new(),
    };
    let texts = (!texts.is_empty()).then(|| {
        let lines = texts.into_iter().map(|text| view! { <li>{text}</li> });
        view! {
            <div class="problem-translation">
                <p class="exchange-subtitle">{words.get("exchange-translation")}</p>
                <ul>{lines.collect_view()}</ul>
            </div>
        }
    });
    view! {
        {texts}
        <div class="response-content" data-response-body="">
            <ResponseBody text=body.text.clone() content_type=content_type messages=words.clone()/>
        </div>
        {cut}
    }
    .into_any()
}

/// Returns the translations of the details of a problem document, its own first.
fn problem_texts(body: &str, translations: &TraceTranslations) -> Vec<String> {
    let Ok(problem) = Json::parse(body.as_bytes()) else {
        return Vec::new();
    };
    let find = |detail: Option<&Json>| translations.problems.find(detail?.as_text()?);
    let own = find(problem.member("detail"));
    let errors = match problem.member("errors") {
        Some(Json::Array(errors)) => errors.as_slice(),
        _ => &[],
    };
    let errors = errors.iter().filter_map(|error| {
        let text = find(error.member("detail"))?;
        let part = error.member("pointer").or(error.member("parameter"));
        let part = part.and_then(Json::as_text).unwrap_or_default();
        Some(match part.is_empty() {
            true => text,
            false => format!("{part}: {text}"),
        })
    });
    own.into_iter().chain(errors).collect()
}

fn code(code: Option<RouteCode>, words: &MessageCatalog) -> AnyView {
    let Some(RouteCode { source, has_run }) = code else {
        return view! { <p class="quiet">{words.get("code-none")}</p> }.into_any();
    };
    let (intro, axum_title) = match has_run {
        true => ("code-intro", "code-axum"),
        false => ("code-unreached", "code-axum-unreached"),
    };
    let HandlerSource { axum, flask } = source;
    let flask = flask.map(|code| view! { <div><p class="exchange-subtitle">{words.get("code-flask")}</p><div inner_html=code.html().to_owned()></div></div> });
    view! {
        <p class="quiet">{words.get(intro)}</p>
        <div class="code-pair"><div><p class="exchange-subtitle">{words.get(axum_title)}</p><div inner_html=axum.html().to_owned()></div></div>{flask}</div>
    }
    .into_any()
}
