//! JSON (RFC 8259): values, a strict parser, a printer, and merge patch (RFC 7396).
//!
//! Differs from serde_json: an error has a line and a column, a duplicate key is an error, and a number
//! keeps its spelling, so that the code that knows the field decides what it accepts. Validation of
//! users is in `user`.

mod merge_patch;
mod parse;
mod path;
mod print;

pub use merge_patch::merge_patch;
pub use parse::{JsonError, JsonErrorReason, MAX_DEPTH};
pub use path::{JsonPath, PathSegment};
pub use print::write_escaped;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, with its spelling.
    Number(String),
    /// Text.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object: its members in the order of the text, with unique keys.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Returns the kind of the value as a phrase for messages: "a number".
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "text",
            Json::Array(_) => "an array",
            Json::Object(_) => "an object",
        }
    }

    /// Returns the value of a number that is an integer (also as `2.0` or `2e0`) within ±(2^53 − 1),
    /// the range that every JSON parser represents exactly (RFC 8259, section 6).
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        const SAFE: i64 = (1 << 53) - 1;
        let Json::Number(text) = self else {
            return None;
        };
        let integer = text.parse::<i64>().ok().or_else(|| {
            let value = text.parse::<f64>().ok()?;
            let fits = value.fract() == 0.0 && value.abs() <= SAFE as f64;
            fits.then_some(value as i64)
        })?;
        (-SAFE..=SAFE).contains(&integer).then_some(integer)
    }

    /// Returns the member of an object with this name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => {
                let mut found = members.iter().filter(|(key, _)| key == name);
                found.next().map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Returns the text of a string.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the value for insertion into another text: a string without its quotation marks, any
    /// other value as JSON.
    #[must_use]
    pub fn as_value(&self) -> String {
        self.as_text().map_or_else(|| self.pretty(), str::to_owned)
    }
}

/// Returns the JSON pointer (RFC 6901) to a member of the root object.
#[must_use]
pub fn pointer_to(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Returns the line and the column of a byte offset, both from 1; the column counts characters. `at`
/// must be a character boundary.
#[must_use]
pub fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (
        1 + before.matches('\n').count(),
        1 + before[line_start..].chars().count(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_integer_of_an_inexact_number_is_none() {
        let check = |text: &str, expected| {
            assert_eq!(
                Json::parse(text.as_bytes()).expect("JSON").as_integer(),
                expected,
                "{text}"
            );
        };
        check("2", Some(2));
        check("2.0", Some(2));
        check("20e-1", Some(2));
        check("-0", Some(0));
        check("9007199254740991", Some(9_007_199_254_740_991));
        check("9007199254740992", None);
        check("9007199254740993", None);
        check("99999999999999999999", None);
        check("1.5", None);
        check("1e400", None);
        check("\"2\"", None);
        check("true", None);
    }
}
