//! CSV (RFC 4180): a header row, lines that end in CRLF, and no cell that a spreadsheet would execute.
//!
//! Spreadsheets also split files at semicolons, tabs and bars, and some ignore quotes. Therefore, at every
//! position where a cell could begin, an apostrophe is written before text that begins like a formula, and
//! the parser removes it. A null bio is an empty cell, and an empty bio is a single apostrophe, so that every
//! value survives a round trip. A client sends the header row and one row for the user; an empty cell counts
//! as a missing field.

use std::borrow::Cow;

use ::csv::{ReaderBuilder, StringRecord};

use super::{FormatError, decode, to_json};
use crate::model::json::Json;
use crate::model::user::{User, UserFields};

/// The characters at which a program may split a line into cells or a file into lines.
const SEPARATORS: [char; 6] = [',', ';', '\t', '|', '\r', '\n'];

pub(super) fn list(users: &[User], fields: UserFields) -> Vec<u8> {
    let mut text = String::new();
    let header = fields.iter().map(|field| field.as_str().into());
    write_row(header, &mut text);
    for user in users {
        let cells = fields.iter().map(|field| match field.value_of(user) {
            Some(text) => Cow::Owned(quote(neutralize(&text))),
            None => Cow::Borrowed(""),
        });
        write_row(cells, &mut text);
    }
    text.into_bytes()
}

fn write_row<'t>(cells: impl Iterator<Item = Cow<'t, str>>, text: &mut String) {
    let cells: Vec<_> = cells.collect();
    match cells.as_slice() {
        // Parsers skip an empty line.
        [cell] if cell.is_empty() => text.push_str("\"\""),
        cells => text.push_str(&cells.join(",")),
    }
    text.push_str("\r\n");
}

/// Parses one user.
///
/// # Errors
/// The text is not CSV, or it is not a header row and one row.
pub(in crate::api) fn parse(bytes: &[u8]) -> Result<Json, FormatError> {
    let text = decode(bytes)?;
    check_quotes(text)?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = reader
        .records()
        .map(|row| row.expect("reading from memory cannot fail"));
    let header = rows.next();
    let header = header.ok_or_else(|| FormatError::at(text, 0, "the header row is missing"))?;
    for (at, name) in header.iter().enumerate() {
        if header.iter().take(at).any(|other| other == name) {
            let reason = format!("the column {name:?} appears twice");
            return Err(FormatError::at(text, start(text, &header), reason));
        }
    }
    let row = rows.next();
    let row = row.ok_or_else(|| {
        let reason = "the row of the user is missing after the header row";
        FormatError::at(text, text.len(), reason)
    })?;
    if row.len() != header.len() {
        let reason = format!(
            "the row has {} cells, and the header row {}",
            row.len(),
            header.len()
        );
        return Err(FormatError::at(text, start(text, &row), reason));
    }
    if let Some(row) = rows.next() {
        let reason = "a second row; one request takes one user";
        return Err(FormatError::at(text, start(text, &row), reason));
    }
    let cells = header.iter().zip(&row).filter(|(_, cell)| !cell.is_empty());
    let cells = cells.map(|(name, cell)| (name.to_owned(), to_json(name, restore(cell))));
    Ok(Json::Object(cells.collect()))
}

/// Returns the byte offset at which a row begins.
fn start(text: &str, row: &StringRecord) -> usize {
    let at = row.position().map_or(0, ::csv::Position::byte);
    let at = usize::try_from(at).unwrap_or_default().min(text.len());
    // The parser counts the rest of a line end as the beginning of the next line.
    at + text[at..].len() - text[at..].trim_start_matches(['\r', '\n']).len()
}

/// Checks that every quote opens or closes a cell, or is doubled within one. The parser itself accepts more.
fn check_quotes(text: &str) -> Result<(), FormatError> {
    #[derive(Clone, Copy, PartialEq)]
    enum CellState {
        Start,
        Unquoted,
        Quoted,
        Closed,
    }
    let mut state = CellState::Start;
    let mut opened = 0;
    for (at, c) in text.char_indices() {
        state = match (state, c) {
            (CellState::Start, '"') => {
                opened = at;
                CellState::Quoted
            }
            (CellState::Quoted, '"') => CellState::Closed,
            (CellState::Quoted, _) | (CellState::Closed, '"') => CellState::Quoted,
            (_, ',' | '\r' | '\n') => CellState::Start,
            (CellState::Start, _) => CellState::Unquoted,
            (CellState::Unquoted, '"') => {
                let reason = "a quote in a cell that does not begin with one";
                return Err(FormatError::at(text, at, reason));
            }
            (CellState::Unquoted, _) => CellState::Unquoted,
            (CellState::Closed, _) => {
                let reason = "something between the closing quote of a cell and the next comma";
                return Err(FormatError::at(text, at, reason));
            }
        };
    }
    match state {
        CellState::Quoted => Err(FormatError::at(text, opened, "this quote is never closed")),
        _ => Ok(()),
    }
}

/// Puts a cell in quotes if a program could split it otherwise.
fn quote(cell: String) -> String {
    match cell.contains(SEPARATORS) || cell.contains('"') {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    }
}

