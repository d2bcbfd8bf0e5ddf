//! Ranges of bytes (RFC 9110, section 14) and `If-Range` (section 13.1.5).
//!
//! One range is served. Several ranges, another unit or a malformed field are answered with the
//! whole, which is always right: the field is an optimisation.
//!
//! Parsed here rather than by the crate `headers` (0.4): that drops a suffix longer than the content,
//! which names all of it (section 14.1.2), takes `+1` for a number and the first of several fields,
//! and knows `bytes` in small letters only.

use http::header::{HeaderName, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue, Method};

use crate::api::http::precondition::EntityTag;

/// What of a representation to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum SelectedRange {
    /// All of it: 200.
    Whole,
    /// From the first to the last byte, both included: 206.
    Part {
        /// The first byte.
        first: usize,
        /// The last byte; less than the length.
        last: usize,
    },
    /// There are no such bytes: 416.
    Unsatisfiable,
}

impl SelectedRange {
    /// The value of `Content-Range`, of a representation of this length.
    pub(in crate::api) fn content_range(self, length: usize) -> Option<HeaderValue> {
        let text = match self {
            SelectedRange::Whole => return None,
            SelectedRange::Part { first, last } => format!("bytes {first}-{last}/{length}"),
            SelectedRange::Unsatisfiable => format!("bytes */{length}"),
        };
        Some(HeaderValue::from_str(&text).expect("numbers are a header value"))
    }
}

/// What a request asks of a representation of this length and tag. A date in `If-Range` is stale:
/// a list has no date.
pub(in crate::api) fn asked(
    method: &Method,
    headers: &HeaderMap,
    length: usize,
    tag: &EntityTag,
) -> SelectedRange {
    let Some(range) = single(headers, RANGE) else {
        return SelectedRange::Whole;
    };
    // GET alone has ranges.
    if *method != Method::GET || !fresh(headers, tag) {
        return SelectedRange::Whole;
    }
    parse(range, length).unwrap_or(SelectedRange::Whole)
}

/// Whether `If-Range` allows a part: its tag is strong and the current one, or there is none.
fn fresh(headers: &HeaderMap, tag: &EntityTag) -> bool {
    if !headers.contains_key(IF_RANGE) {
        return true;
    }
    let theirs = single(headers, IF_RANGE).and_then(EntityTag::parse);
    theirs.is_some_and(|theirs| theirs.strong_eq(tag))
}

/// The text of a field that stands once.
fn single(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut fields = headers.get_all(name).iter();
    let field = fields.next()?.to_str().ok()?.trim();
    fields.next().is_none().then_some(field)
}

/// Reads `bytes=first-last`, `bytes=first-` or `bytes=-count`; `None` for whatever else it is.
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

/// A number in digits, as large as it may be.
fn number(digits: &str) -> Option<usize> {
    let right = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    right.then(|| digits.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use crate::api::http::range::SelectedRange::{Part, Unsatisfiable, Whole};
    use crate::api::http::range::*;
    use proptest::prelude::*;

    fn of(range: &str, length: usize) -> SelectedRange {
        let headers =
            HeaderMap::from_iter([(RANGE, HeaderValue::from_str(range).expect("a value"))]);
        asked(&Method::GET, &headers, length, &EntityTag::of(b""))
    }

    fn part(first: usize, last: usize) -> SelectedRange {
        Part { first, last }
    }

    #[test]
    fn one_range_is_a_part() {
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
    fn past_the_end_there_is_nothing() {
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
    fn whatever_else_it_is_is_answered_with_the_whole() {
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
        assert_eq!(asked(&Method::GET, &twice, 1000, &tag), Whole);
        let once = HeaderMap::from_iter([(RANGE, HeaderValue::from_static("bytes=0-1"))]);
        for method in [Method::HEAD, Method::POST] {
            assert_eq!(asked(&method, &once, 1000, &tag), Whole);
        }
    }

    #[test]
    fn a_part_is_sent_only_of_what_the_client_knows() {
        let tag = EntityTag::of(b"now");
        let check = |condition: &str, expected| {
            let headers = HeaderMap::from_iter([
                (RANGE, HeaderValue::from_static("bytes=0-1")),
                (IF_RANGE, HeaderValue::from_str(condition).expect("a value")),
            ]);
            assert_eq!(
                asked(&Method::GET, &headers, 1000, &tag),
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
    fn content_range_tells_the_length() {
        let text =
            |ranged: SelectedRange| ranged.content_range(1000).map(|value| format!("{value:?}"));
        assert_eq!(text(part(0, 99)).as_deref(), Some("\"bytes 0-99/1000\""));
        assert_eq!(text(Unsatisfiable).as_deref(), Some("\"bytes */1000\""));
        assert_eq!(text(Whole), None);
    }

    proptest! {
        #[test]
        fn a_part_lies_within(range in "(bytes=)?[0-9, -]{0,25}|.{0,20}", length in 0..2000_usize) {
            if let Ok(value) = HeaderValue::from_str(&range) {
                let headers = HeaderMap::from_iter([(RANGE, value)]);
                if let Part { first, last } = asked(&Method::GET, &headers, length, &EntityTag::of(b"")) {
                    prop_assert!(first <= last && last < length);
                }
            }
        }

        /// Parts that follow each other make up the whole.
        #[test]
        fn parts_make_up_the_whole(length in 1..3000_usize, step in 1..700_usize) {
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
