//! The user: the resource of the taught API, with its fields and their validation.
//!
//! Uniqueness of email addresses and assignment of ids are in `sandbox::user_row` and `sandbox::user_creation`.

mod body;
mod field;

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::json::Json;
use super::timestamp::Timestamp;
pub use body::{BodyConflict, NewUser, UserPatch, UserReplacement};
pub use field::{UserField, UserFields, UserOrder};

/// The maximum length of a name, in characters.
pub const NAME_MAX: usize = 100;
/// The maximum length of a bio, in characters.
pub const BIO_MAX: usize = 500;
/// The maximum length of an email address, in bytes.
pub const EMAIL_MAX: usize = 254;

/// The id of a user: 1 to 2^31 − 1.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(try_from = "i64")]
#[schema(minimum = 1, maximum = 2_147_483_647)]
pub struct UserId(i32);

/// The reason why a text is not the id of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserIdError {
    /// The text is not an integer in decimal digits.
    #[error("an id is a whole number in digits")]
    NotANumber,
    /// The text is a number that no user can have.
    #[error("ids go from 1 to 2147483647")]
    OutOfRange,
}

impl UserId {
    /// The lowest id.
    pub const FIRST: UserId = UserId(1);

    /// Returns the id, if it is in the valid range.
    #[must_use]
    pub fn new(id: i64) -> Option<UserId> {
        let id = i32::try_from(id).ok()?;
        (id > 0).then_some(UserId(id))
    }

    /// Parses an id from a path.
    ///
    /// # Errors
    /// Returns a [`UserIdError`]. An id has only one spelling: `01` is a number, but out of range.
    pub fn parse(text: &str) -> Result<UserId, UserIdError> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(UserIdError::NotANumber);
        }
        if text.starts_with('0') {
            return Err(UserIdError::OutOfRange);
        }
        let id = text.parse().ok().and_then(UserId::new);
        id.ok_or(UserIdError::OutOfRange)
    }

    /// Returns the number.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0.into()
    }
}

impl TryFrom<i64> for UserId {
    type Error = UserIdError;

    fn try_from(id: i64) -> Result<UserId, UserIdError> {
        UserId::new(id).ok_or(UserIdError::OutOfRange)
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// An email address: the syntax of the HTML standard, at most 254 bytes.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(
    max_length = 254,
    pattern = "^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$"
)]
pub struct Email(String);

/// Hides the address, because it is personal data and must not be logged.
impl fmt::Debug for Email {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Email(…)")
    }
}

impl Email {
    /// Returns the address, if it is valid.
    #[must_use]
    pub fn parse(text: &str) -> Option<Email> {
        let (local, domain) = text.split_once('@')?;
        let atom =
            |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
        let label = |label: &str| {
            let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            (1..=63).contains(&label.len())
                && label.bytes().all(inner)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let valid = text.len() <= EMAIL_MAX
            && !local.is_empty()
            && local.bytes().all(atom)
            && domain.split('.').all(label);
        valid.then(|| Email(text.to_owned()))
    }

    /// Returns the address as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the address in lower case, in which equal addresses are equal texts.
    #[must_use]
    pub fn folded(&self) -> String {
        // The syntax allows only ASCII.
        self.0.to_ascii_lowercase()
    }
}

impl TryFrom<String> for Email {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Email, &'static str> {
        Email::parse(&text).ok_or("not an email address")
    }
}

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UserRole {
    /// Everything.
    Admin,
    /// What is usual.
    Member,
}

impl UserRole {
    /// Returns the role with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<UserRole> {
        match name {
            "admin" => Some(UserRole::Admin),
            "member" => Some(UserRole::Member),
            _ => None,
        }
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            UserRole::Admin => "admin",
            UserRole::Member => "member",
        }
    }
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// The id, assigned by the server.
    #[schema(read_only)]
    pub id: UserId,
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
    pub role: UserRole,
    /// Free text about the user.
    #[schema(
        required = true,
        max_length = 500,
        pattern = "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f\\ufffe\\uffff]*$"
    )]
    pub bio: Option<String>,
    /// When the user was created.
    #[schema(read_only)]
    pub created_at: Timestamp,
    /// When the user was last changed.
    #[schema(read_only)]
    pub updated_at: Timestamp,
}

impl User {
    /// Returns whether the user already has these fields.
    #[must_use]
    pub fn has_fields(&self, fields: &NewUser) -> bool {
        self.name == fields.name
            && self.email == fields.email
            && self.role == fields.role
            && self.bio == fields.bio
    }

    /// Returns the name in lower case, for searching without regard to case.
    #[must_use]
    pub fn name_folded(&self) -> String {
        fold(&self.name)
    }

    /// Returns the user as JSON.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let text = |text: &str| Json::String(text.to_owned());
        let bio = self.bio.as_deref().map_or(Json::Null, text);
        Json::Object(vec![
            ("id".to_owned(), Json::Number(self.id.to_string())),
            ("name".to_owned(), text(&self.name)),
            ("email".to_owned(), text(self.email.as_str())),
            ("role".to_owned(), text(self.role.as_str())),
            ("bio".to_owned(), bio),
            ("created_at".to_owned(), text(&self.created_at.to_string())),
            ("updated_at".to_owned(), text(&self.updated_at.to_string())),
        ])
    }
}

/// Returns the text in lower case, equal on every database.
#[must_use]
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_numbers_from_1_to_2147483647() {
        let check = |text: &str, expected: Result<i64, UserIdError>| {
            assert_eq!(UserId::parse(text).map(UserId::get), expected, "{text}");
        };
        check("1", Ok(1));
        check("2147483647", Ok(2_147_483_647));
        for text in ["0", "-1", "2147483648", "99999999999999999999", "01", "00"] {
            check(text, Err(UserIdError::OutOfRange));
        }
        for text in ["", "abc", "1.5", "+1", "1e3", "0x10", "٣", " 1", "-", "--1"] {
            check(text, Err(UserIdError::NotANumber));
        }
    }

    #[test]
    fn email_has_the_syntax_of_the_html_standard() {
        let long = |length: usize| format!("{}@example.com", "a".repeat(length - 12));
        let label = |length: usize| format!("a@{}.kr", "b".repeat(length));
        for text in [
            "a@b",
            "kim@example.com",
            "KIM+x@Sub.Example.co.kr",
            "a.b..c.@example.com",
            ".@x",
            "!#$%&'*+/=?^_`{|}~-@x-y.z",
            "1@2",
            &long(254),
            &label(63),
        ] {
            assert!(Email::parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            "@",
            "a@",
            "@b",
            "a b@c",
            "a@b c",
            "a@b@c",
            "a@-b",
            "a@b-",
            "a@b..c",
            "a@b.",
            "a@.b",
            "김@example.com",
            "a@예.kr",
            "a@b_c",
            "\"a b\"@c",
            "<a@b>",
            "a@b\n",
            "a@b\0",
            "a,b@c",
            "a@[127.0.0.1]",
            &long(255),
            &label(64),
        ] {
            assert!(Email::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn emails_that_differ_in_case_fold_to_one() {
        let fold = |text| Email::parse(text).expect("an address").folded();
        assert_eq!(fold("Ada@Example.COM"), fold("ada@example.com"));
    }
}
