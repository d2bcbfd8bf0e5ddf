//! The languages of the site.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A language of the lessons and the interface; its text form is the first segment of the path of a page.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// Korean, the default language.
    #[default]
    Ko,
    /// English.
    En,
}

impl Locale {
    /// Every language, in the order of the language switch.
    pub const ALL: [Locale; 2] = [Locale::Ko, Locale::En];

    /// Parses a path segment or language subtag (RFC 5646), in lower case only.
    pub fn parse(text: &str) -> Option<Locale> {
        Locale::ALL
            .into_iter()
            .find(|locale| locale.as_str() == text)
    }

    /// Returns the language subtag.
    pub fn as_str(self) -> &'static str {
        match self {
            Locale::Ko => "ko",
            Locale::En => "en",
        }
    }

    /// Returns the name of the language in that language.
    pub fn name(self) -> &'static str {
        match self {
            Locale::Ko => "한국어",
            Locale::En => "English",
        }
    }

    /// Returns the other language.
    pub fn other(self) -> Locale {
        match self {
            Locale::Ko => Locale::En,
            Locale::En => Locale::Ko,
        }
    }

    /// Returns the best available language for an `Accept-Language` field (RFC 9110, section 12.5.4),
    /// by weight and then by order; `None` when the field names no available language.
    ///
    /// The crate `fluent-langneg` is not used, because it ignores weights, even `q=0`, which excludes a
    /// language.
    pub fn negotiate(accept_language: &str, available: &[Locale]) -> Option<Locale> {
        let mut best: Option<(f32, Locale)> = None;
        for range in accept_language.split(',') {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = parts
                .find_map(|p| {
                    p.trim()
                        .strip_prefix("q=")
                        .map(|q| q.trim().parse::<f32>().unwrap_or(0.0))
                })
                .unwrap_or(1.0);
            let Some(locale) = Locale::parse(tag.split('-').next().unwrap_or_default()) else {
                continue;
            };
            if available.contains(&locale)
                && weight > 0.0
                && best.is_none_or(|(most, _)| weight > most)
            {
                best = Some((weight, locale));
            }
        }
        best.map(|(_, locale)| locale)
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_with_the_greatest_weight_is_selected() {
        let check = |field: &str, expected: Option<Locale>| {
            assert_eq!(Locale::negotiate(field, &Locale::ALL), expected, "{field}")
        };
        check("en-US,en;q=0.9,ko;q=0.8", Some(Locale::En));
        check("fr, ko-KR;q=0.5, en;q=0.4", Some(Locale::Ko));
        check("en;q=0, ko;q=0.1", Some(Locale::Ko));
        check("fr", None);
        check("", None);
        check(";;,q=,en;q=x", None);
        assert_eq!(
            Locale::negotiate("ko, en;q=0.5", &[Locale::En]),
            Some(Locale::En)
        );
    }
}
