//! All requests of a lesson as one `.http` file that an editor on the visitor's computer can run. The
//! file contains absolute addresses of this site and, when the visitor has a sandbox, its key.

use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};

use crate::api;
use crate::content::LessonPage;
use crate::http_file::{self, BlockLine, HttpFile};
use crate::model::http::Header;
use crate::state::AppState;

/// Handles `GET /{lang}/{section}/{slug}.http`.
pub(super) fn http_file(state: &AppState, page: &LessonPage, headers: &HeaderMap) -> Response {
    let key = api::visitor_key(headers, state.config.secure_cookies());
    let key = key.as_ref().map(|key| key.as_str());
    let origin = state.config.origin();
    let messages = state.i18n.messages(page.locale);
    let mut first = vec![
        BlockLine::Comment(format!(" {}", page.front.title)),
        BlockLine::Comment(format!(" {origin}{}", page.href())),
    ];
    if key.is_none() {
        let text = messages.with("download-key", &[("origin", &origin)]);
        first.push(BlockLine::Comment(format!(" {text}")));
    }
    first.push(BlockLine::Blank);
    let text = http_file::print(&file(page, &origin, key, first));
    let name = page.path.rsplit('/').next().unwrap_or_default();
    let disposition = format!("attachment; filename=\"{name}.http\"");
    let disposition = HeaderValue::from_str(&disposition).expect("a slug is ASCII without quotes");
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        ),
        (CONTENT_DISPOSITION, disposition),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, text).into_response()
}

/// Returns the requests of a page in their order, with the lines `first` above them.
fn file(page: &LessonPage, origin: &str, key: Option<&str>, first: Vec<BlockLine>) -> HttpFile {
    let mut blocks: Vec<_> = page
        .playgrounds()
        .map(|playground| playground.block.clone())
        .collect();
    for block in &mut blocks {
        block.request.target = format!("{origin}{}", block.request.target);
        let mut headers = block.request.headers.iter();
        let has_key = headers.any(|header| header.name.eq_ignore_ascii_case("sandbox-key"));
        if let Some(key) = key.filter(|_| !has_key) {
            block.request.headers.push(Header::new("Sandbox-Key", key));
        }
        // The method is always written, because editors ignore a request line without one.
        block.request.method = Some(block.request.method().to_owned());
    }
    if let Some(block) = blocks.first_mut() {
        block.lines.splice(..0, first);
    }
    HttpFile { blocks }
}
