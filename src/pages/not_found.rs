//! Pages that are not there.

use axum::extract::{OriginalUri, State};
use axum::http::header::VARY;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::Response;
use leptos::prelude::*;

use crate::auth::Viewer;
use crate::model::locale::Locale;
use crate::pages::{Meta, PREFERENCES, Reader, preferred_locale, render, to_language};
use crate::state::AppState;

/// Answers what no route answers: a lesson's path without its language leads to the lesson,
/// everything else is a page with status 404.
pub(super) async fn fallback(
    State(state): State<AppState>,
    uri: OriginalUri,
    headers: HeaderMap,
    extensions: Extensions,
) -> Response {
    let path = uri.path().trim_matches('/').to_owned();
    let preferred = preferred_locale(&state, &headers);
    if state.library.page(preferred, &path).is_some() {
        return to_language(State(state), uri, headers).await;
    }
    let locale = path
        .split('/')
        .next()
        .and_then(Locale::parse)
        .unwrap_or(preferred);
    let viewer = extensions.get::<Option<Viewer>>().cloned().flatten();
    let mut response = show(&state, Reader { locale, viewer }).await;
    response.headers_mut().insert(VARY, PREFERENCES);
    response
}

/// The page with status 404.
pub(super) async fn show(state: &AppState, reader: Reader) -> Response {
    let locale = reader.locale;
    let words = state.i18n.words(locale).clone();
    let meta = Meta {
        path: None,
        status: StatusCode::NOT_FOUND,
        ..Meta::new(reader, words.get("not-found-title"), "")
    };
    let content = move || {
        view! {
            <main id="content" class="home" tabindex="-1">
                <h1>{words.get("not-found-title")}</h1>
                <p class="lead">{words.get("not-found-text")}</p>
                <p><a href=format!("/{locale}")>{words.get("not-found-home")}</a></p>
            </main>
        }
    };
    render(state, meta, content).await
}
