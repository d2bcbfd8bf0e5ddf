//! Errors in message and translation files.

use crate::model::locale::Locale;

/// An error in the messages or translations of a locale.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct I18nError {
    /// The path inside the content folder.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// A description of the error and of its correction.
    pub message: String,
}

/// Creates an error in the translations of a locale.
pub(super) fn translation_error(locale: Locale, line: usize, message: String) -> I18nError {
    I18nError {
        file: format!("i18n/{locale}.toml"),
        line,
        message,
    }
}

/// Creates an error in the messages of a locale.
pub(super) fn message_error(locale: Locale, line: usize, message: String) -> I18nError {
    I18nError {
        file: format!("i18n/{locale}.ftl"),
        line,
        message,
    }
}

/// Returns the line of a byte offset, from 1.
pub(super) fn line(text: &str, at: usize) -> usize {
    text.as_bytes()
        .iter()
        .take(at)
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}
