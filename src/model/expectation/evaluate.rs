//! Evaluation of expectations.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use super::{Condition, Expectation, ExpectationSubject, Operator, RowChange};
use crate::model::http::Header;

/// The numbers of rows of the users table that a request changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowChanges {
    /// New rows.
    pub added: u32,
    /// Rows with changed values.
    pub changed: u32,
    /// Deleted rows.
    pub removed: u32,
}

/// A response with the row changes of its request, as far as they are known.
#[derive(Clone, Copy, Debug)]
pub struct ObservedResponse<'a> {
    /// The status code of the response.
    pub status: u16,
    /// The header lines of the response.
    pub headers: &'a [Header],
    /// The body of the response as text.
    pub body: &'a str,
    /// The rows that the request changed, or `None` while they are not known.
    pub rows: Option<RowChanges>,
}

/// The result of evaluating an expectation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether the expectation holds.
    pub passed: bool,
    /// The actual value: a number, the value of a header, a JSON value, or `missing` in English.
    pub actual: String,
    /// The reason why there was no value to compare, so that a page can show it in its language.
    pub missing: Option<MissingReason>,
}

/// The reason why there is no value to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum MissingReason {
    /// The response has no such header, or its body no such value.
    #[error("not found")]
    Absent,
    /// The body of the response is not JSON.
    #[error("not JSON")]
    NotJson,
    /// The row changes are not known.
    #[error("not known")]
    Unknown,
}

/// The maximum length of a value that a verdict shows, in characters.
const SHOWN_MAX: usize = 200;

impl Expectation {
    /// Evaluates the expectation. A missing subject fulfils no condition, not even `!=`.
    pub fn evaluate(&self, observed: &ObservedResponse<'_>) -> Verdict {
        match self.subject.find(observed) {
            Ok(value) => Verdict {
                passed: self.condition.holds(&value, &self.subject),
                actual: show(&value, &self.subject),
                missing: None,
            },
            Err(missing) => Verdict {
                passed: false,
                actual: missing.to_string(),
                missing: Some(missing),
            },
        }
    }
}

impl ExpectationSubject {
    fn find(&self, observed: &ObservedResponse<'_>) -> Result<Value, MissingReason> {
        match self {
            Self::Status => Ok(observed.status.into()),
            Self::Header(name) => {
                let mut values = observed
                    .headers
                    .iter()
                    .filter(|header| header.name.eq_ignore_ascii_case(name));
                let mut joined = values.next().ok_or(MissingReason::Absent)?.value.clone();
                for header in values {
                    joined.push_str(", ");
                    joined.push_str(&header.value);
                }
                Ok(joined.into())
            }
            Self::Body(path) => {
                let whole: Value =
                    serde_json::from_str(observed.body).map_err(|_| MissingReason::NotJson)?;
                path.find(&whole).cloned().ok_or(MissingReason::Absent)
            }
            Self::Rows(change) => {
                let rows = observed.rows.ok_or(MissingReason::Unknown)?;
                Ok(Value::from(match change {
                    RowChange::Added => rows.added,
                    RowChange::Changed => rows.changed,
                    RowChange::Removed => rows.removed,
                }))
            }
        }
    }
}

impl Condition {
    fn holds(&self, value: &Value, subject: &ExpectationSubject) -> bool {
        let number = || match (subject, value) {
            (ExpectationSubject::Header(_), Value::String(text)) => {
                serde_json::from_str::<Number>(text).ok()
            }
            (_, Value::Number(number)) => Some(number.clone()),
            _ => None,
        };
        let (operator, literal) = match self {
            Self::Exists => return true,
            Self::IsNumber => return number().is_some(),
            Self::Compares(operator, literal) => (operator, literal.value()),
        };
        let order = || compare(&number()?, literal.as_number()?);
        let equal = || match &literal {
            Value::Number(_) => order() == Some(Ordering::Equal),
            _ => is_equal(value, &literal),
        };
        let texts = value.as_str().zip(literal.as_str());
        match operator {
            Operator::Equal => equal(),
            Operator::NotEqual => !equal(),
            Operator::Greater => order() == Some(Ordering::Greater),
            Operator::GreaterOrEqual => order().is_some_and(Ordering::is_ge),
            Operator::Less => order() == Some(Ordering::Less),
            Operator::LessOrEqual => order().is_some_and(Ordering::is_le),
            Operator::StartsWith => texts.is_some_and(|(text, start)| text.starts_with(start)),
            Operator::EndsWith => texts.is_some_and(|(text, end)| text.ends_with(end)),
            Operator::Includes => match value {
                Value::Array(items) => items.iter().any(|item| is_equal(item, &literal)),
                _ => texts.is_some_and(|(text, part)| text.contains(part)),
            },
        }
    }
}

/// Returns whether two JSON values are equal, with numbers compared by value.
fn is_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => compare(a, b) == Some(Ordering::Equal),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| is_equal(a, b)))
        }
        _ => a == b,
    }
}

