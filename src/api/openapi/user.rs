//! `/api/users`, `/api/users/{id}` and `/api/users/export`.

use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema};

use super::operation::{Op, ResponseSpec};
use super::schema::{JSON, integer, list as array, named, of, one_of, pattern, text};
use crate::api::error::MERGE_PATCH;
use crate::api::http::list_query::{PAGE_MAX, PER_PAGE, PER_PAGE_MAX};
use crate::api::http::negotiation::UserFormat;
use crate::model::problem::ProblemKind;
use crate::model::timestamp::Timestamp;
use crate::model::user::{Email, NAME_MAX, NewUser, User, UserField, UserFields, UserId, UserRole};

pub(in crate::api) fn list() -> Op {
    let fields = UserField::ALL.map(UserField::as_str);
    let orders: Vec<String> = fields
        .iter()
        .flat_map(|field| [(*field).to_owned(), format!("-{field}")])
        .collect();
    let orders: Vec<&str> = orders.iter().map(String::as_str).collect();
    let number = |default, max| integer(1, Some(max)).default(Some(json!(default)));
    let response = ResponseSpec::new("A part of the list; after its end an empty one.").headers(&[
        "ETag",
        "Total-Count",
        "Link",
    ]);
    Op::new("listUsers", "The users, part by part")
        .text(
            "Page by page in any order, or by `cursor` in the order of ids, which loses and repeats nothing while users \
             come and go. Follow `Link`, which keeps the filters.",
        )
        .query("page", number(1, PAGE_MAX), "The page, from 1; not together with `cursor`.")
        .query("per_page", number(PER_PAGE, PER_PAGE_MAX), "How many users a page has at most.")
        .query("sort", one_of(&orders).default(Some(json!("id"))), "The order: a field, with `-` before it from the end; not together with `cursor`.")
        .query("role", of::<UserRole>(), "Only users of this role.")
        .query("q", pattern("^[^\\u0000-\\u001f\\u007f-\\u009f]*$").min_length(Some(1)).max_length(Some(NAME_MAX)), "Only users with this text in their name or email address, whatever its case.")
        .query_list("fields", array(one_of(&fields)).min_items(Some(1)).unique_items(true), "Only these fields of each user.")
        .query("cursor", text(), "What a Link of this list named, or empty for the start; not together with `page` or `sort`.")
        .conditional_read()
        .response(200, in_formats(response, UserFormat::ALL, |format| match format { UserFormat::Json => array(named("UserPart")).into(),
            _ => text().into(),
        }, |format| format.list(&[example()], UserFields::ALL)))
        .problems(&[ProblemKind::InvalidQuery, ProblemKind::NotAcceptable])
}

pub(in crate::api) fn create() -> Op {
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
    Op::new("createUser", "A new user")
        .text("With an Idempotency-Key it happens once, however often it is sent.")
        .header(
            "Idempotency-Key",
            pattern("^[!-~]([ -~]*[!-~])?$").min_length(Some(1)).max_length(Some(255)),
            "A text that names this request, for example a UUID. Sent again with the same body, it is answered as the first time.",
            "7b4f0e52-52c5-4a3e-9f0b-2f0a2c8f3b11",
        )
        .body("The user without what the server sets.", whole_bodies(of::<NewUser>(), "Barbara Liskov", "barbara@example.com"))
        .response(201, in_formats(response, UserFormat::ALL, of_one, |format| format.one(&example())))
        .problems(WRITE_PROBLEMS)
        .problems(MAY_NEED_A_LOGIN)
        .problems(&[
            ProblemKind::MissingIdempotencyKey,
            ProblemKind::IdempotencyConflict,
            ProblemKind::IdempotencyKeyReused,
            ProblemKind::MalformedBody,
        ])
}

