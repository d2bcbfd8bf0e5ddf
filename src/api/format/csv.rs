//! CSV (RFC 4180): a header row, lines that end in CRLF, and no cell that a spreadsheet would run.
//!
//! Spreadsheets split files also at semicolons, tabs and bars, and some ignore quotes. So wherever a
//! cell could begin in a text, an apostrophe is written before what begins like a formula, and removed
//! when it is read. No bio is an empty cell, an empty bio a lone apostrophe: so everything written is
//! read as it was. Whoever sends a user sends the header row and one row; a column without a value is
//! as if it were not there.

use std::borrow::Cow;

use ::csv::{ReaderBuilder, StringRecord};

use super::{FormatError, decode, value};
use crate::model::json::Json;
use crate::model::user::{User, UserFields};

/// Characters at which a reader may split a line into cells, or a file into lines.
const SEPARATORS: [char; 6] = [',', ';', '\t', '|', '\r', '\n'];

pub(super) fn list(users: &[User], fields: UserFields) -> Vec<u8> {
    let mut text = String::new();
    let header = fields.iter().map(|field| field.as_str().into());
    write_row(header, &mut text);
    for user in users {
        let cells = fields.iter().map(|field| match field.value_of(user) {
            Some(text) => Cow::Owned(quoted(neutral(&text))),
            None => Cow::Borrowed(""),
        });
        write_row(cells, &mut text);
    }
    text.into_bytes()
}

fn write_row<'t>(cells: impl Iterator<Item = Cow<'t, str>>, text: &mut String) {
    let cells: Vec<_> = cells.collect();
    match cells.as_slice() {
        // An empty line would be no row.
        [cell] if cell.is_empty() => text.push_str("\"\""),
        cells => text.push_str(&cells.join(",")),
    }
    text.push_str("\r\n");
}

