//! CSV (RFC 4180): a header row, lines that end in CRLF, and no cell that a spreadsheet would run.
//!
//! A cell that begins like a formula gets an apostrophe before it, and loses it when read. No bio is
//! an empty cell, an empty bio a lone apostrophe: so everything written is read as it was. Whoever
//! sends a user sends the header row and one row; a column without a value is as if it were not
//! there.

use ::csv::{ReaderBuilder, StringRecord, Terminator, WriterBuilder};

use super::{Malformed, decode, value};
use crate::model::json::Json;
use crate::model::user::{User, UserFields};

pub(super) fn list(users: &[User], fields: UserFields) -> Vec<u8> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    let header = fields.iter().map(|field| field.as_str().to_owned());
    let rows = users.iter().map(|user| {
        let cells = fields.iter().map(|field| field.of(user));
        cells
            .map(|cell| cell.map_or_else(String::new, neutral))
            .collect()
    });
    for row in std::iter::once(header.collect::<Vec<_>>()).chain(rows) {
        writer
            .write_record(row)
            .expect("every row has the same fields");
    }
    writer.into_inner().expect("memory takes what is written")
}

/// Reads one user.
///
/// # Errors
/// What is not CSV, or not a header row and one row.
pub(in crate::api) fn read(bytes: &[u8]) -> Result<Json, Malformed> {
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
    let header = header.ok_or_else(|| Malformed::at(text, 0, "the header row is missing"))?;
    for (at, name) in header.iter().enumerate() {
        if header.iter().take(at).any(|other| other == name) {
            let reason = format!("the column {name:?} stands twice");
            return Err(Malformed::at(text, start(text, &header), reason));
        }
    }
    let row = rows.next();
    let row = row.ok_or_else(|| {
        let reason = "the row of the user is missing after the header row";
        Malformed::at(text, text.len(), reason)
    })?;
    if row.len() != header.len() {
        let reason = format!(
            "the row has {} cells, and the header row {}",
            row.len(),
            header.len()
        );
        return Err(Malformed::at(text, start(text, &row), reason));
    }
    if let Some(row) = rows.next() {
        let reason = "a second row; one request takes one user";
        return Err(Malformed::at(text, start(text, &row), reason));
    }
    let cells = header.iter().zip(&row).filter(|(_, cell)| !cell.is_empty());
    let cells = cells.map(|(name, cell)| (name.to_owned(), value(name, plain(cell).to_owned())));
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
fn check_quotes(text: &str) -> Result<(), Malformed> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        Begin,
        Plain,
        Quoted,
        Closed,
    }
    let mut state = State::Begin;
    let mut opened = 0;
    for (at, c) in text.char_indices() {
        state = match (state, c) {
            (State::Begin, '"') => {
                opened = at;
                State::Quoted
            }
            (State::Quoted, '"') => State::Closed,
            (State::Quoted, _) | (State::Closed, '"') => State::Quoted,
            (_, ',' | '\r' | '\n') => State::Begin,
            (State::Begin, _) => State::Plain,
            (State::Plain, '"') => {
                let reason = "a quote in a cell that does not begin with one";
                return Err(Malformed::at(text, at, reason));
            }
            (State::Plain, _) => State::Plain,
            (State::Closed, _) => {
                let reason = "something between the closing quote of a cell and the next comma";
                return Err(Malformed::at(text, at, reason));
            }
        };
    }
    match state {
        State::Quoted => Err(Malformed::at(text, opened, "this quote is never closed")),
        _ => Ok(()),
    }
}

/// Whether a spreadsheet might run it, or it would be taken for the neutral form of another text or
/// for none: apostrophes, and then nothing or what begins a formula.
fn is_risky(text: &str) -> bool {
    let rest = text.trim_start_matches('\'');
    let formula = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    rest.is_empty() || rest.starts_with(formula)
}

/// The cell of a text.
fn neutral(text: String) -> String {
    if is_risky(&text) {
        format!("'{text}")
    } else {
        text
    }
}

/// The text of a cell.
fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_risky(text) => text,
        _ => cell,
    }
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
        let cell = |text: &str| neutral(text.to_owned());
        for text in [
            "=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "＝1", "", "'", "'=1", "''", "-",
        ] {
            assert_eq!(cell(text), format!("'{text}"));
            assert_eq!(plain(&cell(text)), text);
        }
        for text in ["Ada", "1=1", "'Tis", "a@b", "''a", " x", "김"] {
            assert_eq!(cell(text), text);
            assert_eq!(plain(text), text);
        }
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

    proptest! {
        #[test]
        fn cells_survive_a_round_trip(text in "['=+@ -]{0,5}.{0,10}") {
            let cell = neutral(text.clone());
            prop_assert_eq!(plain(&cell), &text);
            prop_assert!(!cell.is_empty());
            prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']));
        }

        /// Another reader sees the same rows and cells.
        #[test]
        fn rows_are_as_many_as_users(users in prop::collection::vec(users(), 0..6)) {
            let text = list(&users, UserFields::ALL);
            let rows: Vec<_> = ::csv::Reader::from_reader(&text[..]).into_records().map(|row| row.expect("a row")).collect();
            prop_assert_eq!(rows.len(), users.len());
            for (row, user) in rows.iter().zip(&users) {
                prop_assert_eq!(plain(&row[1]), &user.name);
                prop_assert_eq!(row[4].is_empty(), user.bio.is_none());
            }
        }
    }
}
