//! What a step is called, and what it has found: which of it is ours to say in a reader's language.

use std::borrow::Cow;
use std::error::Error;

use crate::model::words::fill;

/// A name or a detail of a step, as it is recorded: in English.
///
/// Whoever tells a step chooses: what is [`ours`](TraceText::ours) is in `content/i18n` in every other
/// language, and a test that reads the source holds it to that; what is [`as_is`](TraceText::as_is) is
/// shown as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceText(Cow<'static, str>);

impl TraceText {
    /// A text of ours, written out in the call.
    #[must_use]
    pub const fn ours(text: &'static str) -> TraceText {
        TraceText(Cow::Borrowed(text))
    }

    /// A text of ours, written out in the call, with values for its `{name}`s.
    #[must_use]
    pub fn filled(text: &'static str, values: &[(&str, &str)]) -> TraceText {
        TraceText(fill(text, values).into())
    }

    /// The text of an error of ours, as its `#[error("…")]` in the same file has it.
    #[must_use]
    pub fn error(error: &dyn Error) -> TraceText {
        TraceText(error.to_string().into())
    }

    /// What is the same in every language: a name in the code, a value, what the response says too.
    #[must_use]
    pub fn as_is(text: impl Into<Cow<'static, str>>) -> TraceText {
        TraceText(text.into())
    }

    /// The English.
    pub(super) fn into_text(self) -> Cow<'static, str> {
        self.0
    }
}
