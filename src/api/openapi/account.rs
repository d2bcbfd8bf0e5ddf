//! `/api/session`, `/api/tokens`, `/api/me` and `/api/admin/stats`: who asks, and what they may do.

use serde_json::{Value, json};
use utoipa::openapi::path::HttpMethod::{Delete, Get, Patch, Post};

use super::operation::{Described, Op, Reply};
use super::schema::{JSON, list, named, text};
use super::user::{changed, example, shown};
use super::{security, user};
use crate::api::negotiate::Format;
use crate::model::credential::PASSWORD;
use crate::model::problem::ProblemKind;

pub(super) fn operations() -> Vec<Described> {
    let mut operations = session();
    operations.extend(tokens());
    operations.extend(me());
    operations.push(stats());
    operations
}

fn session() -> Vec<Described> {
    let user = || serde_json::from_slice::<Value>(&Format::Json.one(&example())).expect("JSON");
    let login = json!({"email": "ada@example.com", "password": PASSWORD});
    vec![
        Op::new(
            Post,
            "/api/session",
            "logIn",
            "account",
            "Logs in as a user of the sandbox",
        )
        .text(&format!(
            "The password of every user is `{PASSWORD}`. The cookie `api_session` comes back."
        ))
        .body("Who.", vec![(JSON, named("Login"), login)])
        .reply(
            201,
            Reply::new("Who is logged in now.")
                .headers(&["Location", "Sandbox-Key"])
                .content(JSON, named("User"), user()),
        )
        .problems(&[ProblemKind::WrongLogin, ProblemKind::InvalidQuery])
        .done(),
        caller(Op::new(
            Get,
            "/api/session",
            "showSession",
            "account",
            "Who is logged in",
        ))
        .reply(
            200,
            Reply::new("The user.").content(JSON, named("User"), user()),
        )
        .done(),
        Op::new(Delete, "/api/session", "logOut", "account", "Logs out")
            .text("Also who is not logged in.")
            .reply(
                204,
                Reply::new("Nobody is logged in by this cookie any more."),
            )
            .problems(&[ProblemKind::InvalidQuery])
            .done(),
    ]
}

fn tokens() -> Vec<Described> {
    let token = || {
        json!({
            "id": "5a0f6f0e-8a0e-4a55-9a39-0f6de1d1f4c2", "name": "curl", "kind": "opaque",
            "created_at": "2026-01-01T09:03:00Z", "expires_at": "2026-01-01T10:03:00Z", "last_used_at": null,
        })
    };
    let mut new = token();
    new["token"] = json!("rbt_Zm9vYmFyYmF6cXV4");
    let id = "5a0f6f0e-8a0e-4a55-9a39-0f6de1d1f4c2";
    let of_token = |op: Op| {
        caller(op)
            .path(
                "id",
                text().min_length(Some(1)).pattern(Some("^[^/]+$")),
                "The id of the token, not the token.",
                id,
            )
            .problems(&[ProblemKind::NotFound])
    };
    vec![
        caller(Op::new(
            Post,
            "/api/tokens",
            "createToken",
            "account",
            "A new token for who asks",
        ))
        .text("The token itself is told only here.")
        .body(
            "What it is to be.",
            vec![(
                JSON,
                named("NewToken"),
                json!({"name": "curl", "kind": "opaque"}),
            )],
        )
        .reply(
            201,
            Reply::new("The token, with its secret.")
                .headers(&["Location"])
                .content(JSON, named("TokenWithSecret"), new)
                .link("showToken", "id", "$response.body#/id")
                .link("deleteToken", "id", "$response.body#/id"),
        )
        .done(),
        caller(Op::new(
            Get,
            "/api/tokens",
            "listTokens",
            "account",
            "The tokens of who asks",
        ))
        .reply(
            200,
            Reply::new("The tokens, without their secrets.").content(
                JSON,
                list(named("Token")),
                json!([token()]),
            ),
        )
        .done(),
        of_token(Op::new(
            Get,
            "/api/tokens/{id}",
            "showToken",
            "account",
            "A token",
        ))
        .reply(
            200,
            Reply::new("The token, without its secret.").content(JSON, named("Token"), token()),
        )
        .done(),
        of_token(Op::new(
            Delete,
            "/api/tokens/{id}",
            "deleteToken",
            "account",
            "Takes a token back",
        ))
        .reply(204, Reply::new("It is worth nothing any more."))
        .done(),
    ]
}

fn me() -> Vec<Described> {
    vec![
        caller(Op::new(
            Get,
            "/api/me",
            "showMe",
            "account",
            "The user who asks",
        ))
        .conditional_read()
        .reply(200, shown("The user.").headers(&["Content-Location"]))
        .problems(&[ProblemKind::NotAcceptable])
        .done(),
        caller(Op::new(
            Patch,
            "/api/me",
            "updateMe",
            "account",
            "Some fields of the user who asks",
        ))
        .text("Nobody gives themselves the role admin.")
        .conditional_write()
        .body("What changes.", user::patch())
        .reply(200, changed("The user as it is now."))
        .problems(&[
            ProblemKind::NotAcceptable,
            ProblemKind::DuplicateEmail,
            ProblemKind::IdMismatch,
            ProblemKind::Forbidden,
        ])
        .done(),
    ]
}

fn stats() -> Described {
    let counts = json!({"users": {"admin": 3, "member": 9}, "tokens": 1, "sessions": 0});
    caller(Op::new(
        Get,
        "/api/admin/stats",
        "stats",
        "account",
        "How much there is in the sandbox",
    ))
    .text("For the role admin.")
    .reply(
        200,
        Reply::new("The counts.").content(JSON, named("Stats"), counts),
    )
    .problems(&[ProblemKind::Forbidden])
    .done()
}

/// For a user who says who they are.
fn caller(op: Op) -> Op {
    op.security(security::of_callers()).problems(&[
        ProblemKind::Unauthorized,
        ProblemKind::InvalidToken,
        ProblemKind::BadRequest,
        ProblemKind::InvalidQuery,
    ])
}
