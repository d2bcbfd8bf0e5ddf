//! Schemas of recorded exchanges: requests as received, replies as sent, and what happened between.

use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{OneOfBuilder, RefOr};

use super::schema::{UUID, integer, list, named, object, of_type, one_of, pattern, text, time};

/// Every schema with its name.
pub(super) fn all() -> Vec<(&'static str, ObjectBuilder)> {
    let mut all = exchanges();
    all.extend(messages());
    all.extend(steps());
    all
}

fn exchanges() -> Vec<(&'static str, ObjectBuilder)> {
    let summary = object(&[
        ("id", pattern(UUID).into()),
        ("at", time().into()),
        (
            "took",
            integer(0, None).description(Some("Microseconds.")).into(),
        ),
        ("method", text().into()),
        ("target", text().into()),
        ("status", integer(100, Some(999)).into()),
        (
            "changed",
            integer(0, None)
                .description(Some("How many users it changed."))
                .into(),
        ),
    ])
    .property("group", text());
    let user_or_null = || {
        let schema = OneOfBuilder::new()
            .item(named("User"))
            .item(of_type(Type::Null));
        RefOr::from(schema)
    };
    let change = object(&[("before", user_or_null()), ("after", user_or_null())]);
    let exchange = object(&[
        ("id", pattern(UUID).into()),
        ("at", time().into()),
        (
            "took",
            integer(0, None).description(Some("Microseconds.")).into(),
        ),
        ("request", named("ReceivedRequest")),
        ("reply", named("SentReply")),
        ("trace", list(named("Step")).into()),
        ("changes", list(named("RecordedChange")).into()),
    ])
    .property("group", text());
    let undone = object(&[
        ("id", pattern(UUID).into()),
        ("at", time().into()),
        ("method", text().into()),
        ("target", text().into()),
        (
            "changed",
            integer(0, None)
                .description(Some("How many users it had changed."))
                .into(),
        ),
    ]);
    vec![
        (
            "UndoneStep",
            undone.description(Some("A request whose changes were taken back.")),
        ),
        (
            "Exchange",
            exchange.description(Some(
                "A request as received, its reply as sent, and what happened between.",
            )),
        ),
        (
            "ExchangeSummary",
            summary.description(Some("An exchange in short.")),
        ),
        (
            "RecordedChange",
            change.description(Some(
                "A user before and after; null where there was or is none.",
            )),
        ),
    ]
}

fn messages() -> Vec<(&'static str, ObjectBuilder)> {
    let body = object(&[
        ("size", integer(0, None).into()),
        ("text", text().into()),
        ("cut", of_type(Type::Boolean).into()),
    ]);
    let header = object(&[
        ("name", text().into()),
        ("value", text().into()),
        ("source", one_of(&["client", "proxy"]).into()),
    ]);
    let request = object(&[
        ("method", text().into()),
        ("target", text().into()),
        ("version", text().into()),
        ("headers", list(named("ReceivedHeader")).into()),
        ("body", named("RecordedBody")),
    ]);
    let pair = list(text()).min_items(Some(2)).max_items(Some(2));
    let reply = object(&[
        ("status", integer(100, Some(999)).into()),
        ("headers", list(pair).into()),
        ("body", named("RecordedBody")),
    ]);
    vec![
        ("ReceivedRequest", request),
        (
            "ReceivedHeader",
            header.description(Some(
                "A header of a request, and whether the client or a proxy sent it.",
            )),
        ),
        ("SentReply", reply),
        (
            "RecordedBody",
            body.description(Some(
                "A body, as far as it is kept; `cut` says that there was more.",
            )),
        ),
    ]
}

fn steps() -> Vec<(&'static str, ObjectBuilder)> {
    let kinds = [
        "layer",
        "route",
        "extractor",
        "authentication",
        "authorization",
        "handler",
        "validation",
        "precondition",
        "sql",
        "constraint",
        "reply",
    ];
    let sql = object(&[
        ("parameters", list(text()).into()),
        ("rows", integer(0, None).into()),
        ("affected", integer(0, None).into()),
    ]);
    let step = object(&[
        ("kind", one_of(&kinds).into()),
        ("name", text().into()),
        (
            "outcome",
            one_of(&["passed", "stopped", "unreached"]).into(),
        ),
        (
            "at",
            integer(0, None)
                .description(Some("When it began: microseconds after the request."))
                .into(),
        ),
        (
            "took",
            integer(0, None).description(Some("Microseconds.")).into(),
        ),
    ])
    .property("detail", text())
    .property("sql", named("Sql"));
    vec![
        (
            "Step",
            step.description(Some("A step of what the server did.")),
        ),
        (
            "Sql",
            sql.description(Some("More of a step that is a statement.")),
        ),
    ]
}
