//! Lessons for members only (`access: member`): visitors without an account are sent to the login.

use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::content::LessonPage;
use crate::pages::meta::PageRequest;

/// Returns the response to a visitor who may not read a lesson, `None` when the lesson is open to the viewer. The login leads
/// back to `target`, an address of this site with its query.
pub(super) fn refuse(
    page_request: &PageRequest,
    lesson: &LessonPage,
    target: &str,
) -> Option<Response> {
    if is_open(page_request, lesson) {
        return None;
    }
    let next: String = form_urlencoded::byte_serialize(target.as_bytes()).collect();
    let login = format!("/{}/login?next={next}", page_request.locale);
    let mut response = Redirect::to(&login).into_response();
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    Some(response)
}

/// Returns the response to a script that asks for a part of a page, `None` when the lesson is open to the viewer.
pub(super) fn refuse_part(page_request: &PageRequest, lesson: &LessonPage) -> Option<Response> {
    (!is_open(page_request, lesson)).then(|| StatusCode::UNAUTHORIZED.into_response())
}

/// Returns whether the viewer may read a lesson.
pub(super) fn is_open(page_request: &PageRequest, lesson: &LessonPage) -> bool {
    !lesson.is_for_members() || page_request.viewer.is_some()
}
