//! The operations of `/api/users`, `/api/users/{id}` and `/api/users/export`.

use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema};

use super::operation::{OperationSpec, ResponseSpec};
use super::schema::{JSON, integer, list as array, named, of, one_of, pattern, text};
use crate::api::error::MERGE_PATCH;
use crate::api::format::UserFormat;
use crate::api::http::list_query::{PAGE_MAX, PER_PAGE, PER_PAGE_MAX};
use crate::model::problem::ProblemKind;
use crate::model::timestamp::Timestamp;
use crate::model::user::{Email, NAME_MAX, NewUser, User, UserField, UserFields, UserId, UserRole};

pub(in crate::api) fn list() -> OperationSpec {
    let fields = UserField::ALL.map(UserField::as_str);
    let orders: Vec<String> = fields
        .iter()
        .flat_map(|field| [(*field).to_owned(), format!("-{field}")])
        .collect();
    let orders: Vec<&str> = orders.iter().map(String::as_str).collect();
    let number = |default, max| integer(1, Some(max)).default(Some(json!(default)));
    let response = ResponseSpec::new("A part of the list; empty beyond its end.").headers(&[
        "ETag",
        "Total-Count",
        "Link",
    ]);
    OperationSpec::new("listUsers", "Lists users")
        .text(
            "Pages in any order, or parts by `cursor` in the order of ids. With `cursor` no user is lost or repeated when users are created or deleted in the meantime. The links in `Link` keep the filters.",
        )
        .query("page", number(1, PAGE_MAX), "The page number, from 1. Not allowed together with `cursor`.")
        .query("per_page", number(PER_PAGE, PER_PAGE_MAX), "The maximum number of users on a page.")
        .query("sort", one_of(&orders).default(Some(json!("id"))), "The field that determines the order, with `-` before it for descending order. Not allowed together with `cursor`.")
        .query("role", of::<UserRole>(), "Only users with this role.")
        .query("q", pattern("^[^\\u0000-\\u001f\\u007f-\\u009f]*$").min_length(Some(1)).max_length(Some(NAME_MAX)), "Only users whose name or email address contains this text, ignoring case.")
        .query_list("fields", array(one_of(&fields)).min_items(Some(1)).unique_items(true), "Only these fields of each user.")
        .query("cursor", text(), "A cursor from a Link of this list, or an empty value for the start. Not allowed together with `page` or `sort`.")
        .conditional_read()
        .response(200, in_formats(response, UserFormat::ALL, |format| match format { UserFormat::Json => array(named("UserPart")).into(),
            _ => text().into(),
        }, |format| format.list(&[example()], UserFields::ALL)))
        .problems(&[ProblemKind::InvalidQuery, ProblemKind::NotAcceptable])
}

pub(in crate::api) fn create() -> OperationSpec {
    let response = ResponseSpec::new("The new user.")
        .headers(&[
            "ETag",
            "Last-Modified",
            "Location",
            "Content-Location",
            "Idempotency-Replayed",
            "Sandbox-Key",
        ])
        .links_to_user();
    OperationSpec::new("createUser", "Creates a user")
        .text("With an Idempotency-Key, a request that is sent again has no second effect.")
        .header(
            "Idempotency-Key",
            pattern("^[!-~]([ -~]*[!-~])?$").min_length(Some(1)).max_length(Some(255)),
            "A text that identifies this request, for example a UUID. When the client sends it again with the same body, the response is repeated.",
            "7b4f0e52-52c5-4a3e-9f0b-2f0a2c8f3b11",
        )
        .body("The user without the fields that the server assigns.", user_bodies(of::<NewUser>(), "Barbara Liskov", "barbara@example.com"))
        .response(201, in_formats(response, UserFormat::ALL, of_one, |format| format.one(&example())))
        .problems(WRITE_PROBLEMS)
        .problems(LOGIN_PROBLEMS)
        .problems(&[
            ProblemKind::MissingIdempotencyKey,
            ProblemKind::IdempotencyConflict,
            ProblemKind::IdempotencyKeyReused,
            ProblemKind::MalformedBody,
        ])
}

