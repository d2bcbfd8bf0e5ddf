//! The formats of a user and of a list of users, one file each, and their parsers.
//!
//! A parser returns JSON with the names of the fields, so that one set of rules validates every format, and
//! errors have the same pointers in every format. The format is chosen in `http::negotiation`.

pub(super) mod csv;
mod json;
mod text;
pub(super) mod xml;

use crate::model::json::{Json, line_and_column};
use crate::model::user::{User, UserField, UserFields};

/// A format of a user and of a list of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UserFormat {
    /// JSON, the default.
    Json,
    /// XML 1.0.
    Xml,
    /// CSV (RFC 4180).
    Csv,
    /// Plain text for human readers.
    Text,
}

impl UserFormat {
    /// Every format, in the order of preference of the server.
    pub(super) const ALL: &[UserFormat] = &[
        UserFormat::Json,
        UserFormat::Xml,
        UserFormat::Csv,
        UserFormat::Text,
    ];

    /// Returns the media type without parameters.
    pub(super) fn essence(self) -> &'static str {
        match self {
            UserFormat::Json => "application/json",
            UserFormat::Xml => "application/xml",
            UserFormat::Csv => "text/csv",
            UserFormat::Text => "text/plain",
        }
    }

    /// Returns the value of `Content-Type`. JSON has no charset parameter, because it is always UTF-8
    /// (RFC 8259).
    pub(super) fn content_type(self) -> &'static str {
        match self {
            UserFormat::Json => "application/json",
            UserFormat::Xml => "application/xml; charset=utf-8",
            UserFormat::Csv => "text/csv; charset=utf-8",
            UserFormat::Text => "text/plain; charset=utf-8",
        }
    }

    /// Returns the short name, which is also the file name extension.
    pub(super) fn name(self) -> &'static str {
        match self {
            UserFormat::Json => "json",
            UserFormat::Xml => "xml",
            UserFormat::Csv => "csv",
            UserFormat::Text => "txt",
        }
    }

    /// Returns whether the format has this media type parameter. A media range with any other parameter
    /// does not match the format.
    pub(super) fn has(self, name: &str, value: &str) -> bool {
        match name {
            "charset" => value.eq_ignore_ascii_case("utf-8"),
            // `header=present` means that the first line names the columns (RFC 4180, section 3).
            "header" => self == UserFormat::Csv && value.eq_ignore_ascii_case("present"),
            _ => false,
        }
    }

    /// Writes a user.
    pub(super) fn one(self, user: &User) -> Vec<u8> {
        match self {
            UserFormat::Json => json::one(user),
            UserFormat::Xml => xml::one(user),
            UserFormat::Csv => csv::list(std::slice::from_ref(user), UserFields::ALL),
            UserFormat::Text => text::list(std::slice::from_ref(user), UserFields::ALL),
        }
    }

    /// Writes a list of users with the given fields.
    pub(super) fn list(self, users: &[User], fields: UserFields) -> Vec<u8> {
        match self {
            UserFormat::Json => json::list(users, fields),
            UserFormat::Xml => xml::list(users, fields),
            UserFormat::Csv => csv::list(users, fields),
            UserFormat::Text => text::list(users, fields),
        }
    }
}

/// An error of a parser, with its position.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub(super) struct FormatError {
    line: usize,
    column: usize,
    reason: String,
}

impl FormatError {
    /// Creates an error at a byte offset of the text.
    fn at(text: &str, at: usize, reason: impl Into<String>) -> FormatError {
        let (line, column) = line_and_column(text, text.floor_char_boundary(at));
        FormatError {
            line,
            column,
            reason: reason.into(),
        }
    }
}

/// Returns the text of a body, without the byte order mark that spreadsheets add.
fn decode(bytes: &[u8]) -> Result<&str, FormatError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        FormatError::at(&valid, valid.len(), "the bytes are not valid UTF-8")
    })
}

