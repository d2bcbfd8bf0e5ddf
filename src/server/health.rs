//! `/healthz` and `/readyz`, for load balancers and process supervisors: whether the server is
//! alive, and whether it accepts traffic. Both respond whatever the `Host` of the request is.

use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::time::timeout;

use crate::state::AppState;

/// The time limit for a query to the database of the portal.
const QUERY_TIMEOUT: Duration = Duration::from_secs(2);

/// Returns the routes of both addresses.
pub(super) fn routes(state: AppState) -> Router {
    Router::new()
        .route(
            "/healthz",
            get(async || response(StatusCode::OK, "alive\n")),
        )
        .route("/readyz", get(async move || respond_ready(&state).await))
}

/// Returns 503 when the server is stopping or the database of the portal cannot be read, else 200.
async fn respond_ready(state: &AppState) -> impl IntoResponse + use<> {
    if state.stop.is_cancelled() {
        return response(StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match timeout(QUERY_TIMEOUT, state.portal.store.has_accounts()).await {
        Ok(Ok(_)) => response(StatusCode::OK, "ready\n"),
        Ok(Err(cause)) => {
            tracing::error!(%cause, "the database of the portal cannot be read");
            response(StatusCode::SERVICE_UNAVAILABLE, "no database\n")
        }
        Err(_) => response(StatusCode::SERVICE_UNAVAILABLE, "no database\n"),
    }
}

fn response(status: StatusCode, text: &'static str) -> impl IntoResponse + use<> {
    (status, [(CACHE_CONTROL, "no-store")], text)
}
