//! The parser of expectations; an error has its column and kind.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Condition, Expectation, ExpectationSubject, JsonLiteral, Operator, RowChange};
use crate::model::http::is_token;
use crate::model::json::JsonPath;

/// A syntax error of an expectation, with its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {kind}")]
pub struct ExpectationError {
    /// The character in the line, from 1.
    pub column: usize,
    /// The kind of the error.
    pub kind: ExpectationErrorKind,
}

/// The kind of a syntax error of an expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ExpectationErrorKind {
    /// The first word is not a subject.
    #[error("an expectation begins with status, header, body or rows")]
    Subject,
    /// The name of a header is missing or not a token.
    #[error("write the name of a header: header Location exists")]
    HeaderName,
    /// The path is missing or invalid.
    #[error("write a path such as $.name, $[0].name or $[\"a name\"]")]
    Path,
    /// The word after `rows` is not added, changed or removed.
    #[error("write rows added, rows changed or rows removed")]
    Rows,
    /// The operator is missing or unknown.
    #[error("write an operator: == != > >= < <= startsWith endsWith includes exists isNumber")]
    Operator,
    /// `exists` or `isNumber` of a status or a number of rows, which is always true.
    #[error(
        "a status and a number of rows always exist and are numbers; compare them with a number"
    )]
    AlwaysTrue,
    /// The value is missing or not JSON.
    #[error("write a JSON value after the operator: 201, \"text\", true, null")]
    Value,
    /// The operator or subject needs a number.
    #[error("this comparison needs a number")]
    NeedsNumber,
    /// The operator or subject needs a text.
    #[error("this comparison needs a text in double quotes")]
    NeedsText,
    /// Text after `exists` or `isNumber`.
    #[error("remove the text after exists or isNumber")]
    Surplus,
}

impl Expectation {
    /// Parses an expectation, which is the text after `# @expect`.
    ///
    /// # Errors
    /// Returns the first error, with its column.
    pub fn parse(text: &str) -> Result<Self, ExpectationError> {
        let mut parser = ExpectationParser { text, at: 0 };
        parser.expectation().map_err(|kind| ExpectationError {
            column: text[..parser.at].chars().count() + 1,
            kind,
        })
    }
}

/// The parser; after an error, `at` is the offset of the error.
struct ExpectationParser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> ExpectationParser<'a> {
    fn expectation(&mut self) -> Result<Expectation, ExpectationErrorKind> {
        let subject = self.subject()?;
        let (start, word) = self.word();
        let condition = match word {
            "exists" | "isNumber" => {
                if matches!(
                    subject,
                    ExpectationSubject::Status | ExpectationSubject::Rows(_)
                ) {
                    return self.fail(start, ExpectationErrorKind::AlwaysTrue);
                }
                self.skip_space();
                if !self.rest().is_empty() {
                    return Err(ExpectationErrorKind::Surplus);
                }
                if word == "exists" {
                    Condition::Exists
                } else {
                    Condition::IsNumber
                }
            }
            _ => {
                let known = Operator::ALL
                    .into_iter()
                    .find(|operator| operator.as_str() == word);
                let Some(operator) = known else {
                    return self.fail(start, ExpectationErrorKind::Operator);
                };
                self.skip_space();
                let literal =
                    JsonLiteral::parse(trim(self.rest())).ok_or(ExpectationErrorKind::Value)?;
                check_types(&subject, operator, &literal.value())?;
                Condition::Compares(operator, literal)
            }
        };
        Ok(Expectation { subject, condition })
    }

    fn subject(&mut self) -> Result<ExpectationSubject, ExpectationErrorKind> {
        let (start, word) = self.word();
        Ok(match word {
            "status" => ExpectationSubject::Status,
            "header" => match self.word() {
                (_, name) if is_token(name) => ExpectationSubject::Header(name.to_owned()),
                (start, _) => return self.fail(start, ExpectationErrorKind::HeaderName),
            },
            "body" => {
                self.skip_space();
                let rest = self.rest();
                match JsonPath::parse_prefix(rest) {
                    Ok((path, after)) => {
                        self.at += rest.len() - after.len();
                        if !after.is_empty() && !after.starts_with(SPACE) {
                            return Err(ExpectationErrorKind::Path);
                        }
                        ExpectationSubject::Body(path)
                    }
                    Err(offset) => return self.fail(self.at + offset, ExpectationErrorKind::Path),
                }
            }
            "rows" => match self.word() {
                (_, "added") => ExpectationSubject::Rows(RowChange::Added),
                (_, "changed") => ExpectationSubject::Rows(RowChange::Changed),
                (_, "removed") => ExpectationSubject::Rows(RowChange::Removed),
                (start, _) => return self.fail(start, ExpectationErrorKind::Rows),
            },
            _ => return self.fail(start, ExpectationErrorKind::Subject),
        })
    }

    fn fail<T>(
        &mut self,
        at: usize,
        kind: ExpectationErrorKind,
    ) -> Result<T, ExpectationErrorKind> {
        self.at = at;
        Err(kind)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches(SPACE).len();
    }

    /// Returns the next word and its offset; an empty word at the end.
    fn word(&mut self) -> (usize, &'a str) {
        self.skip_space();
        let rest = self.rest();
        let word = &rest[..rest.find(SPACE).unwrap_or(rest.len())];
        let start = self.at;
        self.at += word.len();
        (start, word)
    }
}

