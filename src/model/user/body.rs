//! What a client may write of a user: the bodies of POST, PUT and PATCH.
//!
//! UserReader one collects every error at once, each with a JSON pointer. Not here: the syntax of
//! JSON.

use std::ops::RangeInclusive;

use utoipa::ToSchema;

use super::{BIO_MAX, Email, NAME_MAX, User, UserId, UserRole};
use crate::model::json::{Json, merge_patch, pointer_to};
use crate::model::members::{ERRORS_MAX, Members, not_an_object};
use crate::model::problem::PartError;
use crate::model::timestamp::Timestamp;

/// What a client writes of a new user.
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
    /// What the user may do.
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
    /// Everything that is wrong with it.
    pub fn from_json(body: &Json) -> Result<NewUser, Vec<PartError>> {
        let mut members = Members::of(body)?;
        for field in READ_ONLY {
            if members.take(field).is_some() {
                members.error(field, "is set by the server; leave it out");
            }
        }
        let user = fields(&mut members, Some(UserRole::Member));
        members.finish(user, UNKNOWN)
    }
}

/// The body of PUT: the whole user, with what it says about the fields that only the server sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserReplacement {
    fields: NewUser,
    id: Option<Json>,
    created_at: Option<Json>,
    updated_at: Option<Json>,
}

/// Why a replacement does not fit the user that it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyConflict {
    /// It has another id.
    OtherId(String),
    /// It would change fields that only the server sets.
    Fields(Vec<PartError>),
}

impl UserReplacement {
    /// Reads the body of PUT.
    ///
    /// # Errors
    /// Everything that is wrong with it, whomever it is for.
    pub fn from_json(body: &Json) -> Result<UserReplacement, Vec<PartError>> {
        let mut members = Members::of(body)?;
        let [id, created_at, updated_at] = READ_ONLY.map(|field| members.take(field).cloned());
        if id.as_ref().is_some_and(|id| id.as_integer().is_none()) {
            members.error("id", "must be a whole number; or leave it out");
        }
        let fields = fields(&mut members, None);
        Ok(UserReplacement {
            fields: members.finish(fields, UNKNOWN)?,
            id,
            created_at,
            updated_at,
        })
    }

