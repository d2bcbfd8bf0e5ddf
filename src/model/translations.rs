//! Translations of English texts in the code, found by the English text.
//!
//! They are for texts that also leave the site in English: the OpenAPI document and the trace of a
//! request. Messages of the interface have keys: see [`super::messages`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::messages::fill;

/// Translations by English text, cheap to clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Translations(Arc<BTreeMap<String, String>>);

impl Translations {
    /// Returns translations by English text. A placeholder `{name}` stands for any value and must be in
    /// both texts.
    pub fn new(texts: BTreeMap<String, String>) -> Translations {
        Translations(Arc::new(texts))
    }

    /// Returns the translation of an English text, if there is one.
    pub fn find(&self, english: &str) -> Option<String> {
        let (key, values) = self.entry(english)?;
        Some(fill(&self.0[key], &values))
    }

    /// Returns the key by which an English text is found.
    pub fn key(&self, english: &str) -> Option<&str> {
        self.entry(english).map(|(key, _)| key)
    }

    /// Returns all keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Returns the entry whose key is equal to the text, otherwise the matching entry with the most
    /// placeholders.
    fn entry<'k, 't>(&'k self, english: &'t str) -> Option<(&'k str, Values<'k, 't>)> {
        if let Some((key, _)) = self.0.get_key_value(english) {
            return Some((key, Vec::new()));
        }
        let with_values = self.0.keys().filter(|key| key.contains('{'));
        let found = with_values.filter_map(|key| Some((key.as_str(), values(key, english)?)));
        // `user {id}` matches every text of `user {id}, {role}`, so the key with more placeholders is
        // the right one.
        found.max_by_key(|(_, values)| values.len())
    }
}

/// The placeholders of a key with their values.
type Values<'k, 't> = Vec<(&'k str, &'t str)>;

/// Returns the values of the placeholders of a pattern that matches the text.
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
    fn text_is_found_by_equal_key_or_by_pattern() {
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
