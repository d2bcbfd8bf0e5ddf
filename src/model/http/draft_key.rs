//! Where the draft of a form is stored, and links that contain a draft.

/// Returns the key under which a browser stores the draft of a form. The loader builds the same key.
#[must_use]
pub fn draft_key(path: &str, form_id: &str) -> String {
    ["draft:", path, "#", form_id].concat()
}

/// Returns the fragment of an address that fills the request block `id` with an encoded draft.
#[must_use]
pub fn draft_fragment(id: &str, encoded: &str) -> String {
    let encoded = encoded.replace('+', "-").replace('/', "_");
    ["#", id, "&try=", encoded.trim_end_matches('=')].concat()
}

/// A draft in the fragment of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedDraft {
    /// The request block; `None` means the first of the page.
    pub id: Option<String>,
    /// The draft as JSON in base64.
    pub encoded: String,
}

impl LinkedDraft {
    /// Reads `#ID&try=…` or `#try=…`.
    #[must_use]
    pub fn parse(fragment: &str) -> Option<LinkedDraft> {
        let (id, encoded) = fragment.strip_prefix('#')?.split_once("try=")?;
        let id = id.trim_end_matches('&');
        Some(LinkedDraft {
            id: (!id.is_empty()).then(|| id.to_owned()),
            encoded: encoded.replace('-', "+").replace('_', "/"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linked_draft_is_the_one_of_the_fragment() {
        let fragment = draft_fragment("create-user", "ab+/c==");
        assert_eq!(fragment, "#create-user&try=ab-_c");
        let linked = LinkedDraft::parse(&fragment).expect("a draft");
        assert_eq!(linked.id.as_deref(), Some("create-user"));
        assert_eq!(linked.encoded, "ab+/c");
        let first = LinkedDraft::parse("#try=abc").expect("a draft");
        assert_eq!((first.id, first.encoded.as_str()), (None, "abc"));
        assert_eq!(LinkedDraft::parse("#create-user"), None);
        assert_eq!(LinkedDraft::parse(""), None);
    }

    #[test]
    fn key_names_the_page_and_the_form() {
        assert_eq!(draft_key("/en/a/b", "x-form"), "draft:/en/a/b#x-form");
    }
}
