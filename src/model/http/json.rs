//! JSON as text: where it is wrong, and the same text indented.
//!
//! Works on tokens, not on values, so that an object keeps the order of its members and a number
//! its spelling, and so that the browser can say where the text is wrong in its reader's language.
//! Reading values out of JSON is not done here.

use serde::{Deserialize, Serialize};

/// Where a text stops being JSON (RFC 8259), and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{line}:{column}: {problem}")]
pub struct JsonError {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// The distance from the start in bytes, from 0.
    pub offset: usize,
    /// What is wrong there.
    pub problem: JsonProblem,
}

/// What can be wrong with a JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum JsonProblem {
    /// The text ends before its value does.
    #[error("the text ends too early")]
    UnexpectedEnd,
    /// No value begins here.
    #[error("a value is missing here")]
    ExpectedValue,
    /// The name of a member, in double quotes, should begin here.
    #[error("a member name in double quotes is missing here")]
    ExpectedName,
    /// The colon after a member's name is missing.
    #[error("a colon is missing here")]
    ExpectedColon,
    /// Neither a comma nor the end of the array or object.
    #[error("a comma or a closing bracket is missing here")]
    ExpectedComma,
    /// A comma with nothing after it; the position is that of the comma.
    #[error("a comma stands before the closing bracket")]
    TrailingComma,
    /// Text after the end of the value.
    #[error("the value has ended, but more text follows")]
    TrailingText,
    /// A backslash in a string that begins none of the escapes.
    #[error("not an escape that JSON knows")]
    BadEscape,
    /// A line break or other control character in a string.
    #[error("a control character in a string must be written as an escape")]
    ControlCharacter,
    /// A number that JSON does not write like this: `01`, `1.`, `.5`, `+1`.
    #[error("not a number as JSON writes it")]
    BadNumber,
    /// A word other than `true`, `false` and `null`.
    #[error("not true, false or null; text stands in double quotes")]
    BadWord,
}

/// Checks that `text` is one JSON value (RFC 8259) and says where it is not.
pub fn check_json(text: &str) -> Result<(), JsonError> {
    Walker::new(text, None).walk()
}

/// Writes the JSON text with two spaces a level; order of members and spelling of values stay.
pub fn pretty_json(text: &str) -> Result<String, JsonError> {
    let mut out = String::with_capacity(text.len() * 2);
    Walker::new(text, Some(&mut out)).walk()?;
    Ok(out)
}

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Value,
    /// A value or `]`: the array has none yet.
    FirstItem,
    Name,
    /// A name or `}`: the object has none yet.
    FirstName,
    /// A comma, a closing bracket or the end.
    After,
}

struct Walker<'a> {
    text: &'a str,
    at: usize,
    /// The brackets that are open: `{` or `[`. A list, not the call stack, so that depth is no danger.
    open: Vec<u8>,
    last_comma: usize,
    out: Option<&'a mut String>,
}

impl<'a> Walker<'a> {
    fn new(text: &'a str, out: Option<&'a mut String>) -> Self {
        Self {
            text,
            at: 0,
            open: Vec::new(),
            last_comma: 0,
            out,
        }
    }

    fn walk(mut self) -> Result<(), JsonError> {
        let mut next = Next::Value;
        loop {
            self.skip_white_space();
            let Some(byte) = self.peek() else {
                let complete = next == Next::After && self.open.is_empty();
                return if complete {
                    Ok(())
                } else {
                    self.fail(JsonProblem::UnexpectedEnd)
                };
            };
            next = match next {
                Next::After => self.after(byte)?,
                Next::FirstItem if byte == b']' => self.close(true),
                Next::FirstName if byte == b'}' => self.close(true),
                Next::Value if byte == b']' && self.open.last() == Some(&b'[') => {
                    self.at = self.last_comma;
                    return self.fail(JsonProblem::TrailingComma);
                }
                Next::Name if byte == b'}' => {
                    self.at = self.last_comma;
                    return self.fail(JsonProblem::TrailingComma);
                }
                Next::Value | Next::FirstItem => {
                    if next == Next::FirstItem {
                        self.break_line();
                    }
                    self.value(byte)?
                }
                Next::Name | Next::FirstName => {
                    if next == Next::FirstName {
                        self.break_line();
                    }
                    self.name(byte)?
                }
            };
        }
    }

