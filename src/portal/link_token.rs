//! The secret in a link that is sent to a person: an invitation, or a link to set a new password.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// The number of random bytes.
const LENGTH: usize = 32;

/// 256 random bits as 43 characters of base64url (RFC 4648, section 5). Only its hash is stored, so a link cannot be
/// shown again.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkToken(String);

impl LinkToken {
    /// Generates a token.
    #[must_use]
    pub fn random() -> LinkToken {
        LinkToken(BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; LENGTH]>()))
    }

    /// Parses a token from a link. Does not check whether it was ever issued.
    #[must_use]
    pub fn parse(text: &str) -> Option<LinkToken> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == LENGTH).then(|| LinkToken(text.to_owned()))
    }

    /// Returns the token as it stands in the link.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the SHA-256 of the token, which is stored instead of it.
    pub(super) fn hash(&self) -> Vec<u8> {
        Sha256::digest(&self.0).to_vec()
    }
}

/// Hides the token, because it is a secret.
impl fmt::Debug for LinkToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LinkToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_parses_back_and_others_do_not() {
        let token = LinkToken::random();
        assert_eq!(token.as_str().len(), 43);
        assert_eq!(LinkToken::parse(token.as_str()), Some(token.clone()));
        assert_ne!(token, LinkToken::random());
        for wrong in ["", "AAAA", &"A".repeat(44), &"!".repeat(43)] {
            assert_eq!(LinkToken::parse(wrong), None, "{wrong}");
        }
        assert_eq!(format!("{token:?}"), "LinkToken(…)");
    }
}
