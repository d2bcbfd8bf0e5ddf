//! `/api/health` and `/api/openapi.json`.

use serde_json::json;
use utoipa::openapi::schema::ObjectBuilder;

use super::operation::{Op, ResponseSpec};
use super::schema::{JSON, of};
use crate::api::resources::health::Health;
use crate::model::problem::ProblemKind;

/// What cannot happen to requests that no sandbox and no limit is asked about.
const NEVER: &[ProblemKind] = &[ProblemKind::UnknownSandbox, ProblemKind::TooManyRequests];

pub(in crate::api) fn health() -> Op {
    let response =
        ResponseSpec::new("It does.").content(JSON, of::<Health>(), json!({"status": "ok"}));
    Op::new("health", "Whether the API answers")
        .response(200, response)
        .never(NEVER)
}

pub(in crate::api) fn document() -> Op {
    let example = json!({
        "openapi": "3.1.0", "info": {"title": "Routebook users API", "version": "0.1.0"}, "paths": {},
    });
    let schema = ObjectBuilder::new().required("openapi").required("paths");
    Op::new("openapi", "This document")
        .conditional_read()
        .response(
            200,
            ResponseSpec::new("The document.")
                .headers(&["ETag"])
                .content(JSON, schema, example),
        )
        .problems(&[ProblemKind::InvalidQuery])
        .never(NEVER)
}
