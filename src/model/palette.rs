//! The entries of the command palette, and which of them match a query.

use serde::Serialize;

use crate::model::json::Json;

/// Returns the id of an option with a passage that the search found, by its number from 0.
#[must_use]
pub fn passage_option_id(at: usize) -> String {
    ["palette-passage-", &at.to_string()].concat()
}

/// A page or an action that the command palette offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PaletteEntry {
    /// The heading under which it is listed, in the language of the page.
    pub group: String,
    /// What it is, in the language of the page.
    pub title: String,
    /// More about it, such as the path of an endpoint.
    pub detail: String,
    /// The method of an endpoint; otherwise empty.
    pub method: String,
    /// The address that it opens, or an action: `theme:` or `language:` with a value.
    pub href: String,
}

impl PaletteEntry {
    /// Reads the entries from the JSON array that the server sends.
    #[must_use]
    pub fn list_from_json(json: &Json) -> Vec<PaletteEntry> {
        let Json::Array(entries) = json else {
            return Vec::new();
        };
        let text = |entry: &Json, name: &str| {
            let text = entry.member(name).and_then(Json::as_text);
            text.unwrap_or_default().to_owned()
        };
        let entries = entries.iter().map(|entry| PaletteEntry {
            group: text(entry, "group"),
            title: text(entry, "title"),
            detail: text(entry, "detail"),
            method: text(entry, "method"),
            href: text(entry, "href"),
        });
        entries.collect()
    }

    /// Returns whether every word of a query occurs in the entry; case does not matter.
    #[must_use]
    pub fn matches(&self, query: &str) -> bool {
        let text = [self.method.as_str(), &self.detail, &self.title, &self.group];
        let text = text.join(" ").to_lowercase();
        let query = query.to_lowercase();
        query.split_whitespace().all(|word| text.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> PaletteEntry {
        PaletteEntry {
            group: "Endpoints".to_owned(),
            title: "Create a user".to_owned(),
            detail: "/api/users".to_owned(),
            method: "POST".to_owned(),
            href: "/en/playground/create-user".to_owned(),
        }
    }

    #[test]
    fn entry_matches_when_every_word_occurs_in_any_order_and_case() {
        assert!(entry().matches(""));
        assert!(entry().matches("USERS post"));
        assert!(entry().matches("create us"));
        assert!(!entry().matches("post tokens"));
    }

    #[test]
    fn entries_are_read_from_the_json_of_the_server() {
        let json = serde_json::to_vec(&[entry(), PaletteEntry::default()]).expect("texts are JSON");
        let json = Json::parse(&json).expect("the bytes are JSON");
        let read = PaletteEntry::list_from_json(&json);
        assert_eq!(read, [entry(), PaletteEntry::default()]);
        assert_eq!(PaletteEntry::list_from_json(&Json::Null), []);
    }
}
