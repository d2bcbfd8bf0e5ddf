//! Ranges of bytes (RFC 9110, section 14) and `If-Range` (section 13.1.5).
//!
//! A request for one range receives that range. Several ranges, another unit or a malformed field
//! result in the complete representation, which is always correct, because ranges are optional.
//!
//! The field is parsed here rather than by the crate `headers` (0.4), which drops a suffix longer than
//! the content although it selects all of it (section 14.1.2), accepts `+1` as a number, uses the first
//! of several fields, and accepts the unit `bytes` in lower case only.

use http::header::{HeaderName, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue, Method};

use crate::api::http::entity_tag::EntityTag;

/// The part of a representation to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum SelectedRange {
    /// The complete representation: 200.
    Whole,
    /// From the first to the last byte, both included: 206.
    Part {
        /// The position of the first byte, from 0.
        first: usize,
        /// The position of the last byte; less than the length.
        last: usize,
    },
    /// The range begins after the end or is empty: 416.
    Unsatisfiable,
}

impl SelectedRange {
    /// Returns the value of `Content-Range` for a representation of `length` bytes; `None` when the
    /// complete representation is sent.
    pub(in crate::api) fn content_range(self, length: usize) -> Option<HeaderValue> {
        let text = match self {
            SelectedRange::Whole => return None,
            SelectedRange::Part { first, last } => format!("bytes {first}-{last}/{length}"),
            SelectedRange::Unsatisfiable => format!("bytes */{length}"),
        };
        Some(HeaderValue::from_str(&text).expect("numbers are a header value"))
    }
}

/// Returns the part that a request selects of a representation with this length in bytes and this tag.
/// A date in `If-Range` never matches, because the exported file has no modification date.
pub(in crate::api) fn select(
    method: &Method,
    headers: &HeaderMap,
    length: usize,
    tag: &EntityTag,
) -> SelectedRange {
    let Some(range) = single(headers, RANGE) else {
        return SelectedRange::Whole;
    };
    // Ranges are defined for GET only (RFC 9110, section 14.2).
    if *method != Method::GET || !is_current(headers, tag) {
        return SelectedRange::Whole;
    }
    parse(range, length).unwrap_or(SelectedRange::Whole)
}

/// Returns whether a range may be sent: `If-Range` is absent, or holds the current tag as a strong tag.
fn is_current(headers: &HeaderMap, tag: &EntityTag) -> bool {
    if !headers.contains_key(IF_RANGE) {
        return true;
    }
    let received = single(headers, IF_RANGE).and_then(EntityTag::parse);
    received.is_some_and(|received| received.strong_eq(tag))
}

/// Returns the text of a field that occurs exactly once.
fn single(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut fields = headers.get_all(name).iter();
    let field = fields.next()?.to_str().ok()?.trim();
    fields.next().is_none().then_some(field)
}

/// Parses `bytes=first-last`, `bytes=first-` or `bytes=-count`; returns `None` for any other text.
fn parse(range: &str, length: usize) -> Option<SelectedRange> {
    let (unit, set) = range.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let members = set
        .split(',')
        .map(|member| member.trim_matches([' ', '\t']));
    let mut members = members.filter(|member| !member.is_empty());
    let (Some(member), None) = (members.next(), members.next()) else {
        return None;
    };
    let (first, last) = member.split_once('-')?;
    if first.is_empty() {
        let count = number(last)?.min(length);
        return Some(match count {
            0 => SelectedRange::Unsatisfiable,
            count => SelectedRange::Part {
                first: length - count,
                last: length - 1,
            },
        });
    }
    let first = number(first)?;
    let last = if last.is_empty() {
        usize::MAX
    } else {
        number(last)?
    };
    if last < first {
        return None;
    }
    Some(if first < length {
        SelectedRange::Part {
            first,
            last: last.min(length - 1),
        }
    } else {
        SelectedRange::Unsatisfiable
    })
}

