//! The cursor of a list in the order of ids: an opaque text for the position where the next page of results
//! begins.
//!
//! A cursor contains an id and a checksum. It contains none of the query parameters, which the `Link`
//! header repeats. It is not secret, because it gives access to nothing that the list does not contain.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::model::user::UserId;

/// A position in the list between two users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum UserCursor {
    /// Before the first user; encoded as the empty text.
    Start,
    /// After this id, even if the user with this id has been deleted.
    After(UserId),
}

impl UserCursor {
    /// Parses a text that [`Display`](fmt::Display) produced; returns `None` for any other text.
    pub(in crate::api) fn parse(text: &str) -> Option<UserCursor> {
        if text.is_empty() {
            return Some(UserCursor::Start);
        }
        let bytes: [u8; 9] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let id = i32::from_be_bytes(bytes[..4].try_into().ok()?);
        let id = UserId::new(id.into())?;
        (bytes == id_with_checksum(id)).then_some(UserCursor::After(id))
    }

    /// Returns the id after which the next page of results begins; 0 for the start of the list.
    pub(in crate::api) fn after(self) -> i64 {
        match self {
            UserCursor::Start => 0,
            UserCursor::After(id) => id.get(),
        }
    }
}

impl fmt::Display for UserCursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UserCursor::Start => Ok(()),
            UserCursor::After(id) => {
                formatter.write_str(&URL_SAFE_NO_PAD.encode(id_with_checksum(*id)))
            }
        }
    }
}

/// Returns the four bytes of the id and five bytes of a checksum of it.
fn id_with_checksum(id: UserId) -> [u8; 9] {
    let id = i32::try_from(id.get())
        .expect("ids have 31 bits")
        .to_be_bytes();
    let check = Sha256::new()
        .chain_update(b"users after ")
        .chain_update(id)
        .finalize();
    let mut bytes = [0; 9];
    bytes[..4].copy_from_slice(&id);
    bytes[4..].copy_from_slice(&check[..5]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn after(id: i64) -> UserCursor {
        UserCursor::After(UserId::new(id).expect("an id"))
    }

    #[test]
    fn display_of_cursor_does_not_contain_the_id_in_decimal() {
        let text = after(20).to_string();
        assert_eq!(text.len(), 12);
        assert!(!text.contains("20"), "{text}");
        assert_eq!(UserCursor::Start.to_string(), "");
        assert_eq!((UserCursor::Start.after(), after(7).after()), (0, 7));
    }

    #[test]
    fn parse_with_text_that_is_not_a_cursor_returns_none() {
        for text in [
            "20",
            "AAAAAAAAAAAA",
            "AAAAFAAAAAAA",
            "=",
            "next",
            " ",
            "%",
            "한",
            "AAAA",
        ] {
            assert_eq!(UserCursor::parse(text), None, "{text}");
        }
        let written = after(20).to_string();
        assert_eq!(UserCursor::parse(&format!("{written}=")), None);
        assert_eq!(UserCursor::parse(&format!("{written}AAAA")), None);
        assert_eq!(UserCursor::parse(&written[..11]), None);
    }

    proptest! {
        #[test]
        fn cursors_survive_a_round_trip(id in 1..=i64::from(i32::MAX)) {
            let text = after(id).to_string();
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            prop_assert_eq!(UserCursor::parse(&text), Some(after(id)));
        }

        #[test]
        fn parse_with_one_changed_character_returns_none(id in 1..=i64::from(i32::MAX), at in 0..12_usize, c in "[A-Za-z0-9_-]") {
            let mut text = after(id).to_string();
            prop_assume!(text[at..=at] != c);
            text.replace_range(at..=at, &c);
            prop_assert_eq!(UserCursor::parse(&text), None);
        }

        #[test]
        fn parse_of_any_text_returns_none_or_its_own_encoding(text in ".{0,30}") {
            if let Some(UserCursor::After(id)) = UserCursor::parse(&text) {
                prop_assert_eq!(UserCursor::After(id).to_string(), text);
            }
        }
    }
}
