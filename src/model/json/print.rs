//! The JSON printer.

use super::Json;

impl Json {
    /// Returns the value as indented JSON, two spaces a level. Members keep their order and numbers
    /// their spelling.
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

/// Writes items between brackets, each on a separate line; an empty list on one line.
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

/// Writes a quoted string.
fn quote(string: &str, text: &mut String) {
    text.push('"');
    write_escaped(string, text);
    text.push('"');
}

/// Writes the content of a string with the required escapes (RFC 8259, section 7).
pub fn write_escaped(string: &str, text: &mut String) {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pretty_keeps_order_of_members_and_spelling_of_numbers() {
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
}
