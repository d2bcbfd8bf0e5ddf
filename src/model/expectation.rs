//! What an author expects of a response, and whether it came.
//!
//! One line of `# @expect`: a subject, an operator and, for most operators, a JSON value:
//!
//! ```text
//! status == 201
//! header Location exists
//! body $.users[0]["email"] endsWith "@example.com"
//! rows added == 1
//! ```
//!
//! Sending the request and gathering what is observed is not done here.

mod evaluate;
mod parse;
mod path;

pub use evaluate::{MissingReason, ObservedResponse, RowChanges, Verdict};
pub use parse::{ExpectationError, ExpectationProblem};
pub use path::{JsonPath, PathSegment};

use std::fmt;

use serde::{Deserialize, Serialize};

/// A statement about a response; as text it is the line that an author writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Expectation {
    /// What is looked at.
    pub subject: ExpectationSubject,
    /// What must be true of it.
    pub condition: Condition,
}

/// The part of an exchange that an expectation looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectationSubject {
    /// The status code.
    Status,
    /// The value of a header, found without regard to case; several of one name are joined with
    /// commas (RFC 9110, section 5.3).
    Header(String),
    /// A value in the JSON content.
    Body(JsonPath),
    /// How many rows of the users table the request added, changed or removed.
    Rows(RowChange),
}

/// What happens to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowChange {
    /// The row is new.
    Added,
    /// The row was there and is different now.
    Changed,
    /// The row is gone.
    Removed,
}

/// What must be true of the subject. A subject that is not there fulfils no condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It is there.
    Exists,
    /// It is a number; of a header, its text is one.
    IsNumber,
    /// It compares like this with the value.
    Is(Operator, JsonLiteral),
}

/// How a subject is compared with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `==`: the same value; numbers by their worth, so that 1 is 1.0.
    Equal,
    /// `!=`: there, and another value.
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
    /// `includes`: a text has this part, or an array this item.
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

    /// The operator as it is written.
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

/// A JSON value as its author spelled it, on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonLiteral(String);

impl JsonLiteral {
    /// Takes `text` if it is one JSON value on one line, without white space around it.
    pub fn parse(text: &str) -> Option<Self> {
        let value = serde_json::from_str::<serde_json::Value>(text);
        let bare = text.trim() == text && !text.contains(['\n', '\r']);
        (bare && value.is_ok()).then(|| Self(text.to_owned()))
    }

    /// The value as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn value(&self) -> serde_json::Value {
        serde_json::from_str(&self.0).expect("`parse` took it as JSON")
    }
}

impl RowChange {
    /// The word as it is written.
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
            Condition::Is(operator, literal) => {
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
