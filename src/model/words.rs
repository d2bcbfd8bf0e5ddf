//! MessageCatalog of the interface in one language, as plain text with `{name}` placeholders.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::json::Json;

/// Texts by key. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageCatalog(Arc<BTreeMap<String, String>>);

impl MessageCatalog {
    /// Wraps texts by key.
    pub fn new(texts: BTreeMap<String, String>) -> MessageCatalog {
        MessageCatalog(Arc::new(texts))
    }

    /// Reads texts by key from a JSON object, as [`Serialize`] writes them. In the browser: a second
    /// reader of JSON would cost more than all that is read with it.
    pub fn from_json(text: &str) -> Option<MessageCatalog> {
        let Ok(Json::Object(members)) = Json::parse(text.as_bytes()) else {
            return None;
        };
        let text = |(key, value): (String, Json)| Some((key, value.as_text()?.to_owned()));
        Some(MessageCatalog::new(
            members.into_iter().filter_map(text).collect(),
        ))
    }

    /// The text of a key; the key itself when there is none, so that a gap shows.
    pub fn get(&self, key: &str) -> String {
        self.0.get(key).cloned().unwrap_or_else(|| key.to_owned())
    }

    /// The text of a key with its placeholders filled in; of several variants the one for a value.
    pub fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        let variant = |(name, value): &(&str, &str)| {
            let find = |case: &str| self.0.get(&[key, "[", name, "=", case, "]"].concat());
            // Of the languages here only English has another form for one, and only it has the text.
            find(value).or_else(|| find("one").filter(|_| *value == "1"))
        };
        match values.iter().find_map(variant) {
            Some(text) => fill(text, values),
            None => fill(&self.get(key), values),
        }
    }

    /// Whether the key has a text.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Every key, those of variants too.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Only the texts whose key begins with one of the prefixes: what the islands of a page need.
    pub fn subset(&self, prefixes: &[&str]) -> MessageCatalog {
        let wanted = |key: &str| prefixes.iter().any(|prefix| key.starts_with(prefix));
        MessageCatalog::new(
            self.0
                .iter()
                .filter(|(key, _)| wanted(key))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
        )
    }
}

/// A text with its `{name}` placeholders filled in.
pub(super) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (name, value) in values {
        text = text.replace(&["{", name, "}"].concat(), value);
    }
    text
}
