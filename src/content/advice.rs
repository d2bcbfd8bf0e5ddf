//! Adds to the messages of the parsers of YAML and TOML what an author can do.

/// Parts of messages of the YAML parser, and the advice for each.
const YAML: &[(&str, &str)] = &[
    ("tabs disallowed", "indent with spaces instead of the tab"),
    ("found a tab", "indent with spaces instead of the tab"),
    (
        "mapping values are not allowed",
        "put a value with a colon and a space into quotation marks, and begin all keys in the same column",
    ),
    (
        "unclosed quote",
        "end the value with the same quotation mark",
    ),
    (
        "trailing content",
        "put the whole value into one pair of quotation marks",
    ),
    ("unexpected character", "put the value into quotation marks"),
    ("unknown anchor", "put the value into quotation marks"),
    ("unclosed bracket", "add the closing bracket"),
    (
        "expected mapping start",
        "write keys with values, as in key: value",
    ),
    ("expected sequence start", "write a list, as in [one, two]"),
    (
        "expected string scalar",
        "write a text, in quotation marks if it begins with a bracket",
    ),
    ("invalid boolean", "write true or false"),
    ("unknown variant", "correct the value"),
    ("invalid u32", "write a whole number without a unit"),
    ("invalid i64", "write a whole number without a unit"),
    ("missing field", "add it to the front matter"),
    ("unknown field", "correct its name or remove it"),
];

/// Parts of messages of the TOML parser, and the advice for each.
const TOML: &[(&str, &str)] = &[
    (
        "string values must be quoted",
        "put a text into quotation marks; true, false and numbers have none",
    ),
    (
        "string, expected `",
        "end the text with the same quotation mark",
    ),
    (
        "unexpected key or value",
        "put a text with quotation marks in it between '''",
    ),
    ("duplicate key", "remove one of the two"),
    ("key with no value", "write key = value"),
    ("expected a string", "put the text into quotation marks"),
    (
        "expected a boolean",
        "write true or false without quotation marks",
    ),
    ("expected u", "write a whole number without quotation marks"),
    ("expected i", "write a whole number without quotation marks"),
    (
        "expected a map",
        "write a table, as in [key] with its keys below",
    ),
    (
        "expected a sequence",
        "write a list, as in [\"one\", \"two\"]",
    ),
    (
        "missing escaped value",
        "write the text between ''' to keep its backslashes",
    ),
    ("invalid unquoted key", "put the key into quotation marks"),
    ("unclosed table", "add the closing bracket"),
    ("missing field", "add it"),
    ("unknown field", "correct its name or remove it"),
];

/// Returns a message of the YAML parser with its column and with advice; the line is that of the finding.
pub(super) fn yaml(message: &str, column: u64) -> String {
    let message = message.split(" at line ").next().unwrap_or(message);
    // What follows the key is meant for programmers.
    let message = match message.split_once(", set DuplicateKeyPolicy") {
        Some((message, _)) => format!("{message}: remove one of the two"),
        None => with_advice(message, YAML),
    };
    format!("column {column}: {message}")
}

/// Returns a message of the TOML parser with advice.
pub(super) fn toml(message: &str) -> String {
    with_advice(message, TOML)
}

fn with_advice(message: &str, advice: &[(&str, &str)]) -> String {
    match advice.iter().find(|(part, _)| message.contains(part)) {
        Some((_, advice)) => format!("{message}: {advice}"),
        None => message.to_owned(),
    }
}
