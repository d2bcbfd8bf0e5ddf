//! JSON (RFC 8259) as this site reads it, and the merge patch (RFC 7396) on it.
//!
//! Stricter and more exact than serde_json: an error has line and column, a key given twice is an
//! error, and a number is kept as it was written, so that the one who knows the field judges it.
//! Not here: what a user may look like.

use std::collections::BTreeSet;
use std::str::Chars;

use super::expectation::{JsonPath, PathSegment};

/// The deepest nesting of arrays and objects that is read.
pub const MAX_DEPTH: usize = 128;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, in the characters it was written with.
    Number(String),
    /// Text.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object: its members in the order they were written, no key twice.
    Object(Vec<(String, Json)>),
}

/// Where and why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct JsonError {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What is wrong there.
    pub reason: JsonErrorReason,
}

/// What is wrong with a text that is not JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonErrorReason {
    /// The bytes are not UTF-8.
    #[error("the bytes are not valid UTF-8")]
    InvalidUtf8,
    /// The text ended too early.
    #[error("the text ends where {expected} should follow")]
    End {
        /// What was expected.
        expected: &'static str,
    },
    /// Another character was expected.
    #[error("{found:?} found where {expected} should stand")]
    Unexpected {
        /// What stands there.
        found: char,
        /// What was expected.
        expected: &'static str,
    },
    /// A comma before a closing bracket or brace.
    #[error("nothing follows this comma; JSON allows no comma after the last item")]
    TrailingComma,
    /// Something after the value.
    #[error("{0:?} found after the end of the value")]
    Trailing(char),
    /// A key that the object already has.
    #[error("the key {0:?} stands twice in one object")]
    DuplicateKey(String),
    /// Half of a surrogate pair.
    #[error("the escape is half of a surrogate pair, which is no character")]
    LoneSurrogate,
    /// A raw control character in a string.
    #[error("a control character in a string must be written as an escape")]
    ControlCharacter,
    /// More levels than [`MAX_DEPTH`].
    #[error("arrays and objects are nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
}

impl Json {
    /// Reads one JSON text.
    ///
    /// # Errors
    /// The first place that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Json, JsonError> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
                return Err(error_at(&valid, valid.len(), JsonErrorReason::InvalidUtf8));
            }
        };
        let mut parser = JsonParser {
            text,
            rest: text.chars(),
        };
        parser
            .document()
            .map_err(|fault| error_at(text, fault.at, fault.reason))
    }

    /// What kind of value it is, as a sentence says it: "a number".
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

    /// The integer that a number states exactly (also as `2.0` or `2e0`), if it is one within
    /// ±(2^53 − 1), the range that every reader of JSON agrees on.
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

    /// The member of an object with this name.
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

    /// The value that a path leads to.
    #[must_use]
    pub fn at(&self, path: &JsonPath) -> Option<&Json> {
        path.steps
            .iter()
            .try_fold(self, |value, step| match (step, value) {
                (PathSegment::Name(name), _) => value.member(name),
                (PathSegment::Index(index), Json::Array(items)) => items.get(*index),
                (PathSegment::Index(_), _) => None,
            })
    }

    /// The text of a string.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value as it is put into another text: a string without its quotation marks.
    #[must_use]
    pub fn as_value(&self) -> String {
        self.as_text().map_or_else(|| self.pretty(), str::to_owned)
    }

    /// The value over several lines, two spaces a level, for people. The order of members and the
    /// spelling of numbers stay.
    #[must_use]
    pub fn pretty(&self) -> String {
        let mut text = String::new();
        self.write(0, &mut text);
        text
    }

    fn write(&self, level: usize, text: &mut String) {
        match self {
            Json::Null => text.push_str("null"),
            Json::Bool(true) => text.push_str("true"),
            Json::Bool(false) => text.push_str("false"),
            Json::Number(number) => text.push_str(number),
            Json::String(string) => quote(string, text),
            Json::Array(items) => list(('[', ']'), items, level, text, |item, text| {
                item.write(level + 1, text);
            }),
            Json::Object(members) => {
                list(('{', '}'), members, level, text, |(key, value), text| {
                    quote(key, text);
                    text.push_str(": ");
                    value.write(level + 1, text);
                })
            }
        }
    }
}

