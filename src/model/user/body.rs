//! The request bodies of a user: POST, PUT and PATCH.
//!
//! Each is read from JSON with all errors collected at once, each error with a JSON pointer.

use std::ops::RangeInclusive;

use utoipa::ToSchema;

use super::{BIO_MAX, Email, NAME_MAX, User, UserId, UserRole};
use crate::model::json::{Json, merge_patch, pointer_to};
use crate::model::object_reader::{ERRORS_MAX, ObjectReader, not_an_object};
use crate::model::problem::PartError;
use crate::model::timestamp::Timestamp;

/// The fields of a new user that a client sends.
#[derive(Clone, Debug, PartialEq, Eq, ToSchema)]
#[schema(xml(name = "user"))]
pub struct NewUser {
    /// The name.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\u0000-\\u001f\\u007f\\ufffe\\uffff]*$"
    )]
    pub name: String,
    /// The HTML standard's syntax; no other user has it, whatever its case.
    pub email: Email,
    /// The role, which determines what the user may do.
    #[schema(required = false, default = "member")]
    pub role: UserRole,
    /// Free text about the user.
    #[schema(
        max_length = 500,
        pattern = "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f\\ufffe\\uffff]*$"
    )]
    pub bio: Option<String>,
}

impl NewUser {
    /// Reads the body of POST.
    ///
    /// # Errors
    /// Returns all errors of the body.
    pub fn from_json(body: &Json) -> Result<NewUser, Vec<PartError>> {
        let mut reader = ObjectReader::new(body)?;
        for field in READ_ONLY {
            if reader.take(field).is_some() {
                reader.add_error(field, "is set by the server; leave it out");
            }
        }
        let user = fields(&mut reader, Some(UserRole::Member));
        reader.finish(user, UNKNOWN)
    }
}

/// The body of PUT: the whole user, which may include the fields that only the server sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserReplacement {
    fields: NewUser,
    id: Option<Json>,
    created_at: Option<Json>,
    updated_at: Option<Json>,
}

/// The reason why a valid body cannot be applied to a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyConflict {
    /// The body has another id than the target.
    OtherId(String),
    /// The body would change fields that only the server sets.
    Fields(Vec<PartError>),
}

impl UserReplacement {
    /// Reads the body of PUT.
    ///
    /// # Errors
    /// Returns all errors that do not depend on the stored user.
    pub fn from_json(body: &Json) -> Result<UserReplacement, Vec<PartError>> {
        let mut reader = ObjectReader::new(body)?;
        let [id, created_at, updated_at] = READ_ONLY.map(|field| reader.take(field).cloned());
        if id.as_ref().is_some_and(|id| id.as_integer().is_none()) {
            reader.add_error("id", "must be a whole number; or leave it out");
        }
        let fields = fields(&mut reader, None);
        Ok(UserReplacement {
            fields: reader.finish(fields, UNKNOWN)?,
            id,
            created_at,
            updated_at,
        })
    }

    /// Checks the read-only fields of the body against the target `id` and the stored user, and returns
    /// the fields to write.
    ///
    /// # Errors
    /// Returns a [`BodyConflict`] when a read-only field of the body differs.
    pub fn check_against(
        &self,
        id: UserId,
        stored: Option<&User>,
    ) -> Result<NewUser, BodyConflict> {
        if let Some(other) = self.id.as_ref().and_then(Json::as_integer)
            && other != id.get()
        {
            return Err(BodyConflict::OtherId(other.to_string()));
        }
        let times = [
            (
                "created_at",
                &self.created_at,
                stored.map(|user| user.created_at),
            ),
            (
                "updated_at",
                &self.updated_at,
                stored.map(|user| user.updated_at),
            ),
        ];
        let errors = times.into_iter().filter_map(|(field, given, current)| {
            let given = given.as_ref()?;
            let is_same = current.is_some() && timestamp(given) == current;
            (!is_same).then(|| read_only_error(field, current))
        });
        let errors: Vec<_> = errors.collect();
        if errors.is_empty() {
            Ok(self.fields.clone())
        } else {
            Err(BodyConflict::Fields(errors))
        }
    }
}

/// The body of PATCH: a merge patch (RFC 7396) for a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPatch(Json);

