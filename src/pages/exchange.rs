//! A recorded exchange of the visitor, as a complete page or as the fragment that a script inserts
//! into another page.

pub(super) mod earlier;
mod line;
pub(super) mod parts;
pub(super) mod view;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;

use crate::components::TraceTranslations;
use crate::model::exchange::{Exchange, count_changes};
use crate::model::expectation::{Expectation, ExpectedSend, ObservedResponse, Verdict};
use crate::model::http::{Header, Mutation, reason_phrase};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::prediction::Prediction;
use crate::model::trace::{StepKind, StepOutcome};
use crate::pages::draft_link::draft_link;
use crate::pages::exchange::earlier::{earlier_view, find_earlier};
use crate::pages::exchange::parts::{ExchangeParts, RouteCode};
use crate::pages::exchange::view::exchange_view;
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::render::{fragment, render};
use crate::pages::visitor::PageVisitor;
use crate::pages::{member_lesson, not_found};
use crate::sandbox::{DatabaseError, UserFilter};
use crate::state::{AppState, StyleSheet};

/// The query parameters of a request for an exchange.
#[derive(Clone, Debug, Default)]
pub(super) struct ExchangeQuery {
    /// Present when only the fragment is requested, not a page.
    part: Option<String>,
    /// An id that is unique on the page into which the fragment is inserted.
    id: Option<String>,
    /// The names of the headers that the visitor wrote, in lower case, separated by commas.
    own: Option<String>,
    /// The request block of a lesson that was sent, as `SECTION/SLUG#BLOCK`.
    pub lesson: Option<String>,
    /// The expectations of a request that comes from a file, as they are written there after `@expect`.
    pub expected: Vec<String>,
    /// Which send of the block it is, from 1; without it the first.
    send: Option<String>,
    /// The name of the mutation by which the request was broken.
    mutation: Option<String>,
    /// The status that the visitor predicted.
    pub predicted_status: Option<String>,
    /// Whether the visitor predicted that data would change: `yes` or `no`.
    pub predicted_changes: Option<String>,
    /// Present when the exchange has just happened, so that the current users are those after it.
    fresh: Option<String>,
    /// The Request-Id of the last response of a group, whose record may still be missing.
    last: Option<String>,
}

impl ExchangeQuery {
    /// Parses the query of an address.
    fn parse(query: &str) -> ExchangeQuery {
        let mut parsed = ExchangeQuery::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let field = match name.as_ref() {
                "part" => &mut parsed.part,
                "id" => &mut parsed.id,
                "own" => &mut parsed.own,
                "lesson" => &mut parsed.lesson,
                "expect" => {
                    parsed.expected.push(value.into_owned());
                    continue;
                }
                "send" => &mut parsed.send,
                "mutation" => &mut parsed.mutation,
                "predicted_status" => &mut parsed.predicted_status,
                "predicted_changes" => &mut parsed.predicted_changes,
                "fresh" => &mut parsed.fresh,
                "last" => &mut parsed.last,
                _ => continue,
            };
            *field = Some(value.into_owned());
        }
        parsed
    }

    /// Returns the query for a request that a form has just sent as the `send`-th of its block, with the
    /// predictions of the form.
    pub(super) fn of_form(
        status: Option<&str>,
        changes: Option<&str>,
        mutation: Option<Mutation>,
        send: u32,
    ) -> ExchangeQuery {
        ExchangeQuery {
            fresh: Some(String::new()),
            mutation: mutation.map(|mutation| mutation.name().to_owned()),
            send: Some(send.to_string()),
            predicted_status: status.map(str::to_owned),
            predicted_changes: changes.map(str::to_owned),
            ..ExchangeQuery::default()
        }
    }

    /// Returns the query that also waits for the record of the response with this Request-Id.
    pub(super) fn until(&self, last: Option<&str>) -> ExchangeQuery {
        ExchangeQuery {
            last: last.map(str::to_owned),
            ..self.clone()
        }
    }
}

