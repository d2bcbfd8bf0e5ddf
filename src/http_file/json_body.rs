//! JSON with placeholders: checked and formatted before they have values.

use std::ops::Range;

use super::template::{TemplatePart, parts};
use crate::model::json::{Json, JsonError};

/// Returns why a body is not JSON; a placeholder counts as a value, or as text inside a string.
#[must_use]
pub fn json_error(body: &str) -> Option<JsonError> {
    Json::parse(with_numbers(body, '0').as_bytes()).err()
}

/// Returns the body over several lines; `None` when it is not JSON.
#[must_use]
pub fn format_json(body: &str) -> Option<String> {
    let ranges = values(body);
    if ranges.is_empty() {
        return Some(Json::parse(body.as_bytes()).ok()?.pretty());
    }
    // Each placeholder becomes a number of as many digits as it is long, so that it can be found again.
    let digit = ('1'..='9').find(|digit| !body.contains(*digit))?;
    let mut text = Json::parse(with_numbers(body, digit).as_bytes())
        .ok()?
        .pretty();
    let mut at = 0;
    for range in ranges {
        let number = digit.to_string().repeat(range.len());
        let start = at + text[at..].find(&number)?;
        text.replace_range(start..start + number.len(), &body[range]);
        at = start + number.len();
    }
    Some(text)
}

/// Returns the body with a number in the place of each placeholder outside of strings; every byte keeps
/// its line and column.
fn with_numbers(body: &str, digit: char) -> String {
    let mut text = body.to_owned();
    for range in values(body) {
        let number = digit.to_string();
        // No number begins with several zeros.
        let number = match digit {
            '0' => [&number, " ".repeat(range.len() - 1).as_str()].concat(),
            _ => number.repeat(range.len()),
        };
        text.replace_range(range, &number);
    }
    text
}

/// Returns the ranges of the placeholders that are values and not parts of strings.
fn values(body: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let (mut at, mut in_string) = (0, false);
    for part in parts(body).unwrap_or_default() {
        let length = match &part {
            TemplatePart::Text(text) => {
                let mut is_escaped = false;
                for byte in text.bytes() {
                    match byte {
                        _ if is_escaped => is_escaped = false,
                        b'\\' if in_string => is_escaped = true,
                        b'"' => in_string = !in_string,
                        _ => {}
                    }
                }
                text.len()
            }
            TemplatePart::Placeholder(_, written) => written.len(),
        };
        if matches!(part, TemplatePart::Placeholder(..)) && !in_string {
            ranges.push(at..at + length);
        }
        at += length;
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholder_counts_as_a_value_or_as_text_of_a_string() {
        for body in [
            r#"{"expires_in":{{$randomInt 60 120}}}"#,
            r#"{"a":"{{name}} \" {{$guid}}","b":[{{x}},{{y}}]}"#,
            "{{x}}",
        ] {
            assert_eq!(json_error(body), None, "{body}");
        }
        let error = json_error("{\n  \"a\": {{x}} {{y}}\n}").expect("two values");
        assert_eq!((error.line, error.column), (2, 14));
        assert!(json_error("{").is_some() && json_error("{{\"a\": 1}}").is_some());
    }

    #[test]
    fn format_keeps_placeholders_as_they_are_written() {
        let body = r#"{"expires_in":{{$randomInt 60 120}},"name":"{{ x }}","all":[{{y}}]}"#;
        assert_eq!(
            format_json(body).as_deref(),
            Some(
                "{\n  \"expires_in\": {{$randomInt 60 120}},\n  \"name\": \"{{ x }}\",\n  \"all\": [\n    {{y}}\n  ]\n}"
            )
        );
        assert_eq!(format_json("[1]").as_deref(), Some("[\n  1\n]"));
        assert_eq!(format_json("[{{x}}"), None);
    }
}
