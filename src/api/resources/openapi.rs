//! `/api/openapi.json`: the OpenAPI document of the API.

use axum::extract::State;
use axum::http::header::VARY;
use axum::response::Response;

use crate::api::error::ApiError;
use crate::api::http::extract::NoQuery;
use crate::api::http::representation::{Conditions, Representation};
use crate::api::http::shared_response::SharedResponse;
use crate::api::state::ApiState;

/// Handles `GET /api/openapi.json`: returns the document, or 304 when the client has it already.
pub(in crate::api) async fn show(
    State(state): State<ApiState>,
    _: NoQuery,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    let document = Representation::of_json(state.document().to_vec());
    let tag = document.tag.clone();
    let mut response = document.answer(&conditions, || vec![tag])?;
    // The document has one format, so it does not depend on `Accept`.
    response.headers_mut().remove(VARY);
    let shared = SharedResponse::new("/api/openapi.json");
    response.extensions_mut().insert(shared);
    Ok(response)
}
