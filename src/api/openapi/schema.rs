//! The schemas: what bodies hold, with the limits that the model keeps.

use serde_json::{Value, json};
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::xml::{Xml, XmlBuilder};
use utoipa::openapi::{Ref, RefOr, Schema};

use super::{mirror, record};
use crate::model::behaviours::{COUNT_MAX, LATENCY_MAX};
use crate::model::credential::{TOKEN_AGE, TOKEN_AGE_MAX, TOKEN_NAME_MAX, TokenKind};
use crate::model::problem::ProblemKind;
use crate::model::user::{BIO_MAX, EMAIL_MAX, NAME_MAX};

pub(super) const JSON: &str = "application/json";

/// The syntax of the HTML standard, section "Email state".
const EMAIL: &str = "^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\
                     (?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$";
pub(super) const UUID: &str = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";

/// Every schema with its name.
pub(super) fn all() -> Vec<(String, RefOr<Schema>)> {
    let mut all = users();
    all.extend(accounts());
    all.extend(sandboxes());
    all.extend(record::all());
    all.extend(problems());
    all.extend(mirror::schemas());
    all.into_iter()
        .map(|(name, schema)| (name.to_owned(), schema.into()))
        .collect()
}

fn users() -> Vec<(&'static str, ObjectBuilder)> {
    let user = object(&[
        ("id", id().read_only(true).into()),
        ("name", name().into()),
        ("email", email().into()),
        ("role", role().into()),
        ("bio", bio().into()),
        ("created_at", time().read_only(true).into()),
        ("updated_at", time().read_only(true).into()),
    ]);
    let new = object(&[("name", name().into()), ("email", email().into())])
        .property("role", role().default(Some(json!("member"))))
        .property("bio", bio());
    let replacement = object(&[
        ("name", name().into()),
        ("email", email().into()),
        ("role", role().into()),
    ])
    .property("bio", bio())
    .property("id", id().read_only(true))
    .property("created_at", time().read_only(true))
    .property("updated_at", time().read_only(true))
    .xml(in_xml())
    .description(Some(
        "The whole user. What only the server sets may be there as it is: GET, edit, PUT works.",
    ));
    let patch = object(&[])
        .property("name", name())
        .property("email", email())
        .property("role", role())
        .property("bio", bio())
        .property("id", id().read_only(true))
        .property("created_at", time().read_only(true))
        .property("updated_at", time().read_only(true))
        .description(Some(
            "A merge patch (RFC 7396): what it names changes, null takes a bio away.",
        ));
    let part = object(&[])
        .property("id", id())
        .property("name", name())
        .property("email", email())
        .property("role", role())
        .property("bio", bio())
        .property("created_at", time())
        .property("updated_at", time())
        .description(Some("A user, or the fields of one that `fields` asks for."));
    vec![
        ("User", user.description(Some("A user."))),
        (
            "NewUser",
            new.xml(in_xml())
                .description(Some("What a client writes of a new user.")),
        ),
        ("UserReplacement", replacement),
        ("UserPatch", patch),
        ("UserPart", part),
    ]
}

fn accounts() -> Vec<(&'static str, ObjectBuilder)> {
    let kind = || one_of(&[TokenKind::Opaque.as_str(), TokenKind::Jwt.as_str()]);
    let token_name = || {
        pattern("^[^\\u0000-\\u001f\\u007f-\\u009f]*$")
            .min_length(Some(1))
            .max_length(Some(TOKEN_NAME_MAX))
    };
    let age = integer(1, Some(TOKEN_AGE_MAX))
        .default(Some(json!(TOKEN_AGE)))
        .description(Some("Seconds."));
    let used = || time().schema_type(SchemaType::Array(vec![Type::String, Type::Null]));
    let token = || {
        object(&[
            ("id", pattern(UUID).into()),
            ("name", token_name().into()),
            ("kind", kind().into()),
            ("created_at", time().into()),
            ("expires_at", time().into()),
            ("last_used_at", used().into()),
        ])
    };
    let secret = text().description(Some("What to send in Authorization, after `Bearer `."));
    let count = || integer(0, None);
    let roles = object(&[("admin", count().into()), ("member", count().into())]);
    vec![
        (
            "Login",
            object(&[("email", text().into()), ("password", text().into())]),
        ),
        (
            "NewToken",
            object(&[("name", token_name().into()), ("kind", kind().into())])
                .property("expires_in", age),
        ),
        (
            "Token",
            token().description(Some("A token, without its secret.")),
        ),
        (
            "TokenWithSecret",
            token().property("token", secret).required("token"),
        ),
        (
            "Stats",
            object(&[
                ("users", roles.into()),
                ("tokens", count().into()),
                ("sessions", count().into()),
            ])
            .description(Some("How much there is in a sandbox.")),
        ),
    ]
}