/// Reads one user.
///
/// # Errors
/// What is not CSV, or not a header row and one row.
pub(in crate::api) fn read(bytes: &[u8]) -> Result<Json, FormatError> {
    let text = decode(bytes)?;
    check_quotes(text)?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = reader
        .records()
        .map(|row| row.expect("text in memory is read"));
    let header = rows.next();
    let header = header.ok_or_else(|| FormatError::at(text, 0, "the header row is missing"))?;
    for (at, name) in header.iter().enumerate() {
        if header.iter().take(at).any(|other| other == name) {
            let reason = format!("the column {name:?} stands twice");
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
    let cells = cells.map(|(name, cell)| (name.to_owned(), value(name, plain(cell))));
    Ok(Json::Object(cells.collect()))
}

/// The byte at which a row begins.
fn start(text: &str, row: &StringRecord) -> usize {
    let at = row.position().map_or(0, ::csv::Position::byte);
    let at = usize::try_from(at).unwrap_or_default().min(text.len());
    // The reader takes the rest of a line's end for the begin of the next.
    at + text[at..].len() - text[at..].trim_start_matches(['\r', '\n']).len()
}

/// That every quote opens or closes a cell, or is doubled within one; the reader lets more pass.
fn check_quotes(text: &str) -> Result<(), FormatError> {
    #[derive(Clone, Copy, PartialEq)]
    enum CsvState {
        Begin,
        Plain,
        Quoted,
        Closed,
    }
    let mut state = CsvState::Begin;
    let mut opened = 0;
    for (at, c) in text.char_indices() {
        state = match (state, c) {
            (CsvState::Begin, '"') => {
                opened = at;
                CsvState::Quoted
            }
            (CsvState::Quoted, '"') => CsvState::Closed,
            (CsvState::Quoted, _) | (CsvState::Closed, '"') => CsvState::Quoted,
            (_, ',' | '\r' | '\n') => CsvState::Begin,
            (CsvState::Begin, _) => CsvState::Plain,
            (CsvState::Plain, '"') => {
                let reason = "a quote in a cell that does not begin with one";
                return Err(FormatError::at(text, at, reason));
            }
            (CsvState::Plain, _) => CsvState::Plain,
            (CsvState::Closed, _) => {
                let reason = "something between the closing quote of a cell and the next comma";
                return Err(FormatError::at(text, at, reason));
            }
        };
    }
    match state {
        CsvState::Quoted => Err(FormatError::at(text, opened, "this quote is never closed")),
        _ => Ok(()),
    }
}

/// The cell in quotes, if any reader could split it otherwise.
fn quoted(cell: String) -> String {
    match cell.contains(SEPARATORS) || cell.contains('"') {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    }
}

/// Whether a spreadsheet might run a cell that begins so, or it would be taken for the neutral form of
/// another text: apostrophes, and then what begins a formula.
fn is_risky(text: &str) -> bool {
    let rest = text.trim_start_matches('\'');
    rest.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// Whether a whole cell is risky: also nothing, which stands for no value, and spaces that a
/// spreadsheet drops.
fn is_risky_cell(text: &str) -> bool {
    let rest = text.trim_start_matches('\'');
    is_risky(text) || rest.is_empty() || rest.starts_with(['\t', '\r', '\n'])
}

/// The pieces of a text, each with the separator or quote after it: a cell could begin at each.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(|c| c == '"' || SEPARATORS.contains(&c))
}

/// The cell of a text.
fn neutral(text: &str) -> String {
    let mut cell = String::with_capacity(text.len() + 1);
    if is_risky_cell(text) && !is_risky(text) {
        cell.push('\'');
    }
    for piece in pieces(text) {
        if is_risky(piece) {
            cell.push('\'');
        }
        cell.push_str(piece);
    }
    cell
}

/// The text of a cell.
fn plain(cell: &str) -> String {
    let is_marked =
        |text: &str, is_risky: fn(&str) -> bool| text.strip_prefix('\'').is_some_and(is_risky);
    let mut text = String::with_capacity(cell.len());
    let mut rest = cell;
    if is_marked(cell, is_risky_cell) && !is_marked(cell, is_risky) {
        rest = &cell[1..];
    }
    for piece in pieces(rest) {
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
    use crate::api::format::tests::{ada, members, some, users};
    use crate::model::user::UserField;
    use proptest::prelude::*;

    fn text(users: &[User], fields: UserFields) -> String {
        String::from_utf8(list(users, fields)).expect("UTF-8")
    }

    #[test]
    fn rows_follow_the_header() {
        assert_eq!(
            text(&[ada()], UserFields::ALL),
            "id,name,email,role,bio,created_at,updated_at\r\n\
             4,\"Ada <&]]>, \"\"에이다\"\"\",ada@example.com,admin,,2026-01-01T00:00:00Z,2026-01-01T00:01:01Z\r\n"
        );
        let fields = some(&[UserField::Email, UserField::Id]);
        assert_eq!(
            text(&[ada(), ada()], fields),
            "id,email\r\n4,ada@example.com\r\n4,ada@example.com\r\n"
        );
        assert_eq!(text(&[], fields), "id,email\r\n");
    }

    #[test]
    fn a_spreadsheet_runs_nothing() {
        let cell = neutral;
        for text in [
            "=1+1", "+1", "-1", "@A1", "\t1", "\r1", "\n1", "＝1", "", "'", "'=1", "''", "-",
        ] {
            assert_eq!(cell(text), format!("'{text}"));
            assert_eq!(plain(&cell(text)), text);
        }
        for text in ["Ada", "1=1", "'Tis", "a@b", "''a", " x", "김"] {
            assert_eq!(cell(text), text);
            assert_eq!(plain(text), text);
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
            assert_eq!(plain(neutral), text);
        }
        let mut user = ada();
        user.name = ";=1+1;x".to_owned();
        let fields = some(&[UserField::Name, UserField::Bio]);
        assert_eq!(text(&[user], fields), "name,bio\r\n\";'=1+1;x\",\r\n");
        let fields = some(&[UserField::Bio]);
        assert_eq!(text(&[ada()], fields), "bio\r\n\"\"\r\n");
        let mut user = ada();
        user.name = "=HYPERLINK(\"http://x\")".to_owned();
        user.bio = Some(String::new());
        let fields = some(&[UserField::Name, UserField::Bio]);
        assert_eq!(
            text(&[user], fields),
            "name,bio\r\n\"'=HYPERLINK(\"\"http://x\"\")\",'\r\n"
        );
    }

    #[test]
    fn one_row_is_read() {
        #[track_caller]
        fn check(text: &str, expected: &[(&str, &str)]) {
            let read = members(read(text.as_bytes()).expect(text));
            let expected: Vec<_> = expected
                .iter()
                .map(|(name, text)| ((*name).to_owned(), value(name, (*text).to_owned())))
                .collect();
            assert_eq!(read, expected, "{text:?}");
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
    fn what_is_wrong_is_told_with_its_place() {
        #[track_caller]
        fn check(text: impl AsRef<[u8]>, expected: &str) {
            let error = read(text.as_ref()).expect_err(expected).to_string();
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
            "line 1, column 1: the column \"name\" stands twice",
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

    /// Texts with much in them that matters here.
    fn hostile() -> impl Strategy<Value = String> {
        "['\"=+@,;|\t\r\n ＝a-]{0,12}"
    }

    proptest! {
        #[test]
        fn cells_survive_a_round_trip(text in prop_oneof![hostile(), any::<String>()]) {
            let cell = neutral(&text);
            prop_assert_eq!(plain(&cell), text);
            prop_assert!(!cell.is_empty());
        }

        /// Whatever separates cells for a reader, and whether it knows quotes or not, no cell begins
        /// like a formula.
        #[test]
        fn no_cell_is_a_formula_however_the_file_is_split(name in hostile(), bio in hostile()) {
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

        /// A cell with any separator stands in quotes, so that a reader that guesses finds the comma.
        #[test]
        fn cell_with_a_separator_is_quoted(text in hostile()) {
            let cell = quoted(neutral(&text));
            let is_quoted = cell.len() > 1 && cell.starts_with('"') && cell.ends_with('"');
            prop_assert_eq!(is_quoted, text.contains(SEPARATORS) || text.contains('"'));
        }

        /// Another reader sees the same rows and cells, and what is read here is what was written.
        #[test]
        fn rows_are_as_many_as_users(users in prop::collection::vec(users(), 0..6)) {
            let text = list(&users, UserFields::ALL);
            let rows: Vec<_> = ::csv::Reader::from_reader(&text[..]).into_records().map(|row| row.expect("a row")).collect();
            prop_assert_eq!(rows.len(), users.len());
            for (row, user) in rows.iter().zip(&users) {
                prop_assert_eq!(&plain(&row[1]), &user.name);
                prop_assert_eq!(row[4].is_empty(), user.bio.is_none());
                let one = members(read(&list(std::slice::from_ref(user), UserFields::ALL)).expect("a user"));
                let find = |name: &str| one.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone());
                prop_assert_eq!(find("name"), Some(value("name", user.name.clone())));
                prop_assert_eq!(find("bio"), user.bio.clone().map(|bio| value("bio", bio)));
            }
        }
    }
}
