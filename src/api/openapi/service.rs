//! The operations of `/api/health` and `/api/openapi.json`.

use serde_json::json;
use utoipa::openapi::schema::ObjectBuilder;

use super::operation::{OperationSpec, ResponseSpec};
use super::schema::{JSON, of};
use crate::api::resources::health::Health;
use crate::model::problem::ProblemKind;

/// The problems that these operations do not have, because they use no sandbox and have no limit.
const EXCLUDED_PROBLEMS: &[ProblemKind] =
    &[ProblemKind::UnknownSandbox, ProblemKind::TooManyRequests];

pub(in crate::api) fn health() -> OperationSpec {
    let response = ResponseSpec::new("The API is healthy.").content(
        JSON,
        of::<Health>(),
        json!({"status": "ok"}),
    );
    OperationSpec::new("health", "Checks the health of the API")
        .response(200, response)
        .without_problems(EXCLUDED_PROBLEMS)
}

pub(in crate::api) fn document() -> OperationSpec {
    let example = json!({
        "openapi": "3.1.0", "info": {"title": "Routebook users API", "version": "0.1.0"}, "paths": {},
    });
    let schema = ObjectBuilder::new().required("openapi").required("paths");
    OperationSpec::new("openapi", "Returns this document")
        .conditional_read()
        .response(
            200,
            ResponseSpec::new("The document.")
                .headers(&["ETag"])
                .content(JSON, schema, example),
        )
        .problems(&[ProblemKind::InvalidQuery])
        .without_problems(EXCLUDED_PROBLEMS)
}
