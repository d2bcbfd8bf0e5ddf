//! `/api/time`: the time of the server, in a response that caches may store for a while.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::http::extract::NoQuery;
use crate::api::state::ApiState;
use crate::model::timestamp::Timestamp;

/// The time of the server.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ServerTime {
    /// The moment at which the server created the response.
    time: Timestamp,
}

/// Handles `GET /api/time`. Within 30 seconds a cache may send the stored response again without a request
/// to the server (RFC 9111, section 4.2); its `time` shows that it did.
pub(in crate::api) async fn show(State(state): State<ApiState>, _: NoQuery) -> impl IntoResponse {
    let now = ServerTime {
        time: Timestamp::from_milliseconds(state.sandboxes.now()),
    };
    let body = serde_json::to_vec(&now).expect("a struct is JSON");
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "private, max-age=30"),
    ];
    (headers, body)
}