impl UserPatch {
    /// Reads the body of PATCH.
    ///
    /// # Errors
    /// Returns all errors that do not depend on the stored user.
    pub fn from_json(body: Json) -> Result<UserPatch, Vec<PartError>> {
        let Json::Object(changes) = &body else {
            return Err(vec![not_an_object(&body)]);
        };
        let removed = changes.iter().filter(|(_, value)| *value == Json::Null);
        let wrong = removed.filter_map(|(key, _)| match key.as_str() {
            key if READ_ONLY.contains(&key) => Some((key, "cannot be removed")),
            key if WRITABLE.contains(&key) => None,
            key => Some((key, UNKNOWN)),
        });
        let wrong = wrong.map(|(key, detail)| PartError::at(pointer_to(key), detail));
        let mut errors: Vec<PartError> = wrong.collect();
        // Whether the values of a patch are valid does not depend on the user, so any valid user can be
        // patched.
        if let Err(more) = UserReplacement::from_json(&merge_patch(valid_user(), body.clone())) {
            errors.extend(more);
        }
        errors.truncate(ERRORS_MAX);
        match errors.is_empty() {
            true => Ok(UserPatch(body)),
            false => Err(errors),
        }
    }

    /// Returns the fields of the patched user.
    ///
    /// # Errors
    /// Returns a [`BodyConflict`] when the patch would change a read-only field.
    pub fn apply(&self, stored: &User) -> Result<NewUser, BodyConflict> {
        let merged = merge_patch(stored.to_json(), self.0.clone());
        let replacement = UserReplacement::from_json(&merged).map_err(BodyConflict::Fields)?;
        replacement.check_against(stored.id, Some(stored))
    }
}

const WRITABLE: [&str; 4] = ["name", "email", "role", "bio"];
const READ_ONLY: [&str; 3] = ["id", "created_at", "updated_at"];
/// The message for any other field.
const UNKNOWN: &str = "is not a field of a user";

/// Returns a valid user with only the required fields.
fn valid_user() -> Json {
    let fields = [("name", "A"), ("email", "a@a"), ("role", "member")];
    let text = |text: &str| Json::String(text.to_owned());
    Json::Object(
        fields
            .map(|(key, value)| (key.to_owned(), text(value)))
            .into(),
    )
}

fn timestamp(json: &Json) -> Option<Timestamp> {
    match json {
        Json::String(text) => Timestamp::parse(text),
        _ => None,
    }
}

fn read_only_error(field: &str, current: Option<Timestamp>) -> PartError {
    let detail = match current {
        Some(current) => {
            format!("is set by the server, and is {current}; leave it out or as it is")
        }
        None => "is set by the server; leave it out".to_owned(),
    };
    PartError::at(pointer_to(field), detail)
}

/// Reads the fields that a client sets; `default` is the role when the body has none.
fn fields(reader: &mut ObjectReader<'_>, default: Option<UserRole>) -> Option<NewUser> {
    let name = reader
        .required_text("name")
        .and_then(|name| bounded_text(reader, "name", name, 1..=NAME_MAX, &[]));
    let email = email(reader);
    let role = match default {
        Some(role) if !reader.has_member("role") => Some(role),
        _ => role(reader),
    };
    let bio = match reader.take("bio") {
        None | Some(Json::Null) => Some(None),
        Some(bio) => reader
            .text_of("bio", bio)
            .and_then(|bio| bounded_text(reader, "bio", bio, 0..=BIO_MAX, &['\n', '\r', '\t']))
            .map(Some),
    };
    Some(NewUser {
        name: name?,
        email: email?,
        role: role?,
        bio: bio?,
    })
}

fn email(reader: &mut ObjectReader<'_>) -> Option<Email> {
    let email = Email::parse(reader.required_text("email")?);
    if email.is_none() {
        let detail = "must be an email address such as `kim@example.com`, of at most 254 bytes";
        reader.add_error("email", detail);
    }
    email
}

fn role(reader: &mut ObjectReader<'_>) -> Option<UserRole> {
    let role = UserRole::parse(reader.required_text("role")?);
    if role.is_none() {
        reader.add_error("role", "must be `admin` or `member`");
    }
    role
}

