//! The operations of `/api/session`, `/api/tokens`, `/api/me` and `/api/admin/stats`.

use serde_json::{Value, json};

use super::operation::{OperationSpec, ResponseSpec};
use super::schema::{JSON, list, of, text};
use super::user::{changed_user_response, example, user_response};
use super::{security, user};
use crate::api::format::UserFormat;
use crate::api::resources::admin::Stats;
use crate::api::resources::token::CreatedToken;
use crate::model::credential::{LoginRequest, NewToken, PASSWORD, Token};
use crate::model::problem::ProblemKind;
use crate::model::user::User;

pub(in crate::api) fn log_in() -> OperationSpec {
    let login = json!({"email": "ada@example.com", "password": PASSWORD});
    OperationSpec::new("logIn", "Logs in as a user of the sandbox")
        .text(&format!(
            "The password of every user is `{PASSWORD}`. The response sets the cookie `api_session`."
        ))
        .body("The credentials.", vec![(JSON, of::<LoginRequest>(), login)])
        .response(
            201,
            ResponseSpec::new("The user who is logged in now.")
                .headers(&["Location", "Sandbox-Key"])
                .content(JSON, of::<User>(), user_example()),
        )
        .problems(&[ProblemKind::WrongLogin, ProblemKind::InvalidQuery])
}

pub(in crate::api) fn show_session() -> OperationSpec {
    let response = ResponseSpec::new("The user.").content(JSON, of::<User>(), user_example());
    with_authentication(OperationSpec::new(
        "showSession",
        "Shows the user who is logged in",
    ))
    .response(200, response)
}

pub(in crate::api) fn log_out() -> OperationSpec {
    OperationSpec::new("logOut", "Logs out")
        .text("Succeeds also when no user is logged in.")
        .response(
            204,
            ResponseSpec::new("The session of the cookie does not exist any more."),
        )
        .problems(&[ProblemKind::InvalidQuery])
}

pub(in crate::api) fn create_token() -> OperationSpec {
    let body = json!({"name": "curl", "kind": "opaque"});
    let mut token = token_example();
    token["token"] = json!("rbt_Zm9vYmFyYmF6cXV4");
    with_authentication(OperationSpec::new(
        "createToken",
        "Creates a token for the authenticated user",
    ))
    .text("Only this response contains the secret of the token.")
    .body("The token to create.", vec![(JSON, of::<NewToken>(), body)])
    .response(
        201,
        ResponseSpec::new("The token, with its secret.")
            .headers(&["Location"])
            .content(JSON, of::<CreatedToken<'_>>(), token)
            .link("showToken", "id", "$response.body#/id")
            .link("deleteToken", "id", "$response.body#/id"),
    )
}

pub(in crate::api) fn list_tokens() -> OperationSpec {
    let tokens = json!([token_example()]);
    let response = ResponseSpec::new("The tokens, without their secrets.");
    with_authentication(OperationSpec::new(
        "listTokens",
        "Lists the tokens of the authenticated user",
    ))
    .response(200, response.content(JSON, list(of::<Token>()), tokens))
}

pub(in crate::api) fn show_token() -> OperationSpec {
    let response = ResponseSpec::new("The token, without its secret.");
    of_token(OperationSpec::new("showToken", "Shows a token"))
        .response(200, response.content(JSON, of::<Token>(), token_example()))
}

pub(in crate::api) fn delete_token() -> OperationSpec {
    of_token(OperationSpec::new("deleteToken", "Revokes a token"))
        .response(204, ResponseSpec::new("The token is revoked."))
}

pub(in crate::api) fn show_me() -> OperationSpec {
    with_authentication(OperationSpec::new("showMe", "Shows the authenticated user"))
        .conditional_read()
        .response(
            200,
            user_response("The user.").headers(&["Content-Location"]),
        )
        .problems(&[ProblemKind::NotAcceptable])
}

pub(in crate::api) fn update_me() -> OperationSpec {
    with_authentication(OperationSpec::new(
        "updateMe",
        "Changes fields of the authenticated user",
    ))
    .text("Users cannot give themselves the role admin.")
    .conditional_write()
    .body("The fields to change.", user::patch())
    .response(200, changed_user_response("The user after the change."))
    .problems(&[
        ProblemKind::NotAcceptable,
        ProblemKind::DuplicateEmail,
        ProblemKind::IdMismatch,
        ProblemKind::Forbidden,
    ])
}

pub(in crate::api) fn stats() -> OperationSpec {
    let counts = json!({"users": {"admin": 3, "member": 9}, "tokens": 1, "sessions": 0});
    with_authentication(OperationSpec::new(
        "stats",
        "Counts the records of the sandbox",
    ))
    .text("Requires the role admin.")
    .response(
        200,
        ResponseSpec::new("The counts.").content(JSON, of::<Stats>(), counts),
    )
    .problems(&[ProblemKind::Forbidden])
}

/// Adds the security requirements and problems of an operation for authenticated users.
fn with_authentication(operation: OperationSpec) -> OperationSpec {
    operation
        .security(security::for_authenticated_user())
        .problems(&[
            ProblemKind::Unauthorized,
            ProblemKind::InvalidToken,
            ProblemKind::BadRequest,
            ProblemKind::InvalidQuery,
        ])
}

/// Adds the id of a token in the path.
fn of_token(operation: OperationSpec) -> OperationSpec {
    let id = text().min_length(Some(1)).pattern(Some("^[^/]+$"));
    with_authentication(operation)
        .path("id", id, "The id of the token, not its secret.", TOKEN_ID)
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
