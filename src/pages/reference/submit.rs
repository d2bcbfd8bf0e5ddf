//! `POST /{lang}/playground`: shows a request form for each request of a `.http` file. This handler does
//! not send the requests.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, ORIGIN};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use bytes::Bytes;

use super::{editor, index};
use crate::api;
use crate::pages::meta::PageRequest;
use crate::state::AppState;

/// Handles `POST /{lang}/playground`; the form field `http` contains the text of the file.
pub(in crate::pages) async fn submit(
    State(state): State<AppState>,
    page_request: PageRequest,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = form_urlencoded::parse(&body)
        .find(|(name, _)| name == "http")
        .map(|(_, text)| text.replace("\r\n", "\n"));
    let origin = state.config.origin();
    // A site with several names has the other names in what was copied from its pages. The origin of the page has been
    // checked before.
    let page_origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    let origins: Vec<&str> = page_origin.into_iter().chain([origin.as_str()]).collect();
    let key = api::visitor_key(&headers, state.config.secure_cookies());
    let key = key.as_ref().map(|key| key.as_str());
    let content = editor::parse(text.unwrap_or_default(), &origins, key);
    let mut response = index::page_with_editor(&state, page_request, content).await;
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}