    /// The fields to write at `id`, where `stored` is now.
    ///
    /// # Errors
    /// What the body says about read-only fields is not so.
    pub fn settle(&self, id: UserId, stored: Option<&User>) -> Result<NewUser, BodyConflict> {
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
        let errors = times.into_iter().filter_map(|(field, said, is)| {
            let said = said.as_ref()?;
            let same = is.is_some() && timestamp(said) == is;
            (!same).then(|| read_only(field, is))
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
    /// Everything that is wrong with it, whomever it is for.
    pub fn from_json(body: Json) -> Result<UserPatch, Vec<PartError>> {
        let Json::Object(changes) = &body else {
            return Err(vec![not_an_object(&body)]);
        };
        let removed = changes.iter().filter(|(_, to)| *to == Json::Null);
        let wrong = removed.filter_map(|(key, _)| match key.as_str() {
            key if READ_ONLY.contains(&key) => Some((key, "cannot be removed")),
            key if WRITABLE.contains(&key) => None,
            key => Some((key, UNKNOWN)),
        });
        let wrong = wrong.map(|(key, detail)| PartError::at(pointer_to(key), detail));
        let mut errors: Vec<PartError> = wrong.collect();
        // What it sets and removes is right for every user, or for none.
        if let Err(more) = UserReplacement::from_json(&merge_patch(anybody(), body.clone())) {
            errors.extend(more);
        }
        errors.truncate(ERRORS_MAX);
        match errors.is_empty() {
            true => Ok(UserPatch(body)),
            false => Err(errors),
        }
    }

    /// The user that results from it.
    ///
    /// # Errors
    /// The result has other read-only fields.
    pub fn apply(&self, stored: &User) -> Result<NewUser, BodyConflict> {
        let merged = merge_patch(stored.to_json(), self.0.clone());
        let replacement = UserReplacement::from_json(&merged).map_err(BodyConflict::Fields)?;
        replacement.settle(stored.id, Some(stored))
    }
}

const WRITABLE: [&str; 4] = ["name", "email", "role", "bio"];
const READ_ONLY: [&str; 3] = ["id", "created_at", "updated_at"];
/// What is said of any other field.
const UNKNOWN: &str = "is not a field of a user";

/// The fields that a user cannot be without.
fn anybody() -> Json {
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

fn read_only(field: &str, is: Option<Timestamp>) -> PartError {
    let detail = match is {
        Some(is) => format!("is set by the server, and is {is}; leave it out or as it is"),
        None => "is set by the server; leave it out".to_owned(),
    };
    PartError::at(pointer_to(field), detail)
}

/// The fields that a client writes; `default` is the role taken when none is given.
fn fields(members: &mut Members<'_>, default: Option<UserRole>) -> Option<NewUser> {
    let name = members
        .text("name")
        .and_then(|name| bounded(members, "name", name, 1..=NAME_MAX, &[]));
    let email = email(members);
    let role = match default {
        Some(role) if !members.has("role") => Some(role),
        _ => role(members),
    };
    let bio = match members.take("bio") {
        None | Some(Json::Null) => Some(None),
        Some(bio) => members
            .as_text("bio", bio)
            .and_then(|bio| bounded(members, "bio", bio, 0..=BIO_MAX, &['\n', '\r', '\t']))
            .map(Some),
    };
    Some(NewUser {
        name: name?,
        email: email?,
        role: role?,
        bio: bio?,
    })
}

fn email(members: &mut Members<'_>) -> Option<Email> {
    let email = Email::parse(members.text("email")?);
    if email.is_none() {
        let detail = "must be an email address such as `kim@example.com`, of at most 254 bytes";
        members.error("email", detail);
    }
    email
}

fn role(members: &mut Members<'_>) -> Option<UserRole> {
    let role = UserRole::parse(members.text("role")?);
    if role.is_none() {
        members.error("role", "must be `admin` or `member`");
    }
    role
}

/// A text of so many characters, of the control characters only those that are allowed.
fn bounded(
    members: &mut Members<'_>,
    field: &str,
    text: &str,
    lengths: RangeInclusive<usize>,
    allowed: &[char],
) -> Option<String> {
    let length = text.chars().count();
    if !lengths.contains(&length) {
        let (min, max) = lengths.into_inner();
        let detail = format!("must have {min} to {max} characters, and has {length}");
        members.error(field, detail);
        return None;
    }
    // What no format could carry: XML has none of these, PostgreSQL no NUL.
    let unfit = |c: char| {
        (c.is_ascii_control() && !allowed.contains(&c)) || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    if let Some(unfit) = text.chars().find(|&c| unfit(c)) {
        let detail = format!(
            "must not hold the control character U+{:04X}",
            u32::from(unfit)
        );
        members.error(field, detail);
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
    fn a_new_user_has_defaults() {
        let user = NewUser::from_json(&json(r#"{"email":"a@b","name":"가"}"#)).expect("valid");
        assert_eq!((user.role, user.bio), (UserRole::Member, None));
        let user = r#"{"email":"a@b","name":"a","role":"admin","bio":null}"#;
        assert_eq!(
            NewUser::from_json(&json(user)).expect("valid").role,
            UserRole::Admin
        );
    }

    #[test]
    fn every_error_is_found_at_once_and_pointed_at() {
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
    fn lengths_count_characters() {
        let text = format!(
            r#"{{"name":{:?},"email":"a@b","bio":"{}\n\t"}}"#,
            "가".repeat(100),
            "😀".repeat(498)
        );
        assert!(NewUser::from_json(&json(&text)).is_ok());
    }

    #[test]
    fn a_flood_of_unknown_fields_has_a_bounded_answer() {
        let members: Vec<_> = (0..5000).map(|n| format!("\"x{n}\":0")).collect();
        let body = json(&format!("{{{}}}", members.join(",")));
        assert_eq!(
            NewUser::from_json(&body).expect_err("errors").len(),
            ERRORS_MAX
        );
    }

    #[test]
    fn a_replacement_may_repeat_what_the_server_set() {
        let user = ada();
        let same = serde_json::to_string(&user).expect("JSON");
        let replacement = UserReplacement::from_json(&json(&same)).expect("valid");
        let fields = replacement.settle(user.id, Some(&user)).expect("fits");
        assert!(user.has(&fields));
        assert_eq!(user.to_json(), json(&same));
    }

    #[test]
    fn a_replacement_may_not_change_what_the_server_set() {
        let user = ada();
        let settle = |more: &str, stored| {
            let text = format!(r#"{{"name":"a","email":"a@b","role":"member"{more}}}"#);
            let replacement = UserReplacement::from_json(&json(&text)).expect("valid");
            replacement.settle(user.id, stored)
        };
        let refused = |more: &str, stored, expected: &[&str]| {
            let Err(BodyConflict::Fields(errors)) = settle(more, stored) else {
                panic!("{more} was let through");
            };
            assert_eq!(pointers(errors), expected, "{more}");
        };
        assert!(settle("", Some(&user)).is_ok());
        assert!(settle(r#","id":4"#, Some(&user)).is_ok());
        assert!(settle(r#","id":4.0"#, None).is_ok());
        assert_eq!(
            settle(r#","id":5"#, Some(&user)),
            Err(BodyConflict::OtherId("5".to_owned()))
        );
        assert_eq!(
            settle(r#","id":5"#, None),
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
    fn an_id_in_a_replacement_is_a_whole_number() {
        for id in ["1.5", "1e400", "9007199254740993", "\"4\"", "null"] {
            let text = format!(r#"{{"id":{id},"name":"a","email":"a@b","role":"member"}}"#);
            let errors = UserReplacement::from_json(&json(&text)).expect_err("errors");
            assert_eq!(pointers(errors), ["/id"], "{id}");
        }
    }

    #[test]
    fn a_replacement_has_no_default_role() {
        let errors = UserReplacement::from_json(&json(r#"{"name":"a","email":"a@b"}"#));
        assert_eq!(pointers(errors.expect_err("errors")), ["/role"]);
    }

    #[test]
    fn a_patch_changes_what_it_names() {
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
    fn a_patch_that_makes_no_user_is_refused() {
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