/// Converts a field to JSON. XML and CSV have no types, so an id in digits becomes a number.
fn to_json(name: &str, text: String) -> Json {
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let is_number = digits == "0"
        || !digits.is_empty()
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit());
    if name == UserField::Id.as_str() && is_number {
        Json::Number(text)
    } else {
        Json::String(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::timestamp::Timestamp;
    use crate::model::user::{Email, UserId, UserReplacement, UserRole};
    use proptest::prelude::*;

    pub(super) fn ada() -> User {
        User {
            id: UserId::new(4).expect("an id"),
            name: "Ada <&]]>, \"에이다\"".to_owned(),
            email: Email::parse("ada@example.com").expect("an address"),
            role: UserRole::Admin,
            bio: None,
            created_at: Timestamp::from_milliseconds(1_767_225_600_000),
            updated_at: Timestamp::from_milliseconds(1_767_225_661_000),
        }
    }

    pub(super) fn fields_of(names: &[UserField]) -> UserFields {
        let mut fields = UserFields::NONE;
        for field in names {
            fields.add(*field);
        }
        fields
    }

    /// Returns the members of an object.
    pub(super) fn members(json: Json) -> Vec<(String, Json)> {
        match json {
            Json::Object(members) => members,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn user_and_empty_list_differ_in_every_format() {
        let users = UserFormat::ALL.iter().map(|format| format.one(&ada()));
        let lists = UserFormat::ALL
            .iter()
            .map(|format| format.list(&[], UserFields::ALL));
        let all: Vec<_> = users.chain(lists).collect();
        for (at, bytes) in all.iter().enumerate() {
            assert!(!all[..at].contains(bytes), "{at}");
        }
    }

    #[test]
    fn json_list_with_all_fields_contains_the_json_of_the_user() {
        let user = ada();
        let expected = serde_json::to_vec(&user).expect("JSON");
        assert_eq!(UserFormat::Json.one(&user), expected);
        let list = UserFormat::Json.list(&[user.clone(), user], UserFields::ALL);
        let expected = String::from_utf8(expected).expect("UTF-8");
        assert_eq!(
            String::from_utf8(list).expect("UTF-8"),
            format!("[{expected},{expected}]")
        );
        let fields = fields_of(&[UserField::Name, UserField::Id]);
        let list = UserFormat::Json.list(&[ada()], fields);
        assert_eq!(
            list,
            "[{\"id\":4,\"name\":\"Ada <&]]>, \\\"에이다\\\"\"}]".as_bytes()
        );
        assert_eq!(UserFormat::Json.list(&[], fields), b"[]");
    }

    #[test]
    fn to_json_returns_a_number_only_for_an_id() {
        assert_eq!(
            to_json("id", "12".to_owned()),
            Json::Number("12".to_owned())
        );
        assert_eq!(
            to_json("id", "-1".to_owned()),
            Json::Number("-1".to_owned())
        );
        for text in ["", "-", "01", "1.0", "1e3", "+1", " 1"] {
            assert_eq!(
                to_json("id", text.to_owned()),
                Json::String(text.to_owned())
            );
        }
        assert_eq!(
            to_json("name", "12".to_owned()),
            Json::String("12".to_owned())
        );
    }

    /// Generates users that can be stored.
    pub(super) fn users() -> impl Strategy<Value = User> {
        let character = any::<char>().prop_filter("characters that a user cannot contain", |c| {
            !c.is_ascii_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')
        });
        let tricky = prop::sample::select(vec![
            '=', '+', '-', '@', '\'', '"', ',', '<', '&', ']', '>', ';', '＝', '김',
        ]);
        let inner = prop_oneof![character, tricky.clone()];
        let name = prop::collection::vec(inner.clone(), 1..12);
        let bio = prop::collection::vec(
            prop_oneof![inner, prop::sample::select(vec!['\n', '\r', '\t', '\''])],
            0..12,
        );
        let email = "[a-z=+'-]{1,8}@[a-z]{1,8}";
        let id = 1..=i64::from(i32::MAX);
        (
            id,
            name,
            email,
            any::<bool>(),
            prop::option::of(bio),
            any::<i32>(),
        )
            .prop_map(|(id, name, email, admin, bio, seconds)| User {
                id: UserId::new(id).expect("an id"),
                name: name.into_iter().collect(),
                email: Email::parse(&email).expect("an address"),
                role: if admin {
                    UserRole::Admin
                } else {
                    UserRole::Member
                },
                bio: bio.map(|bio| bio.into_iter().collect()),
                created_at: Timestamp::from_milliseconds(i64::from(seconds) * 1000),
                updated_at: Timestamp::from_milliseconds(i64::from(seconds) * 1000 + 1000),
            })
    }

    /// Asserts that the parsed JSON is the same user, including read-only fields.
    fn assert_same_user(user: &User, json: &Json) {
        let replacement = UserReplacement::from_json(json).expect("a whole user");
        let fields = replacement
            .check_against(user.id, Some(user))
            .expect("the same id and times");
        assert!(user.has_fields(&fields), "{fields:?} is not {user:?}");
    }

    proptest! {
        #[test]
        fn user_in_each_format_survives_a_round_trip(user in users()) {
            assert_same_user(&user, &xml::parse(&UserFormat::Xml.one(&user)).expect("XML"));
            assert_same_user(&user, &csv::parse(&UserFormat::Csv.one(&user)).expect("CSV"));
            assert_same_user(&user, &Json::parse(&UserFormat::Json.one(&user)).expect("JSON"));
        }

        /// Only UTF-8 is accepted, and the position of an error is inside the text.
        #[test]
        fn parse_error_has_a_position_inside_the_text(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"<>,\"\r\n".to_vec())], 0..200),
        ) {
            for read in [xml::parse(&bytes), csv::parse(&bytes)] {
                let Err(FormatError { line, column, .. }) = read else {
                    prop_assert!(std::str::from_utf8(&bytes).is_ok());
                    continue;
                };
                let text = String::from_utf8_lossy(&bytes);
                let lines: Vec<_> = text.split('\n').collect();
                prop_assert!((1..=lines.len()).contains(&line), "line {} of {:?}", line, text);
                let length = lines[line - 1].chars().count();
                prop_assert!((1..=length + 1).contains(&column), "column {} of {:?}", column, text);
            }
        }

        /// The text of a user with a random change is refused, or it is the text of another user that survives
        /// a round trip.
        #[test]
        fn parse_of_changed_text_fails_or_survives_a_round_trip(
            user in users(),
            at in any::<prop::sample::Index>(),
            removed in 0..3_usize,
            piece in prop::sample::select(vec![
            "", "<user>", "</user>", "<name>", "</name>", "<bio/>", "<email>a@b</email>", "<!--", "-->", "<!-- -->",
            "<![CDATA[", "]]>", "<![CDATA[x]]>", "&amp;", "&#0;", "&#x41;", "&x;", "<?xml version=\"1.0\"?>",
            "<!DOCTYPE user>", "<a b='c'>", "<", ">", "김", " ", "name", ",", "\r\n", "\"", "email", "id", "1", "'",
            "=1+1", "\n", "\r", "\u{feff}", "\0", "\t", ";",
            ]),
        ) {
            for format in [UserFormat::Xml, UserFormat::Csv] {
                let text = String::from_utf8(format.one(&user)).expect("UTF-8");
                let places: Vec<_> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
                let begin = at.index(places.len());
                let end = (begin + removed).min(places.len() - 1);
                let text = [&text[..places[begin]], piece, &text[places[end]..]].concat();
                let read = |bytes: &[u8]| match format {
                    UserFormat::Xml => xml::parse(bytes),
                    _ => csv::parse(bytes),
                };
                let Ok(json) = read(text.as_bytes()) else { continue };
                let Ok(replacement) = UserReplacement::from_json(&json) else { continue };
                let Ok(fields) = replacement.check_against(user.id, Some(&user)) else { continue };
                let changed = User {
                    name: fields.name,
                    email: fields.email,
                    role: fields.role,
                    bio: fields.bio,
                    ..user.clone()
                };
                assert_same_user(&changed, &read(&format.one(&changed)).expect("a written user"));
            }
        }
    }
}
