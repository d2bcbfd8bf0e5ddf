//! The fallback for paths without a route: redirects to corrected paths, and the page with status 404.

use axum::extract::{OriginalUri, State};
use axum::http::header::{LOCATION, VARY};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;

use crate::components::icon::{COMPASS, Icon};
use crate::pages::locale::{PREFERENCE_HEADERS, preferred_locale, redirect_to_locale, site_locale};
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::render::render;
use crate::pages::search::search_form;
use crate::portal::Viewer;
use crate::state::AppState;

/// Handles requests that no route matches. A path with trailing slashes is redirected to the path without
/// them, and the path of a lesson or section without a locale to the path with one; any other path is
/// answered with the page with status 404.
pub(super) async fn fallback(
    State(state): State<AppState>,
    uri: OriginalUri,
    headers: HeaderMap,
    extensions: Extensions,
) -> Response {
    let path = uri.path().trim_matches('/').to_owned();
    let preferred = preferred_locale(&state, &headers);
    let library = &state.library;
    if library.page(preferred, &path).is_some() || library.section(&path).is_some() {
        return redirect_to_locale(State(state), uri, headers).await;
    }
    let locale = site_locale(&state, path.split('/').next().unwrap_or_default());
    if locale.is_some()
        && let Some(response) = without_slash(&uri)
    {
        return response;
    }
    let locale = locale.unwrap_or(preferred);
    let viewer = extensions.get::<Option<Viewer>>().cloned().flatten();
    let mut response = show(&state, PageRequest { locale, viewer }).await;
    response.headers_mut().insert(VARY, PREFERENCE_HEADERS);
    response
}

/// Returns a redirect to the same path without trailing slashes, or `None` when it has none.
fn without_slash(uri: &Uri) -> Option<Response> {
    let path = uri.path().strip_suffix('/')?.trim_end_matches('/');
    // A browser would take the segment after `//` for a host, which would be an open redirect.
    if path.starts_with("//") {
        return None;
    }
    let target = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let location = HeaderValue::from_str(&target).ok()?;
    Some((StatusCode::PERMANENT_REDIRECT, [(LOCATION, location)]).into_response())
}

/// Returns the page with status 404.
pub(super) async fn show(state: &AppState, page_request: PageRequest) -> Response {
    let locale = page_request.locale;
    let messages = state.i18n.messages(locale).clone();
    let meta = PageMeta {
        path: None,
        status: StatusCode::NOT_FOUND,
        has_navigation: false,
        ..PageMeta::new(page_request, messages.get("not-found-title"), "")
    };
    let content = move || {
        view! {
            <main id="content" class="card-page" tabindex="-1">
                <div class="card">
                    <p class="card-icon"><Icon shapes=COMPASS/></p>
                    <h1>{messages.get("not-found-title")}</h1>
                    <p class="lead">{messages.get("not-found-text")}</p>
                    {search_form(locale, &messages, "")}
                    <p class="card-links">
                        <a class="button primary" href=format!("/{locale}")>{messages.get("not-found-home")}</a>
                        <a class="button" href=format!("/{locale}#lessons")>{messages.get("lessons")}</a>
                        <a class="button" href=format!("/{locale}/playground")>{messages.get("nav-playground")}</a>
                    </p>
                </div>
            </main>
        }
    };
    render(state, meta, content).await
}
