//! `/healthz` and `/readyz`, for whoever starts the server and sends it visitors: whether it lives,
//! and whether it can be sent any. They answer under whatever host they are asked.

use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::time::timeout;

use crate::state::AppState;

/// Longest time for the database of accounts to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Both routes.
pub(super) fn routes(state: AppState) -> Router {
    Router::new()
        .route("/healthz", get(async || reply(StatusCode::OK, "alive\n")))
        .route("/readyz", get(async move || ready(&state).await))
}

/// Not ready when the server stops, or the accounts cannot be read.
async fn ready(state: &AppState) -> impl IntoResponse + use<> {
    if state.stop.is_cancelled() {
        return reply(StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match timeout(PATIENCE, state.portal.store.has_accounts()).await {
        Ok(Ok(_)) => reply(StatusCode::OK, "ready\n"),
        Ok(Err(cause)) => {
            tracing::error!(%cause, "the database of accounts cannot be read");
            reply(StatusCode::SERVICE_UNAVAILABLE, "no database\n")
        }
        Err(_) => reply(StatusCode::SERVICE_UNAVAILABLE, "no database\n"),
    }
}

fn reply(status: StatusCode, text: &'static str) -> impl IntoResponse + use<> {
    (status, [(CACHE_CONTROL, "no-store")], text)
}