/// Writes items, each on a line of its own, between brackets; nothing between them when empty.
fn list<T>(
    (open, close): (char, char),
    items: &[T],
    level: usize,
    text: &mut String,
    write: impl Fn(&T, &mut String),
) {
    let line = |level: usize, text: &mut String| {
        text.push('\n');
        text.extend(std::iter::repeat_n("  ", level));
    };
    text.push(open);
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        line(level + 1, text);
        write(item, text);
    }
    if !items.is_empty() {
        line(level, text);
    }
    text.push(close);
}

/// Writes a string with the escapes that it needs (RFC 8259, section 7).
fn quote(string: &str, text: &mut String) {
    text.push('"');
    for c in string.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            c if c.is_control() => {
                text.push_str("\\u");
                for shift in [12, 8, 4, 0] {
                    let digit = u32::from(c) >> shift & 0xf;
                    text.push(char::from_digit(digit, 16).expect("four bits are a digit"));
                }
            }
            c => text.push(c),
        }
    }
    text.push('"');
}

/// Applies a merge patch (RFC 7396, section 2).
#[must_use]
pub fn merge_patch(target: Json, patch: Json) -> Json {
    let Json::Object(changes) = patch else {
        return patch;
    };
    let mut members: Vec<Option<(String, Json)>> = match target {
        Json::Object(members) => members.into_iter().map(Some).collect(),
        _ => Vec::new(),
    };
    // The keys of a patch are unique, so a new member is never found again.
    let known = members.len();
    for (key, change) in changes {
        let place = members[..known]
            .iter_mut()
            .find(|member| matches!(member, Some((name, _)) if *name == key));
        match (place, change) {
            (Some(place), Json::Null) => *place = None,
            (None, Json::Null) => {}
            (Some(Some((_, value))), change) => {
                *value = merge_patch(std::mem::replace(value, Json::Null), change);
            }
            (_, change) => members.push(Some((key, merge_patch(Json::Null, change)))),
        }
    }
    Json::Object(members.into_iter().flatten().collect())
}

/// The JSON pointer (RFC 6901) to a member of the root object.
#[must_use]
pub fn pointer_to(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The line of a byte of a text, and the character in the line, both from 1; `at` is where a
/// character begins.
#[must_use]
pub fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (
        1 + before.matches('\n').count(),
        1 + before[line_start..].chars().count(),
    )
}

fn error_at(text: &str, at: usize, reason: JsonErrorReason) -> JsonError {
    let (line, column) = line_and_column(text, at);
    JsonError {
        line,
        column,
        reason,
    }
}

/// An error at a byte of the text.
struct SyntaxErrorAt {
    at: usize,
    reason: JsonErrorReason,
}

struct JsonParser<'t> {
    text: &'t str,
    rest: Chars<'t>,
}

const VALUE: &str = "a value";

