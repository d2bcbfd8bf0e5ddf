//! Where the draft of a form is stored, and the fragment of a link that contains a draft.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragment_is_safe_in_an_address() {
        let fragment = draft_fragment("create-user", "ab+/c==");
        assert_eq!(fragment, "#create-user&try=ab-_c");
    }

    #[test]
    fn key_names_the_page_and_the_form() {
        assert_eq!(draft_key("/en/a/b", "x-form"), "draft:/en/a/b#x-form");
    }
}
