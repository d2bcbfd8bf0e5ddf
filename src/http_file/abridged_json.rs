//! JSON of sample responses, in which `…` stands for a value, for items of an array or for members of
//! an object.

use crate::model::json::{Json, JsonError};

/// The character that stands for anything in a sample response.
pub(super) const WILDCARD: char = '…';

/// Parses JSON with wildcards, which become strings or members whose name begins with the wildcard.
///
/// # Errors
/// Returns the first syntax error, with its line and column in `text`.
pub(super) fn parse_abridged_json(text: &str) -> Result<Json, JsonError> {
    let mut json = String::new();
    let mut open = Vec::new();
    let (mut quoted, mut escaped, mut last) = (false, false, ' ');
    let (mut line, mut column) = (1, 1);
    // The insertions that make a line longer: line, column and number of added characters.
    let mut insertions: Vec<(usize, usize, usize)> = Vec::new();
    for c in text.chars() {
        let mut replacement = c.to_string();
        if c == WILDCARD && !quoted {
            let is_member = open.last() == Some(&'{') && matches!(last, '{' | ',');
            replacement = match is_member {
                true => format!("\"{WILDCARD}{}\":0", insertions.len()),
                false => format!("\"{WILDCARD}\""),
            };
            insertions.push((line, column, replacement.chars().count() - 1));
        }
        match c {
            '"' if !escaped => quoted = !quoted,
            '{' | '[' if !quoted => open.push(c),
            '}' | ']' if !quoted => drop(open.pop()),
            _ => {}
        }
        escaped = quoted && c == '\\' && !escaped;
        (line, column) = match c {
            '\n' => (line + 1, 1),
            _ => (line, column + replacement.chars().count()),
        };
        if !c.is_whitespace() {
            last = c;
        }
        json.push_str(&replacement);
    }
    Json::parse(json.as_bytes()).map_err(|error| {
        let before = |(line, column, _): &&(usize, usize, usize)| {
            *line == error.line && *column < error.column
        };
        let more = insertions.iter().filter(before);
        let more = more.map(|(_, column, more)| (*more).min(error.column - column));
        JsonError {
            column: error.column - more.sum::<usize>(),
            ..error
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syntax_error_has_the_position_of_the_abridged_text() {
        for (text, line, column) in [
            ("{\"a\": …, \"b\" 1}", 1, 14),
            ("{…, …, x}", 1, 8),
            ("[\n  …,\n]", 2, 4),
            ("{\"a\": \"…\", \"b\": tru}", 1, 17),
            ("[… …]", 1, 4),
        ] {
            let error = parse_abridged_json(text).expect_err(text);
            assert_eq!(
                (error.line, error.column),
                (line, column),
                "{text}: {error}"
            );
        }
    }
}
