//! `/healthz` and `/readyz`, for load balancers and process supervisors: whether the server is
//! alive, and whether it accepts traffic. Both respond whatever the `Host` of the request is.

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::time::timeout;
use tower::ServiceExt;

use crate::state::AppState;

/// The time limit for a query to the database of the portal.
const QUERY_TIMEOUT: Duration = Duration::from_secs(2);

/// The addresses of the two responses.
const PATHS: [&str; 2] = ["/healthz", "/readyz"];

/// The routes of both addresses.
pub(super) struct Health(Router);

impl Health {
    /// Creates the routes for a server with this state.
    pub(super) fn new(state: AppState) -> Health {
        let [alive, ready] = PATHS;
        let routes = Router::new()
            .route(alive, get(async || response(StatusCode::OK, "alive\n")))
            .route(ready, get(async move || respond_ready(&state).await));
        Health(routes)
    }

    /// Returns the response to a request for one of the addresses, and other requests unchanged.
    pub(super) async fn respond(&self, request: Request) -> Result<Response, Request> {
        if !PATHS.contains(&request.uri().path()) {
            return Err(request);
        }
        match self.0.clone().oneshot(request).await {
            Ok(response) => Ok(response),
            Err(never) => match never {},
        }
    }
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
