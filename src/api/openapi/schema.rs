//! The schemas: those derived from the types that are sent and received, and a few variants with other
//! required members.
//!
//! The names and limits of members are declared on the types and are not repeated here.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, Object, ObjectBuilder, SchemaType, Type,
};
use utoipa::openapi::xml::XmlBuilder;
use utoipa::openapi::{Ref, RefOr, Schema};

use crate::api::resources::admin::Stats;
use crate::api::resources::echo::Echo;
use crate::api::resources::health::Health;
use crate::api::resources::sandbox::{Sandbox, Undone};
use crate::api::resources::status::StatusText;
use crate::api::resources::time::ServerTime;
use crate::api::resources::token::CreatedToken;
use crate::model::behaviors::Behaviors;
use crate::model::credential::{LoginRequest, NewToken, Token};
use crate::model::exchange::{Exchange, ExchangeSummary};
use crate::model::problem::Problem;
use crate::model::user::{NewUser, User};

pub(super) const JSON: &str = "application/json";

/// Returns every schema with its name.
pub(super) fn all() -> BTreeMap<String, RefOr<Schema>> {
    let mut all = Vec::new();
    add::<User>(&mut all);
    add::<NewUser>(&mut all);
    add::<LoginRequest>(&mut all);
    add::<NewToken>(&mut all);
    add::<Token>(&mut all);
    add::<Stats>(&mut all);
    add::<CreatedToken<'_>>(&mut all);
    add::<Sandbox<'_>>(&mut all);
    add::<Undone>(&mut all);
    add::<Exchange>(&mut all);
    add::<ExchangeSummary<'_>>(&mut all);
    add::<Problem>(&mut all);
    add::<Echo>(&mut all);
    add::<StatusText>(&mut all);
    add::<ServerTime>(&mut all);
    add::<Health>(&mut all);
    let variants = [
        ("UserReplacement", user_replacement()),
        ("UserPatch", user_patch()),
        ("UserPart", user_part()),
        ("BehaviorsPatch", behaviors_patch()),
    ];
    let variants = variants.map(|(name, object)| (name.to_owned(), Schema::Object(object).into()));
    let all: BTreeMap<_, _> = all.into_iter().chain(variants).collect();
    let finish = |(name, schema)| (String::clone(name), closed(flattened(schema, &all)));
    all.iter().map(finish).collect()
}

/// Adds the schema of a type and the schemas that it refers to.
fn add<T: ToSchema>(all: &mut Vec<(String, RefOr<Schema>)>) {
    all.push((T::name().into_owned(), T::schema()));
    T::schemas(all);
}

/// Forbids unknown members, which parsers refuse and serializers never write. The attribute
/// `deny_unknown_fields` on the types would also refuse records that an older version has stored.
fn closed(mut schema: RefOr<Schema>) -> RefOr<Schema> {
    if let RefOr::T(Schema::Object(object)) = &mut schema
        && !object.properties.is_empty()
    {
        let none = AdditionalProperties::FreeForm(false);
        object.additional_properties = Some(Box::new(none));
    }
    schema
}

/// Returns the schema of a type with a flattened member as one object. The derived schema is `allOf`, which
/// cannot be combined with closed objects.
fn flattened(schema: &RefOr<Schema>, all: &BTreeMap<String, RefOr<Schema>>) -> RefOr<Schema> {
    let RefOr::T(Schema::AllOf(parts)) = schema else {
        return schema.clone();
    };
    let mut whole = ObjectBuilder::new().schema_type(Type::Object).build();
    whole.description.clone_from(&parts.description);
    for part in &parts.items {
        let part = match part {
            RefOr::Ref(part) => part
                .ref_location
                .rsplit('/')
                .next()
                .and_then(|name| all.get(name)),
            part => Some(part),
        };
        if let Some(RefOr::T(Schema::Object(part))) = part {
            whole.properties.extend(part.properties.clone());
            whole.required.extend(part.required.clone());
        }
    }
    Schema::Object(whole).into()
}

/// Returns the schema of the body of PUT: `role` has no default, and fields that only the server assigns may
/// be repeated.
fn user_replacement() -> Object {
    let text = "The complete user. Fields that only the server assigns may be present with their current values, so that a client can GET, edit and PUT a user.";
    let mut user = described(object::<User>(), text);
    user.required = ["name", "email", "role"].map(str::to_owned).into();
    user.xml = Some(XmlBuilder::new().name(Some("user")).build());
    user
}

