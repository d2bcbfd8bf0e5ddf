//! What an author sees on the pages while the content folder is watched: an event stream from which a constant script
//! learns of new content, and of findings because of which the last valid content is still shown.

use std::convert::Infallible;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use futures_util::stream::{self, Stream};
use serde_json::json;
use tokio::sync::watch::Receiver;

use crate::content::ContentFinding;
use crate::state::ContentStatus;

/// Returns the routes: the script, its style sheet and the event stream.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(
    status: Receiver<ContentStatus>,
) -> Router<S> {
    let script = || file("text/javascript; charset=utf-8", include_str!("watch.js"));
    let style = || file("text/css; charset=utf-8", include_str!("watch.css"));
    Router::new()
        .route("/author/watch.js", get(async move || script()))
        .route("/author/watch.css", get(async move || style()))
        .route("/author/events", get(async move || events(status.clone())))
}

fn file(media_type: &'static str, text: &'static str) -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, media_type), (CACHE_CONTROL, "no-cache")];
    (headers, text)
}

/// Returns an event with the present status, and one for each change.
fn events(
    status: Receiver<ContentStatus>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
    let events = stream::unfold((status, true), async |(mut status, is_first)| {
        if !is_first {
            status.changed().await.ok()?;
        }
        let data = data(&status.borrow_and_update());
        Some((Ok(Event::default().data(data)), (status, false)))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// Returns a status as JSON.
fn data(status: &ContentStatus) -> String {
    let finding = |one: &ContentFinding| {
        json!({
            "file": one.file,
            "line": one.line,
            "severity": one.rule.severity().to_string(),
            "rule": one.rule.name(),
            "message": one.message,
        })
    };
    let findings: Vec<_> = status.findings.iter().map(finding).collect();
    json!({ "version": status.version, "outdated": status.is_outdated, "findings": findings })
        .to_string()
}
