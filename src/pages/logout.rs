//! `POST /{lang}/logout`: ends the session.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use tower_sessions::Session;

use crate::pages::PageRequest;
use crate::portal;

/// Ends the session and leads to the front page. Who is not logged in gets there too.
pub(in crate::pages) async fn submit(reader: PageRequest, session: Session) -> Response {
    match portal::log_out(&session).await {
        Ok(()) => Redirect::to(&format!("/{}", reader.locale)).into_response(),
        // To say that it is done would be a lie: the session is still there.
        Err(cause) => {
            tracing::error!(%cause, "a session could not be ended");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