/// Parses a number in decimal digits; a number that is too large becomes `usize::MAX`.
fn number(digits: &str) -> Option<usize> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::SelectedRange::{Part, Unsatisfiable, Whole};
    use super::*;
    use proptest::prelude::*;

    fn of(range: &str, length: usize) -> SelectedRange {
        let headers =
            HeaderMap::from_iter([(RANGE, HeaderValue::from_str(range).expect("a value"))]);
        select(&Method::GET, &headers, length, &EntityTag::of(b""))
    }

    fn part(first: usize, last: usize) -> SelectedRange {
        Part { first, last }
    }

    #[test]
    fn select_with_one_range_returns_a_part() {
        for (range, expected) in [
            ("bytes=0-99", part(0, 99)),
            ("bytes=0-0", part(0, 0)),
            ("bytes=999-999", part(999, 999)),
            ("bytes=990-", part(990, 999)),
            ("bytes=-10", part(990, 999)),
            ("bytes=-5000", part(0, 999)),
            ("bytes=990-5000", part(990, 999)),
            ("bytes=0-99999999999999999999999", part(0, 999)),
            ("Bytes= 1-2", part(1, 2)),
            ("bytes=1-2, ,", part(1, 2)),
        ] {
            assert_eq!(of(range, 1000), expected, "{range}");
        }
    }

    #[test]
    fn select_with_range_past_the_end_returns_unsatisfiable() {
        for range in [
            "bytes=1000-",
            "bytes=1000-1001",
            "bytes=99999999999999999999-",
            "bytes=-0",
        ] {
            assert_eq!(of(range, 1000), Unsatisfiable, "{range}");
        }
        assert_eq!(of("bytes=0-", 0), Unsatisfiable);
        assert_eq!(of("bytes=-1", 0), Unsatisfiable);
    }

    #[test]
    fn select_with_malformed_or_several_ranges_returns_the_whole() {
        for range in [
            "",
            "bytes",
            "bytes=",
            "bytes=,",
            "bytes=-",
            "bytes=--1",
            "bytes=a-b",
            "bytes=0-1,3-4",
            "bytes=5-4",
            "lines=0-1",
            "bytes=+1-2",
            "bytes=0 - 1",
            "bytes:0-1",
            "0-1",
            "bytes=0x1-2",
            "bytes=1-2-3",
            "bytes =0-1",
        ] {
            assert_eq!(of(range, 1000), Whole, "{range}");
        }
        let mut twice = HeaderMap::new();
        twice.append(RANGE, HeaderValue::from_static("bytes=0-1"));
        twice.append(RANGE, HeaderValue::from_static("bytes=0-1"));
        let tag = EntityTag::of(b"");
        assert_eq!(select(&Method::GET, &twice, 1000, &tag), Whole);
        let once = HeaderMap::from_iter([(RANGE, HeaderValue::from_static("bytes=0-1"))]);
        for method in [Method::HEAD, Method::POST] {
            assert_eq!(select(&method, &once, 1000, &tag), Whole);
        }
    }

    #[test]
    fn select_with_stale_if_range_returns_the_whole() {
        let tag = EntityTag::of(b"now");
        let check = |condition: &str, expected| {
            let headers = HeaderMap::from_iter([
                (RANGE, HeaderValue::from_static("bytes=0-1")),
                (IF_RANGE, HeaderValue::from_str(condition).expect("a value")),
            ]);
            assert_eq!(
                select(&Method::GET, &headers, 1000, &tag),
                expected,
                "{condition}"
            );
        };
        check(&tag.to_string(), part(0, 1));
        check(&format!(" {tag} "), part(0, 1));
        check(&EntityTag::of(b"before").to_string(), Whole);
        check(&format!("W/{tag}"), Whole);
        check(&format!("{tag}, {tag}"), Whole);
        check("*", Whole);
        check("", Whole);
        check("Thu, 01 Jan 2026 00:00:00 GMT", Whole);
    }

    #[test]
    fn content_range_contains_the_length() {
        let text =
            |ranged: SelectedRange| ranged.content_range(1000).map(|value| format!("{value:?}"));
        assert_eq!(text(part(0, 99)).as_deref(), Some("\"bytes 0-99/1000\""));
        assert_eq!(text(Unsatisfiable).as_deref(), Some("\"bytes */1000\""));
        assert_eq!(text(Whole), None);
    }

    proptest! {
        #[test]
        fn selected_part_is_within_the_length(range in "(bytes=)?[0-9, -]{0,25}|.{0,20}", length in 0..2000_usize) {
            if let Ok(value) = HeaderValue::from_str(&range) {
                let headers = HeaderMap::from_iter([(RANGE, value)]);
                if let Part { first, last } = select(&Method::GET, &headers, length, &EntityTag::of(b"")) {
                    prop_assert!(first <= last && last < length);
                }
            }
        }

        /// Consecutive parts cover all bytes without gaps.
        #[test]
        fn consecutive_parts_cover_the_whole(length in 1..3000_usize, step in 1..700_usize) {
            let mut next = 0;
            loop {
                match of(&format!("bytes={next}-{}", next + step - 1), length) {
                    Part { first, last } => {
                        prop_assert_eq!(first, next);
                        next = last + 1;
                    }
                    other => {
                        prop_assert_eq!((other, next), (Unsatisfiable, length));
                        break;
                    }
                }
            }
        }
    }
}