/// Returns whether a spreadsheet could execute a cell that begins with this text, or whether the text looks
/// like a neutralized one: apostrophes before the beginning of a formula.
fn is_risky(text: &str) -> bool {
    let rest = text.trim_start_matches('\'');
    rest.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// Returns whether a complete cell is risky. Empty text is risky, because an empty cell means null, and so is
/// white space that a spreadsheet removes.
fn is_risky_cell(text: &str) -> bool {
    let rest = text.trim_start_matches('\'');
    is_risky(text) || rest.is_empty() || rest.starts_with(['\t', '\r', '\n'])
}

/// Splits a text after every separator and quote, because a cell could begin at each of these positions.
fn possible_cells(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(|c| c == '"' || SEPARATORS.contains(&c))
}

/// Converts a text to a cell that no spreadsheet executes.
pub fn neutralize(text: &str) -> String {
    let mut cell = String::with_capacity(text.len() + 1);
    if is_risky_cell(text) && !is_risky(text) {
        cell.push('\'');
    }
    for piece in possible_cells(text) {
        if is_risky(piece) {
            cell.push('\'');
        }
        cell.push_str(piece);
    }
    cell
}

/// Converts a cell back to its text.
fn restore(cell: &str) -> String {
    let is_marked =
        |text: &str, is_risky: fn(&str) -> bool| text.strip_prefix('\'').is_some_and(is_risky);
    let mut text = String::with_capacity(cell.len());
    let mut rest = cell;
    if is_marked(cell, is_risky_cell) && !is_marked(cell, is_risky) {
        rest = &cell[1..];
    }
    for piece in possible_cells(rest) {
        text.push_str(if is_marked(piece, is_risky) {
            &piece[1..]
        } else {
            piece
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::format::tests::{ada, fields_of, members, users};
    use crate::model::user::UserField;
    use proptest::prelude::*;

    fn text(users: &[User], fields: UserFields) -> String {
        String::from_utf8(list(users, fields)).expect("UTF-8")
    }

    #[test]
    fn list_has_a_header_row_and_one_row_for_each_user() {
        assert_eq!(
            text(&[ada()], UserFields::ALL),
            "id,name,email,role,bio,created_at,updated_at\r\n\
             4,\"Ada <&]]>, \"\"에이다\"\"\",ada@example.com,admin,,2026-01-01T00:00:00Z,2026-01-01T00:01:01Z\r\n"
        );
        let fields = fields_of(&[UserField::Email, UserField::Id]);
        assert_eq!(
            text(&[ada(), ada()], fields),
            "id,email\r\n4,ada@example.com\r\n4,ada@example.com\r\n"
        );
        assert_eq!(text(&[], fields), "id,email\r\n");
    }

    #[test]
    fn cells_that_begin_like_a_formula_are_neutralized() {
        let cell = neutralize;
        for text in [
            "=1+1", "+1", "-1", "@A1", "\t1", "\r1", "\n1", "＝1", "", "'", "'=1", "''", "-",
        ] {
            assert_eq!(cell(text), format!("'{text}"));
            assert_eq!(restore(&cell(text)), text);
        }
        for text in ["Ada", "1=1", "'Tis", "a@b", "''a", " x", "김"] {
            assert_eq!(cell(text), text);
            assert_eq!(restore(text), text);
        }
        for (text, neutral) in [
            (";=1+1;x", ";'=1+1;x"),
            ("a\t'@b|-1", "a\t''@b|'-1"),
            ("a\r\n- b\n+c", "a\r\n'- b\n'+c"),
            (",\"=1\"", ",\"'=1\""),
            ("\n=1", "'\n'=1"),
            ("a;'b;;", "a;'b;;"),
            ("a-b; c=d", "a-b; c=d"),
        ] {
            assert_eq!(cell(text), neutral);
            assert_eq!(restore(neutral), text);
        }
        let mut user = ada();
        user.name = ";=1+1;x".to_owned();
        let fields = fields_of(&[UserField::Name, UserField::Bio]);
        assert_eq!(text(&[user], fields), "name,bio\r\n\";'=1+1;x\",\r\n");
        let fields = fields_of(&[UserField::Bio]);
        assert_eq!(text(&[ada()], fields), "bio\r\n\"\"\r\n");
        let mut user = ada();
        user.name = "=HYPERLINK(\"http://x\")".to_owned();
        user.bio = Some(String::new());
        let fields = fields_of(&[UserField::Name, UserField::Bio]);
        assert_eq!(
            text(&[user], fields),
            "name,bio\r\n\"'=HYPERLINK(\"\"http://x\"\")\",'\r\n"
        );
    }

    #[test]
    fn parse_returns_the_cells_of_one_row() {
        #[track_caller]
        fn check(text: &str, expected: &[(&str, &str)]) {
            let parsed = members(parse(text.as_bytes()).expect(text));
            let expected: Vec<_> = expected
                .iter()
                .map(|(name, text)| ((*name).to_owned(), to_json(name, (*text).to_owned())))
                .collect();
            assert_eq!(parsed, expected, "{text:?}");
        }
        let kim = [("name", "Kim"), ("email", "a@b")];
        for text in [
            "name,email\r\nKim,a@b\r\n",
            "name,email\nKim,a@b",
            "\u{feff}name,email\rKim,a@b\r",
            "\n\nname,email\n\nKim,a@b\n\n",
        ] {
            check(text, &kim);
        }
        check("\"name\",\"email\"\n\"Kim\",\"a@b\"\n", &kim);
        check("name,bio\nKim,\n", &[("name", "Kim")]);
        check("name,bio\nKim,'\n", &[("name", "Kim"), ("bio", "")]);
        check(
            "name,bio\nKim,\"a\r\n\"\"b\"\"\"\n",
            &[("name", "Kim"), ("bio", "a\r\n\"b\"")],
        );
        check("id,name\n7,'=1\n", &[("id", "7"), ("name", "=1")]);
        check("color,name\nred,Kim", &[("color", "red"), ("name", "Kim")]);
    }

    #[test]
    fn parse_error_has_line_and_column() {
        #[track_caller]
        fn check(text: impl AsRef<[u8]>, expected: &str) {
            let error = parse(text.as_ref()).expect_err(expected).to_string();
            assert!(error.starts_with(expected), "{error}");
        }
        check("", "line 1, column 1: the header row is missing");
        check("\r\n", "line 1, column 1: the header row is missing");
        check(
            "name,email\r\n",
            "line 2, column 1: the row of the user is missing",
        );
        check(
            "name,name\nKim,Kim",
            "line 1, column 1: the column \"name\" appears twice",
        );
        check(
            "name,email\r\nKim\r\n",
            "line 2, column 1: the row has 1 cells, and the header row 2",
        );
        check(
            "name\r\nKim,a@b\r\n",
            "line 2, column 1: the row has 2 cells",
        );
        check(
            "name\r\nKim\r\n\r\nLee\r\n",
            "line 4, column 1: a second row",
        );
        check("name\nKi\"m", "line 2, column 3: a quote in a cell");
        check("name\n\"Ki\"m", "line 2, column 5: something between");
        check(
            "name,bio\nKim,\"a\nb",
            "line 2, column 5: this quote is never closed",
        );
        check(
            b"name\n\xff",
            "line 2, column 1: the bytes are not valid UTF-8",
        );
        check("김,김\n", "line 1, column 1: the column \"김\"");
    }

    /// Generates texts with separators, quotes and formulas.
    fn special_text() -> impl Strategy<Value = String> {
        "['\"=+@,;|\t\r\n ＝a-]{0,12}"
    }

    proptest! {
        #[test]
        fn cells_survive_a_round_trip(text in prop_oneof![special_text(), any::<String>()]) {
            let cell = neutralize(&text);
            prop_assert_eq!(restore(&cell), text);
            prop_assert!(!cell.is_empty());
        }

        /// No cell begins like a formula, whichever separator a program uses and whether or not it supports
        /// quotes.
        #[test]
        fn no_cell_is_a_formula_with_any_separator(name in special_text(), bio in special_text()) {
            let user = User { name, bio: Some(bio), ..ada() };
            let file = text(&[user], UserFields::ALL);
            let begins = |cell: &str| cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
            for separator in SEPARATORS {
                let cells = file.split(['"', '\r', '\n', separator]);
                for cell in cells {
                    prop_assert!(!begins(cell), "{cell:?} of {file:?}");
                }
                let mut reader = ReaderBuilder::new()
                    .has_headers(false)
                    .flexible(true)
                    .delimiter(u8::try_from(separator).expect("ASCII"))
                    .from_reader(file.as_bytes());
                for row in reader.records() {
                    for cell in &row.expect("a row") {
                        prop_assert!(!begins(cell), "{cell:?} of {file:?}");
                    }
                }
            }
        }

        /// A cell with a separator is quoted, so that a program that detects the separator finds the comma.
        #[test]
        fn cell_with_a_separator_is_quoted(text in special_text()) {
            let cell = quote(neutralize(&text));
            let is_quoted = cell.len() > 1 && cell.starts_with('"') && cell.ends_with('"');
            prop_assert_eq!(is_quoted, text.contains(SEPARATORS) || text.contains('"'));
        }

        /// Another parser returns the same rows and cells, and the parser returns the written values.
        #[test]
        fn list_has_as_many_rows_as_users(users in prop::collection::vec(users(), 0..6)) {
            let text = list(&users, UserFields::ALL);
            let rows: Vec<_> = ::csv::Reader::from_reader(&text[..]).into_records().map(|row| row.expect("a row")).collect();
            prop_assert_eq!(rows.len(), users.len());
            for (row, user) in rows.iter().zip(&users) {
                prop_assert_eq!(&restore(&row[1]), &user.name);
                prop_assert_eq!(row[4].is_empty(), user.bio.is_none());
                let one = members(parse(&list(std::slice::from_ref(user), UserFields::ALL)).expect("a user"));
                let find = |name: &str| one.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone());
                prop_assert_eq!(find("name"), Some(to_json("name", user.name.clone())));
                prop_assert_eq!(find("bio"), user.bio.clone().map(|bio| to_json("bio", bio)));
            }
        }
    }
}
