//! Errors in the content.

use std::fmt;

use crate::i18n::I18nError;

/// An error in the content, with its position.
#[derive(Clone, Debug, PartialEq)]
pub struct ContentFinding {
    /// The path inside the content folder.
    pub file: String,
    /// The line from 1; 0 when the finding concerns the whole file.
    pub line: usize,
    /// The short name of the violated rule.
    pub rule: &'static str,
    /// A description of the error and of its correction.
    pub message: String,
}

impl fmt::Display for ContentFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: error[{}]: {}",
            self.file,
            self.line.max(1),
            self.rule,
            self.message
        )
    }
}

impl From<I18nError> for ContentFinding {
    fn from(error: I18nError) -> ContentFinding {
        ContentFinding {
            file: error.file,
            line: error.line,
            rule: "messages",
            message: error.message,
        }
    }
}
