//! `POST /{lang}/logout`: ends the session.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use tower_sessions::Session;

use crate::auth;
use crate::model::locale::Locale;
use crate::pages::not_found;
use crate::state::AppState;

/// Ends the session and leads to the front page. Who is not logged in gets there too.
pub(super) async fn submit(
    State(state): State<AppState>,
    Path(lang): Path<String>,
    session: Session,
) -> Response {
    let Some(locale) = Locale::parse(&lang) else {
        return not_found(&state, Locale::default()).await;
    };
    match auth::log_out(&session).await {
        Ok(()) => Redirect::to(&format!("/{locale}")).into_response(),
        // To say that it is done would be a lie: the session is still there.
        Err(cause) => {
            tracing::error!(%cause, "a session could not be ended");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
