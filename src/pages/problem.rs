//! `/problems/{slug}`: the type URI of a problem kind (RFC 9457, section 3.1.1) redirects to the lesson
//! that explains the problem.

use axum::extract::{OriginalUri, Path, State};
use axum::http::header::VARY;
use axum::http::{Extensions, HeaderMap};
use axum::response::{IntoResponse, Redirect, Response};

use crate::model::problem::ProblemKind;
use crate::pages::locale::{PREFERENCE_HEADERS, preferred_locale};
use crate::pages::not_found;
use crate::state::AppState;

/// Redirects (303) to the lesson about a problem kind, in the preferred locale of the visitor.
pub(super) async fn show(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    uri: OriginalUri,
    headers: HeaderMap,
    extensions: Extensions,
) -> Response {
    match ProblemKind::ALL.iter().find(|kind| kind.slug() == slug) {
        Some(kind) => {
            let locale = preferred_locale(&state, &headers);
            let vary = [(VARY, PREFERENCE_HEADERS)];
            (vary, Redirect::to(&format!("/{locale}/{}", lesson(*kind)))).into_response()
        }
        None => not_found::fallback(State(state), uri, headers, extensions).await,
    }
}

/// Returns the path and heading of the lesson that explains a problem kind.
fn lesson(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::MalformedJson | ProblemKind::MalformedBody => "requests/bodies#three-errors",
        ProblemKind::UnsupportedMediaType | ProblemKind::InvalidFields => {
            "requests/bodies#three-errors"
        }
        ProblemKind::InvalidQuery => "requests/bodies#query",
        ProblemKind::InvalidId | ProblemKind::NotFound => "methods/get#missing",
        ProblemKind::Unauthorized | ProblemKind::UnknownSandbox => "auth/sessions#unauthorized",
        ProblemKind::WrongLogin => "auth/sessions#sessions",
        ProblemKind::InvalidToken => "auth/sessions#tokens",
        ProblemKind::Forbidden => "auth/sessions#forbidden",
        ProblemKind::CrossSite => "auth/sessions#cookie-attributes",
        ProblemKind::MethodNotAllowed | ProblemKind::NotImplemented => {
            "errors/problem-details#before-the-handler"
        }
        ProblemKind::NotAcceptable => "responses/status-and-json#other-formats",
        ProblemKind::DuplicateEmail => "methods/post#invalid",
        ProblemKind::IdMismatch => "methods/put#replace",
        ProblemKind::PreconditionFailed
        | ProblemKind::PreconditionRequired
        | ProblemKind::ChangedSince => "methods/put#lost-update",
        ProblemKind::MissingIdempotencyKey
        | ProblemKind::IdempotencyKeyReused
        | ProblemKind::IdempotencyConflict => "methods/post#twice",
        _ => "errors/problem-details#status-families",
    }
}
