//! The entries of the command palette as JSON: lessons, endpoints and actions.

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use axum::response::{IntoResponse, Response};

use crate::api::SharedResponse;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::palette::PaletteEntry;
use crate::pages::meta::PageRequest;
use crate::pages::reference::{endpoint_title, endpoints};
use crate::state::AppState;

/// Handles `GET /{lang}/palette`.
pub(super) async fn show(State(state): State<AppState>, page_request: PageRequest) -> Response {
    let locale = page_request.locale;
    let messages = state.i18n.messages(locale).clone();
    let mut entries = lessons(&state, locale, &messages);
    entries.extend(actions(&state, locale, &messages));
    entries.extend(terms(&state, locale, &messages));
    entries.extend(operations(locale, &messages));
    let shared = SharedResponse::new(format!("/{locale}/palette")).ignoring_query();
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (VARY, HeaderValue::from_static("Cookie")),
    ];
    let body = serde_json::to_vec(&entries).expect("texts are JSON");
    (Extension(shared), headers, body).into_response()
}

/// Returns the lessons in reading order.
fn lessons(state: &AppState, locale: Locale, messages: &MessageCatalog) -> Vec<PaletteEntry> {
    let lessons = state.library.in_order(locale).map(|page| {
        let section = page.path.split('/').next().unwrap_or_default();
        PaletteEntry {
            group: messages.get("lessons"),
            title: page.front.title.clone(),
            detail: state.library.site.section_title(section, locale),
            href: page.href(),
            ..PaletteEntry::default()
        }
    });
    lessons.collect()
}

/// Returns the terms of the glossary.
fn terms(state: &AppState, locale: Locale, messages: &MessageCatalog) -> Vec<PaletteEntry> {
    let terms = state.library.glossary.in_order(locale).into_iter();
    let terms = terms.map(|term| PaletteEntry {
        group: messages.get("glossary"),
        title: term.name.get(locale).to_owned(),
        href: format!("/{locale}/glossary#{}", term.id),
        ..PaletteEntry::default()
    });
    terms.collect()
}

/// Returns the pages that are no lessons, the other locales and the themes.
fn actions(state: &AppState, locale: Locale, messages: &MessageCatalog) -> Vec<PaletteEntry> {
    let pages = [
        ("palette-request", format!("/{locale}/playground#new")),
        ("palette-data", format!("/{locale}/data")),
        ("palette-editor", format!("/{locale}/playground#editor")),
    ];
    let pages = pages.map(|(key, href)| (messages.get(key), href));
    let others = state.locales().into_iter();
    let languages = others
        .filter(|other| *other != locale)
        .map(|other| (other.name().to_owned(), format!("language:{other}")));
    let themes = ["light", "dark", "auto"].map(|theme| {
        let title = messages.get(&format!("theme-{theme}"));
        let label = messages.get("theme-label");
        (format!("{label}: {title}"), format!("theme:{theme}"))
    });
    let actions = pages.into_iter().chain(languages).chain(themes);
    let actions = actions.map(|(title, href)| PaletteEntry {
        group: messages.get("palette-actions"),
        title,
        href,
        ..PaletteEntry::default()
    });
    actions.collect()
}

/// Returns the endpoints of the API.
fn operations(locale: Locale, messages: &MessageCatalog) -> Vec<PaletteEntry> {
    let own = endpoints().iter().filter(|endpoint| !endpoint.is_derived());
    let operations = own.map(|endpoint| PaletteEntry {
        group: messages.get("reference-endpoints"),
        title: endpoint_title(endpoint, messages),
        detail: endpoint.path.clone(),
        method: endpoint.method.clone(),
        href: format!("/{locale}/playground/{}", endpoint.slug),
    });
    operations.collect()
}
