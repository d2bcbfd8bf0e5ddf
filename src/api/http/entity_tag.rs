//! Entity tags (RFC 9110, section 8.8.3).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use sha2::{Digest as _, Sha256};

/// An entity tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityTag {
    weak: bool,
    opaque: String,
}

impl EntityTag {
    /// Returns the strong tag of a representation: 128 bits of the SHA-256 of its bytes. Formats differ
    /// in their bytes, so each format has its own tag.
    pub fn of(representation: &[u8]) -> EntityTag {
        EntityTag {
            weak: false,
            opaque: URL_SAFE_NO_PAD.encode(&Sha256::digest(representation)[..16]),
        }
    }

    /// Parses one tag; returns `None` when it is malformed.
    pub fn parse(text: &str) -> Option<EntityTag> {
        let quoted = text.strip_prefix("W/");
        let opaque = quoted
            .unwrap_or(text)
            .strip_prefix('"')?
            .strip_suffix('"')?;
        let inner = |c: char| c > ' ' && c != '"' && c != '\u{7f}';
        opaque.chars().all(inner).then(|| EntityTag {
            weak: quoted.is_some(),
            opaque: opaque.to_owned(),
        })
    }

    /// Returns whether both tags are strong and equal (RFC 9110, section 8.8.3.2).
    pub(in crate::api) fn strong_eq(&self, other: &EntityTag) -> bool {
        !self.weak && !other.weak && self.opaque == other.opaque
    }

    /// Returns whether the tags are equal, weak or strong (RFC 9110, section 8.8.3.2).
    pub(in crate::api) fn weak_eq(&self, other: &EntityTag) -> bool {
        self.opaque == other.opaque
    }

    /// Returns the tag as a value of the `ETag` header.
    pub fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.to_string()).expect("base64 in quotes is a header value")
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weak = if self.weak { "W/" } else { "" };
        write!(formatter, "{weak}\"{}\"", self.opaque)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn entity_tag_has_128_bits_and_depends_on_the_bytes() {
        let tag = EntityTag::of(b"").header();
        assert_eq!(tag, "\"47DEQpj8HBSa-_TImW-5JA\"");
        assert_ne!(EntityTag::of(b"a"), EntityTag::of(b"b"));
    }

    proptest! {
        #[test]
        fn entity_tags_survive_a_round_trip(body in prop::collection::vec(any::<u8>(), 0..40), weak in any::<bool>()) {
            let tag = EntityTag { weak, ..EntityTag::of(&body) };
            prop_assert_eq!(EntityTag::parse(&tag.to_string()), Some(tag));
        }
    }
}
