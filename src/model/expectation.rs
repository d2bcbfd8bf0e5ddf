//! Expectations: statements about a response that the author of a lesson writes, and their evaluation.
//!
//! An expectation is one line of `# @expect`: a subject, an operator and, for most operators, a JSON value:
//!
//! ```text
//! status == 201
//! header Location exists
//! body $.users[0]["email"] endsWith "@example.com"
//! rows added == 1
//! ```
//!
//! Sending of the request is not here; the caller provides an [`ObservedResponse`].

mod evaluate;
mod parse;
mod sends;

pub use evaluate::{MissingReason, ObservedResponse, RowChanges, Verdict};
pub use parse::{ExpectationError, ExpectationErrorKind};
pub use sends::ExpectedSend;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::json::JsonPath;

/// A statement about a response; its text form is the line that an author writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Expectation {
    /// The part of the exchange that is tested.
    pub subject: ExpectationSubject,
    /// The condition that the subject must fulfil.
    pub condition: Condition,
}

/// The part of an exchange that an expectation tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectationSubject {
    /// The status code.
    Status,
    /// The value of a header, whose name is compared without regard to case; several values are joined
    /// with commas (RFC 9110, section 5.3).
    Header(String),
    /// A value in the JSON body.
    Body(JsonPath),
    /// The number of rows of the users table that the request added, changed or removed.
    Rows(RowChange),
}

/// The kind of change of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowChange {
    /// The row is new.
    Added,
    /// The row existed before and has other values now.
    Changed,
    /// The row was deleted.
    Removed,
}

/// The condition of an expectation. A missing subject fulfils no condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The subject exists.
    Exists,
    /// The subject is a number, or a header whose text is a number.
    IsNumber,
    /// The comparison of the subject with the value is true.
    Compares(Operator, JsonLiteral),
}

/// A comparison of a subject with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `==`: the values are equal; numbers are compared by value, so that 1 equals 1.0.
    Equal,
    /// `!=`: the subject exists and is not equal.
    NotEqual,
    /// `>`, for numbers.
    Greater,
    /// `>=`, for numbers.
    GreaterOrEqual,
    /// `<`, for numbers.
    Less,
    /// `<=`, for numbers.
    LessOrEqual,
    /// `startsWith`, for texts.
    StartsWith,
    /// `endsWith`, for texts.
    EndsWith,
    /// `includes`: a text contains this text, or an array this item.
    Includes,
}

impl Operator {
    /// Every operator that takes a value.
    pub const ALL: [Self; 9] = [
        Self::Equal,
        Self::NotEqual,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Less,
        Self::LessOrEqual,
        Self::StartsWith,
        Self::EndsWith,
        Self::Includes,
    ];

    /// Returns the operator as written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::StartsWith => "startsWith",
            Self::EndsWith => "endsWith",
            Self::Includes => "includes",
        }
    }
}

/// A JSON value on one line, with its spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonLiteral(String);

impl JsonLiteral {
    /// Returns the literal if `text` is one JSON value on one line without surrounding white space.
    pub fn parse(text: &str) -> Option<Self> {
        let value = serde_json::from_str::<serde_json::Value>(text);
        let bare = text.trim() == text && !text.contains(['\n', '\r']);
        (bare && value.is_ok()).then(|| Self(text.to_owned()))
    }

    /// Returns the value as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn value(&self) -> serde_json::Value {
        serde_json::from_str(&self.0).expect("`parse` accepted it as JSON")
    }
}

impl RowChange {
    /// Returns the word as written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subject {
            ExpectationSubject::Status => f.write_str("status")?,
            ExpectationSubject::Header(name) => {
                f.write_str("header ")?;
                f.write_str(name)?;
            }
            ExpectationSubject::Body(path) => {
                f.write_str("body ")?;
                path.fmt(f)?;
            }
            ExpectationSubject::Rows(change) => {
                f.write_str("rows ")?;
                f.write_str(change.as_str())?;
            }
        }
        match &self.condition {
            Condition::Exists => f.write_str(" exists"),
            Condition::IsNumber => f.write_str(" isNumber"),
            Condition::Compares(operator, literal) => {
                f.write_str(" ")?;
                f.write_str(operator.as_str())?;
                f.write_str(" ")?;
                f.write_str(literal.as_str())
            }
        }
    }
}

impl From<Expectation> for String {
    fn from(expectation: Expectation) -> Self {
        expectation.to_string()
    }
}

impl TryFrom<String> for Expectation {
    type Error = ExpectationError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}