impl JsonParser<'_> {
    fn document(&mut self) -> Result<Json, SyntaxErrorAt> {
        let value = self.value(0)?;
        self.skip_space();
        match self.peek() {
            None => Ok(value),
            Some(found) => Err(self.fault(JsonErrorReason::Trailing(found))),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, SyntaxErrorAt> {
        self.skip_space();
        match self.peek() {
            Some('{' | '[') if depth == MAX_DEPTH => Err(self.fault(JsonErrorReason::TooDeep)),
            Some('{') => self.object(depth + 1),
            Some('[') => self.array(depth + 1),
            Some('"') => Ok(Json::String(self.string()?)),
            Some('-' | '0'..='9') => self.number(),
            Some('t') => self.word("true", Json::Bool(true)),
            Some('f') => self.word("false", Json::Bool(false)),
            Some('n') => self.word("null", Json::Null),
            _ => Err(self.unexpected(VALUE)),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, SyntaxErrorAt> {
        self.rest.next();
        let mut members = Vec::new();
        let mut keys = BTreeSet::new();
        self.skip_space();
        if self.take('}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.skip_space();
            let at = self.at();
            if self.peek() != Some('"') {
                return Err(self.unexpected("a key in double quotes"));
            }
            let key = self.string()?;
            if !keys.insert(key.clone()) {
                let reason = JsonErrorReason::DuplicateKey(key);
                return Err(SyntaxErrorAt { at, reason });
            }
            self.skip_space();
            if !self.take(':') {
                return Err(self.unexpected("a colon"));
            }
            members.push((key, self.value(depth)?));
            if self.ends('}', "a comma or `}`")? {
                return Ok(Json::Object(members));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json, SyntaxErrorAt> {
        self.rest.next();
        let mut items = Vec::new();
        self.skip_space();
        if self.take(']') {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value(depth)?);
            if self.ends(']', "a comma or `]`")? {
                return Ok(Json::Array(items));
            }
        }
    }

    /// After an item: whether the list ends here; otherwise a comma was passed.
    fn ends(&mut self, close: char, expected: &'static str) -> Result<bool, SyntaxErrorAt> {
        self.skip_space();
        if self.take(close) {
            return Ok(true);
        }
        let at = self.at();
        if !self.take(',') {
            return Err(self.unexpected(expected));
        }
        self.skip_space();
        if self.peek() == Some(close) {
            let reason = JsonErrorReason::TrailingComma;
            return Err(SyntaxErrorAt { at, reason });
        }
        Ok(false)
    }

    fn string(&mut self) -> Result<String, SyntaxErrorAt> {
        self.rest.next();
        let mut text = String::new();
        loop {
            let at = self.at();
            match self.rest.next() {
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape(at)?),
                Some('\0'..='\x1f') => {
                    let reason = JsonErrorReason::ControlCharacter;
                    return Err(SyntaxErrorAt { at, reason });
                }
                Some(character) => text.push(character),
                None => return Err(self.unexpected("the closing quote")),
            }
        }
    }

    /// What stands after a backslash; `at` is the backslash.
    fn escape(&mut self, at: usize) -> Result<char, SyntaxErrorAt> {
        let Some(letter) = self.peek() else {
            return Err(self.unexpected("an escape"));
        };
        let character = match letter {
            '"' | '\\' | '/' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                self.rest.next();
                return self.code_point(at);
            }
            _ => return Err(self.unexpected(r#"one of `"\/bfnrtu`"#)),
        };
        self.rest.next();
        Ok(character)
    }

    /// The digits of `\u`, and those of the second half of a pair.
    fn code_point(&mut self, at: usize) -> Result<char, SyntaxErrorAt> {
        let first = self.four_digits()?;
        let lone = |at| SyntaxErrorAt {
            at,
            reason: JsonErrorReason::LoneSurrogate,
        };
        if !(0xD800..0xE000).contains(&first) {
            return char::from_u32(first).ok_or_else(|| lone(at));
        }
        if first >= 0xDC00 || !self.rest.as_str().starts_with("\\u") {
            return Err(lone(at));
        }
        self.rest.nth(1);
        let second = self.four_digits()?;
        if !(0xDC00..0xE000).contains(&second) {
            return Err(lone(at));
        }
        let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        char::from_u32(code).ok_or_else(|| lone(at))
    }

    fn four_digits(&mut self) -> Result<u32, SyntaxErrorAt> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|digit| digit.to_digit(16)) else {
                return Err(self.unexpected("a hexadecimal digit"));
            };
            self.rest.next();
            code = code * 16 + digit;
        }
        Ok(code)
    }

    fn number(&mut self) -> Result<Json, SyntaxErrorAt> {
        let start = self.at();
        self.take('-');
        if self.take('0') {
            if let Some(found @ '0'..='9') = self.peek() {
                let expected = "no further digit, for a number does not begin with 0,";
                return Err(self.fault(JsonErrorReason::Unexpected { found, expected }));
            }
        } else {
            self.digits()?;
        }
        if self.take('.') {
            self.digits()?;
        }
        if self.take('e') || self.take('E') {
            let _ = self.take('+') || self.take('-');
            self.digits()?;
        }
        Ok(Json::Number(self.text[start..self.at()].to_owned()))
    }

    fn digits(&mut self) -> Result<(), SyntaxErrorAt> {
        if !matches!(self.peek(), Some('0'..='9')) {
            return Err(self.unexpected("a digit"));
        }
        while matches!(self.peek(), Some('0'..='9')) {
            self.rest.next();
        }
        Ok(())
    }

    fn word(&mut self, word: &'static str, value: Json) -> Result<Json, SyntaxErrorAt> {
        match self.rest.as_str().strip_prefix(word) {
            Some(rest) => {
                self.rest = rest.chars();
                Ok(value)
            }
            None => Err(self.unexpected(VALUE)),
        }
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.rest.next();
        }
    }

    fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        if there {
            self.rest.next();
        }
        there
    }

    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn at(&self) -> usize {
        self.text.len() - self.rest.as_str().len()
    }

    fn fault(&self, reason: JsonErrorReason) -> SyntaxErrorAt {
        SyntaxErrorAt {
            at: self.at(),
            reason,
        }
    }

    fn unexpected(&self, expected: &'static str) -> SyntaxErrorAt {
        self.fault(match self.peek() {
            Some(found) => JsonErrorReason::Unexpected { found, expected },
            None => JsonErrorReason::End { expected },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pretty_keeps_order_numbers_and_meaning() {
        let text = r#"{"b":[1.50,{},[],[[null]]],"a":"줄\n\"\\ \u0000\u007f\u0085","big":123456789012345678901234567890,"c":{"d":true}}"#;
        let json = Json::parse(text.as_bytes()).expect("JSON");
        let pretty = json.pretty();
        let expected = "{\n  \"b\": [\n    1.50,\n    {},\n    [],\n    [\n      [\n        null\n      ]\n    ]\n  ],\n  \"a\": ";
        assert!(pretty.starts_with(expected), "{pretty}");
        assert!(
            pretty.contains("123456789012345678901234567890"),
            "{pretty}"
        );
        assert_eq!(Json::parse(pretty.as_bytes()), Ok(json), "{pretty}");
    }
    use proptest::prelude::*;
    use serde_json::Value;

    fn read(text: &str) -> Result<Json, JsonError> {
        Json::parse(text.as_bytes())
    }

    /// The same value as serde_json has it.
    fn value(json: &Json) -> Value {
        match json {
            Json::Null => Value::Null,
            Json::Bool(truth) => (*truth).into(),
            Json::Number(text) => serde_json::from_str(text).expect("a number"),
            Json::String(text) => text.clone().into(),
            Json::Array(items) => items.iter().map(value).collect(),
            Json::Object(members) => members
                .iter()
                .map(|(key, json)| (key.clone(), value(json)))
                .collect(),
        }
    }

    #[test]
    fn errors_name_line_column_and_reason() {
        let check = |bytes: &[u8], line, column, reason: &str| {
            let error = Json::parse(bytes).expect_err("an error");
            let shown = String::from_utf8_lossy(bytes);
            assert_eq!(
                (error.line, error.column),
                (line, column),
                "{shown}: {error}"
            );
            assert!(
                error.reason.to_string().contains(reason),
                "{shown}: {error}"
            );
        };
        check(b"", 1, 1, "a value");
        check(b" \n ", 2, 2, "a value");
        check(b"{\n  \"name\": \"Kim\",\n}", 2, 16, "comma after the last");
        check(b"[1, 2,]", 1, 6, "comma after the last");
        check(b"{\"a\": 1 \"b\": 2}", 1, 9, "a comma or `}`");
        check(b"[1 2]", 1, 4, "a comma or `]`");
        check(b"{'a': 1}", 1, 2, "a key in double quotes");
        check(b"{\"a\" 1}", 1, 6, "a colon");
        check(b"{\"a\": nul}", 1, 7, "a value");
        check("{\"이름\": \"김\"} x".as_bytes(), 1, 13, "after the end");
        check(b"{\"a\": 1, \"b\": 2, \"a\": 3}", 1, 18, "stands twice");
        check(b"{\"a\": 1, \"\\u0061\": 3}", 1, 10, "stands twice");
        check(b"\"\xff\"", 1, 2, "UTF-8");
        check(b"\"a\n\"", 1, 3, "control character");
        check(b"\"\\ud83d\"", 1, 2, "surrogate");
        check(b"\"\\ud83d\\u0041\"", 1, 2, "surrogate");
        check(b"\"ab\\udc00\"", 1, 4, "surrogate");
        check(b"\"\xed\xa0\x80\"", 1, 2, "UTF-8");
        check(b"\"\\x\"", 1, 3, "one of");
        check(b"\"\\u12g4\"", 1, 6, "hexadecimal");
        check(b"\"abc", 1, 5, "closing quote");
        check(b"01", 1, 2, "does not begin with 0");
        check(b"-", 1, 2, "a digit");
        check(b"1.", 1, 3, "a digit");
        check(b"1e+", 1, 4, "a digit");
        check(b"+1", 1, 1, "a value");
        check(b"NaN", 1, 1, "a value");
        check("\u{feff}{}".as_bytes(), 1, 1, "a value");
        check("[".repeat(10_000).as_bytes(), 1, 129, "128 levels");
        check(
            "{\"a\":".repeat(10_000).as_bytes(),
            1,
            5 * 128 + 1,
            "128 levels",
        );
    }

    #[test]
    fn the_deepest_nesting_is_read() {
        let text = "[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH);
        assert!(read(&text).is_ok());
    }

    #[test]
    fn numbers_are_kept_as_written() {
        for text in ["0", "-0", "1e400", "9007199254740993", "1.50", "-12E-7"] {
            assert_eq!(read(text), Ok(Json::Number(text.to_owned())));
        }
    }

    #[test]
    fn only_exact_integers_are_integers() {
        let check = |text: &str, expected| {
            assert_eq!(read(text).expect("JSON").as_integer(), expected, "{text}");
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

    #[test]
    fn merge_patch_does_all_of_rfc_7396_appendix_a() {
        let cases = [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, r#"{}"#),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (
                r#"{"a":{"b":"c"}}"#,
                r#"{"a":{"b":"d","c":null}}"#,
                r#"{"a":{"b":"d"}}"#,
            ),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
            (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
            (r#"{"a":"foo"}"#, r#"null"#, r#"null"#),
            (r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
            (r#"[1,2]"#, r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
            (
                r#"{}"#,
                r#"{"a":{"bb":{"ccc":null}}}"#,
                r#"{"a":{"bb":{}}}"#,
            ),
        ];
        for (target, patch, result) in cases {
            let merged = merge_patch(read(target).expect("JSON"), read(patch).expect("JSON"));
            let expected: Value = serde_json::from_str(result).expect("JSON");
            assert_eq!(value(&merged), expected, "{target} with {patch}");
        }
    }

    /// The pseudo-code of RFC 7396, section 2, on another type.
    fn reference(target: Value, patch: Value) -> Value {
        let Value::Object(changes) = patch else {
            return patch;
        };
        let mut members = match target {
            Value::Object(members) => members,
            _ => serde_json::Map::new(),
        };
        for (key, change) in changes {
            if change.is_null() {
                members.remove(&key);
            } else {
                let old = members.remove(&key).unwrap_or_default();
                members.insert(key, reference(old, change));
            }
        }
        Value::Object(members)
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[abc]", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(original in any_value()) {
            let pretty = serde_json::to_string_pretty(&original).expect("written");
            prop_assert_eq!(value(&read(&pretty).expect("JSON")), original);
        }

        #[test]
        fn arbitrary_bytes_are_an_error_with_a_place(bytes in any::<Vec<u8>>()) {
            if let Err(error) = Json::parse(&bytes) {
                prop_assert!(error.line >= 1 && error.column >= 1);
            }
        }

        #[test]
        fn it_accepts_what_serde_json_accepts(
            text in r#"[ \n]?(\{"[ab]":)?[\[\]{}:,"\\ud8c01eE.+ntrufalse-]{0,12}[\]}]?"#,
        ) {
            let ours = read(&text);
            match serde_json::from_str::<Value>(&text) {
                Ok(_) => {
                    let only_stricter = matches!(
                        &ours,
                        Ok(_) | Err(JsonError { reason: JsonErrorReason::DuplicateKey(_), .. })
                    );
                    prop_assert!(only_stricter, "{:?}", ours);
                }
                // The one thing it refuses and we read: a number that no double holds.
                Err(error) => prop_assert!(
                    ours.is_err() || error.to_string().contains("out of range"),
                    "{:?} but {error}", ours
                ),
            }
        }

        #[test]
        fn merge_patch_agrees_with_the_reference(target in any_value(), patch in any_value()) {
            let ours = merge_patch(
                read(&target.to_string()).expect("JSON"),
                read(&patch.to_string()).expect("JSON"),
            );
            prop_assert_eq!(value(&ours), reference(target, patch));
        }
    }
}
