//! Texts that the code has in one language, English, in the language of a reader.
//!
//! Looked up by the English itself, so that the code says what it means where it means it. For what
//! is also told to others than readers: the document of the API, and the record of a request. The
//! words of the interface have keys instead: see [`super::words`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::words::fill;

/// Texts by their English. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Translations(Arc<BTreeMap<String, String>>);

impl Translations {
    /// Wraps texts by their English, where `{name}` stands for any value; it is in both or in none.
    pub fn new(texts: BTreeMap<String, String>) -> Translations {
        Translations(Arc::new(texts))
    }

    /// What an English text is here; `None` when only the English is there.
    pub fn find(&self, english: &str) -> Option<String> {
        let (key, values) = self.entry(english)?;
        Some(fill(&self.0[key], &values))
    }

    /// The key that an English text is found by.
    pub fn key(&self, english: &str) -> Option<&str> {
        self.entry(english).map(|(key, _)| key)
    }

    /// Every key.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A text as it stands, else the one with the fewest values for parts of it.
    fn entry<'k, 't>(&'k self, english: &'t str) -> Option<(&'k str, Values<'k, 't>)> {
        if let Some((key, _)) = self.0.get_key_value(english) {
            return Some((key, Vec::new()));
        }
        let with_values = self.0.keys().filter(|key| key.contains('{'));
        let found = with_values.filter_map(|key| Some((key.as_str(), values(key, english)?)));
        // Of `user {id}` and `user {id}, {role}`, what says more.
        found.max_by_key(|(_, values)| values.len())
    }
}

/// Names of a key, and what stands in a text in their place.
type Values<'k, 't> = Vec<(&'k str, &'t str)>;

/// What stands in a text where a pattern has `{name}`, by name.
fn values<'k, 't>(pattern: &'k str, text: &'t str) -> Option<Values<'k, 't>> {
    let mut values = Vec::new();
    let (start, mut pattern) = pattern.split_once('{')?;
    let mut text = text.strip_prefix(start)?;
    loop {
        let (name, rest) = pattern.split_once('}')?;
        let Some((between, next)) = rest.split_once('{') else {
            let value = text.strip_suffix(rest)?;
            values.push((name, value));
            let empty = values.iter().any(|(_, value)| value.is_empty());
            return (!empty).then_some(values);
        };
        let (value, left) = text.split_once(between)?;
        values.push((name, value));
        (pattern, text) = (next, left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_whole_or_with_values_in_them() {
        let texts = [
            ("a user", "사용자"),
            ("user {id}", "사용자 {id}"),
            ("user {id}, {role}", "{role} {id}"),
            ("`Allow` has {methods}.", "{methods}입니다."),
            ("{id} is literal", "글자 그대로"),
        ];
        let texts = texts.map(|(english, text)| (english.to_owned(), text.to_owned()));
        let texts = Translations::new(texts.into());
        let check = |english, expected: Option<&str>| {
            assert_eq!(texts.find(english).as_deref(), expected, "{english}");
        };
        check("a user", Some("사용자"));
        check("A user", None);
        check("user 7", Some("사용자 7"));
        check("user 7, admin", Some("admin 7"));
        check("user ", None);
        check("`Allow` has GET, HEAD.", Some("GET, HEAD입니다."));
        check("`Allow` has .", None);
        check("{id} is literal", Some("글자 그대로"));
        check("", None);
        assert_eq!(texts.key("user 7, admin"), Some("user {id}, {role}"));
    }
}
