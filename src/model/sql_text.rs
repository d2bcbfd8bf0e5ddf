//! The text of a database statement for readers: over several lines, with the values of its parameters in
//! their places. It formats the statements of this program; it is not a parser of SQL.

/// The longest value of a parameter that is shown whole, in characters.
const VALUE_MAX: usize = 60;

/// A line of a statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SqlLine {
    /// The number of steps by which the line is indented.
    pub indent: usize,
    /// The parts of the line.
    pub parts: Vec<SqlPart>,
}

/// A part of a line of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SqlPart {
    /// A keyword or the name of a function.
    Keyword(String),
    /// A literal text in the statement.
    Literal(String),
    /// The value in the place of a parameter.
    Value(String),
    /// Names, operators and spaces.
    Text(String),
}

/// What a statement did to rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementEffect {
    /// Nothing: the statement begins or ends a transaction.
    None,
    /// It returned this many rows.
    Returned(u64),
    /// It inserted this many rows.
    Inserted(u64),
    /// It updated this many rows.
    Updated(u64),
    /// It deleted this many rows.
    Deleted(u64),
    /// Several statements in one text wrote this many rows.
    Written(u64),
}

impl StatementEffect {
    /// Returns what a statement did; `rows` is the number of rows that it returned, and `affected` the
    /// number that it changed.
    #[must_use]
    pub fn of(text: &str, rows: usize, affected: u64) -> StatementEffect {
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        match first_word(text) {
            "BEGIN" if text.contains(';') => StatementEffect::Written(affected),
            "BEGIN" | "COMMIT" | "ROLLBACK" => StatementEffect::None,
            "INSERT" => StatementEffect::Inserted(affected),
            "UPDATE" => StatementEffect::Updated(affected),
            "DELETE" => StatementEffect::Deleted(affected),
            _ => StatementEffect::Returned(rows),
        }
    }
}

/// Returns a short name of a statement, such as `INSERT INTO users`.
#[must_use]
pub fn statement_name(text: &str) -> String {
    // A transaction in one text is named after its first statement.
    let text = match text.split_once("; ") {
        Some((begin, rest)) if first_word(begin) == "BEGIN" => rest,
        _ => text,
    };
    let table_after = |words: &str| {
        let (_, rest) = text.split_once(words)?;
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        (end > 0).then(|| &rest[..end])
    };
    let (name, before_table) = match first_word(text) {
        "INSERT" => ("INSERT INTO ", "INSERT INTO "),
        "UPDATE" => ("UPDATE ", "UPDATE "),
        "DELETE" => ("DELETE FROM ", "DELETE FROM "),
        "SELECT" => ("SELECT … FROM ", " FROM "),
        _ => return text.to_owned(),
    };
    match table_after(before_table) {
        Some(table) => [name, table].concat(),
        None => text.to_owned(),
    }
}

/// Returns the lines of a statement with the literals of its parameters, `$1` first, in their places.
#[must_use]
pub fn format_sql(text: &str, parameters: &[String]) -> Vec<SqlLine> {
    let tokens = tokens(text);
    let mut formatter = Formatter::default();
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).map_or("", |token| token.text);
        let last = at.checked_sub(1).map_or("", |last| tokens[last].text);
        formatter.add(token, last, next, parameters);
    }
    formatter.end_line();
    formatter.lines
}

fn first_word(text: &str) -> &str {
    let text = text.trim_start();
    text.split([' ', ';']).next().unwrap_or_default()
}

/// A word, a number, a parameter, a literal or one other character.
struct SqlToken<'a> {
    text: &'a str,
    /// Whether white space is before it.
    is_spaced: bool,
}

fn tokens(text: &str) -> Vec<SqlToken<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    let mut is_spaced = false;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$');
        let length = match first {
            '\'' => literal_length(rest),
            first if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            first => first.len_utf8(),
        };
        let (text, after) = rest.split_at(length);
        tokens.push(SqlToken { text, is_spaced });
        rest = after.trim_start();
        is_spaced = rest.len() < after.len();
    }
    tokens
}

