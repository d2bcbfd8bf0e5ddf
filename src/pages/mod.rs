//! Routes and full pages. Each page is one axum handler that renders one Leptos view.
//!
//! axum does the routing, so that status codes, redirects and locales are decided before anything is
//! rendered. The views use no Leptos resources, so the inline scripts of a page are constant.

pub mod data_panel;
pub mod doc;
mod download;
pub mod exchange;
mod form_values;
mod home;
mod layout;
pub mod login;
mod logout;
mod not_found;
mod problem;
mod reader;
pub mod reference;
mod render;
mod section;
mod shell;
pub mod try_request;
mod visitor;

use axum::Router;
use axum::extract::{OriginalUri, State};
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, LOCATION, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::model::cookie::CookieValue;
use crate::model::locale::Locale;
use crate::state::AppState;

pub use reader::PageRequest;
pub use render::{PageMeta, fragment, initialise, render};
pub use visitor::PageVisitor;

/// Returns the routes of all pages.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(to_language))
        .route("/{lang}", get(home::show))
        .route(
            "/{lang}/data",
            get(data_panel::show).post(data_panel::submit),
        )
        .route("/{lang}/login", get(login::show).post(login::submit))
        .route("/{lang}/logout", post(logout::submit))
        .route("/{lang}/exchanges/{id}", get(exchange::show))
        .route(
            "/{lang}/playground",
            get(reference::index).post(reference::submit),
        )
        .route("/{lang}/try", post(try_request::submit))
        .route("/{lang}/playground/{operation}", get(reference::show))
        .route("/{lang}/{section}", get(section::show))
        .route("/{lang}/{section}/{slug}", get(doc::show))
        .route("/problems/{slug}", get(problem::show))
        .route("/robots.txt", get(robots))
        .fallback(not_found::fallback)
}

/// The request headers that [`preferred_locale`] reads, as a value of `Vary`.
const PREFERENCES: HeaderValue = HeaderValue::from_static("Cookie, Accept-Language");

/// Returns the locale for a visitor: from the cookie `lang`, else from `Accept-Language`, else the default
/// of the site.
fn preferred_locale(state: &AppState, headers: &HeaderMap) -> Locale {
    let cookies = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    let chosen = CookieValue::find(cookies, "lang").single();
    let accepted = headers.get(ACCEPT_LANGUAGE);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    let site = &state.library.site;
    chosen
        .and_then(Locale::parse)
        .filter(|locale| site.locales.contains(locale))
        .or_else(|| Locale::negotiate(accepted.unwrap_or_default(), &site.locales))
        .unwrap_or(site.default_locale)
}

/// Redirects a path without a locale to the same path in the preferred locale of the visitor.
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
        Ok(location) => (
            StatusCode::FOUND,
            [(LOCATION, location), (VARY, PREFERENCES)],
        )
            .into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn robots() -> &'static str {
    "User-agent: *\nAllow: /\nDisallow: /api/\n"
}

#[cfg(test)]
mod tests {
    use crate::content::RESERVED;

    #[test]
    fn first_segments_of_routes_are_reserved_section_names() {
        let paths = include_str!("mod.rs").split("\"/{lang}/").skip(1);
        let names: Vec<&str> = paths
            .filter_map(|rest| rest.split(['/', '"']).next())
            .filter(|name| !name.is_empty() && !name.starts_with('{'))
            .collect();
        assert!(names.len() > 6, "{names:?}");
        for name in names {
            assert!(RESERVED.contains(&name), "{name}");
        }
    }
}
