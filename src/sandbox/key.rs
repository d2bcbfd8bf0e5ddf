//! The key of a sandbox: a secret that the visitor's client sends with each request.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// 128 random bits as 22 characters of base64url (RFC 4648, section 5).
#[derive(Clone, PartialEq, Eq)]
pub struct SandboxKey(String);

impl SandboxKey {
    /// Generates a key.
    pub(super) fn random() -> SandboxKey {
        SandboxKey(BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()))
    }

    /// Parses a key that a client sent. Does not check whether a sandbox with this key exists.
    #[must_use]
    pub fn parse(text: &str) -> Option<SandboxKey> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 16).then(|| SandboxKey(text.to_owned()))
    }

    /// Returns the key as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the SHA-256 of the key, which is stored instead of the key.
    pub(super) fn hash(&self) -> Vec<u8> {
        Sha256::digest(&self.0).to_vec()
    }
}

/// Hides the key, because it is a secret.
impl fmt::Debug for SandboxKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SandboxKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_random_and_parse_back() {
        let (one, two) = (SandboxKey::random(), SandboxKey::random());
        assert_ne!(one, two);
        assert_eq!(SandboxKey::parse(one.as_str()), Some(one));
        for bad in [
            "",
            "short",
            "AAAAAAAAAAAAAAAAAAAAAA==",
            "AAAAAAAAAAAAAAAAAAAAA!",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert_eq!(SandboxKey::parse(bad), None, "{bad}");
        }
    }
}