fn compare(a: &Number, b: &Number) -> Option<Ordering> {
    match (a.as_i128(), b.as_i128()) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

fn show(value: &Value, subject: &ExpectationSubject) -> String {
    let mut text = match (subject, value) {
        (ExpectationSubject::Header(_), Value::String(text)) => text.clone(),
        _ => value.to_string(),
    };
    if let Some((end, _)) = text.char_indices().nth(SHOWN_MAX) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observe(expectation: &str, rows: Option<RowChanges>) -> Verdict {
        let headers = [
            Header::new("Content-Type", "application/json; charset=utf-8"),
            Header::new("Total-Count", "12"),
            Header::new("Vary", "Accept"),
            Header::new("vary", "Cookie"),
            Header::new("X-Empty", ""),
        ];
        let body = r#"{"id": 13, "name": "한 \"x\"", "bio": null, "ratio": 2.50, "big": 18446744073709551615,
            "roles": ["admin", 1, {"a": 1.0}], "errors": [{"pointer": "/email"}], "yes": true}"#;
        let observed = ObservedResponse {
            status: 201,
            headers: &headers,
            body,
            rows,
        };
        Expectation::parse(expectation)
            .unwrap_or_else(|error| panic!("{expectation}: {error}"))
            .evaluate(&observed)
    }

    #[test]
    fn expectation_is_evaluated_with_the_actual_value() {
        fn check(expectation: &str, passed: bool, actual: &str) {
            let rows = RowChanges {
                added: 1,
                changed: 0,
                removed: 2,
            };
            let verdict = observe(expectation, Some(rows));
            assert_eq!(
                (verdict.passed, verdict.actual.as_str()),
                (passed, actual),
                "{expectation}"
            );
            assert_eq!(
                verdict.missing.is_some(),
                actual.starts_with("not "),
                "{expectation}"
            );
        }
        check("status == 201", true, "201");
        check("status == 2.01e2", true, "201");
        check("status != 201", false, "201");
        check("status >= 200", true, "201");
        check("status < 201", false, "201");
        check("status <= 201", true, "201");
        check("header total-count == 12", true, "12");
        check("header total-count == \"12\"", true, "12");
        check("header total-count > 9", true, "12");
        check("header Total-Count isNumber", true, "12");
        check("header Vary isNumber", false, "Accept, Cookie");
        check("header Vary == 1", false, "Accept, Cookie");
        check("header Vary != 1", true, "Accept, Cookie");
        check("header Vary == \"Accept, Cookie\"", true, "Accept, Cookie");
        check(
            "header Content-Type startsWith \"application/json\"",
            true,
            "application/json; charset=utf-8",
        );
        check(
            "header Content-Type endsWith \"json\"",
            false,
            "application/json; charset=utf-8",
        );
        check("header X-Empty exists", true, "");
        check("header Location exists", false, "not found");
        check("header Location != \"x\"", false, "not found");
        check("body $.id == 13", true, "13");
        check("body $.id == 13.0", true, "13");
        check("body $.id == \"13\"", false, "13");
        check("body $.id > 12.5", true, "13");
        check("body $.id isNumber", true, "13");
        check("body $.yes isNumber", false, "true");
        check("body $.yes == true", true, "true");
        check("body $.yes == 1", false, "true");
        check("body $.name == \"한 \\\"x\\\"\"", true, "\"한 \\\"x\\\"\"");
        check("body $.name startsWith \"한\"", true, "\"한 \\\"x\\\"\"");
        check("body $.name includes \" \"", true, "\"한 \\\"x\\\"\"");
        check("body $.name > 1", false, "\"한 \\\"x\\\"\"");
        check("body $.bio exists", true, "null");
        check("body $.bio == null", true, "null");
        check("body $.bio != null", false, "null");
        check("body $.ratio == 2.5", true, "2.5");
        check(
            "body $.big == 18446744073709551615",
            true,
            "18446744073709551615",
        );
        check(
            "body $.big == 18446744073709551614",
            false,
            "18446744073709551615",
        );
        check(
            "body $.roles includes \"admin\"",
            true,
            "[\"admin\",1,{\"a\":1.0}]",
        );
        check(
            "body $.roles includes 1.0",
            true,
            "[\"admin\",1,{\"a\":1.0}]",
        );
        check(
            "body $.roles includes {\"a\": 1}",
            true,
            "[\"admin\",1,{\"a\":1.0}]",
        );
        check(
            "body $.roles includes \"adm\"",
            false,
            "[\"admin\",1,{\"a\":1.0}]",
        );
        check(
            "body $.errors == [{\"pointer\": \"/email\"}]",
            true,
            "[{\"pointer\":\"/email\"}]",
        );
        check("body $.errors == []", false, "[{\"pointer\":\"/email\"}]");
        check("body $.errors[1].pointer exists", false, "not found");
        check("body $[0] exists", false, "not found");
        check("rows added == 1", true, "1");
        check("rows changed == 0", true, "0");
        check("rows removed <= 1", false, "2");
    }

    #[test]
    fn missing_subject_fails_with_its_reason() {
        fn check(expectation: &str, body: &str, missing: Option<MissingReason>) {
            let observed = ObservedResponse {
                status: 204,
                headers: &[],
                body,
                rows: None,
            };
            let verdict = Expectation::parse(expectation)
                .expect(expectation)
                .evaluate(&observed);
            assert_eq!(
                (verdict.passed, verdict.missing),
                (missing.is_none(), missing),
                "{expectation}"
            );
        }
        check("rows changed == 0", "", Some(MissingReason::Unknown));
        check("body $ exists", "", Some(MissingReason::NotJson));
        check("body $.a == null", "<a/>", Some(MissingReason::NotJson));
        check("body $.a == null", "{}", Some(MissingReason::Absent));
        check("body $ == 1", " 1\n", None);
    }

    #[test]
    fn long_value_is_truncated_between_characters() {
        let body = serde_json::to_string(&"한".repeat(500)).expect("JSON");
        let observed = ObservedResponse {
            status: 200,
            headers: &[],
            body: &body,
            rows: None,
        };
        let verdict = Expectation::parse("body $ exists")
            .expect("an expectation")
            .evaluate(&observed);
        assert_eq!(verdict.actual.chars().count(), SHOWN_MAX + 1);
        assert!(verdict.actual.ends_with("한…"));
    }
}
