//! `/api/me`: the user who is logged in to the API. Nobody can be yet.

use crate::api::error::ApiError;

/// `GET /api/me`: says that credentials are needed.
pub(super) async fn show() -> ApiError {
    ApiError::unauthorized()
}
