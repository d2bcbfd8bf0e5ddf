//! `POST /{lang}/logout`: ends the session.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use tower_sessions::Session;

use crate::pages::meta::PageRequest;
use crate::portal;

/// Handles `POST /{lang}/logout`: ends the session and redirects to the front page, also when no session exists.
pub(in crate::pages) async fn submit(page_request: PageRequest, session: Session) -> Response {
    match portal::log_out(&session).await {
        Ok(()) => Redirect::to(&format!("/{}", page_request.locale)).into_response(),
        // The session still exists, so the response must not look like a successful logout.
        Err(cause) => {
            tracing::error!(%cause, "a session cannot be ended");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
