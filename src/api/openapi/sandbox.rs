//! `/api/sandbox` and what is below it.

use serde_json::{Value, json};
use utoipa::openapi::OneOfBuilder;

use super::operation::{Op, ResponseSpec};
use super::schema::{JSON, list, named, of, pattern, text};
use crate::api::error::MERGE_PATCH;
use crate::api::resources::sandbox::{Sandbox, Undone};
use crate::model::exchange::{Exchange, ExchangeSummary};
use crate::model::problem::ProblemKind;

pub(in crate::api) fn show() -> Op {
    Op::new("showSandbox", "The visitor's sandbox")
        .text("Its key, from the request's own header or cookie, or null; and how it behaves.")
        .response(200, sandbox("The sandbox, or that there is none."))
        .never(&[ProblemKind::UnknownSandbox])
}

pub(in crate::api) fn create() -> Op {
    Op::new("createSandbox", "Makes a sandbox, unless there is one")
        .response(200, sandbox("The sandbox that was there."))
        .response(201, sandbox("The new sandbox.").headers(&["Sandbox-Key"]))
}

pub(in crate::api) fn update() -> Op {
    let body = json!({"require_if_match": true});
    Op::new("updateSandbox", "Changes behaviors")
        .text("Makes a sandbox where there is none.")
        .body(
            "What changes.",
            vec![(MERGE_PATCH, named("BehaviorsPatch"), body)],
        )
        .response(
            200,
            sandbox("The sandbox as it behaves now.").headers(&["Sandbox-Key"]),
        )
}

pub(in crate::api) fn delete() -> Op {
    Op::new("deleteSandbox", "Ends the sandbox")
        .response(204, ResponseSpec::new("There is none any more."))
}

pub(in crate::api) fn reset() -> Op {
    Op::new("resetSandbox", "Puts the twelve users back")
        .text(
            "Byte for byte as they were. Switches are off again, sessions and tokens end. `undo` brings users, \
             switches and the next id back.",
        )
        .response(204, ResponseSpec::new("The users are as in the beginning."))
}

pub(in crate::api) fn undo() -> Op {
    let undone = json!({
        "id": ID, "at": "2026-01-01T09:03:00Z", "method": "DELETE", "target": "/api/users/2", "changed": 1,
    });
    Op::new("undo", "Takes the last change back")
        .text(
            "Also one that was not recorded, and a reset. Nothing is written when a user is not as the change left it.",
        )
        .response(
            200,
            ResponseSpec::new("The request whose changes are taken back.")
                .content(JSON, of::<Undone>(), json!({"undone": undone}))
                .link("showExchange", "request_id", "$response.body#/undone/id"),
        )
        .problems(&[
            ProblemKind::Conflict,
            ProblemKind::ChangedSince,
            ProblemKind::DuplicateEmail,
        ])
}

pub(in crate::api) fn list_exchanges() -> Op {
    let either = OneOfBuilder::new()
        .item(of::<ExchangeSummary<'_>>())
        .item(of::<Exchange>());
    let group = "What the client sent with those requests as the header Exchange-Group.";
    Op::new("listExchanges", "What was recorded, the newest first")
        .text(
            "The last 200 exchanges in short; none without a sandbox. With `group` those of one group, whole, after \
             waiting up to a second for what is still being recorded.",
        )
        .query("group", text(), group)
        .response(
            200,
            ResponseSpec::new("The exchanges.")
                .content(JSON, list(either), json!([summary()]))
                .link("showExchange", "request_id", "$response.body#/0/id"),
        )
        .problems(&[ProblemKind::InvalidQuery])
}

pub(in crate::api) fn show_exchange() -> Op {
    let body = json!({"size": 0, "text": "", "cut": false});
    let exchange = json!({
        "id": ID, "at": "2026-01-01T09:03:00Z", "took": 912,
        "request": {"method": "DELETE", "target": "/api/users/2", "version": "HTTP/1.1", "headers": [], "body": body},
        "response": {"status": 204, "headers": [["vary", "Cookie, Sandbox-Key, Authorization"]], "body": body},
        "trace": [{"kind": "route", "name": "/api/users/{id}", "outcome": "passed", "at": 20, "took": 880}],
        "changes": [],
    });
    let steps = "DELETE /api/users/2 HTTP/1.1\n✓ route          /api/users/{id} (880 µs)\n";
    Op::new("showExchange", "A recorded exchange")
        .text("Whole as JSON; with `Accept: text/plain` its story, a line a step.")
        .path(
            "request_id",
            pattern("^[^/]+$"),
            "The Request-Id of its response.",
            ID,
        )
        .response(
            200,
            ResponseSpec::new("The exchange.")
                .content(JSON, of::<Exchange>(), exchange)
                .content("text/plain", text(), steps),
        )
        .problems(&[ProblemKind::NotFound, ProblemKind::InvalidQuery])
}

pub(in crate::api) fn events() -> Op {
    let last = "The id of the last event that the client had.";
    let stream = "event: exchange\nid: …\ndata: {…}\n\n";
    Op::new("events", "Each exchange as it happens")
        .text(
            "Server-sent events: `event: exchange`, the Request-Id as `id`, the exchange as JSON in `data`, \
             from whatever client it comes. With Last-Event-ID first what came after that one; all that is kept when \
             that one is not kept any more. A client that is too slow gets `event: lagged` with the number of exchanges \
             that it missed. At most five streams a sandbox; each ends after an hour.",
        )
        .header("Last-Event-ID", text(), last, ID)
        .response(
            200,
            ResponseSpec::new("The stream.").content("text/event-stream", text(), stream),
        )
        .problems(&[ProblemKind::NotFound, ProblemKind::InvalidQuery])
}

const ID: &str = "0b8c9f0e-3c1f-4a51-9d0e-6a1f3c2b7d10";

fn sandbox(text: &str) -> ResponseSpec {
    let off = json!({
        "require_auth": false, "require_if_match": false, "require_idempotency_key": false,
        "latency_ms": 0, "fail_every": null, "rate_limit": null,
    });
    let example = json!({"key": "mB3v0h8yqS2c4rT6uW8xZA", "behaviors": off});
    ResponseSpec::new(text).content(JSON, of::<Sandbox<'_>>(), example)
}

fn summary() -> Value {
    json!({
        "id": ID, "at": "2026-01-01T09:03:00Z", "took": 912,
        "method": "DELETE", "target": "/api/users/2", "status": 204, "changed": 1,
    })
}
