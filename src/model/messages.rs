//! The messages of the interface in one language: plain texts with `{name}` placeholders, found by key.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::json::Json;

/// Messages by key, cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageCatalog(Arc<BTreeMap<String, String>>);

impl MessageCatalog {
    /// Returns a catalog of these texts by key.
    pub fn new(texts: BTreeMap<String, String>) -> MessageCatalog {
        MessageCatalog(Arc::new(texts))
    }

    /// Parses the JSON that [`Serialize`] writes. Uses [`Json`] and not serde_json, which would enlarge
    /// the WASM module.
    pub fn from_json(text: &str) -> Option<MessageCatalog> {
        let Ok(Json::Object(members)) = Json::parse(text.as_bytes()) else {
            return None;
        };
        let mut texts = BTreeMap::new();
        // One by one, because `collect` sorts, which would enlarge the module too.
        for (key, value) in members {
            if let Json::String(text) = value {
                texts.insert(key, text);
            }
        }
        Some(MessageCatalog::new(texts))
    }

    /// Returns the message of a key, or the key itself when there is none, so that a missing message is
    /// visible.
    pub fn get(&self, key: &str) -> String {
        self.0.get(key).cloned().unwrap_or_else(|| key.to_owned())
    }

    /// Returns the message of a key with its placeholders replaced; if the message has variants, the
    /// one that matches a value.
    pub fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        let variant = |(name, value): &(&str, &str)| {
            let find = |case: &str| self.0.get(&[key, "[", name, "=", case, "]"].concat());
            // Only English has a plural form for one; Korean has no such variant.
            find(value).or_else(|| find("one").filter(|_| *value == "1"))
        };
        match values.iter().find_map(variant) {
            Some(text) => fill(text, values),
            None => fill(&self.get(key), values),
        }
    }

    /// Returns whether the key has a message.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Returns all keys, including those of variants.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Returns the messages whose keys begin with one of the prefixes, which are those that the islands
    /// of a page need.
    pub fn subset(&self, prefixes: &[&str]) -> MessageCatalog {
        let is_included = |key: &str| prefixes.iter().any(|prefix| key.starts_with(prefix));
        MessageCatalog::new(
            self.0
                .iter()
                .filter(|(key, _)| is_included(key))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
        )
    }
}

/// Returns the text with its `{name}` placeholders replaced.
pub(super) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (name, value) in values {
        text = text.replace(&["{", name, "}"].concat(), value);
    }
    text
}
