//! `GET /{lang}/search?q=…`, and with `part` the fragment for the command palette.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;

use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::render::{fragment, render};
use crate::pages::search::address::address_query;
use crate::pages::search::form::search_form;
use crate::pages::search::options::options;
use crate::pages::search::results::{failure, hint, results};
use crate::search::{SearchQuery, SearchResults};
use crate::state::{AppState, StyleSheet};

/// The number of results on the page.
const PAGE_LIMIT: usize = 50;
/// The number of results in the command palette.
const FRAGMENT_LIMIT: usize = 6;

/// The query parameters of the search.
#[derive(Clone, Debug, Default)]
struct SearchParameters {
    /// Whether only the fragment is requested, not a page.
    is_fragment: bool,
    /// What is searched for, as it was typed.
    text: String,
}

impl SearchParameters {
    /// Parses the query of an address.
    fn parse(query: Option<&str>) -> SearchParameters {
        let mut parsed = SearchParameters::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match name.as_ref() {
                "part" => parsed.is_fragment = true,
                "q" => parsed.text = value.trim().to_owned(),
                _ => {}
            }
        }
        parsed
    }
}

/// Handles `GET /{lang}/search`.
pub(in crate::pages) async fn show(
    State(state): State<AppState>,
    page_request: PageRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let SearchParameters { is_fragment, text } = SearchParameters::parse(query.as_deref());
    let locale = page_request.locale;
    let limit = if is_fragment {
        FRAGMENT_LIMIT
    } else {
        PAGE_LIMIT
    };
    let query = SearchQuery::parse(&text);
    let index = match page_request.viewer {
        Some(_) => &state.member_search,
        None => &state.search,
    };
    let found = index.search(locale, &query, limit).await;
    let found =
        found.inspect_err(|cause| tracing::error!(%cause, "the lessons cannot be searched"));
    if !is_fragment {
        return page(&state, page_request, text, found.ok()).await;
    }
    let messages = state.i18n.messages(locale);
    match found {
        Ok(found) => fragment(StatusCode::OK, || options(locale, messages, &text, &found)),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Renders the page; without results when the search has failed.
async fn page(
    state: &AppState,
    page_request: PageRequest,
    text: String,
    found: Option<SearchResults>,
) -> Response {
    let locale = page_request.locale;
    let messages = state.i18n.messages(locale).clone();
    let title = match text.as_str() {
        "" => messages.get("search-title"),
        text => messages.with("search-title-query", &[("query", text)]),
    };
    let mut meta = PageMeta {
        is_indexed: false,
        styles: &[StyleSheet::Search],
        ..PageMeta::new(page_request, title, "/search")
    };
    match (&found, text.is_empty()) {
        (None, _) => meta.status = StatusCode::SERVICE_UNAVAILABLE,
        (Some(_), true) => meta.share(),
        (Some(_), false) => meta.query = address_query(&text),
    }
    let content = move || {
        let result = match &found {
            None => failure(&messages).into_any(),
            Some(_) if text.is_empty() => hint(&messages).into_any(),
            Some(found) => results(locale, &messages, &text, found).into_any(),
        };
        view! {
            <main id="content" class="plain-page search-page" tabindex="-1">
                <h1>{messages.get("search-title")}</h1>
                {search_form(locale, &messages, &text)}
                {result}
            </main>
        }
    };
    render(state, meta, content).await
}
