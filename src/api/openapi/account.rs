//! `/api/session`, `/api/tokens`, `/api/me` and `/api/admin/stats`: who asks, and what they may do.

use serde_json::{Value, json};

use super::operation::{Op, ResponseSpec};
use super::schema::{JSON, list, of, text};
use super::user::{changed, example, shown};
use super::{security, user};
use crate::api::http::negotiation::UserFormat;
use crate::api::resources::admin::Stats;
use crate::api::resources::token::CreatedToken;
use crate::model::credential::{LoginRequest, NewToken, PASSWORD, Token};
use crate::model::problem::ProblemKind;
use crate::model::user::User;

pub(in crate::api) fn log_in() -> Op {
    let login = json!({"email": "ada@example.com", "password": PASSWORD});
    Op::new("logIn", "Logs in as a user of the sandbox")
        .text(&format!(
            "The password of every user is `{PASSWORD}`. The cookie `api_session` comes back."
        ))
        .body("Who.", vec![(JSON, of::<LoginRequest>(), login)])
        .response(
            201,
            ResponseSpec::new("Who is logged in now.")
                .headers(&["Location", "Sandbox-Key"])
                .content(JSON, of::<User>(), user_example()),
        )
        .problems(&[ProblemKind::WrongLogin, ProblemKind::InvalidQuery])
}

pub(in crate::api) fn show_session() -> Op {
    let response = ResponseSpec::new("The user.").content(JSON, of::<User>(), user_example());
    caller(Op::new("showSession", "Who is logged in")).response(200, response)
}

pub(in crate::api) fn log_out() -> Op {
    Op::new("logOut", "Logs out")
        .text("Also who is not logged in.")
        .response(
            204,
            ResponseSpec::new("Nobody is logged in by this cookie any more."),
        )
        .problems(&[ProblemKind::InvalidQuery])
}

pub(in crate::api) fn create_token() -> Op {
    let body = json!({"name": "curl", "kind": "opaque"});
    let mut token = token_example();
    token["token"] = json!("rbt_Zm9vYmFyYmF6cXV4");
    caller(Op::new("createToken", "A new token for who asks"))
        .text("The token itself is told only here.")
        .body("What it is to be.", vec![(JSON, of::<NewToken>(), body)])
        .response(
            201,
            ResponseSpec::new("The token, with its secret.")
                .headers(&["Location"])
                .content(JSON, of::<CreatedToken<'_>>(), token)
                .link("showToken", "id", "$response.body#/id")
                .link("deleteToken", "id", "$response.body#/id"),
        )
}

pub(in crate::api) fn list_tokens() -> Op {
    let tokens = json!([token_example()]);
    let response = ResponseSpec::new("The tokens, without their secrets.");
    caller(Op::new("listTokens", "The tokens of who asks"))
        .response(200, response.content(JSON, list(of::<Token>()), tokens))
}

pub(in crate::api) fn show_token() -> Op {
    let response = ResponseSpec::new("The token, without its secret.");
    of_token(Op::new("showToken", "A token"))
        .response(200, response.content(JSON, of::<Token>(), token_example()))
}

pub(in crate::api) fn delete_token() -> Op {
    of_token(Op::new("deleteToken", "Takes a token back"))
        .response(204, ResponseSpec::new("It is worth nothing any more."))
}

pub(in crate::api) fn show_me() -> Op {
    caller(Op::new("showMe", "The user who asks"))
        .conditional_read()
        .response(200, shown("The user.").headers(&["Content-Location"]))
        .problems(&[ProblemKind::NotAcceptable])
}

pub(in crate::api) fn update_me() -> Op {
    caller(Op::new("updateMe", "Some fields of the user who asks"))
        .text("Nobody gives themselves the role admin.")
        .conditional_write()
        .body("What changes.", user::patch())
        .response(200, changed("The user as it is now."))
        .problems(&[
            ProblemKind::NotAcceptable,
            ProblemKind::DuplicateEmail,
            ProblemKind::IdMismatch,
            ProblemKind::Forbidden,
        ])
}

pub(in crate::api) fn stats() -> Op {
    let counts = json!({"users": {"admin": 3, "member": 9}, "tokens": 1, "sessions": 0});
    caller(Op::new("stats", "How much there is in the sandbox"))
        .text("For the role admin.")
        .response(
            200,
            ResponseSpec::new("The counts.").content(JSON, of::<Stats>(), counts),
        )
        .problems(&[ProblemKind::Forbidden])
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

/// With the id of a token in its path.
fn of_token(op: Op) -> Op {
    let id = text().min_length(Some(1)).pattern(Some("^[^/]+$"));
    caller(op)
        .path("id", id, "The id of the token, not the token.", TOKEN_ID)
        .problems(&[ProblemKind::NotFound])
}

const TOKEN_ID: &str = "5a0f6f0e-8a0e-4a55-9a39-0f6de1d1f4c2";

fn token_example() -> Value {
    json!({
        "id": TOKEN_ID, "name": "curl", "kind": "opaque",
        "created_at": "2026-01-01T09:03:00Z", "expires_at": "2026-01-01T10:03:00Z", "last_used_at": null,
    })
}

fn user_example() -> Value {
    serde_json::from_slice(&UserFormat::Json.one(&example())).expect("JSON")
}
