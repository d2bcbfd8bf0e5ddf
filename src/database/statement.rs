//! Statements: constant SQL text and the values bound to it.
//!
//! There is no way to build SQL text at run time. Variable parts are bound values; each sort order
//! has its own constant text.

use std::fmt;

use sqlx::Arguments as _;
use sqlx::any::AnyArguments;
use sqlx::error::BoxDynError;

use crate::model::trace::Trace;

/// The type of a value. A bound NULL names it, because PostgreSQL requires the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// INTEGER, BIGINT.
    Integer,
    /// REAL, DOUBLE PRECISION.
    Real,
    /// TEXT.
    Text,
    /// BLOB, BYTEA.
    Blob,
}

/// A value bound to a statement.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// NULL with its type.
    Null(ValueType),
    /// A 64-bit integer, a boolean (0 or 1) or a time (milliseconds since 1970).
    Integer(i64),
    /// A 64-bit floating-point number.
    Real(f64),
    /// Text. PostgreSQL refuses NUL characters in it.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// One constant SQL text with the placeholders `$1`, `$2` …, and its values.
#[derive(Clone)]
pub struct Statement {
    pub(super) text: &'static str,
    pub(super) trace: Trace,
    values: Vec<Value>,
}

impl Statement {
    /// Returns a statement without values.
    #[must_use]
    pub fn new(text: &'static str) -> Statement {
        Statement {
            text,
            trace: Trace::disabled(),
            values: Vec::new(),
        }
    }

    /// Sets the trace to which the statement is added when it runs.
    #[must_use]
    pub fn traced(mut self, trace: &Trace) -> Statement {
        self.trace = trace.clone();
        self
    }

    /// Binds a value to the next placeholder.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Statement {
        self.values.push(value.into());
        self
    }

    /// Returns the SQL text.
    #[must_use]
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// Returns the values as SQL literals. Bytes are hashes of secrets, so only their number is
    /// shown.
    pub(super) fn literals(&self) -> Vec<String> {
        let literal = |value: &Value| match value {
            Value::Null(_) => "NULL".to_owned(),
            Value::Integer(value) => value.to_string(),
            Value::Real(value) => value.to_string(),
            Value::Text(value) => format!("'{}'", value.replace('\'', "''")),
            Value::Blob(value) => format!("({} bytes)", value.len()),
        };
        self.values.iter().map(literal).collect()
    }

    pub(super) fn into_arguments(self) -> Result<AnyArguments, sqlx::Error> {
        let mut arguments = AnyArguments::default();
        for value in self.values {
            value.add_to(&mut arguments).map_err(sqlx::Error::Encode)?;
        }
        Ok(arguments)
    }
}

/// Shows the text only, because the values can be secrets.
impl fmt::Debug for Statement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Statement")
            .field("text", &self.text)
            .finish_non_exhaustive()
    }
}

/// Shows the type only, because the value can be a secret.
impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Value::Null(_) => "NULL",
            Value::Integer(_) => "INTEGER",
            Value::Real(_) => "REAL",
            Value::Text(_) => "TEXT",
            Value::Blob(_) => "BLOB",
        })
    }
}

impl Value {
    fn add_to(self, arguments: &mut AnyArguments) -> Result<(), BoxDynError> {
        match self {
            Value::Null(ValueType::Integer) => arguments.add(None::<i64>),
            Value::Null(ValueType::Real) => arguments.add(None::<f64>),
            Value::Null(ValueType::Text) => arguments.add(None::<String>),
            Value::Null(ValueType::Blob) => arguments.add(None::<Vec<u8>>),
            Value::Integer(value) => arguments.add(value),
            Value::Real(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value),
            Value::Blob(value) => arguments.add(value),
        }
    }
}

/// A Rust type that can be bound, directly or as an `Option`.
trait Bindable {
    const TYPE: ValueType;
    fn value(self) -> Value;
}

macro_rules! impl_bindable {
    ($($rust:ty => $kind:ident, $value:ident => $expression:expr;)*) => {$(
        impl Bindable for $rust {
            const TYPE: ValueType = ValueType::$kind;
            fn value(self) -> Value {
                let $value = self;
                Value::$kind($expression)
            }
        }
        impl From<$rust> for Value {
            fn from(value: $rust) -> Value {
                value.value()
            }
        }
        impl From<Option<$rust>> for Value {
            fn from(value: Option<$rust>) -> Value {
                value.map_or(Value::Null(<$rust as Bindable>::TYPE), Bindable::value)
            }
        }
    )*};
}

impl_bindable! {
    i64 => Integer, value => value;
    i32 => Integer, value => value.into();
    u32 => Integer, value => value.into();
    bool => Integer, value => value.into();
    f64 => Real, value => value;
    String => Text, value => value;
    &str => Text, value => value.to_owned();
    &String => Text, value => value.clone();
    Vec<u8> => Blob, value => value;
    &[u8] => Blob, value => value.to_vec();
    [u8; 32] => Blob, value => value.to_vec();
}
