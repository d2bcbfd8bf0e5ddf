//! A lesson as Markdown, for programs that read text, such as language models.

use axum::http::header::{ACCEPT, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};

use crate::api::SharedResponse;
use crate::content::LessonPage;

/// The media type of Markdown (RFC 7763).
const MARKDOWN: &str = "text/markdown";

/// Returns the address of a lesson as Markdown, without the origin.
pub(super) fn address(page: &LessonPage) -> String {
    format!("{}.md", page.href())
}

/// Returns a lesson with its title and description.
pub(super) fn document(page: &LessonPage) -> String {
    let (title, description) = (&page.front.title, &page.front.description);
    format!("# {title}\n\n> {description}\n\n{}", page.markdown)
}

/// Handles `GET /{lang}/{section}/{slug}.md`.
pub(super) fn file(page: &LessonPage) -> Response {
    let mut response = response(page);
    if !page.is_for_members() {
        let shared = SharedResponse::new(address(page));
        response.extensions_mut().insert(shared);
    }
    response
}

/// Returns whether a request asks for Markdown by its `Accept` field. HTML is returned to all others, because programs
/// that accept anything expect it.
pub fn accepts_markdown(headers: &HeaderMap) -> bool {
    let fields = headers.get_all(ACCEPT).iter();
    let fields = fields.filter_map(|field| field.to_str().ok());
    let mut ranges = fields.flat_map(|field| field.split(','));
    ranges.any(|range| {
        let range = range.split(';').next().unwrap_or_default();
        range.trim().eq_ignore_ascii_case(MARKDOWN)
    })
}

/// Returns a lesson as Markdown at the address of its page.
pub(super) fn negotiated(page: &LessonPage) -> Response {
    let mut response = response(page);
    let vary = HeaderValue::from_static("Accept");
    response.headers_mut().append(VARY, vary);
    response
}

fn response(page: &LessonPage) -> Response {
    // Search engines find the page itself.
    let robots = HeaderName::from_static("x-robots-tag");
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/markdown; charset=utf-8"),
        ),
        (robots, HeaderValue::from_static("noindex")),
    ];
    (headers, document(page)).into_response()
}
