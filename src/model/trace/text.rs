//! The text of a step's name or detail: translatable, or the same in every language.

use std::borrow::Cow;
use std::error::Error;

use crate::model::messages::fill;

/// The name or the detail of a step, recorded in English.
///
/// A [`translatable`](TraceText::translatable) text has its translation in `content/i18n` for every
/// other language; a test reads the source and compares. A [`literal`](TraceText::literal) text is
/// shown unchanged in every language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceText(Cow<'static, str>);

impl TraceText {
    /// Returns a translatable text. The call must have it as a string literal, because the test finds
    /// it in the source.
    #[must_use]
    pub const fn translatable(text: &'static str) -> TraceText {
        TraceText(Cow::Borrowed(text))
    }

    /// Returns a translatable text, also a string literal in the call, whose `{name}` placeholders are
    /// replaced by `values`.
    #[must_use]
    pub fn translatable_with(text: &'static str, values: &[(&str, &str)]) -> TraceText {
        TraceText(fill(text, values).into())
    }

    /// Returns the text of an error as a translatable text. Its `#[error("…")]` must be in the same
    /// file as the call, because the test looks for it there.
    #[must_use]
    pub fn from_error(error: &dyn Error) -> TraceText {
        TraceText(error.to_string().into())
    }

    /// Returns a text that is the same in every language: a name in the code, a value, or a text that
    /// the response contains too.
    #[must_use]
    pub fn literal(text: impl Into<Cow<'static, str>>) -> TraceText {
        TraceText(text.into())
    }

    /// Returns the English text.
    pub(super) fn into_text(self) -> Cow<'static, str> {
        self.0
    }
}
