//! `/api/sandbox` and what is below it.

use serde_json::json;
use utoipa::openapi::path::HttpMethod::{Delete, Get, Patch, Post};

use super::operation::{Described, Op, Reply};
use super::schema::{JSON, list, named, object, pattern, text};
use crate::api::error::MERGE_PATCH;
use crate::model::problem::ProblemKind;

pub(super) fn operations() -> Vec<Described> {
    let mut operations = itself();
    operations.extend(record());
    operations
}

/// An operation on the sandbox itself; these have a rate limit of their own.
fn op(method: utoipa::openapi::HttpMethod, path: &'static str, id: &str, summary: &str) -> Op {
    Op::new(method, path, id, "sandbox", summary)
}

fn itself() -> Vec<Described> {
    let off = json!({
        "require_auth": false, "require_if_match": false, "require_idempotency_key": false,
        "latency_ms": 0, "fail_every": null, "rate_limit": null,
    });
    let sandbox = move |text: &str| {
        let example = json!({"key": "mB3v0h8yqS2c4rT6uW8xZA", "behaviours": off});
        Reply::new(text).content(JSON, named("Sandbox"), example)
    };
    vec![
        op(Get, "/api/sandbox", "showSandbox", "The visitor's sandbox")
            .text("Its key, from the request's own header or cookie, or null; and how it behaves.")
            .reply(200, sandbox("The sandbox, or that there is none."))
            .never(&[ProblemKind::UnknownSandbox])
            .done(),
        op(
            Post,
            "/api/sandbox",
            "createSandbox",
            "Makes a sandbox, unless there is one",
        )
        .reply(200, sandbox("The sandbox that was there."))
        .reply(201, sandbox("The new sandbox.").headers(&["Sandbox-Key"]))
        .done(),
        op(Patch, "/api/sandbox", "updateSandbox", "Changes behaviours")
            .text("Makes a sandbox where there is none.")
            .body(
                "What changes.",
                vec![(
                    MERGE_PATCH,
                    named("BehavioursPatch"),
                    json!({"require_if_match": true}),
                )],
            )
            .reply(
                200,
                sandbox("The sandbox as it behaves now.").headers(&["Sandbox-Key"]),
            )
            .done(),
        op(Delete, "/api/sandbox", "deleteSandbox", "Ends the sandbox")
            .reply(204, Reply::new("There is none any more."))
            .done(),
        op(
            Post,
            "/api/sandbox/reset",
            "resetSandbox",
            "Puts the twelve users back",
        )
        .text(
            "Byte for byte as they were. Switches are off again, sessions and tokens end. `undo` brings users, \
             switches and the next id back.",
        )
        .reply(204, Reply::new("The users are as in the beginning."))
        .done(),
        op(
            Post,
            "/api/sandbox/undo",
            "undo",
            "Takes the last change back",
        )
        .reply(
            200,
            Reply::new("The request whose changes are taken back.")
                .content(
                    JSON,
                    object(&[("undone", named("UndoneStep"))]),
                    json!({"undone": {
                        "id": "0b8c9f0e-3c1f-4a51-9d0e-6a1f3c2b7d10", "at": "2026-01-01T09:03:00Z",
                        "method": "DELETE", "target": "/api/users/2", "changed": 1,
                    }}),
                )
                .link("showExchange", "request_id", "$response.body#/undone/id"),
        )
        .text(
            "Also one that was not recorded, and a reset. Nothing is written when a user is not as the change left it.",
        )
        .problems(&[
            ProblemKind::Conflict,
            ProblemKind::ChangedSince,
            ProblemKind::DuplicateEmail,
        ])
        .done(),
    ]
}

fn record() -> Vec<Described> {
    let either = utoipa::openapi::OneOfBuilder::new()
        .item(named("ExchangeSummary"))
        .item(named("Exchange"));
    let exchange = || {
        let body = json!({"size": 0, "text": "", "cut": false});
        json!({
            "id": "0b8c9f0e-3c1f-4a51-9d0e-6a1f3c2b7d10", "at": "2026-01-01T09:03:00Z", "took": 912,
            "request": {"method": "DELETE", "target": "/api/users/2", "version": "HTTP/1.1", "headers": [], "body": body},
            "reply": {"status": 204, "headers": [["vary", "Cookie, Sandbox-Key, Authorization"]], "body": body},
            "trace": [{"kind": "route", "name": "/api/users/{id}", "outcome": "passed", "at": 20, "took": 880}],
            "changes": [],
        })
    };
    vec![
        op(Get, "/api/sandbox/exchanges", "listExchanges", "What was recorded, the newest first")
            .text(
                "The last 200 exchanges in short; none without a sandbox. With `group` those of one group, whole, after \
                 waiting up to a second for what is still being recorded.",
            )
            .query("group", text(), "What the client sent with those requests as the header Exchange-Group.")
            .reply(200, Reply::new("The exchanges.").content(JSON, list(either), json!([summary()])).link("showExchange", "request_id", "$response.body#/0/id"))
            .problems(&[ProblemKind::InvalidQuery])
            .done(),
        op(Get, "/api/sandbox/exchanges/{request_id}", "showExchange", "A recorded exchange")
            .text("Whole as JSON; with `Accept: text/plain` its story, a line a step.")
            .path("request_id", pattern("^[^/]+$"), "The Request-Id of its reply.", "0b8c9f0e-3c1f-4a51-9d0e-6a1f3c2b7d10")
            .reply(
                200,
                Reply::new("The exchange.")
                    .content(JSON, named("Exchange"), exchange())
                    .content("text/plain", text(), "DELETE /api/users/2 HTTP/1.1\n✓ route          /api/users/{id} (880 µs)\n"),
            )
            .problems(&[ProblemKind::NotFound, ProblemKind::InvalidQuery])
            .done(),
        op(Get, "/api/sandbox/events", "events", "Each exchange as it happens")
            .text(
                "Server-sent events: `event: exchange`, the Request-Id as `id`, the exchange as JSON in `data`, \
                 from whatever client it comes. With Last-Event-ID first what came after that one; all that is kept when \
                 that one is not kept any more. A client that is too slow gets `event: lagged` with the number of exchanges \
                 that it missed. At most five streams a sandbox; each ends after an hour.",
            )
            .header("Last-Event-ID", text(), "The id of the last event that the client had.", "0b8c9f0e-3c1f-4a51-9d0e-6a1f3c2b7d10")
            .reply(200, Reply::new("The stream.").content("text/event-stream", text(), "event: exchange\nid: …\ndata: {…}\n\n"))
            .problems(&[ProblemKind::NotFound, ProblemKind::InvalidQuery])
            .done(),
    ]
}

fn summary() -> serde_json::Value {
    json!({
        "id": "0b8c9f0e-3c1f-4a51-9d0e-6a1f3c2b7d10", "at": "2026-01-01T09:03:00Z", "took": 912,
        "method": "DELETE", "target": "/api/users/2", "status": 204, "changed": 1,
    })
}