/// Returns the length of the literal at the start of a text; a doubled quote is part of it.
fn literal_length(text: &str) -> usize {
    let mut quotes = text
        .match_indices('\'')
        .skip(1)
        .map(|(at, _)| at)
        .peekable();
    while let Some(at) = quotes.next() {
        if quotes.next_if_eq(&(at + 1)).is_none() {
            return at + 1;
        }
    }
    text.len()
}

#[derive(Default)]
struct Formatter {
    lines: Vec<SqlLine>,
    line: SqlLine,
    /// The open parentheses, each with whether a query is inside.
    open: Vec<bool>,
}

impl Formatter {
    fn add(&mut self, token: &SqlToken<'_>, last: &str, next: &str, parameters: &[String]) {
        let is_inline = self.open.last() == Some(&false);
        let starts_clause = !is_inline && is_clause(token.text, last, next);
        let continues_clause = !is_inline && matches!(token.text, "AND" | "OR");
        if token.text == ")" && self.open.pop() == Some(true) {
            self.end_line();
        }
        if starts_clause || continues_clause {
            self.end_line();
        }
        if self.line.parts.is_empty() {
            let queries = self.open.iter().filter(|is_query| **is_query).count();
            self.line.indent = queries + usize::from(continues_clause);
        } else if token.is_spaced {
            self.push_text(" ");
        }
        match value_of(token.text, parameters) {
            Some(value) => self.line.parts.push(SqlPart::Value(shortened(value))),
            None if token.text.starts_with('\'') => {
                self.line
                    .parts
                    .push(SqlPart::Literal(token.text.to_owned()));
            }
            None if is_keyword(token.text) => {
                self.line
                    .parts
                    .push(SqlPart::Keyword(token.text.to_owned()));
            }
            None => self.push_text(token.text),
        }
        match token.text {
            "(" => {
                let is_query = next == "SELECT";
                self.open.push(is_query);
                if is_query {
                    self.end_line();
                }
            }
            ";" => self.end_line(),
            _ => {}
        }
    }

    fn push_text(&mut self, text: &str) {
        match self.line.parts.last_mut() {
            Some(SqlPart::Text(last)) => last.push_str(text),
            _ => self.line.parts.push(SqlPart::Text(text.to_owned())),
        }
    }

    fn end_line(&mut self) {
        if !self.line.parts.is_empty() {
            self.lines.push(std::mem::take(&mut self.line));
        }
    }
}

/// Returns whether a word begins a clause and thereby a line.
fn is_clause(word: &str, last: &str, next: &str) -> bool {
    match word {
        "FROM" => last != "DELETE",
        "UPDATE" => !matches!(last, "DO" | "FOR"),
        "ON" => next == "CONFLICT",
        "SELECT" | "WHERE" | "SET" | "VALUES" | "ORDER" | "GROUP" | "LIMIT" | "RETURNING"
        | "INSERT" | "DELETE" | "COMMIT" => true,
        _ => false,
    }
}

fn is_keyword(word: &str) -> bool {
    word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Returns the literal of a parameter such as `$2`.
fn value_of<'p>(text: &str, parameters: &'p [String]) -> Option<&'p str> {
    let number: usize = text.strip_prefix('$')?.parse().ok()?;
    let value = parameters.get(number.checked_sub(1)?)?;
    Some(value)
}