pub(in crate::api) fn export() -> OperationSpec {
    let formats = [UserFormat::Csv, UserFormat::Json, UserFormat::Xml];
    let names = formats.map(UserFormat::name);
    let with_file = |response: ResponseSpec| {
        response.headers(&["ETag", "Accept-Ranges", "Content-Disposition"])
    };
    let file = in_formats(
        with_file(ResponseSpec::new("The file.")),
        &formats,
        |format| match format {
            UserFormat::Json => array(of::<User>()).into(),
            _ => text().into(),
        },
        |format| format.list(&[example()], UserFields::ALL),
    );
    let part = with_file(ResponseSpec::new(
        "The part of the file that Range selects.",
    ));
    let part = formats
        .iter()
        .fold(part.headers(&["Content-Range"]), |part, format| {
            part.bytes(format.essence())
        });
    OperationSpec::new("exportUsers", "Exports all users as a file")
        .text("The format is that of `format`, else the one that Accept prefers, else CSV. Returns the complete file or a range of its bytes.")
        .query("format", one_of(&names), "The format of the file. Takes precedence over Accept.")
        .header("Range", text(), "A range of bytes of the file (RFC 9110, section 14.2). With several ranges, the response is the complete file.", "bytes=0-99")
        .header("If-Range", text(), "The entity tag of the file of which the client has a part. If it is not current, the response is the complete file.", "\"2oVmRkQn8sZ1\"")
        .conditional_read()
        .response(200, file)
        .response(206, part)
        .problems(&[ProblemKind::InvalidQuery, ProblemKind::NotAcceptable, ProblemKind::RangeNotSatisfiable])
}

pub(in crate::api) fn show() -> OperationSpec {
    of_user(OperationSpec::new("showUser", "Shows a user"))
        .conditional_read()
        .response(200, user_response("The user."))
        .problems(&[ProblemKind::NotAcceptable])
}

pub(in crate::api) fn replace() -> OperationSpec {
    // Without validators (RFC 9110, section 9.3.4).
    let response = |text| {
        user_in_every_format(ResponseSpec::new(text)).headers(&["Content-Location", "Sandbox-Key"])
    };
    of_user(OperationSpec::new(
        "replaceUser",
        "Replaces or creates a user",
    ))
    .text(
        "Idempotent: sent a second time, it changes nothing, including `updated_at` and the ETag.",
    )
    .conditional_write()
    .body(
        "The complete user.",
        user_bodies(
            named("UserReplacement"),
            "Grace Brewster Hopper",
            "grace@example.com",
        ),
    )
    .response(200, response("The replaced user."))
    .response(201, response("The created user.").headers(&["Location"]))
    .problems(WRITE_PROBLEMS)
    .problems(LOGIN_PROBLEMS)
    .problems(&[ProblemKind::IdMismatch, ProblemKind::MalformedBody])
}

pub(in crate::api) fn update() -> OperationSpec {
    of_user(OperationSpec::new("updateUser", "Changes fields of a user"))
        .conditional_write()
        .body("The fields to change.", patch())
        .response(
            200,
            changed_user_response("The user after the change.").headers(&["Sandbox-Key"]),
        )
        .problems(WRITE_PROBLEMS)
        .problems(LOGIN_PROBLEMS)
        .problems(&[ProblemKind::IdMismatch])
}

/// Returns a response with a user in every format and its validators.
pub(super) fn user_response(text: &str) -> ResponseSpec {
    user_in_every_format(ResponseSpec::new(text).headers(&["ETag", "Last-Modified"]))
}

/// Adds a user in every format.
fn user_in_every_format(response: ResponseSpec) -> ResponseSpec {
    in_formats(response, UserFormat::ALL, of_one, |format| {
        format.one(&example())
    })
}

/// Returns the response to a change of a user.
pub(super) fn changed_user_response(text: &str) -> ResponseSpec {
    user_response(text).headers(&["Content-Location"])
}

