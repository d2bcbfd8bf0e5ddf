//! Placeholders `{{…}}`: their syntax, and how a text is split at them.

use std::fmt;

use super::error::ParseErrorKind;
use super::{SPACE, is_name};
use crate::model::http::is_token;
use crate::model::json::JsonPath;

/// A placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// The value that replaces it.
    pub reference: PlaceholderSource,
    /// Whether the value is percent-encoded, as in `{{%…}}`.
    pub encoded: bool,
}

/// The source of the value of a placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceholderSource {
    /// `name`: a variable of the file or the value of a prompt.
    Variable(String),
    /// `login.response.…`: a part of the response to the request of that `@name`.
    Response {
        /// The name of the request.
        name: String,
        /// The part of its response.
        part: ResponsePart,
    },
    /// `$guid` and the other system variables: a value generated when the request is sent.
    System(SystemVariable),
}

/// A part of an earlier response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponsePart {
    /// `body.$.path`: a value in the JSON body.
    Body(JsonPath),
    /// `headers.Name`: the value of a header.
    Header(String),
}

/// A value that is generated when the request is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SystemVariable {
    /// `$guid`: a random UUID (RFC 9562, version 4).
    Guid,
    /// `$timestamp`: the seconds since 1970-01-01 UTC.
    Timestamp,
    /// `$randomInt 1 9`: an integer from the first number (inclusive) to the second (exclusive).
    RandomInt(i64, i64),
    /// `$datetime iso8601`: the current time in UTC.
    DateTime(DateFormat),
}

/// The format of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateFormat {
    /// `2026-01-31T12:00:00Z` (RFC 3339).
    Iso8601,
    /// `Sat, 31 Jan 2026 12:00:00 GMT` (RFC 9110, section 5.6.7).
    Rfc1123,
}

/// A part of a text with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TemplatePart<'a> {
    Text(&'a str),
    /// A placeholder, and how it is written.
    Placeholder(Placeholder, &'a str),
}

/// Splits a text at its placeholders.
///
/// Two braces that are not followed by a name, `$` or `%` are text, so that a lesson can send `{{"a":
/// 1}}`, which is not JSON.
///
/// # Errors
/// Returns the first invalid placeholder, with its offset in bytes.
pub(super) fn parts(text: &str) -> Result<Vec<TemplatePart<'_>>, (usize, ParseErrorKind)> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find("{{") {
        let open = at + found;
        let inner = &text[open + 2..];
        let begins = |first: char| first.is_ascii_alphabetic() || "_$%".contains(first);
        if !inner.trim_start_matches(SPACE).starts_with(begins) {
            at = open + 1;
            continue;
        }
        // Searches only up to the closing braces, because a search for the end of the line at each
        // placeholder would take quadratic time in the length of the line.
        let length = inner
            .find("}}")
            .filter(|&length| !inner[..length].contains('\n'))
            .ok_or((open, ParseErrorKind::UnclosedPlaceholder))?;
        let placeholder =
            placeholder(&inner[..length]).ok_or((open, ParseErrorKind::Placeholder))?;
        if open > start {
            parts.push(TemplatePart::Text(&text[start..open]));
        }
        start = open + length + 4;
        parts.push(TemplatePart::Placeholder(placeholder, &text[open..start]));
        at = start;
    }
    if start < text.len() {
        parts.push(TemplatePart::Text(&text[start..]));
    }
    Ok(parts)
}

fn placeholder(inner: &str) -> Option<Placeholder> {
    let inner = inner.trim_matches(SPACE);
    let (encoded, inner) = match inner.strip_prefix('%') {
        Some(rest) => (true, rest),
        None => (false, inner),
    };
    let reference = if let Some(system) = inner.strip_prefix('$') {
        PlaceholderSource::System(self::system(system)?)
    } else if let Some((name, part)) = inner.split_once(".response.") {
        let part = if let Some(path) = part.strip_prefix("body.") {
            ResponsePart::Body(JsonPath::parse(path).ok()?)
        } else {
            let name = part
                .strip_prefix("headers.")
                .filter(|name| is_token(name))?;
            ResponsePart::Header(name.to_owned())
        };
        PlaceholderSource::Response {
            name: Some(name).filter(|name| is_name(name))?.to_owned(),
            part,
        }
    } else {
        PlaceholderSource::Variable(Some(inner).filter(|name| is_name(name))?.to_owned())
    };
    Some(Placeholder { reference, encoded })
}

