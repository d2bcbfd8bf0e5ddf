//! The operations of `/api/sandbox` and the paths below it.

use serde_json::{Value, json};
use utoipa::openapi::OneOfBuilder;

use super::operation::{OperationSpec, ResponseSpec};
use super::schema::{JSON, list, named, of, pattern, text};
use crate::api::error::MERGE_PATCH;
use crate::api::resources::sandbox::{Sandbox, Undone};
use crate::model::exchange::{Exchange, ExchangeSummary};
use crate::model::problem::ProblemKind;

pub(in crate::api) fn show() -> OperationSpec {
    OperationSpec::new("showSandbox", "Shows the sandbox of the visitor")
        .text("The key from the header or the cookie of the request, or null when there is none, and the behaviors of the sandbox.")
        .response(200, sandbox("The sandbox; the key is null when there is none."))
        .without_problems(&[ProblemKind::UnknownSandbox])
}

pub(in crate::api) fn create() -> OperationSpec {
    OperationSpec::new("createSandbox", "Creates a sandbox unless one exists")
        .response(200, sandbox("The existing sandbox."))
        .response(201, sandbox("The new sandbox.").headers(&["Sandbox-Key"]))
}

pub(in crate::api) fn update() -> OperationSpec {
    let body = json!({"require_if_match": true});
    OperationSpec::new("updateSandbox", "Changes the behaviors")
        .text("Creates a sandbox when there is none.")
        .body(
            "The fields to change.",
            vec![(MERGE_PATCH, named("BehaviorsPatch"), body)],
        )
        .response(
            200,
            sandbox("The sandbox with the changed behaviors.").headers(&["Sandbox-Key"]),
        )
}

pub(in crate::api) fn delete() -> OperationSpec {
    OperationSpec::new("deleteSandbox", "Deletes the sandbox").response(
        204,
        ResponseSpec::new("The sandbox does not exist any more."),
    )
}

pub(in crate::api) fn reset() -> OperationSpec {
    OperationSpec::new("resetSandbox", "Restores the twelve users")
        .text(
            "The users are the same byte for byte. All behaviors are switched off, and sessions and tokens are deleted. `undo` restores the users, the behaviors and the next id.",
        )
        .response(204, ResponseSpec::new("The users are those of the seed again."))
}

pub(in crate::api) fn undo() -> OperationSpec {
    let undone = json!({
        "id": ID, "at": "2026-01-01T09:03:00Z", "method": "DELETE", "target": "/api/users/2", "changed": 1,
    });
    OperationSpec::new("undo", "Reverts the last change")
        .text(
            "Includes changes that were not recorded, and resets. Nothing is changed when a user was modified after the change.",
        )
        .response(
            200,
            ResponseSpec::new("The request whose changes were reverted.")
                .content(JSON, of::<Undone>(), json!({"undone": undone}))
                .link("showExchange", "request_id", "$response.body#/undone/id"),
        )
        .problems(&[
            ProblemKind::Conflict,
            ProblemKind::ChangedSince,
            ProblemKind::DuplicateEmail,
        ])
}

pub(in crate::api) fn list_exchanges() -> OperationSpec {
    let either = OneOfBuilder::new()
        .item(of::<ExchangeSummary<'_>>())
        .item(of::<Exchange>());
    let group = "The value of Exchange-Group that the client sent with the requests.";
    OperationSpec::new("listExchanges", "Lists the recorded exchanges, newest first")
        .text(
            "Summaries of the last 200 exchanges; none without a sandbox. With `group` the complete exchanges of one exchange group, after a wait of up to one second for exchanges that are still being recorded.",
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

pub(in crate::api) fn show_exchange() -> OperationSpec {
    let body = json!({"size": 0, "text": "", "cut": false});
    let exchange = json!({
        "id": ID, "at": "2026-01-01T09:03:00Z", "took": 912,
        "request": {"method": "DELETE", "target": "/api/users/2", "version": "HTTP/1.1", "headers": [], "body": body},
        "response": {"status": 204, "headers": [["vary", "Cookie, Sandbox-Key, Authorization"]], "body": body},
        "trace": [{"kind": "route", "name": "/api/users/{id}", "outcome": "passed", "at": 20, "took": 880}],
        "changes": [],
    });
    let steps = "DELETE /api/users/2 HTTP/1.1\n✓ route          /api/users/{id} (880 µs)\n";
    OperationSpec::new("showExchange", "Shows a recorded exchange")
        .text("The complete exchange as JSON, or with `Accept: text/plain` its trace with one line for each step.")
        .path(
            "request_id",
            pattern("^[^/]+$"),
            "The Request-Id of the response.",
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

pub(in crate::api) fn events() -> OperationSpec {
    let last = "The id of the last event that the client received.";
    let stream = "event: exchange\nid: …\ndata: {…}\n\n";
    OperationSpec::new("events", "Streams new exchanges")
        .text(
            "Server-sent events for the exchanges of all clients: `event: exchange`, the Request-Id as `id`, and the exchange as JSON in `data`. With Last-Event-ID the stream begins with the exchanges after that one, or with all recorded exchanges when that one is no longer recorded. A client that reads too slowly receives `event: lagged` with the number of exchanges that it missed. A sandbox has at most five streams, and a stream ends after one hour.",
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
