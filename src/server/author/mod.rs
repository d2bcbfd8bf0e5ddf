//! What an author sees on the pages while the content folder is watched: an event stream from which a constant script
//! learns of new content, and of findings because of which the last valid content is still shown.
//!
//! Findings repeat parts of files, so on a site that others reach only admins receive them.

use std::convert::Infallible;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream::{self, Stream};
use serde_json::json;
use tokio::sync::watch::Receiver;

use crate::content::ContentFinding;
use crate::model::account::TeamRole;
use crate::model::cookie::CookieValue;
use crate::portal;
use crate::state::{AppState, ContentStatus};

/// Returns the routes: the script, its style sheet and the event stream.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(state: AppState) -> Router<S> {
    let script = || file("text/javascript; charset=utf-8", include_str!("watch.js"));
    let style = || file("text/css; charset=utf-8", include_str!("watch.css"));
    Router::new()
        .route("/author/watch.js", get(async move || script()))
        .route("/author/watch.css", get(async move || style()))
        .route(
            "/author/events",
            get(async move |headers: HeaderMap| listen(&state, &headers).await),
        )
}

/// Returns the event stream, or 404 as without a watched folder.
async fn listen(state: &AppState, headers: &HeaderMap) -> Response {
    match state.config.is_local() || is_admin(state, headers).await {
        true => events(state.content.status.clone()).into_response(),
        false => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Returns whether a request has the session of an admin who may use the pages of the administration.
async fn is_admin(state: &AppState, headers: &HeaderMap) -> bool {
    let portal = &state.portal;
    let fields = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    let cookie = portal::cookie_name(state.config.secure_cookies());
    let Some(session) = CookieValue::find(fields, cookie).single() else {
        return false;
    };
    let read = async {
        let viewer = portal.find_viewer(session).await?;
        match viewer.filter(|viewer| viewer.role == TeamRole::Admin) {
            Some(viewer) => Ok(!portal.must_enrol(viewer.account, viewer.role).await?),
            None => anyhow::Ok(false),
        }
    };
    read.await.unwrap_or_else(|cause| {
        tracing::error!(%cause, "a session could not be read");
        false
    })
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
