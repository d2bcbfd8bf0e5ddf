//! `POST /{lang}/playground`: shows a request form for each request of a `.http` file. This handler does
//! not send the requests.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::Response;
use bytes::Bytes;

use super::{editor, index};
use crate::pages::meta::PageRequest;
use crate::state::AppState;

/// Handles `POST /{lang}/playground`; the form field `http` contains the text of the file.
pub(in crate::pages) async fn submit(
    State(state): State<AppState>,
    page_request: PageRequest,
    body: Bytes,
) -> Response {
    let text = form_urlencoded::parse(&body)
        .find(|(name, _)| name == "http")
        .map(|(_, text)| text.replace("\r\n", "\n"));
    let content = editor::parse(text.unwrap_or_default(), &state.config.origin());
    let mut response = index::page_with_editor(&state, page_request, content).await;
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}