/// Returns the body of PATCH.
pub(super) fn patch() -> Vec<(&'static str, RefOr<Schema>, Value)> {
    vec![(MERGE_PATCH, named("UserPatch"), json!({"bio": null}))]
}

pub(in crate::api) fn delete() -> OperationSpec {
    of_user(OperationSpec::new("deleteUser", "Deletes a user"))
        .text("The id is not assigned again until the sandbox is reset.")
        .conditional_write()
        .response(
            204,
            ResponseSpec::new("The user is deleted.").headers(&["Sandbox-Key"]),
        )
        .problems(LOGIN_PROBLEMS)
}

/// The kinds of problems of every write with a body.
const WRITE_PROBLEMS: &[ProblemKind] = &[
    ProblemKind::InvalidQuery,
    ProblemKind::NotAcceptable,
    ProblemKind::DuplicateEmail,
];

/// The kinds of problems of a write when the behavior `require_auth` is on.
const LOGIN_PROBLEMS: &[ProblemKind] = &[
    ProblemKind::Unauthorized,
    ProblemKind::InvalidToken,
    ProblemKind::BadRequest,
    ProblemKind::Forbidden,
];

/// Adds the id of a user in the path.
fn of_user(operation: OperationSpec) -> OperationSpec {
    operation
        .path("id", of::<UserId>(), "The id of the user.", 2)
        .problems(&[
            ProblemKind::InvalidId,
            ProblemKind::NotFound,
            ProblemKind::InvalidQuery,
        ])
}

/// Returns the bodies with a complete user in the accepted formats.
fn user_bodies(
    schema: RefOr<Schema>,
    name: &str,
    email: &str,
) -> Vec<(&'static str, RefOr<Schema>, Value)> {
    let csv = format!("name,email,role\r\n{name},{email},member\r\n");
    let json = json!({"name": name, "email": email, "role": "member", "bio": null});
    vec![
        (JSON, schema.clone(), json.clone()),
        (UserFormat::Xml.essence(), schema, json),
        (UserFormat::Csv.essence(), text().into(), json!(csv)),
    ]
}

/// Adds content in each of the given formats.
fn in_formats(
    response: ResponseSpec,
    formats: &[UserFormat],
    schema: fn(UserFormat) -> RefOr<Schema>,
    example: fn(UserFormat) -> Vec<u8>,
) -> ResponseSpec {
    formats.iter().fold(response, |response, format| {
        let bytes = example(*format);
        let value = match format {
            UserFormat::Json => serde_json::from_slice(&bytes).expect("JSON is JSON"),
            _ => Value::from(String::from_utf8_lossy(&bytes)),
        };
        response.content(format.essence(), schema(*format), value)
    })
}

fn of_one(format: UserFormat) -> RefOr<Schema> {
    match format {
        UserFormat::Json => of::<User>(),
        _ => text().into(),
    }
}

/// Returns the example user.
pub(super) fn example() -> User {
    User {
        id: UserId::new(2).expect("an id"),
        name: "Grace Hopper".to_owned(),
        email: Email::parse("grace@example.com").expect("an address"),
        role: UserRole::Member,
        bio: Some("Wrote the first compiler.".to_owned()),
        created_at: Timestamp::from_milliseconds(1_767_344_760_000),
        updated_at: Timestamp::from_milliseconds(1_767_344_760_000),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Method;
    use utoipa::openapi::path::ParameterIn;

    use super::*;
    use crate::api::http::list_query::KEYS;

    #[test]
    fn list_describes_every_key_of_its_query() {
        let operation = list().finish(&Method::GET, "/api/users");
        let parameters = operation.parameters.expect("parameters").into_iter();
        let names = parameters.filter_map(|parameter| match parameter {
            RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => {
                Some(parameter.name)
            }
            _ => None,
        });
        assert_eq!(names.collect::<Vec<_>>(), KEYS);
    }
}