/// Handles `GET /{lang}/exchanges/{id}`. `?part` requests the fragment alone, which is 204 when there is
/// no such exchange. The id of an exchange group (one action with each redirect that followed) shows
/// all exchanges of the group.
pub(super) async fn show(
    State(state): State<AppState>,
    page_request: PageRequest,
    visitor: PageVisitor,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let locale = page_request.locale;
    let mut query = ExchangeQuery::parse(&query.unwrap_or_default());
    let is_readable = |lesson: &String| {
        let path = lesson.split('#').next().unwrap_or_default();
        let page = state.library.page(locale, path);
        page.is_none_or(|page| member_lesson::is_open(&page_request, page))
    };
    query.lesson = query.lesson.filter(is_readable);
    let is_fragment = query.part.is_some();
    let read = async {
        let parts = exchange_parts(&state, &visitor, locale, &id, &query).await?;
        // The form into which a fragment is inserted compares its responses itself.
        let earlier = match parts.last().filter(|_| !is_fragment) {
            Some(last) => find_earlier(&state, &visitor, &last.exchange).await?,
            None => None,
        };
        Ok::<_, DatabaseError>((parts, earlier))
    };
    let (parts, earlier) = match read.await {
        Ok(read) => read,
        Err(cause) => {
            tracing::error!(%cause, "an exchange cannot be read");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    if parts.is_empty() {
        return match is_fragment {
            true => StatusCode::NO_CONTENT.into_response(),
            false => not_found::show(&state, page_request).await,
        };
    }
    // The first exchange of a group is the request that the visitor sent; the others are its redirects.
    let first = parts.first().map(|parts| parts.exchange.clone());
    let (title, heading) = first
        .as_ref()
        .map_or_else(Default::default, |exchange| titles(exchange));
    let draft = first.and_then(|exchange| exchange.draft());
    let draft = draft.map(|draft| draft_link(locale, &draft));
    let last = parts.last().map(|parts| parts.exchange.clone());
    let messages = state.i18n.messages(locale).clone();
    let id_prefix = query.id.unwrap_or_else(|| "exchange".to_owned());
    let content = move || exchange_view(&id_prefix, parts.clone(), &messages);
    let mut response = match is_fragment {
        true => fragment(StatusCode::OK, content),
        false => {
            let messages = state.i18n.messages(locale).clone();
            let meta = PageMeta {
                path: None,
                styles: &[StyleSheet::Response],
                ..PageMeta::new(page_request, title.clone(), "")
            };
            let page = move || {
                let compared = last
                    .as_ref()
                    .map(|last| earlier_view(earlier.as_deref(), last, &messages));
                view! {
                    <main id="content" class="lesson" tabindex="-1">
                        <p class="breadcrumb"><a href=format!("/{locale}/data")>{messages.get("exchange-back")}</a></p>
                        <h1>{heading.clone()}</h1>
                        <p class="lead">{messages.get("exchange-title")}</p>
                        {form_link(draft.clone(), &messages)}
                        <div class="playground"><div class="response">{content()} {compared}</div></div>
                    </main>
                }
            };
            render(&state, meta, page).await
        }
    };
    let no_store = axum::http::HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

/// Returns the title of the page, such as `GET /api/users/2: 404 Not Found`, and its heading: without the
/// status, which the response line has.
fn titles(exchange: &Exchange) -> (String, String) {
    let status = exchange.response.status;
    let (method, target) = (&exchange.request.method, &exchange.request.target);
    let title = format!("{method} {target}: {status} {}", reason_phrase(status));
    (title, format!("{method} {target}"))
}

/// Returns the link that opens the request in a form, or a message that explains why there is none
/// when `draft` is `None`.
fn form_link(draft: Option<String>, messages: &MessageCatalog) -> AnyView {
    match draft {
        Some(draft) => {
            view! { <p><a class="button" href=draft>{messages.get("data-panel-restore")}</a></p> }
                .into_any()
        }
        None => view! { <p class="quiet">{messages.get("data-panel-body-cut")}</p> }.into_any(),
    }
}

/// Returns what is shown of the exchanges of an id or exchange group, oldest first. Expectations and
/// predictions apply to the last one. The result is empty when there are no exchanges.
///
/// # Errors
/// [`DatabaseError`].
pub(super) async fn exchange_parts(
    state: &AppState,
    visitor: &PageVisitor,
    locale: Locale,
    id: &str,
    query: &ExchangeQuery,
) -> Result<Vec<ExchangeParts>, DatabaseError> {
    let Some(sandbox) = visitor.sandbox_id() else {
        return Ok(Vec::new());
    };
    let last = query.last.as_deref();
    let is_of_action =
        |exchange: &Exchange| exchange.id == id || exchange.group.as_deref() == Some(id);
    // A response that the browser took from its cache is recorded for the action that stored it.
    let matches =
        |exchange: &Exchange| is_of_action(exchange) || Some(exchange.id.as_str()) == last;
    let sandboxes = &state.sandboxes;
    let mut found = sandboxes.find_exchanges(sandbox, id, last, matches).await?;
    // The record returns the newest exchange first.
    found.reverse();
    found.sort_by_key(|exchange| exchange.at);
    let last = found.len().saturating_sub(1);
    let users = match query.fresh.is_some() {
        true => {
            let all = UserFilter {
                limit: 100,
                ..UserFilter::ALL
            };
            let scope = visitor.scope();
            Some(state.sandboxes.list_users(&scope, &all).await?.users)
        }
        false => None,
    };
    let send = query.send.as_deref().and_then(|send| send.parse().ok());
    let send = send.unwrap_or(1);
    let mutation = query.mutation.as_deref().and_then(Mutation::parse);
    let own = query.own.as_deref();
    let own: Option<Vec<String>> = own.map(|own| own.split(',').map(str::to_owned).collect());
    let parts = found.into_iter().enumerate().map(|(at, exchange)| {
        let is_last = at == last;
        let predicted = query.predicted_status.as_deref().filter(|_| is_last);
        let predicted = predicted.zip(query.predicted_changes.as_deref());
        let predicted = predicted.and_then(|(status, changes)| Prediction::parse(status, changes));
        let checks = is_last.then(|| checks(&expectations(state, locale, query, send), &exchange));
        ExchangeParts {
            locale,
            users: users.clone().filter(|_| is_last),
            code: code(state, &exchange),
            checks: checks.unwrap_or_default(),
            mutation: mutation.filter(|_| is_last),
            predicted: predicted.map(|predicted| predicted.compare(&exchange)),
            own: own.clone(),
            from_cache: !is_of_action(&exchange),
            translations: TraceTranslations {
                steps: state.i18n.trace(locale).clone(),
                problems: state.i18n.problems(locale).clone(),
            },
            exchange,
        }
    });
    Ok(parts.collect())
}

/// Returns the code of the handler of the route, in axum and in the Flask version.
fn code(state: &AppState, exchange: &Exchange) -> Option<RouteCode> {
    let mut steps = exchange.trace.iter();
    let handler = steps.find(|step| step.kind == StepKind::Handler)?;
    Some(RouteCode {
        source: state.library.handler(&handler.name)?.clone(),
        has_run: handler.outcome != StepOutcome::Unreached,
    })
}

/// Returns the expectations for the `send`-th send of a request: those of its lesson, or those of its file.
fn expectations(
    state: &AppState,
    locale: Locale,
    query: &ExchangeQuery,
    send: u32,
) -> Vec<Expectation> {
    let lesson = query.lesson.as_deref().unwrap_or_default();
    let block = lesson.split_once('#').and_then(|(page, id)| {
        let page = state.library.page(locale, page)?;
        page.playgrounds().find(|playground| playground.id == id)
    });
    if let Some(block) = block {
        return block.block.expectations(send).cloned().collect();
    }
    let expected = query.expected.iter().filter_map(|text| {
        let (sends, text) = ExpectedSend::parse_prefix(text);
        let expectation = Expectation::parse(text).ok()?;
        sends.includes(send).then_some(expectation)
    });
    expected.collect()
}

/// Returns expectations with their verdicts on an exchange.
fn checks(expectations: &[Expectation], exchange: &Exchange) -> Vec<(Expectation, Verdict)> {
    let headers: Vec<Header> = exchange
        .response
        .headers
        .iter()
        .map(|(name, value)| Header::new(name, value))
        .collect();
    let observed = ObservedResponse {
        status: exchange.response.status,
        headers: &headers,
        body: &exchange.response.body.text,
        rows: Some(count_changes(&exchange.changes)),
    };
    expectations
        .iter()
        .map(|expectation| (expectation.clone(), expectation.evaluate(&observed)))
        .collect()
}
