//! Pages that are not there.

use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use leptos::prelude::*;

use crate::model::locale::Locale;
use crate::pages::layout::{Viewing, layout};
use crate::pages::{Meta, preferred_locale, render, to_language};
use crate::state::AppState;

/// Answers what no route answers: a lesson's path without its language leads to the lesson,
/// everything else is a page with status 404.
pub(super) async fn fallback(
    State(state): State<AppState>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    let path = uri.path().trim_matches('/').to_owned();
    let locale = preferred_locale(&state, &headers);
    if state.library.page(locale, &path).is_some() {
        return to_language(State(state), uri, headers).await;
    }
    let first = path.split('/').next().and_then(Locale::parse);
    not_found(&state, first.unwrap_or(locale)).await
}

/// The page with status 404.
pub async fn not_found(state: &AppState, locale: Locale) -> Response {
    let words = state.i18n.words(locale).clone();
    let meta = Meta {
        path: None,
        status: StatusCode::NOT_FOUND,
        ..Meta::new(locale, words.get("not-found-title"), "")
    };
    let viewing = Viewing {
        locale,
        path: String::new(),
        name: None,
    };
    let view = {
        let state = state.clone();
        move || {
            let content = view! {
                <main id="content" class="home" tabindex="-1">
                    <h1>{words.get("not-found-title")}</h1>
                    <p class="lead">{words.get("not-found-text")}</p>
                    <p><a href=format!("/{locale}")>{words.get("not-found-home")}</a></p>
                </main>
            };
            layout(&state, &viewing, content.into_any())
        }
    };
    render(state, meta, view).await
}
