//! Constant scripts of some pages: files with the hash of their text in their addresses.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

/// A script.
pub(super) struct ScriptFile {
    text: &'static str,
    hash: String,
    /// Its address, which changes with its text.
    pub(super) address: String,
}

impl ScriptFile {
    /// Creates the script with the last segment of its address.
    pub(super) fn new(name: &str, text: &'static str) -> ScriptFile {
        let hash = Sha256::digest(text);
        let hash: String = hash
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let address = format!("/scripts/{hash}/{name}");
        ScriptFile {
            text,
            hash,
            address,
        }
    }

    /// Returns the script, or 404 for the hash of another text.
    pub(super) fn respond(&self, hash: &str) -> Response {
        if hash != self.hash {
            return StatusCode::NOT_FOUND.into_response();
        }
        let headers = [
            (
                CONTENT_TYPE,
                HeaderValue::from_static("text/javascript; charset=utf-8"),
            ),
            (
                CACHE_CONTROL,
                HeaderValue::from_static("public, max-age=31536000, immutable"),
            ),
        ];
        (headers, self.text).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_is_found_by_the_hash_of_its_text_only() {
        let script = ScriptFile::new("a.js", "1");
        let hash = script.address.split('/').nth(2).expect("a hash");
        assert_eq!(
            (hash.len(), script.respond(hash).status()),
            (16, StatusCode::OK)
        );
        let other = ScriptFile::new("a.js", "2");
        assert_ne!(other.address, script.address);
        assert_eq!(other.respond(hash).status(), StatusCode::NOT_FOUND);
    }
}
