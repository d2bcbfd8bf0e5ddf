//! `/api/health`: the liveness check of the API.

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

/// The health of the API.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Health {
    /// Always `ok`, because an API that is not healthy sends no response.
    status: HealthStatus,
}

/// The health of the API.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum HealthStatus {
    /// The API is healthy.
    Ok,
}

/// Handles `GET /api/health`.
pub(in crate::api) async fn show() -> impl IntoResponse {
    let health = Health {
        status: HealthStatus::Ok,
    };
    let body = serde_json::to_vec(&health).expect("a struct is JSON");
    ([(CONTENT_TYPE, "application/json")], body)
}
