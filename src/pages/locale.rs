//! The locale of a page: from its path, or from the preferences of the visitor when the path has none.

use axum::extract::{OriginalUri, State};
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, LOCATION, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use crate::model::cookie::CookieValue;
use crate::model::locale::Locale;
use crate::state::AppState;

/// The request headers that [`preferred_locale`] reads, as a value of `Vary`.
pub(super) const PREFERENCE_HEADERS: HeaderValue =
    HeaderValue::from_static("Cookie, Accept-Language");

/// Returns the locale of a path segment when the site offers that locale.
pub(super) fn site_locale(state: &AppState, segment: &str) -> Option<Locale> {
    Locale::parse(segment).filter(|locale| state.locales().contains(locale))
}

/// Returns the redirect of a path in a language of the content that admins have switched off to the same path in the
/// default language, for links from before. The method stays the same (RFC 9110, section 15.4.8).
pub(super) fn redirect_hidden(state: &AppState, segment: &str, uri: &Uri) -> Option<Response> {
    let locale = Locale::parse(segment)?;
    let is_hidden =
        state.library.site.locales.contains(&locale) && !state.locales().contains(&locale);
    if !is_hidden {
        return None;
    }
    let rest = uri.path_and_query()?.as_str().strip_prefix('/')?;
    let rest = rest.strip_prefix(segment)?;
    let target = HeaderValue::from_str(&format!("/{}{rest}", state.default_locale())).ok()?;
    Some((StatusCode::TEMPORARY_REDIRECT, [(LOCATION, target)]).into_response())
}

/// Returns the locale for a visitor: from the cookie `lang`, else from `Accept-Language`, else the default
/// of the site.
pub fn preferred_locale(state: &AppState, headers: &HeaderMap) -> Locale {
    let cookies = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    let chosen = CookieValue::find(cookies, "lang").single();
    let accepted = headers.get(ACCEPT_LANGUAGE);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    let locales = state.locales();
    chosen
        .and_then(Locale::parse)
        .filter(|locale| locales.contains(locale))
        .or_else(|| Locale::negotiate(accepted.unwrap_or_default(), &locales))
        .unwrap_or_else(|| state.default_locale())
}

/// Redirects a path without a locale to the same path in the preferred locale of the visitor.
pub(super) async fn redirect_to_locale(
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
            [(LOCATION, location), (VARY, PREFERENCE_HEADERS)],
        )
            .into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}
