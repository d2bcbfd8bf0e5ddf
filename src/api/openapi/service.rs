//! `/api/health` and `/api/openapi.json`.

use serde_json::json;
use utoipa::openapi::path::HttpMethod::Get;
use utoipa::openapi::schema::ObjectBuilder;

use super::operation::{Described, Op, Reply};
use super::schema::{JSON, object, one_of};
use crate::model::problem::ProblemKind;

pub(super) fn operations() -> Vec<Described> {
    let status = object(&[("status", one_of(&["ok"]).into())]);
    let never = [ProblemKind::UnknownSandbox, ProblemKind::TooManyRequests];
    vec![
        Op::new(Get, "/api/health", "health", "service", "Whether the API answers")
            .reply(200, Reply::new("It does.").content(JSON, status, json!({"status": "ok"})))
            .never(&never)
            .done(),
        Op::new(Get, "/api/openapi.json", "openapi", "service", "This document")
            .conditional_read()
            .reply(
                200,
                Reply::new("The document.").headers(&["ETag"]).content(
                    JSON,
                    ObjectBuilder::new().required("openapi").required("paths"),
                    json!({"openapi": "3.1.0", "info": {"title": "Routebook users API", "version": "0.1.0"}, "paths": {}}),
                ),
            )
            .problems(&[ProblemKind::InvalidQuery])
            .never(&never)
            .done(),
    ]
}
