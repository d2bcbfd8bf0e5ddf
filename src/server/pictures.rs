//! The pictures of the lessons and the logo, at addresses that change with their bytes. No other file of a content folder is served.

use axum::Router;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;

use crate::state::AppState;

/// A picture never changes under its address.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// A shared cache would show it to those who may not see the site.
const PRIVATE: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");

/// An SVG document that is opened by itself runs no script and loads nothing.
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");

/// Returns the route of the pictures of a library. It is outside of the sessions of pages, because a picture is the same for
/// everybody who may see the site.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(state: AppState) -> Router<S> {
    let show = async move |Path(name): Path<String>| show(&state, &name);
    Router::new().route("/pictures/{name}", get(show))
}

fn show(state: &AppState, name: &str) -> Response {
    let logo = state.portal.settings.logo();
    let logo = logo.filter(|logo| logo.name == name);
    let (media_type, bytes) = match (state.library.picture(name), logo) {
        (Some(picture), _) => (
            HeaderValue::from_static(picture.media_type),
            picture.bytes.clone(),
        ),
        (None, Some(logo)) => {
            let media_type = HeaderValue::from_str(&logo.media_type);
            let Ok(media_type) = media_type else {
                return StatusCode::NOT_FOUND.into_response();
            };
            (media_type, Bytes::copy_from_slice(&logo.bytes))
        }
        (None, None) => return StatusCode::NOT_FOUND.into_response(),
    };
    let cache = match state.is_members_only() {
        true => PRIVATE,
        false => IMMUTABLE,
    };
    let headers = [
        (CONTENT_TYPE, media_type),
        (CACHE_CONTROL, cache),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, bytes).into_response()
}
