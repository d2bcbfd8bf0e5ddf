//! `/api/echo` and `/api/status/{code}`: what says of a request how it was understood, and what gives the
//! reply that is asked for. Both take every method.

use serde_json::{Value, json};
use utoipa::openapi::path::HttpMethod::{self, Delete, Get, Patch, Post, Put};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{OneOfBuilder, RefOr, Schema};

use super::operation::{Described, Op, Reply};
use super::problem::{self, PROBLEM_JSON};
use super::schema::{JSON, integer, list, named, object, of_type, pattern, text};
use crate::model::http::reason_phrase;
use crate::model::problem::ProblemKind;

pub(super) fn operations() -> Vec<Described> {
    let methods = [
        (Get, "get"),
        (Post, "post"),
        (Put, "put"),
        (Patch, "patch"),
        (Delete, "delete"),
    ];
    let of = |(method, name): (HttpMethod, &str)| {
        [
            echo(method.clone(), name),
            echo_below(method.clone(), name),
            status(method, name),
        ]
    };
    methods.into_iter().flat_map(of).collect()
}

fn echo(method: HttpMethod, name: &str) -> Described {
    let id = format!("{name}Echo");
    echoed(
        Op::new(
            method.clone(),
            "/api/echo",
            &id,
            "mirror",
            "What the server understood",
        ),
        &method,
    )
}

fn echo_below(method: HttpMethod, name: &str) -> Described {
    let id = format!("{name}EchoBelow");
    let op = Op::new(
        method.clone(),
        "/api/echo/{path}",
        &id,
        "mirror",
        "What the server understood",
    )
    .path(
        "path",
        pattern("^[^/?#].*$"),
        "Any; it may have several segments.",
        "a/b",
    );
    echoed(op, &method)
}

fn echoed(op: Op, method: &HttpMethod) -> Described {
    let op = op
        .text("The method, the path, the pairs of the query, headers, cookies and body, as this server reads them.")
        .reply(200, Reply::new("What was understood.").content(JSON, named("Echo"), example()))
        .problems(&[ProblemKind::BadRequest, ProblemKind::ContentTooLarge])
        .never(NO_DATA);
    match method {
        Post | Put | Patch => op.any_body(
            "Whatever there is to read.",
            vec![
                (
                    JSON,
                    ObjectBuilder::new()
                        .schema_type(SchemaType::AnyValue)
                        .into(),
                    json!({"a": [1, 2]}),
                ),
                (
                    "application/x-www-form-urlencoded",
                    ObjectBuilder::new().schema_type(Type::Object).into(),
                    json!({"a": "1"}),
                ),
                ("text/plain", text().into(), json!("안녕")),
            ],
        ),
        _ => op,
    }
    .done()
}

fn status(method: HttpMethod, name: &str) -> Described {
    let id = format!("{name}Status");
    let codes = (200..600).filter(|code| !reason_phrase(*code).is_empty());
    let code = integer(200, Some(599)).enum_values(Some(codes.map(Value::from)));
    let said: RefOr<Schema> = object(&[
        ("status", integer(200, Some(399)).into()),
        ("reason", text().into()),
    ])
    .into();
    let said = |words: &str| {
        let example = json!({"status": 200, "reason": "OK"});
        Reply::new(words).content(JSON, said.clone(), example)
    };
    let asked = |words: &str| {
        Reply::new(words).content(
            PROBLEM_JSON,
            named("Problem"),
            problem::example(ProblemKind::NotFound),
        )
    };
    Op::new(
        method,
        "/api/status/{code}",
        &id,
        "mirror",
        "The reply with the status that is asked for",
    )
    .text("With the headers that usually go with it. Redirects lead to `/api/echo`.")
    .path("code", code, "A registered status of 200 and more.", 404)
    .reply(204, Reply::new("No content."))
    .reply(
        205,
        Reply::new("No content; what was filled in may be emptied."),
    )
    .reply(304, Reply::new("Not modified.").headers(&["ETag"]))
    .range(
        "2XX",
        said("A success.").headers(&["Location=Elsewhere", "Content-Range=Part"]),
    )
    .range(
        "3XX",
        said("A redirection.").headers(&["Location=Elsewhere"]),
    )
    .range("4XX", asked("A fault of the request."))
    .range("5XX", asked("A fault of the server."))
    .without_common()
    .done()
}

/// What touches no data cannot fail by them.
const NO_DATA: &[ProblemKind] = &[
    ProblemKind::UnknownSandbox,
    ProblemKind::InsufficientStorage,
];

fn example() -> Value {
    json!({
        "method": "GET", "path": "/api/echo", "query": [{"name": "a", "value": "1"}],
        "headers": [{"name": "accept", "value": "*/*", "source": "client"}],
        "cookies": [], "content_type": null, "body": null,
    })
}

/// The schemas of what is told back.
pub(super) fn schemas() -> Vec<(&'static str, ObjectBuilder)> {
    let pairs = || list(named("Pair"));
    let or_null = |name| {
        let schema = OneOfBuilder::new()
            .item(named(name))
            .item(of_type(Type::Null));
        RefOr::from(schema)
    };
    let body = object(&[("size", integer(0, None).description(Some("Bytes.")).into())])
        .property("text", text())
        .property("base64", text())
        .property(
            "json",
            ObjectBuilder::new().schema_type(SchemaType::AnyValue),
        )
        .property("form", pairs())
        .property(
            "error",
            text().description(Some("Why it is not what its type says.")),
        );
    let echo = object(&[
        ("method", text().into()),
        (
            "path",
            text()
                .description(Some("As it was sent, still encoded."))
                .into(),
        ),
        ("query", pairs().into()),
        ("headers", list(named("ReceivedHeader")).into()),
        ("cookies", pairs().into()),
        ("content_type", or_null("MediaType")),
        ("body", or_null("EchoedBody")),
    ]);
    vec![
        (
            "Echo",
            echo.description(Some("A request as it was understood.")),
        ),
        (
            "EchoedBody",
            body.description(Some(
                "A body, and what it says if its type is one that is read here.",
            )),
        ),
        (
            "MediaType",
            object(&[("type", text().into()), ("parameters", pairs().into())]),
        ),
        (
            "Pair",
            object(&[("name", text().into()), ("value", text().into())]),
        ),
    ]
}