fn user_patch() -> Object {
    let text =
        "A merge patch (RFC 7396): only the fields in it are changed, and null removes the bio.";
    optional(described(object::<User>(), text))
}

fn user_part() -> Object {
    let text = "A user, or the fields of a user that `fields` names.";
    optional(described(object::<User>(), text))
}

fn behaviors_patch() -> Object {
    let text = "A merge patch for behaviors. Null switches a behavior off.";
    let mut patch = optional(described(object::<Behaviors>(), text));
    for member in patch.properties.values_mut() {
        if let RefOr::T(Schema::Object(member)) = member {
            member.default = None;
            if let SchemaType::Type(kind) = &member.schema_type {
                member.schema_type = SchemaType::Array(vec![kind.clone(), Type::Null]);
            }
        }
    }
    patch
}

/// Returns the schema of a struct.
fn object<T: ToSchema>() -> Object {
    match T::schema() {
        RefOr::T(Schema::Object(object)) => object,
        _ => Object::new(),
    }
}

fn described(mut object: Object, text: &str) -> Object {
    object.description = Some(text.to_owned());
    object
}

fn optional(mut object: Object) -> Object {
    object.required.clear();
    object
}

/// Returns a reference to the schema of a type in the components.
pub(super) fn of<T: ToSchema>() -> RefOr<Schema> {
    named(&T::name())
}

/// Returns a reference to a schema in the components.
pub(super) fn named(name: &str) -> RefOr<Schema> {
    Ref::from_schema_name(name).into()
}

/// Returns the schema of text.
pub(super) fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// Returns the schema of text that matches a pattern.
pub(super) fn pattern(pattern: &str) -> ObjectBuilder {
    text().pattern(Some(pattern))
}

/// Returns the schema of one of the given texts.
pub(super) fn one_of(texts: &[&str]) -> ObjectBuilder {
    text().enum_values(Some(texts.iter().copied().map(Value::from)))
}

/// Returns the schema of a whole number within bounds.
pub(super) fn integer(min: i64, max: Option<i64>) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(min))
        .maximum(max)
}

/// Returns the schema of a list.
pub(super) fn list(items: impl Into<RefOr<Schema>>) -> ArrayBuilder {
    ArrayBuilder::new().items(items.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::behaviors::{COUNT_MAX, LATENCY_MAX};
    use crate::model::credential::{TOKEN_AGE, TOKEN_AGE_MAX, TOKEN_NAME_MAX};
    use crate::model::user::{BIO_MAX, EMAIL_MAX, NAME_MAX};

    /// The attributes of the derive accept only literals, so the test compares them with the constants.
    #[test]
    fn limits_in_the_schemas_equal_the_constants_of_the_model() {
        let schemas = serde_json::to_value(all()).expect("schemas are JSON");
        let check = |pointer: &str, expected: Value| {
            assert_eq!(schemas.pointer(pointer), Some(&expected), "{pointer}");
        };
        for schema in ["User", "NewUser", "UserReplacement", "UserPatch"] {
            let of = |member: &str| format!("/{schema}/properties/{member}");
            check(&of("name/maxLength"), NAME_MAX.into());
            check(&of("bio/maxLength"), BIO_MAX.into());
        }
        check("/UserId/maximum", i32::MAX.into());
        check("/Email/maxLength", EMAIL_MAX.into());
        for schema in ["Behaviors", "BehaviorsPatch"] {
            let of = |member: &str| format!("/{schema}/properties/{member}/maximum");
            check(&of("latency_ms"), LATENCY_MAX.into());
            check(&of("fail_every"), COUNT_MAX.into());
            check(&of("rate_limit"), COUNT_MAX.into());
        }
        for schema in ["Token", "NewToken", "TokenWithSecret"] {
            let name = format!("/{schema}/properties/name/maxLength");
            check(&name, TOKEN_NAME_MAX.into());
        }
        let age = "/NewToken/properties/expires_in";
        check(&format!("{age}/maximum"), TOKEN_AGE_MAX.into());
        check(&format!("{age}/default"), TOKEN_AGE.into());
    }
}