const SPACE: [char; 2] = [' ', '\t'];

fn trim(text: &str) -> &str {
    text.trim_matches(SPACE)
}

/// Returns an error for a comparison that can never be true, such as a status that starts with a text.
fn check_types(
    subject: &ExpectationSubject,
    operator: Operator,
    value: &Value,
) -> Result<(), ExpectationErrorKind> {
    let numbers_only = matches!(
        subject,
        ExpectationSubject::Status | ExpectationSubject::Rows(_)
    );
    match operator {
        Operator::StartsWith | Operator::EndsWith | Operator::Includes if numbers_only => {
            Err(ExpectationErrorKind::Operator)
        }
        Operator::StartsWith | Operator::EndsWith if !value.is_string() => {
            Err(ExpectationErrorKind::NeedsText)
        }
        Operator::Includes
            if matches!(subject, ExpectationSubject::Header(_)) && !value.is_string() =>
        {
            Err(ExpectationErrorKind::NeedsText)
        }
        Operator::Greater | Operator::GreaterOrEqual | Operator::Less | Operator::LessOrEqual
            if !value.is_number() =>
        {
            Err(ExpectationErrorKind::NeedsNumber)
        }
        _ if numbers_only && !value.is_number() => Err(ExpectationErrorKind::NeedsNumber),
        _ if matches!(subject, ExpectationSubject::Header(_))
            && !value.is_string()
            && !value.is_number() =>
        {
            Err(ExpectationErrorKind::NeedsText)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn printed_expectation_is_parsed_to_an_equal_one() {
        fn check(text: &str, printed: &str) {
            let expectation =
                Expectation::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(expectation.to_string(), printed);
            assert_eq!(Expectation::parse(printed), Ok(expectation.clone()));
            let json = serde_json::to_string(&expectation).expect("JSON");
            assert_eq!(
                serde_json::from_str::<Expectation>(&json).expect(&json),
                expectation
            );
        }
        for text in [
            "status == 201",
            "status >= 4e2",
            "status != 500",
            "header Location exists",
            "header Total-Count isNumber",
            "header Total-Count == 12",
            "header Content-Type startsWith \"application/json\"",
            "header Link includes \"rel=\\\"next\\\"\"",
            "body $ exists",
            "body $ == []",
            "body $[0].id == 1",
            "body $.errors[0].pointer == \"/email\"",
            "body $.bio == null",
            "body $[\"a b\"].c == true",
            "body $.total <= 1.50",
            "body $.roles includes \"admin\"",
            "body $.name endsWith \"한글 >= x\"",
            "rows added == 1",
            "rows changed == 0",
            "rows removed < 2",
        ] {
            check(text, text);
        }
        check("  status \t==   201  ", "status == 201");
        check("body $[\"a\"] exists ", "body $.a exists");
        check("body $.a == {\"b\": [1, 2]}", "body $.a == {\"b\": [1, 2]}");
    }

    #[test]
    fn invalid_expectation_is_an_error_with_column_and_kind() {
        fn check(text: &str, column: usize, kind: ExpectationErrorKind) {
            assert_eq!(
                Expectation::parse(text),
                Err(ExpectationError { column, kind }),
                "{text:?}"
            );
        }
        use ExpectationErrorKind::*;
        check("", 1, Subject);
        check("   ", 4, Subject);
        check(" Status == 1", 2, Subject);
        check("status", 7, Operator);
        check("status = 200", 8, Operator);
        check("status == ", 11, Value);
        check("status == 200 OK", 11, Value);
        check("status == \"200\"", 11, NeedsNumber);
        check("status exists", 8, AlwaysTrue);
        check("rows added isNumber", 12, AlwaysTrue);
        check("status startsWith \"2\"", 19, Operator);
        check("header", 7, HeaderName);
        check("header A: exists", 8, HeaderName);
        check("header Location", 16, Operator);
        check("header Location exists now", 24, Surplus);
        check("header Location == true", 20, NeedsText);
        check("header Location startsWith 1", 28, NeedsText);
        check("header Location > \"a\"", 19, NeedsNumber);
        check("body", 5, Path);
        check("body id == 1", 6, Path);
        check("body $.한. == 1", 10, Path);
        check("body $.a: == 1", 9, Path);
        check("body $.a == 'x'", 13, Value);
        check("body $.a == admin", 13, Value);
        check("body $.a startsWith 1", 21, NeedsText);
        check("body $.a > \"1\"", 12, NeedsNumber);
        check("rows added", 11, Operator);
        check("rows == 1", 6, Rows);
        check("rows added == \"1\"", 15, NeedsNumber);
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_parsed_or_an_error(
            words in prop::collection::vec(
                prop::sample::select(vec![
                    "status", "header", "body", "rows", "added", "$", ".", "[0]", "[\"a\"]", "exists", "isNumber", "==", ">=", "includes",
                    "1", "1e400", "\"", "\"x\"", "[1]", "null", " ", " ", " ", "\t", "한", "\n", "\u{85}",
                ]),
                0..10,
            ),
        ) {
            let text = words.concat();
            match Expectation::parse(&text) {
                Ok(expectation) => prop_assert_eq!(Expectation::parse(&expectation.to_string()), Ok(expectation)),
                Err(error) => prop_assert!(error.column <= text.chars().count() + 1),
            }
        }
    }
}
