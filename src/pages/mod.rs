//! Routes and full pages. Each page is one axum handler that renders one Leptos view.
//!
//! Routing is axum's own, so that status codes, redirects and languages are decided before anything
//! is rendered; the views have no resources, so the inline scripts of a page are constant.

mod doc;
mod home;
mod layout;
pub mod login;
mod not_found;
mod reader;
mod render;
pub mod reply;
mod shell;

use axum::Router;
use axum::extract::{OriginalUri, Path, State};
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, LOCATION, VARY};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use crate::model::locale::Locale;
use crate::model::problem::ProblemKind;
use crate::state::AppState;

pub use reader::Reader;
pub use render::{Meta, initialise, render};

/// The lesson on problems.
const PROBLEM_LESSON: &str = "errors/problem-details";

/// Every page.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(to_language))
        .route("/{lang}", get(home::show))
        .route("/{lang}/login", get(login::show))
        .route("/{lang}/{section}/{slug}", get(doc::show))
        .route("/problems/{slug}", get(problem))
        .route("/robots.txt", get(robots))
        .fallback(not_found::fallback)
}

/// The best language for a visitor: the cookie `lang`, then `Accept-Language`, then the site's own.
fn preferred_locale(state: &AppState, headers: &HeaderMap) -> Locale {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
            .unwrap_or_default()
    };
    let chosen = cookie::Cookie::split_parse(text(COOKIE))
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == "lang")
        .and_then(|cookie| Locale::parse(cookie.value()));
    chosen
        .or_else(|| Locale::negotiate(text(ACCEPT_LANGUAGE)))
        .unwrap_or(state.library.site.default_locale)
}

/// A path without a language leads to the same path in the visitor's.
async fn to_language(
    State(state): State<AppState>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let locale = preferred_locale(&state, &headers);
    let path = uri.path().trim_end_matches('/');
    let target = match uri.query() {
        Some(query) => format!("/{locale}{path}?{query}"),
        None => format!("/{locale}{path}"),
    };
    match HeaderValue::from_str(&target) {
        Ok(location) => {
            let vary = HeaderValue::from_static("Cookie, Accept-Language");
            (StatusCode::FOUND, [(LOCATION, location), (VARY, vary)]).into_response()
        }
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// The address that stands for a kind of problem (RFC 9457, section 3.1.1) leads to the lesson on it.
async fn problem(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    uri: OriginalUri,
    headers: HeaderMap,
    extensions: Extensions,
) -> Response {
    match ProblemKind::ALL.iter().any(|kind| kind.slug() == slug) {
        true => Redirect::to(&format!(
            "/{}/{PROBLEM_LESSON}",
            preferred_locale(&state, &headers)
        ))
        .into_response(),
        false => not_found::fallback(State(state), uri, headers, extensions).await,
    }
}

async fn robots() -> &'static str {
    "User-agent: *\nAllow: /\nDisallow: /api/\n"
}