    fn value(&mut self, byte: u8) -> Result<Next, JsonError> {
        let start = self.at;
        match byte {
            b'{' | b'[' => {
                self.open.push(byte);
                self.at += 1;
                self.copy(start);
                return Ok(if byte == b'{' {
                    Next::FirstName
                } else {
                    Next::FirstItem
                });
            }
            b'"' => self.string()?,
            b'-' | b'+' | b'.' | b'0'..=b'9' => self.number()?,
            _ if byte.is_ascii_alphabetic() => self.word()?,
            _ => return self.fail(JsonProblem::ExpectedValue),
        }
        self.copy(start);
        Ok(Next::After)
    }

    fn name(&mut self, byte: u8) -> Result<Next, JsonError> {
        if byte != b'"' {
            return self.fail(JsonProblem::ExpectedName);
        }
        let start = self.at;
        self.string()?;
        self.copy(start);
        self.skip_white_space();
        match self.peek() {
            Some(b':') => self.at += 1,
            Some(_) => return self.fail(JsonProblem::ExpectedColon),
            None => return self.fail(JsonProblem::UnexpectedEnd),
        }
        self.push(": ");
        Ok(Next::Value)
    }

    fn after(&mut self, byte: u8) -> Result<Next, JsonError> {
        let Some(&open) = self.open.last() else {
            return self.fail(JsonProblem::TrailingText);
        };
        match (byte, open) {
            (b',', _) => {
                self.last_comma = self.at;
                self.at += 1;
                self.push(",");
                self.break_line();
                Ok(if open == b'{' {
                    Next::Name
                } else {
                    Next::Value
                })
            }
            (b'}', b'{') | (b']', b'[') => Ok(self.close(false)),
            _ => self.fail(JsonProblem::ExpectedComma),
        }
    }

    fn close(&mut self, empty: bool) -> Next {
        let start = self.at;
        self.at += 1;
        self.open.pop();
        if !empty {
            self.break_line();
        }
        self.copy(start);
        Next::After
    }

