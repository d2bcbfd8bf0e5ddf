//! The JSON parser.

use std::collections::BTreeSet;
use std::str::Chars;

use super::{Json, line_and_column};

/// The maximum nesting of arrays and objects.
pub const MAX_DEPTH: usize = 128;

/// A syntax error of a JSON text, with its position.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct JsonError {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// The kind of the error.
    pub reason: JsonErrorReason,
}

/// The kind of a JSON syntax error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonErrorReason {
    /// The bytes are not UTF-8.
    #[error("the bytes are not valid UTF-8")]
    InvalidUtf8,
    /// The text ends too early.
    #[error("the text ends where {expected} should follow")]
    End {
        /// What was expected.
        expected: &'static str,
    },
    /// Another character was expected.
    #[error("{found:?} found where {expected} was expected")]
    Unexpected {
        /// The character of the text.
        found: char,
        /// What was expected.
        expected: &'static str,
    },
    /// A comma before a closing bracket or brace.
    #[error("nothing follows this comma; JSON allows no comma after the last item")]
    TrailingComma,
    /// Text after the value.
    #[error("{0:?} found after the end of the value")]
    Trailing(char),
    /// A key that the object already has.
    #[error("the key {0:?} appears twice in one object")]
    DuplicateKey(String),
    /// Half of a surrogate pair.
    #[error("the escape is half of a surrogate pair, which is not a character")]
    LoneSurrogate,
    /// A raw control character in a string.
    #[error("a control character in a string must be written as an escape")]
    ControlCharacter,
    /// More levels than [`MAX_DEPTH`].
    #[error("arrays and objects are nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
}

impl Json {
    /// Parses a JSON text.
    ///
    /// # Errors
    /// Returns the first syntax error.
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
            .map_err(|error| error_at(text, error.at, error.reason))
    }
}

fn error_at(text: &str, at: usize, reason: JsonErrorReason) -> JsonError {
    let (line, column) = line_and_column(text, at);
    JsonError {
        line,
        column,
        reason,
    }
}

/// An error at a byte offset of the text.
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
            Some(found) => Err(self.error(JsonErrorReason::Trailing(found))),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, SyntaxErrorAt> {
        self.skip_space();
        match self.peek() {
            Some('{' | '[') if depth == MAX_DEPTH => Err(self.error(JsonErrorReason::TooDeep)),
            Some('{') => self.object(depth + 1),
            Some('[') => self.array(depth + 1),
            Some('"') => Ok(Json::String(self.string()?)),
            Some('-' | '0'..='9') => self.number(),
            Some('t') => self.keyword("true", Json::Bool(true)),
            Some('f') => self.keyword("false", Json::Bool(false)),
            Some('n') => self.keyword("null", Json::Null),
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
            if self.ends_list('}', "a comma or `}`")? {
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
            if self.ends_list(']', "a comma or `]`")? {
                return Ok(Json::Array(items));
            }
        }
    }

    /// Parses what follows an item: returns true after the closing character, false after a comma.
    fn ends_list(&mut self, close: char, expected: &'static str) -> Result<bool, SyntaxErrorAt> {
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

    /// Parses an escape after its backslash; `at` is the offset of the backslash.
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

    /// Parses the digits of `\u`, and the second escape of a surrogate pair.
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
                return Err(self.error(JsonErrorReason::Unexpected { found, expected }));
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

    fn keyword(&mut self, word: &'static str, value: Json) -> Result<Json, SyntaxErrorAt> {
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

    fn error(&self, reason: JsonErrorReason) -> SyntaxErrorAt {
        SyntaxErrorAt {
            at: self.at(),
            reason,
        }
    }

    fn unexpected(&self, expected: &'static str) -> SyntaxErrorAt {
        self.error(match self.peek() {
            Some(found) => JsonErrorReason::Unexpected { found, expected },
            None => JsonErrorReason::End { expected },
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn read(text: &str) -> Result<Json, JsonError> {
        Json::parse(text.as_bytes())
    }

    /// Returns the value as a serde_json value.
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
    fn invalid_json_is_an_error_with_line_column_and_reason() {
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
        check(b"{\"a\": 1, \"b\": 2, \"a\": 3}", 1, 18, "appears twice");
        check(b"{\"a\": 1, \"\\u0061\": 3}", 1, 10, "appears twice");
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
    fn maximum_nesting_is_accepted() {
        let text = "[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH);
        assert!(read(&text).is_ok());
    }

    #[test]
    fn numbers_keep_their_spelling() {
        for text in ["0", "-0", "1e400", "9007199254740993", "1.50", "-12E-7"] {
            assert_eq!(read(text), Ok(Json::Number(text.to_owned())));
        }
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
        fn text_of_serde_json_is_parsed_to_an_equal_value(original in any_value()) {
            let pretty = serde_json::to_string_pretty(&original).expect("written");
            prop_assert_eq!(value(&read(&pretty).expect("JSON")), original);
        }

        #[test]
        fn arbitrary_bytes_are_parsed_or_an_error_with_a_position(bytes in any::<Vec<u8>>()) {
            if let Err(error) = Json::parse(&bytes) {
                prop_assert!(error.line >= 1 && error.column >= 1);
            }
        }

        #[test]
        fn text_accepted_by_serde_json_is_accepted_unless_a_key_is_repeated(
            text in r#"[ \n]?(\{"[ab]":)?[\[\]{}:,"\\ud8c01eE.+ntrufalse-]{0,12}[\]}]?"#,
        ) {
            let parsed = read(&text);
            match serde_json::from_str::<Value>(&text) {
                Ok(_) => {
                    let only_stricter = matches!(
                        &parsed,
                        Ok(_) | Err(JsonError { reason: JsonErrorReason::DuplicateKey(_), .. })
                    );
                    prop_assert!(only_stricter, "{:?}", parsed);
                }
                // serde_json refuses numbers out of the range of a double, which this parser accepts.
                Err(error) => prop_assert!(
                    parsed.is_err() || error.to_string().contains("out of range"),
                    "{:?} but {error}", parsed
                ),
            }
        }
    }
}
