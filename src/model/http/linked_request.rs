//! What the fragment of an address opens in a request form.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The characters of a name that are encoded: all but the unreserved (RFC 3986, section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A request in the fragment of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkedRequest {
    /// `#ID&try=…` or `#try=…`: a draft.
    Draft {
        /// The request block; `None` means the first of the page.
        id: Option<String>,
        /// The draft as JSON in base64.
        encoded: String,
    },
    /// `#saved=…`: a saved request, by its name.
    Saved(String),
    /// `#exchange=…`: the request of an exchange, by the id of the exchange.
    Exchange(String),
    /// `#new`: an empty request.
    New,
}

impl LinkedRequest {
    /// Reads the fragment of an address, with its `#`.
    #[must_use]
    pub fn parse(fragment: &str) -> Option<LinkedRequest> {
        let fragment = fragment.strip_prefix('#')?;
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        if fragment == "new" {
            return Some(LinkedRequest::New);
        }
        if let Some(name) = fragment.strip_prefix("saved=") {
            return Some(LinkedRequest::Saved(decode(name)));
        }
        if let Some(id) = fragment.strip_prefix("exchange=") {
            return Some(LinkedRequest::Exchange(decode(id)));
        }
        let (id, encoded) = fragment.split_once("try=")?;
        let id = id.trim_end_matches('&');
        Some(LinkedRequest::Draft {
            id: (!id.is_empty()).then(|| id.to_owned()),
            encoded: encoded.replace('-', "+").replace('_', "/"),
        })
    }
}

/// Returns the fragment that opens the saved request with this name.
#[must_use]
pub fn saved_fragment(name: &str) -> String {
    ["#saved=", &utf8_percent_encode(name, ENCODED).to_string()].concat()
}

#[cfg(test)]
mod tests {
    use super::super::draft_fragment;
    use super::*;

    #[test]
    fn linked_draft_is_the_one_of_the_fragment() {
        let draft = |id: Option<&str>, encoded: &str| {
            Some(LinkedRequest::Draft {
                id: id.map(str::to_owned),
                encoded: encoded.to_owned(),
            })
        };
        let fragment = draft_fragment("create-user", "ab+/c==");
        let linked = LinkedRequest::parse(&fragment);
        assert_eq!(linked, draft(Some("create-user"), "ab+/c"));
        assert_eq!(LinkedRequest::parse("#try=abc"), draft(None, "abc"));
        for fragment in ["", "#create-user", "#newer", "new"] {
            assert_eq!(LinkedRequest::parse(fragment), None, "{fragment}");
        }
        assert_eq!(LinkedRequest::parse("#new"), Some(LinkedRequest::New));
    }

    #[test]
    fn saved_request_is_found_by_whatever_name_it_has() {
        for name in ["POST /api/users", "한글 100% &try=", "a=b#c"] {
            let fragment = saved_fragment(name);
            assert!(fragment.is_ascii() && !fragment.contains(' '), "{fragment}");
            let linked = LinkedRequest::parse(&fragment);
            assert_eq!(linked, Some(LinkedRequest::Saved(name.to_owned())));
        }
        let linked = LinkedRequest::parse("#exchange=0190-ab");
        assert_eq!(linked, Some(LinkedRequest::Exchange("0190-ab".to_owned())));
    }
}