/// Checks the length of a text in characters, and that it has no other control characters than those allowed.
fn bounded_text(
    reader: &mut ObjectReader<'_>,
    field: &str,
    text: &str,
    lengths: RangeInclusive<usize>,
    allowed: &[char],
) -> Option<String> {
    let length = text.chars().count();
    if !lengths.contains(&length) {
        let (min, max) = lengths.into_inner();
        let detail = format!("must have {min} to {max} characters, and has {length}");
        reader.add_error(field, detail);
        return None;
    }
    // XML has none of these characters, and PostgreSQL stores no NUL.
    let is_forbidden = |c: char| {
        (c.is_ascii_control() && !allowed.contains(&c)) || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    if let Some(character) = text.chars().find(|&c| is_forbidden(c)) {
        let detail = format!(
            "must not hold the control character U+{:04X}",
            u32::from(character)
        );
        reader.add_error(field, detail);
        return None;
    }
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text.as_bytes()).expect("JSON")
    }

    fn ada() -> User {
        User {
            id: UserId::new(4).expect("an id"),
            name: "Ada".to_owned(),
            email: Email::parse("ada@example.com").expect("an address"),
            role: UserRole::Admin,
            bio: Some("First.".to_owned()),
            created_at: Timestamp::from_milliseconds(1_000_000),
            updated_at: Timestamp::from_milliseconds(2_000_000),
        }
    }

    fn pointers(errors: Vec<PartError>) -> Vec<String> {
        errors
            .into_iter()
            .filter_map(|error| error.pointer)
            .collect()
    }

    #[test]
    fn new_user_without_role_and_bio_has_defaults() {
        let user = NewUser::from_json(&json(r#"{"email":"a@b","name":"가"}"#)).expect("valid");
        assert_eq!((user.role, user.bio), (UserRole::Member, None));
        let user = r#"{"email":"a@b","name":"a","role":"admin","bio":null}"#;
        assert_eq!(
            NewUser::from_json(&json(user)).expect("valid").role,
            UserRole::Admin
        );
    }

    #[test]
    fn invalid_body_has_all_errors_with_pointers() {
        let check = |text: &str, expected: &[&str]| {
            let errors = NewUser::from_json(&json(text)).expect_err("errors");
            assert_eq!(pointers(errors), expected, "{text}");
        };
        check("{}", &["/name", "/email"]);
        check("[]", &[""]);
        check("null", &[""]);
        let name = |name: &str| format!(r#"{{"name":{name},"email":"a@b"}}"#);
        for bad in [
            "1",
            "1.5",
            "1e400",
            "null",
            "[]",
            "\"\"",
            "\"\\u0000\"",
            "\"a\\nb\"",
            "\"\\uffff\"",
            &format!("{:?}", "가".repeat(101)),
        ] {
            check(&name(bad), &["/name"]);
        }
        let bio = |bio: &str| format!(r#"{{"name":"a","email":"a@b","bio":{bio}}}"#);
        for bad in ["1", "{}", "\"\\u0000\"", &format!("{:?}", "가".repeat(501))] {
            check(&bio(bad), &["/bio"]);
        }
        check(r#"{"name":"a","email":"a@b","role":null}"#, &["/role"]);
        check(r#"{"name":"a","email":"a@b","role":"root"}"#, &["/role"]);
        check(
            r#"{"id":1,"updated_at":"x","name":7,"email":"x","role":[],"bio":0,"a/b~":1}"#,
            &[
                "/id",
                "/updated_at",
                "/name",
                "/email",
                "/role",
                "/bio",
                "/a~1b~0",
            ],
        );
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        let text = format!(
            r#"{{"name":{:?},"email":"a@b","bio":"{}\n\t"}}"#,
            "가".repeat(100),
            "😀".repeat(498)
        );
        assert!(NewUser::from_json(&json(&text)).is_ok());
    }

    #[test]
    fn number_of_errors_is_limited() {
        let members: Vec<_> = (0..5000).map(|n| format!("\"x{n}\":0")).collect();
        let body = json(&format!("{{{}}}", members.join(",")));
        assert_eq!(
            NewUser::from_json(&body).expect_err("errors").len(),
            ERRORS_MAX
        );
    }

    #[test]
    fn replacement_with_equal_read_only_fields_is_accepted() {
        let user = ada();
        let same = serde_json::to_string(&user).expect("JSON");
        let replacement = UserReplacement::from_json(&json(&same)).expect("valid");
        let fields = replacement
            .check_against(user.id, Some(&user))
            .expect("no conflict");
        assert!(user.has_fields(&fields));
        assert_eq!(user.to_json(), json(&same));
    }

    #[test]
    fn replacement_with_other_read_only_fields_is_a_conflict() {
        let user = ada();
        let check = |more: &str, stored| {
            let text = format!(r#"{{"name":"a","email":"a@b","role":"member"{more}}}"#);
            let replacement = UserReplacement::from_json(&json(&text)).expect("valid");
            replacement.check_against(user.id, stored)
        };
        let refused = |more: &str, stored, expected: &[&str]| {
            let Err(BodyConflict::Fields(errors)) = check(more, stored) else {
                panic!("{more} was accepted");
            };
            assert_eq!(pointers(errors), expected, "{more}");
        };
        assert!(check("", Some(&user)).is_ok());
        assert!(check(r#","id":4"#, Some(&user)).is_ok());
        assert!(check(r#","id":4.0"#, None).is_ok());
        assert_eq!(
            check(r#","id":5"#, Some(&user)),
            Err(BodyConflict::OtherId("5".to_owned()))
        );
        assert_eq!(
            check(r#","id":5"#, None),
            Err(BodyConflict::OtherId("5".to_owned()))
        );
        refused(
            r#","created_at":"2026-01-01T00:00:00Z""#,
            Some(&user),
            &["/created_at"],
        );
        refused(r#","updated_at":2000000"#, Some(&user), &["/updated_at"]);
        refused(
            r#","created_at":"1970-01-01T00:16:40Z""#,
            None,
            &["/created_at"],
        );
        refused(r#","updated_at":null"#, None, &["/updated_at"]);
    }

    #[test]
    fn replacement_with_an_id_that_is_no_integer_is_an_error() {
        for id in ["1.5", "1e400", "9007199254740993", "\"4\"", "null"] {
            let text = format!(r#"{{"id":{id},"name":"a","email":"a@b","role":"member"}}"#);
            let errors = UserReplacement::from_json(&json(&text)).expect_err("errors");
            assert_eq!(pointers(errors), ["/id"], "{id}");
        }
    }

    #[test]
    fn replacement_without_role_is_an_error() {
        let errors = UserReplacement::from_json(&json(r#"{"name":"a","email":"a@b"}"#));
        assert_eq!(pointers(errors.expect_err("errors")), ["/role"]);
    }

    #[test]
    fn patch_changes_only_the_given_fields() {
        let check = |text: &str, change: fn(&mut NewUser)| {
            let user = ada();
            let mut expected = NewUser {
                name: user.name.clone(),
                email: user.email.clone(),
                role: user.role,
                bio: user.bio.clone(),
            };
            change(&mut expected);
            let patch = UserPatch::from_json(json(text)).expect("a patch");
            assert_eq!(patch.apply(&user), Ok(expected), "{text}");
        };
        check("{}", |_| {});
        check(r#"{"bio":null}"#, |user| user.bio = None);
        check(r#"{"bio":""}"#, |user| user.bio = Some(String::new()));
        check(r#"{"role":"member","id":4}"#, |user| {
            user.role = UserRole::Member
        });
        check(r#"{"name":"에이다"}"#, |user| {
            user.name = "에이다".to_owned()
        });
        check(r#"{"updated_at":"1970-01-01T00:33:20Z"}"#, |_| {});
    }

    #[test]
    fn patch_with_an_invalid_result_is_an_error() {
        let check = |text: &str, expected: &[&str]| {
            let errors = match UserPatch::from_json(json(text)) {
                Err(errors) => errors,
                Ok(patch) => match patch.apply(&ada()) {
                    Err(BodyConflict::Fields(errors)) => errors,
                    other => panic!("{text}: {other:?}"),
                },
            };
            assert_eq!(pointers(errors), expected, "{text}");
        };
        check(r#"{"name":null}"#, &["/name"]);
        check(
            r#"{"name":null,"email":null,"role":null}"#,
            &["/name", "/email", "/role"],
        );
        check(r#"{"id":null}"#, &["/id"]);
        check(r#"{"created_at":null}"#, &["/created_at"]);
        check(r#"{"created_at":"2020-01-01T00:00:00Z"}"#, &["/created_at"]);
        check(r#"{"bio":{"a":1}}"#, &["/bio"]);
        check(r#"{"nickname":null}"#, &["/nickname"]);
        check("[1]", &[""]);
        check("\"x\"", &[""]);
        let patch = UserPatch::from_json(json(r#"{"id":5}"#)).expect("a patch");
        assert_eq!(
            patch.apply(&ada()),
            Err(BodyConflict::OtherId("5".to_owned()))
        );
    }
}