fn shortened(value: &str) -> String {
    match value.char_indices().nth(VALUE_MAX) {
        Some((end, _)) => [&value[..end], "…"].concat(),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the lines as text, values between angle brackets.
    fn formatted(text: &str, parameters: &[&str]) -> Vec<String> {
        let parameters: Vec<String> = parameters.iter().map(|one| (*one).to_owned()).collect();
        let line = |line: &SqlLine| {
            let parts = line.parts.iter().map(|part| match part {
                SqlPart::Value(value) => format!("<{value}>"),
                SqlPart::Keyword(text) | SqlPart::Literal(text) | SqlPart::Text(text) => {
                    text.clone()
                }
            });
            "  ".repeat(line.indent) + &parts.collect::<String>()
        };
        format_sql(text, &parameters).iter().map(line).collect()
    }

    #[test]
    fn clauses_begin_lines_and_values_replace_parameters() {
        assert_eq!(
            formatted(
                "SELECT id, name FROM users WHERE sandbox_id = $1 AND email = $2 ORDER BY id LIMIT $3 OFFSET $4",
                &["7", "'a''b'", "20", "0"],
            ),
            [
                "SELECT id, name",
                "FROM users",
                "WHERE sandbox_id = <7>",
                "  AND email = <'a''b'>",
                "ORDER BY id",
                "LIMIT <20> OFFSET <0>",
            ]
        );
        assert_eq!(
            formatted("DELETE FROM users WHERE id = $1", &["3"]),
            ["DELETE FROM users", "WHERE id = <3>"]
        );
        // Without its value a parameter stays; ten is not one.
        assert_eq!(
            formatted("UPDATE users SET a = $10, b = $1", &["'x'"]),
            ["UPDATE users", "SET a = $10, b = <'x'>"]
        );
        let long = format!("'{}'", "한".repeat(100));
        let shown = formatted("SELECT $1", &[&long]).concat();
        assert_eq!(shown.chars().count(), "SELECT <>…".chars().count() + 60);
    }

    #[test]
    fn queries_in_parentheses_are_indented_and_other_parentheses_are_not() {
        assert_eq!(
            formatted(
                "BEGIN IMMEDIATE; INSERT INTO users (id, name) SELECT next, $1 FROM ( SELECT MAX(id) + 1 AS next \
                 FROM users WHERE ($2 = '' OR role = $2)) AS ids ON CONFLICT (id) DO UPDATE SET name = 'a; b' \
                 RETURNING id; COMMIT",
                &["'Ada'", "''"],
            ),
            [
                "BEGIN IMMEDIATE;",
                "INSERT INTO users (id, name)",
                "SELECT next, <'Ada'>",
                "FROM (",
                "  SELECT MAX(id) + 1 AS next",
                "  FROM users",
                "  WHERE (<''> = '' OR role = <''>)",
                ") AS ids",
                "ON CONFLICT (id) DO UPDATE",
                "SET name = 'a; b'",
                "RETURNING id;",
                "COMMIT",
            ]
        );
    }

    #[test]
    fn every_character_of_a_statement_is_shown() {
        for text in [
            "SELECT 'it''s', \"a\" FROM t WHERE x <> $1 AND (SELECT COUNT(*) FROM u) > 1",
            "SELECT 'open",
            "a)) b (",
            "",
        ] {
            let shown = formatted(text, &[]).concat().replace(' ', "");
            assert_eq!(shown, text.replace(' ', ""));
        }
    }

    #[test]
    fn effect_is_about_rows_returned_or_rows_written() {
        let effect = |text| StatementEffect::of(text, 2, 1);
        assert_eq!(effect("SELECT 1"), StatementEffect::Returned(2));
        assert_eq!(effect("INSERT INTO a"), StatementEffect::Inserted(1));
        assert_eq!(effect("UPDATE a RETURNING b"), StatementEffect::Updated(1));
        assert_eq!(effect("DELETE FROM a"), StatementEffect::Deleted(1));
        assert_eq!(effect("COMMIT"), StatementEffect::None);
        assert_eq!(effect("BEGIN IMMEDIATE"), StatementEffect::None);
        let batch = "BEGIN IMMEDIATE; INSERT INTO a; COMMIT";
        assert_eq!(effect(batch), StatementEffect::Written(1));
    }

    #[test]
    fn statement_is_named_by_its_verb_and_table() {
        for (text, name) in [
            (
                "SELECT id, (SELECT 1) AS one FROM users WHERE id = $1",
                "SELECT … FROM users",
            ),
            ("INSERT INTO users (id) VALUES ($1)", "INSERT INTO users"),
            ("UPDATE sandbox SET a = 1", "UPDATE sandbox"),
            ("DELETE FROM api_token", "DELETE FROM api_token"),
            (
                "BEGIN IMMEDIATE; INSERT INTO users (id) VALUES (1); COMMIT",
                "INSERT INTO users",
            ),
            ("BEGIN IMMEDIATE", "BEGIN IMMEDIATE"),
            ("SELECT 1", "SELECT 1"),
        ] {
            assert_eq!(statement_name(text), name);
        }
    }
}
