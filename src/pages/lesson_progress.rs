//! `POST /{lang}/progress`: which lessons a member has opened and read.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::pages::signed_in::MemberRequest;
use crate::portal::store::learning::{LessonProgress, NewProgress};
use crate::state::AppState;

/// The maximum number of bytes and of lessons in a form that a browser sends.
const FORM_BYTES: usize = 64 * 1024;
const FORM_LESSONS: usize = 1000;

/// Handles `POST /{lang}/progress`: lessons that were `opened`, opened `last` or `read`, from the script of a page or, with
/// `back`, from a form without scripts. Unknown lessons are ignored.
pub(super) async fn submit(
    State(state): State<AppState>,
    request: MemberRequest,
    body: Bytes,
) -> Response {
    let fields: Vec<(String, String)> = match body.len() <= FORM_BYTES {
        true => form_urlencoded::parse(&body).into_owned().collect(),
        false => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
    };
    if fields.len() > FORM_LESSONS {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let now = state.portal.clock.now();
    let mut lessons: BTreeMap<String, LessonProgress> = BTreeMap::new();
    let is_form = fields.iter().any(|(name, _)| name == "back");
    for (name, path) in fields {
        let (seen, read) = match name.as_str() {
            "opened" => (0, None),
            // Before everything that was opened with the account.
            "last" => (1, None),
            "read" => (0, Some(now)),
            _ => continue,
        };
        let Some(lesson) = known_lesson(&state, &path) else {
            continue;
        };
        let entry = lessons.entry(lesson.clone());
        let entry = entry.or_insert_with(|| LessonProgress {
            lesson,
            opened: now,
            seen,
            read,
        });
        entry.seen = entry.seen.max(seen);
        entry.read = entry.read.or(read);
    }
    let back = lessons.keys().next().cloned();
    let new = NewProgress {
        lessons: lessons.into_values().collect(),
        ..NewProgress::default()
    };
    let account = request.viewer.account;
    if let Err(cause) = state.portal.store.merge_progress(account, new).await {
        tracing::error!(%cause, "the lessons of a member were not kept");
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if !is_form {
        return StatusCode::NO_CONTENT.into_response();
    }
    let back = back.unwrap_or_else(|| "learn".to_owned());
    Redirect::to(&format!("/{}/{back}", request.page.locale)).into_response()
}

/// Returns the path of a lesson, which may be named by an earlier one.
fn known_lesson(state: &AppState, path: &str) -> Option<String> {
    let locale = state.library.site.default_locale;
    if state.library.page_or_translation(locale, path).is_some() {
        return Some(path.to_owned());
    }
    state.library.alias(path).map(str::to_owned)
}