fn sandboxes() -> Vec<(&'static str, ObjectBuilder)> {
    let truth = || of_type(Type::Boolean);
    let behaviours = object(&[
        (
            "require_auth",
            truth()
                .description(Some(
                    "Writes need a login, and DELETE needs the role admin.",
                ))
                .into(),
        ),
        (
            "require_if_match",
            truth()
                .description(Some("PUT, PATCH and DELETE need If-Match, else 428."))
                .into(),
        ),
        (
            "require_idempotency_key",
            truth()
                .description(Some("POST needs an Idempotency-Key, else 400."))
                .into(),
        ),
        (
            "latency_ms",
            integer(0, Some(LATENCY_MAX))
                .description(Some("Every request waits so many milliseconds."))
                .into(),
        ),
        (
            "fail_every",
            count()
                .description(Some("Every n-th request is a 503; null: none."))
                .into(),
        ),
        (
            "rate_limit",
            count()
                .description(Some(
                    "So many requests a minute, if that is fewer than usual.",
                ))
                .into(),
        ),
    ]);
    let switch = || nullable(Type::Boolean);
    let patch = object(&[])
        .property("require_auth", switch())
        .property("require_if_match", switch())
        .property("require_idempotency_key", switch())
        .property(
            "latency_ms",
            count().minimum(Some(0)).maximum(Some(LATENCY_MAX)),
        )
        .property("fail_every", count())
        .property("rate_limit", count());
    let key = key().schema_type(SchemaType::Array(vec![Type::String, Type::Null]));
    let sandbox = object(&[("key", key.into()), ("behaviours", named("Behaviours"))]);
    vec![
        (
            "Behaviours",
            behaviours.description(Some(
                "What the sandbox does to requests about users, tokens and oneself, for lessons.",
            )),
        ),
        (
            "BehavioursPatch",
            patch.description(Some("A merge patch for behaviours; null turns one off.")),
        ),
        (
            "Sandbox",
            sandbox.description(Some("The key is null where there is no sandbox.")),
        ),
    ]
}

fn problems() -> Vec<(&'static str, ObjectBuilder)> {
    let slugs: Vec<_> = ProblemKind::ALL.iter().map(|kind| kind.slug()).collect();
    let kind = format!(
        "^(about:blank|https?://[^/]+/problems/({}))$",
        slugs.join("|")
    );
    let kind = pattern(&kind)
        .format(Some(SchemaFormat::Custom("uri".to_owned())))
        .description(Some("Stands for the kind of problem, and leads to its lesson; about:blank where /api/status is asked for a status without a kind."));
    let title = text().description(Some("The same words for every problem of the kind."));
    let problem = object(&[
        ("type", kind.into()),
        ("title", title.into()),
        (
            "status",
            integer(400, Some(599))
                .description(Some("The status code of the reply."))
                .into(),
        ),
        (
            "detail",
            text()
                .description(Some("What happened this time, and what to do."))
                .into(),
        ),
        (
            "instance",
            pattern("^urn:uuid:[0-9a-f-]{36}$")
                .description(Some("The request: `urn:uuid:` and its Request-Id."))
                .into(),
        ),
    ])
    .property("errors", list(named("PartError")).min_items(Some(1)))
    .description(Some("Problem details (RFC 9457)."));
    let part = object(&[(
        "detail",
        text().description(Some("What is wrong with it.")).into(),
    )])
    .property(
        "pointer",
        text().description(Some(
            "The part of the body, as a JSON pointer (RFC 6901); empty for the whole.",
        )),
    )
    .property(
        "parameter",
        text().description(Some("The key of the query.")),
    )
    .description(Some(
        "A wrong part of the request: of the body or of the query.",
    ));
    vec![("Problem", problem), ("PartError", part)]
}

/// The element that a user is in XML.
fn in_xml() -> Option<Xml> {
    Some(XmlBuilder::new().name(Some("user")).build())
}

/// The id of a user.
pub(super) fn id() -> ObjectBuilder {
    integer(1, Some(i32::MAX.into()))
}

/// The name of a user.
fn name() -> ObjectBuilder {
    pattern("^[^\\u0000-\\u001f\\u007f\\ufffe\\uffff]*$")
        .min_length(Some(1))
        .max_length(Some(NAME_MAX))
}

fn email() -> ObjectBuilder {
    pattern(EMAIL).max_length(Some(EMAIL_MAX)).description(Some(
        "The HTML standard's syntax; no other user has it, whatever its case.",
    ))
}

/// The role of a user.
pub(super) fn role() -> ObjectBuilder {
    one_of(&["admin", "member"])
}

fn bio() -> ObjectBuilder {
    pattern("^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f\\ufffe\\uffff]*$")
        .schema_type(SchemaType::Array(vec![Type::String, Type::Null]))
        .max_length(Some(BIO_MAX))
}

/// A time.
pub(super) fn time() -> ObjectBuilder {
    text().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
}

/// The key of a sandbox.
pub(super) fn key() -> ObjectBuilder {
    pattern("^[0-9A-Za-z_-]{22}$")
}

fn count() -> ObjectBuilder {
    nullable(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(COUNT_MAX))
}

/// An object of exactly these properties, all required.
pub(super) fn object(properties: &[(&str, RefOr<Schema>)]) -> ObjectBuilder {
    let empty = ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(AdditionalProperties::FreeForm(false)));
    properties.iter().fold(empty, |object, (name, schema)| {
        object.property(*name, schema.clone()).required(*name)
    })
}

/// Text.
pub(super) fn text() -> ObjectBuilder {
    of_type(Type::String)
}

/// Text that matches a pattern.
pub(super) fn pattern(pattern: &str) -> ObjectBuilder {
    text().pattern(Some(pattern))
}

/// One of these texts.
pub(super) fn one_of(texts: &[&str]) -> ObjectBuilder {
    text().enum_values(Some(texts.iter().copied().map(Value::from)))
}

/// A whole number within bounds.
pub(super) fn integer(min: i64, max: Option<i64>) -> ObjectBuilder {
    of_type(Type::Integer).minimum(Some(min)).maximum(max)
}

/// A list.
pub(super) fn list(items: impl Into<RefOr<Schema>>) -> ArrayBuilder {
    ArrayBuilder::new().items(items.into())
}

/// A schema of the components.
pub(super) fn named(name: &str) -> RefOr<Schema> {
    Ref::from_schema_name(name).into()
}

/// Anything of a type.
pub(super) fn of_type(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(kind)
}

fn nullable(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Array(vec![kind, Type::Null]))
}
