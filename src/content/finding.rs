//! Errors and warnings about the content.

use std::fmt;

use crate::i18n::I18nError;

/// The rule that a lesson exists in all locales; without it the lesson is shown in another one.
pub(super) const TRANSLATION: &str = "translation";

/// The rule that a picture is shown; without it nobody can request it.
pub(super) const UNUSED_PICTURE: &str = "picture-unused";

/// An error or a warning about the content, with its position.
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

impl ContentFinding {
    /// Returns whether the content can be served in spite of the finding.
    pub fn is_warning(&self) -> bool {
        matches!(self.rule, TRANSLATION | UNUSED_PICTURE)
    }
}

impl fmt::Display for ContentFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}[{}]: {}",
            self.file,
            self.line.max(1),
            match self.is_warning() {
                true => "warning",
                false => "error",
            },
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