    fn string(&mut self) -> Result<(), JsonError> {
        self.at += 1;
        loop {
            match self.peek() {
                None => return self.fail(JsonProblem::UnexpectedEnd),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(0..0x20) => return self.fail(JsonProblem::ControlCharacter),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        let rest = &self.text.as_bytes()[self.at + 1..];
        let length = match rest.first() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') if rest.len() > 4 && rest[1..5].iter().all(u8::is_ascii_hexdigit) => 6,
            _ => return self.fail(JsonProblem::BadEscape),
        };
        self.at += length;
        Ok(())
    }

    fn number(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        let well_formed = self.number_parts();
        // Whatever still looks like a number belongs to the same mistake: 01, 1.2.3, 0x10.
        let goes_on =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-' | b'_');
        if !well_formed || self.peek().is_some_and(goes_on) {
            self.at = start;
            return self.fail(JsonProblem::BadNumber);
        }
        Ok(())
    }

    fn number_parts(&mut self) -> bool {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ if self.digits() => {}
            _ => return false,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if !self.digits() {
                return false;
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            return self.digits();
        }
        true
    }

    fn digits(&mut self) -> bool {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        self.at > start
    }

    fn word(&mut self) -> Result<(), JsonError> {
        let rest = &self.text[self.at..];
        let end = rest.find(|character: char| !character.is_alphanumeric() && character != '_');
        let word = &rest[..end.unwrap_or(rest.len())];
        if !matches!(word, "true" | "false" | "null") {
            return self.fail(JsonProblem::BadWord);
        }
        self.at += word.len();
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_white_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn copy(&mut self, start: usize) {
        let token = &self.text[start..self.at];
        self.push(token);
    }

    fn push(&mut self, text: &str) {
        if let Some(out) = &mut self.out {
            out.push_str(text);
        }
    }

    fn break_line(&mut self) {
        let depth = self.open.len();
        if let Some(out) = &mut self.out {
            out.push('\n');
            for _ in 0..depth {
                out.push_str("  ");
            }
        }
    }

    fn fail<T>(&self, problem: JsonProblem) -> Result<T, JsonError> {
        let before = &self.text[..self.at];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Err(JsonError {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            offset: self.at,
            problem,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    use super::*;

    #[test]
    fn texts_are_indented_and_otherwise_kept() {
        fn check(text: &str, expected: &str) {
            assert_eq!(pretty_json(text).as_deref(), Ok(expected), "{text:?}");
            assert_eq!(
                pretty_json(expected).as_deref(),
                Ok(expected),
                "{text:?} twice"
            );
        }
        check("{}", "{}");
        check(" [ ] ", "[]");
        check("1", "1");
        check("{\"b\":1,\"a\":2}", "{\n  \"b\": 1,\n  \"a\": 2\n}");
        check("{\"a\":1,\"a\":1}", "{\n  \"a\": 1,\n  \"a\": 1\n}");
        check(
            "[1.0,1e2,-0,1E+400,0.10]",
            "[\n  1.0,\n  1e2,\n  -0,\n  1E+400,\n  0.10\n]",
        );
        check(
            "[{\"a\":[]},[[1]]]",
            "[\n  {\n    \"a\": []\n  },\n  [\n    [\n      1\n    ]\n  ]\n]",
        );
        check("\"\\u00e9\\/\\ud800 {,:}\"", "\"\\u00e9\\/\\ud800 {,:}\"");
        check(
            "{\"한\" : null ,\r\n\"x\":\ttrue}",
            "{\n  \"한\": null,\n  \"x\": true\n}",
        );
    }

    #[test]
    fn mistakes_have_a_place_and_a_kind() {
        fn check(text: &str, line: usize, column: usize, problem: JsonProblem) {
            let error = check_json(text).expect_err(text);
            assert_eq!(
                (error.line, error.column, error.problem),
                (line, column, problem),
                "{text:?}"
            );
            assert!(text.is_char_boundary(error.offset), "{text:?}");
            assert_eq!(pretty_json(text), Err(error));
        }
        use JsonProblem::*;
        check("", 1, 1, UnexpectedEnd);
        check("  \n", 2, 1, UnexpectedEnd);
        check("{\"a\": 1", 1, 8, UnexpectedEnd);
        check("{\"a\"", 1, 5, UnexpectedEnd);
        check("\"abc", 1, 5, UnexpectedEnd);
        check("{\n  \"a\": 1,\n}", 2, 9, TrailingComma);
        check("[1,\n]", 1, 3, TrailingComma);
        check("{\"한글\": 1 \"b\": 2}", 1, 10, ExpectedComma);
        check("[1 2]", 1, 4, ExpectedComma);
        check("[1}", 1, 3, ExpectedComma);
        check("{\"a\" 1}", 1, 6, ExpectedColon);
        check("{a: 1}", 1, 2, ExpectedName);
        check("{'a': 1}", 1, 2, ExpectedName);
        check("{,}", 1, 2, ExpectedName);
        check("{1: 1}", 1, 2, ExpectedName);
        check("{\"a\": }", 1, 7, ExpectedValue);
        check("[,]", 1, 2, ExpectedValue);
        check("한", 1, 1, ExpectedValue);
        check("\u{feff}1", 1, 1, ExpectedValue);
        check("{} {}", 1, 4, TrailingText);
        check("1,", 1, 2, TrailingText);
        check("\"a\nb\"", 1, 3, ControlCharacter);
        check("\"\\x\"", 1, 2, BadEscape);
        check("\"\\u12g4\"", 1, 2, BadEscape);
        check("\"\\", 1, 2, BadEscape);
        for number in [
            "01", "1.", ".5", "+1", "-", "1e", "1e+", "0x10", "1.2.3", "1_000", "-a",
        ] {
            check(number, 1, 1, BadNumber);
        }
        for word in ["True", "None", "nul", "NaN", "Infinity", "admin", "trueish"] {
            check(word, 1, 1, BadWord);
        }
    }

    #[test]
    fn depth_is_no_danger() {
        let deep = "[".repeat(200_000);
        assert_eq!(
            check_json(&deep).map_err(|error| error.problem),
            Err(JsonProblem::UnexpectedEnd)
        );
        assert_eq!(check_json(&(deep + &"]".repeat(200_000))), Ok(()));
    }

    fn json_like() -> impl Strategy<Value = String> {
        let pieces = vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"",
            "\\",
            "\\n",
            "\\u00e9",
            "1",
            "-1.5e3",
            "0",
            ".",
            "e",
            "true",
            "null",
            "nul",
            " ",
            "\n",
            "한",
            "\u{1}",
            "\"b\":",
            "[1,2]",
            "{\"a\":1}",
        ];
        prop::collection::vec(prop::sample::select(pieces), 0..12)
            .prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn an_independent_parser_agrees(text in prop_oneof![4 => json_like(), 1 => any::<String>()]) {
            let ours = check_json(&text);
            let theirs = serde_json::from_str::<IgnoredAny>(&text);
            prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?} {:?}", ours, theirs);
            if let Ok(pretty) = pretty_json(&text) {
                prop_assert_eq!(pretty_json(&pretty), Ok(pretty.clone()));
                let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
                prop_assert_eq!(value(&pretty), value(&text));
            }
        }
    }
}
