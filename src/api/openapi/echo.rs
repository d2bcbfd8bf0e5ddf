//! The operations of `/api/echo` and `/api/status/{code}`, which accept every method, and of `/api/time`.

use axum::http::Method;
use serde_json::{Value, json};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

use super::operation::{OperationSpec, ResponseSpec};
use super::problem::{self, PROBLEM_JSON};
use super::schema::{JSON, integer, of, pattern, text};
use crate::api::resources::echo::Echo;
use crate::api::resources::status::StatusText;
use crate::api::resources::time::ServerTime;
use crate::model::http::reason_phrase;
use crate::model::problem::{Problem, ProblemKind};

pub(in crate::api) fn echo(method: &Method) -> OperationSpec {
    echoed("Echo", method)
}

pub(in crate::api) fn echo_below(method: &Method) -> OperationSpec {
    let path = pattern("^[^/?#].*$");
    let text = "Any path; it may have several segments.";
    echoed("EchoBelow", method).path("path", path, text, "a/b")
}

fn echoed(name: &str, method: &Method) -> OperationSpec {
    let example = json!({
        "method": "GET", "path": "/api/echo", "query": [{"name": "a", "value": "1"}],
        "headers": [{"name": "accept", "value": "*/*", "source": "client"}],
        "cookies": [], "content_type": null, "body": null,
    });
    let response = ResponseSpec::new("The parsed request.").content(JSON, of::<Echo>(), example);
    let operation = OperationSpec::new(&id(method, name), "Returns the request as the server parsed it")
        .text("The method, path, query parameters, headers, cookies and body of the request, as the server parsed them.")
        .response(200, response)
        .problems(&[ProblemKind::BadRequest, ProblemKind::ContentTooLarge])
        // The operation accesses no data.
        .without_problems(&[ProblemKind::UnknownSandbox, ProblemKind::InsufficientStorage]);
    if ![Method::POST, Method::PUT, Method::PATCH].contains(method) {
        return operation;
    }
    let any = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
    let form = ObjectBuilder::new().schema_type(Type::Object);
    operation.any_body(
        "Any content.",
        vec![
            (JSON, any.into(), json!({"a": [1, 2]})),
            (
                "application/x-www-form-urlencoded",
                form.into(),
                json!({"a": "1"}),
            ),
            ("text/plain", text().into(), json!("안녕")),
        ],
    )
}

pub(in crate::api) fn status(method: &Method) -> OperationSpec {
    let codes = (200..600).filter(|code| !reason_phrase(*code).is_empty());
    let code = integer(200, Some(599)).enum_values(Some(codes.map(Value::from)));
    let success = |text: &str| {
        let example = json!({"status": 200, "reason": "OK"});
        ResponseSpec::new(text).content(JSON, of::<StatusText>(), example)
    };
    let error = |text: &str| {
        let example = problem::example(ProblemKind::NotFound);
        ResponseSpec::new(text).content(PROBLEM_JSON, of::<Problem>(), example)
    };
    let summary = "Returns a response with the requested status";
    OperationSpec::new(&id(method, "Status"), summary)
        .text("With the usual headers of that status. Redirects lead to `/api/echo`.")
        .path(
            "code",
            code,
            "A registered status code of 200 or above.",
            404,
        )
        .response(204, ResponseSpec::new("No content."))
        .response(
            205,
            ResponseSpec::new("No content; the client may reset its form."),
        )
        .response(304, ResponseSpec::new("Not modified.").headers(&["ETag"]))
        .status_class(
            "2XX",
            success("A successful response.")
                .headers(&["Location=Elsewhere", "Content-Range=Part"]),
        )
        .status_class(
            "3XX",
            success("A redirection.").headers(&["Location=Elsewhere"]),
        )
        .status_class("4XX", error("A client error."))
        .status_class("5XX", error("A server error."))
        .without_any_problems()
}

/// Returns the id of an operation that every method has, such as `getEcho`.
fn id(method: &Method, name: &str) -> String {
    format!("{}{name}", method.as_str().to_lowercase())
}

pub(in crate::api) fn time() -> OperationSpec {
    let example = json!({"time": "2026-01-01T09:03:00Z"});
    let response = ResponseSpec::new("The time.")
        .headers(&["Cache-Control=Freshness"])
        .content(JSON, of::<ServerTime>(), example);
    OperationSpec::new("time", "Returns the time of the server")
        .text("A cache may use the response for 30 seconds; the time in it shows whether it did.")
        .response(200, response)
        .problems(&[ProblemKind::InvalidQuery])
        .without_problems(&[ProblemKind::UnknownSandbox])
}