pub(in crate::api) fn export() -> Op {
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
        "The part of the file that Range asks for.",
    ));
    let part = formats
        .iter()
        .fold(part.headers(&["Content-Range"]), |part, format| {
            part.bytes(format.essence())
        });
    Op::new("exportUsers", "All users as a file")
        .text("In the format of `format`, else by Accept, else CSV; whole, or a range of its bytes.")
        .query("format", one_of(&names), "The format of the file; it wins over Accept.")
        .header("Range", text(), "Some bytes of the file (RFC 9110, section 14.2); several ranges are answered with all of it.", "bytes=0-99")
        .header("If-Range", text(), "The tag of the file of which you have a part: if it is another by now, all of it comes.", "\"2oVmRkQn8sZ1\"")
        .conditional_read()
        .response(200, file)
        .response(206, part)
        .problems(&[ProblemKind::InvalidQuery, ProblemKind::NotAcceptable, ProblemKind::RangeNotSatisfiable])
}

pub(in crate::api) fn show() -> Op {
    of_user(Op::new("showUser", "A user"))
        .conditional_read()
        .response(200, shown("The user."))
        .problems(&[ProblemKind::NotAcceptable])
}

pub(in crate::api) fn replace() -> Op {
    let response = |text| changed(text).headers(&["Sandbox-Key"]);
    of_user(Op::new("replaceUser", "A user as a whole, new or in place of the old one"))
        .text("Sent twice it does no more than once: the second time nothing changes, neither `updated_at` nor the tag.")
        .conditional_write()
        .body("The whole user.", whole_bodies(named("UserReplacement"), "Grace Brewster Hopper", "grace@example.com"))
        .response(200, response("The user, which was there already."))
        .response(201, response("The user, which was not there before.").headers(&["Location"]))
        .problems(WRITE_PROBLEMS)
        .problems(MAY_NEED_A_LOGIN)
        .problems(&[ProblemKind::IdMismatch, ProblemKind::MalformedBody])
}

pub(in crate::api) fn update() -> Op {
    of_user(Op::new("updateUser", "Some fields of a user"))
        .conditional_write()
        .body("What changes.", patch())
        .response(
            200,
            changed("The user as it is now.").headers(&["Sandbox-Key"]),
        )
        .problems(WRITE_PROBLEMS)
        .problems(MAY_NEED_A_LOGIN)
        .problems(&[ProblemKind::IdMismatch])
}

/// The user, in every format.
pub(super) fn shown(text: &str) -> ResponseSpec {
    let response = ResponseSpec::new(text).headers(&["ETag", "Last-Modified"]);
    in_formats(response, UserFormat::ALL, of_one, |format| {
        format.one(&example())
    })
}

/// The user as a change has left it.
pub(super) fn changed(text: &str) -> ResponseSpec {
    shown(text).headers(&["Content-Location"])
}

/// The body of PATCH.
pub(super) fn patch() -> Vec<(&'static str, RefOr<Schema>, Value)> {
    vec![(MERGE_PATCH, named("UserPatch"), json!({"bio": null}))]
}

pub(in crate::api) fn delete() -> Op {
    of_user(Op::new("deleteUser", "Takes a user away"))
        .text("The id is not given to another user, but by a reset of the sandbox.")
        .conditional_write()
        .response(
            204,
            ResponseSpec::new("It is gone.").headers(&["Sandbox-Key"]),
        )
        .problems(MAY_NEED_A_LOGIN)
}

/// What can happen to every write with a body.
const WRITE_PROBLEMS: &[ProblemKind] = &[
    ProblemKind::InvalidQuery,
    ProblemKind::NotAcceptable,
    ProblemKind::DuplicateEmail,
];

/// What can happen to a write where the sandbox wants a login.
const MAY_NEED_A_LOGIN: &[ProblemKind] = &[
    ProblemKind::Unauthorized,
    ProblemKind::InvalidToken,
    ProblemKind::BadRequest,
    ProblemKind::Forbidden,
];

/// With the id of the user in its path.
fn of_user(op: Op) -> Op {
    op.path("id", of::<UserId>(), "The id of the user.", 2)
        .problems(&[
            ProblemKind::InvalidId,
            ProblemKind::NotFound,
            ProblemKind::InvalidQuery,
        ])
}

/// A whole user in the formats that are read.
fn whole_bodies(
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

/// With content in each of these formats.
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

/// A user to show.
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
