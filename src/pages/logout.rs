//! `POST /{lang}/logout`: ends the session.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use tower_sessions::Session;

use crate::pages::member_sandbox;
use crate::pages::meta::PageRequest;
use crate::portal;
use crate::state::AppState;

/// Handles `POST /{lang}/logout`: ends the session and redirects to the front page, also when no session exists.
pub(in crate::pages) async fn submit(
    State(state): State<AppState>,
    page_request: PageRequest,
    session: Session,
    headers: HeaderMap,
) -> Response {
    match portal::log_out(&session).await {
        Ok(()) => {
            let mut response = Redirect::to(&format!("/{}", page_request.locale)).into_response();
            if let Some(viewer) = &page_request.viewer {
                member_sandbox::keep(&state, &headers, viewer.account, &mut response).await;
            }
            response
        }
        // The session still exists, so the response must not look like a successful logout.
        Err(cause) => {
            tracing::error!(%cause, "a session cannot be ended");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
