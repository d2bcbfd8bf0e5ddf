//! Short texts of exercises and quizzes, in each language of the site.

use std::collections::BTreeMap;

use crate::model::locale::Locale;

/// A text in each language of the site; as HTML, unless its place says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalizedText(pub(super) BTreeMap<Locale, String>);

impl LocalizedText {
    /// Returns the text in a language, or else in another one that has it.
    #[must_use]
    pub fn get(&self, locale: Locale) -> &str {
        let text = self.0.get(&locale).or(self.0.values().next());
        text.map_or("", String::as_str)
    }
}