fn system(text: &str) -> Option<SystemVariable> {
    let words: Vec<&str> = text.split(SPACE).filter(|word| !word.is_empty()).collect();
    Some(match words[..] {
        ["guid"] => SystemVariable::Guid,
        ["timestamp"] => SystemVariable::Timestamp,
        ["randomInt", from, to] => {
            let (from, to) = (from.parse().ok()?, to.parse().ok()?);
            (from < to).then_some(SystemVariable::RandomInt(from, to))?
        }
        ["datetime", "iso8601"] => SystemVariable::DateTime(DateFormat::Iso8601),
        ["datetime", "rfc1123"] => SystemVariable::DateTime(DateFormat::Rfc1123),
        _ => return None,
    })
}

impl fmt::Display for PlaceholderSource {
    /// Writes the text between the braces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::Response { name, part } => match part {
                ResponsePart::Body(path) => write!(f, "{name}.response.body.{path}"),
                ResponsePart::Header(header) => write!(f, "{name}.response.headers.{header}"),
            },
            Self::System(SystemVariable::Guid) => f.write_str("$guid"),
            Self::System(SystemVariable::Timestamp) => f.write_str("$timestamp"),
            Self::System(SystemVariable::RandomInt(from, to)) => {
                write!(f, "$randomInt {from} {to}")
            }
            Self::System(SystemVariable::DateTime(DateFormat::Iso8601)) => {
                f.write_str("$datetime iso8601")
            }
            Self::System(SystemVariable::DateTime(DateFormat::Rfc1123)) => {
                f.write_str("$datetime rfc1123")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_split_at_its_placeholders() {
        fn check(text: &str, expected: &[&str]) {
            let parts = parts(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            let shown: Vec<String> = parts
                .iter()
                .map(|part| match part {
                    TemplatePart::Text(text) => format!("<{text}>"),
                    TemplatePart::Placeholder(found, _) => {
                        format!(
                            "{}{}",
                            if found.encoded { "%" } else { "" },
                            found.reference
                        )
                    }
                })
                .collect();
            assert_eq!(shown, expected, "{text}");
        }
        check("", &[]);
        check("a", &["<a>"]);
        check("{{a}}", &["a"]);
        check("x{{ a-b_1 }}{{%c}} 한", &["<x>", "a-b_1", "%c", "< 한>"]);
        check(
            "{{login.response.body.$.access_token}}",
            &["login.response.body.$.access_token"],
        );
        check(
            "{{l.response.body.$[0][\"a b\"]}}",
            &["l.response.body.$[0][\"a b\"]"],
        );
        check(
            "{{%login.response.headers.Location}}",
            &["%login.response.headers.Location"],
        );
        check("{{$guid}}{{$timestamp}}", &["$guid", "$timestamp"]);
        check(
            "{{$randomInt  -1 9}} {{$datetime iso8601}}",
            &["$randomInt -1 9", "< >", "$datetime iso8601"],
        );
        check("{{$datetime rfc1123}}", &["$datetime rfc1123"]);
        // Braces of valid and of invalid JSON are text.
        check("{\"a\":{\"b\":{}}}", &["<{\"a\":{\"b\":{}}}>"]);
        check("{{\"a\": 1}}", &["<{{\"a\": 1}}>"]);
        check("{{}} {{ }} {{1}} {{", &["<{{}} {{ }} {{1}} {{>"]);
        check("{{{a}}}", &["<{>", "a", "<}>"]);
        check("{{\nname}}", &["<{{\nname}}>"]);
    }

    #[test]
    fn invalid_placeholder_is_an_error_with_its_offset() {
        fn check(text: &str, offset: usize, kind: ParseErrorKind) {
            assert_eq!(parts(text), Err((offset, kind)), "{text}");
        }
        check("한{{a", 3, ParseErrorKind::UnclosedPlaceholder);
        check("{{a\n}}", 0, ParseErrorKind::UnclosedPlaceholder);
        for text in [
            "{{a b}}",
            "{{a.b}}",
            "{{%}}",
            "{{%1}}",
            "{{$}}",
            "{{$uuid}}",
            "{{$randomInt}}",
            "{{$randomInt 9 1}}",
            "{{$randomInt 1 x}}",
            "{{$datetime}}",
            "{{$processEnv X}}",
            "{{login.response.body.id}}",
            "{{login.response.body}}",
            "{{login.response.headers.}}",
            "{{login.response.cookies.a}}",
            "{{login.request.body.$}}",
            "{{a b.response.body.$}}",
        ] {
            check(text, 0, ParseErrorKind::Placeholder);
        }
    }
}
