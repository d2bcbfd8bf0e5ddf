//! Preconditions (RFC 9110, section 13). Entity tags are in `entity_tag`.
//!
//! The functions are pure: the caller passes the stored state. The caller evaluates preconditions last,
//! when the request would otherwise succeed (section 13.2.1), so that an invalid body or a missing user
//! is reported as such. A malformed element matches nothing. For a method that changes data, a malformed
//! `If-None-Match` fails, so that a mistyped condition never permits a write. `If-Range` is in `range`.
//!
//! The fields are parsed here rather than by the crate `headers` (0.4) for three reasons: one byte above
//! 0x7F in one tag makes that crate ignore the whole list, so that `If-None-Match` would permit a write;
//! it does not report malformed tags; and a space in a tag causes a panic in its debug builds. Dates are
//! parsed by `httpdate`, which `headers` uses too.

use std::time::{Duration, UNIX_EPOCH};

use http::header::{HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};
use http::{HeaderMap, HeaderValue, Method};

use crate::api::http::entity_tag::EntityTag;
use crate::model::timestamp::Timestamp;

/// The stored state that preconditions are compared with.
#[derive(Clone, Debug)]
pub struct CurrentState<'t> {
    /// The tag of the representation in the format of the response.
    pub selected: &'t EntityTag,
    /// The tags of the representations in all formats.
    pub all: &'t [EntityTag],
    /// The time of the last change, if it is known.
    pub last_modified: Option<Timestamp>,
}

/// The result of evaluating the preconditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreconditionResult {
    /// The request is carried out.
    Proceed,
    /// 304: the client has the current representation.
    NotModified,
    /// 412: a precondition does not hold for the stored state.
    Failed,
}

/// Evaluates the preconditions of a request in the order of RFC 9110, section 13.2.2. `current` is `None`
/// when nothing is stored.
pub fn evaluate(
    method: &Method,
    headers: &HeaderMap,
    current: Option<&CurrentState<'_>>,
) -> PreconditionResult {
    let safe = matches!(*method, Method::GET | Method::HEAD);
    let last_modified = current.and_then(|current| current.last_modified);
    if let Some(condition) = EntityTagList::read(headers, IF_MATCH) {
        let tags = current.map_or(&[][..], |current| current.all);
        let same = |tag: &EntityTag| tags.iter().any(|current| current.strong_eq(tag));
        let any = condition.any && current.is_some();
        if !any && !condition.tags.iter().any(same) {
            return PreconditionResult::Failed;
        }
    } else if let (Some(date), Some(modified)) = (date(headers, IF_UNMODIFIED_SINCE), last_modified)
        && modified > date
    {
        return PreconditionResult::Failed;
    }
    let Some(condition) = EntityTagList::read(headers, IF_NONE_MATCH) else {
        return match (date(headers, IF_MODIFIED_SINCE), last_modified) {
            (Some(date), Some(modified)) if safe && modified <= date => {
                PreconditionResult::NotModified
            }
            _ => PreconditionResult::Proceed,
        };
    };
    let matches = current.is_some_and(|current| {
        let selected = std::slice::from_ref(current.selected);
        // A read compares with the tag of the selected format, because a stored response can be
        // used for its own format only. A write compares with all formats, because it changes the
        // resource and thus every representation.
        let tags = if safe { selected } else { current.all };
        let same = |tag: &EntityTag| tags.iter().any(|current| current.weak_eq(tag));
        condition.any || condition.tags.iter().any(same)
    });
    match (matches, safe) {
        (true, true) => PreconditionResult::NotModified,
        (true, false) => PreconditionResult::Failed,
        (false, false) if condition.malformed => PreconditionResult::Failed,
        (false, _) => PreconditionResult::Proceed,
    }
}

/// Returns the value of `Last-Modified`; `None` for a time that an HTTP date cannot represent.
pub(in crate::api) fn last_modified(moment: Timestamp) -> Option<HeaderValue> {
    let seconds = u64::try_from(moment.milliseconds() / 1000).ok()?;
    // `fmt_http_date` panics for years that it does not support; a `Timestamp` never exceeds them.
    let moment = UNIX_EPOCH + Duration::from_secs(seconds);
    HeaderValue::from_str(&httpdate::fmt_http_date(moment)).ok()
}

/// Parses a field that holds one HTTP date in any of its three forms. Returns `None` for any other value
/// and for a repeated field, because invalid dates are ignored.
fn date(headers: &HeaderMap, name: HeaderName) -> Option<Timestamp> {
    let mut fields = headers.get_all(name).iter();
    let (Some(field), None) = (fields.next(), fields.next()) else {
        return None;
    };
    let moment = httpdate::parse_http_date(field.to_str().ok()?.trim()).ok()?;
    let since = moment.duration_since(UNIX_EPOCH).ok()?;
    let milliseconds = i64::try_from(since.as_millis()).ok()?;
    Some(Timestamp::from_milliseconds(milliseconds))
}

/// The elements of all `If-Match` or all `If-None-Match` fields of a request.
struct EntityTagList {
    any: bool,
    tags: Vec<EntityTag>,
    malformed: bool,
}

impl EntityTagList {
    /// Parses all fields with this name; returns `None` when there is none.
    fn read(headers: &HeaderMap, name: HeaderName) -> Option<EntityTagList> {
        let fields = headers.get_all(name).iter();
        let fields: Vec<_> = fields
            .map(|field| String::from_utf8_lossy(field.as_bytes()))
            .collect();
        if fields.is_empty() {
            return None;
        }
        let field = fields.join(",");
        if field.trim() == "*" {
            return Some(EntityTagList {
                any: true,
                tags: Vec::new(),
                malformed: false,
            });
        }
        let members: Vec<_> = members(&field).collect();
        let tags: Vec<_> = members.iter().filter_map(|m| EntityTag::parse(m)).collect();
        Some(EntityTagList {
            any: false,
            malformed: tags.len() != members.len() || tags.is_empty(),
            tags,
        })
    }
}

/// Splits a field at the commas outside quotes. Entity tags have no escape sequences, so every quote opens
/// or closes a tag.
fn members(field: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let split = field.split(move |c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    split
        .map(|member| member.trim_matches([' ', '\t']))
        .filter(|member| !member.is_empty())
}

#[cfg(test)]
mod tests {
    use super::PreconditionResult::{Failed, NotModified, Proceed};
    use crate::api::http::precondition::*;
    use proptest::prelude::*;

    /// 2026-01-01T00:00:00Z.
    const MODIFIED: i64 = 1_767_225_600_000;

    fn tag(opaque: &str) -> EntityTag {
        EntityTag::parse(&format!("\"{opaque}\"")).expect("a tag")
    }

    fn outcome(method: &Method, fields: &[(HeaderName, &str)], stored: bool) -> PreconditionResult {
        let all = [tag("json"), tag("xml"), tag("a,b")];
        let current = CurrentState {
            selected: &all[0],
            all: &all,
            last_modified: Some(Timestamp::from_milliseconds(MODIFIED)),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
            headers.append(name, value);
        }
        evaluate(method, &headers, stored.then_some(&current))
    }

    #[track_caller]
    fn check(method: &Method, fields: &[(HeaderName, &str)], expected: PreconditionResult) {
        assert_eq!(
            outcome(method, fields, true),
            expected,
            "{method} {fields:?}"
        );
    }

    #[test]
    fn evaluate_without_conditions_proceeds() {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            check(&method, &[], Proceed);
            assert_eq!(outcome(&method, &[], false), Proceed);
        }
    }

    #[test]
    fn if_match_with_strong_current_tag_of_any_format_proceeds() {
        let check = |value, expected| {
            for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::GET] {
                check(&method, &[(IF_MATCH, value)], expected);
            }
        };
        for value in [
            "\"json\"",
            "\"xml\"",
            "*",
            " * ",
            "\"old\", \"json\"",
            "\"a,b\"",
            "x, \"json\"",
        ] {
            check(value, Proceed);
        }
        for value in [
            "\"old\"",
            "W/\"json\"",
            "w/\"json\"",
            "json",
            "'json'",
            "\"json",
            "json\"",
            "",
            ",",
            "\"JSON\"",
            "\"a\", \"b\"",
            "*, \"old\"",
            "**",
            "\"js\" \"on\"",
            "\"json\"\"\"",
        ] {
            check(value, Failed);
        }
        let several = [(IF_MATCH, "\"old\""), (IF_MATCH, "\"json\"")];
        super::tests::check(&Method::PUT, &several, Proceed);
    }

    #[test]
    fn if_match_without_stored_user_fails() {
        for value in ["*", "\"json\""] {
            assert_eq!(outcome(&Method::PUT, &[(IF_MATCH, value)], false), Failed);
        }
    }

    #[test]
    fn if_none_match_on_get_with_current_tag_returns_not_modified() {
        for method in [Method::GET, Method::HEAD] {
            let check = |value, expected| check(&method, &[(IF_NONE_MATCH, value)], expected);
            for value in [
                "\"json\"",
                "W/\"json\"",
                "*",
                "\"old\", W/\"json\"",
                "\"old\",\"json\"",
                "x,\"json\"",
            ] {
                check(value, NotModified);
            }
            // The tag of another format does not match.
            for value in ["\"old\"", "\"xml\"", "json", "", "W/json", "*, x"] {
                check(value, Proceed);
            }
        }
    }

    #[test]
    fn if_none_match_on_write_with_current_tag_fails() {
        let put = |value, stored| outcome(&Method::PUT, &[(IF_NONE_MATCH, value)], stored);
        for value in ["*", "\"xml\"", "W/\"json\"", "x", "json", "\"old\", x", ""] {
            assert_eq!(put(value, true), Failed, "{value}");
        }
        assert_eq!(put("\"old\"", true), Proceed);
        assert_eq!(put("*", false), Proceed);
        assert_eq!(put("\"json\"", false), Proceed);
        assert_eq!(put("json", false), Failed);
    }

    #[test]
    fn tag_beside_one_with_bytes_above_ascii_is_found() {
        let current = tag("json");
        let all = [current.clone()];
        let stored = CurrentState {
            selected: &current,
            all: &all,
            last_modified: None,
        };
        for field in [
            &b"\"json\", \"\xff\""[..],
            b"\"\xe9,\", \"json\"",
            b"\"a b\", \"json\"",
        ] {
            let value = HeaderValue::from_bytes(field).expect("a value");
            let headers = HeaderMap::from_iter([(IF_MATCH, value.clone())]);
            assert_eq!(evaluate(&Method::PUT, &headers, Some(&stored)), Proceed);
            let headers = HeaderMap::from_iter([(IF_NONE_MATCH, value)]);
            assert_eq!(evaluate(&Method::PUT, &headers, Some(&stored)), Failed);
            assert_eq!(evaluate(&Method::GET, &headers, Some(&stored)), NotModified);
        }
    }

    #[test]
    fn date_conditions_accept_three_forms_and_ignore_others() {
        let at = [
            "Thu, 01 Jan 2026 00:00:00 GMT",
            "Thursday, 01-Jan-26 00:00:00 GMT",
            "Thu Jan  1 00:00:00 2026",
        ];
        for date in at {
            check(&Method::GET, &[(IF_MODIFIED_SINCE, date)], NotModified);
            check(&Method::PUT, &[(IF_MODIFIED_SINCE, date)], Proceed);
            check(&Method::PUT, &[(IF_UNMODIFIED_SINCE, date)], Proceed);
        }
        let before = "Wed, 31 Dec 2025 23:59:59 GMT";
        check(&Method::GET, &[(IF_MODIFIED_SINCE, before)], Proceed);
        check(&Method::PUT, &[(IF_UNMODIFIED_SINCE, before)], Failed);
        check(&Method::GET, &[(IF_UNMODIFIED_SINCE, before)], Failed);
        for date in [
            "",
            "yesterday",
            "2026-01-01T00:00:00Z",
            "Thu, 32 Jan 2026 00:00:00 GMT",
            "9999999999",
        ] {
            check(&Method::GET, &[(IF_MODIFIED_SINCE, date)], Proceed);
            check(&Method::PUT, &[(IF_UNMODIFIED_SINCE, date)], Proceed);
        }
        let twice = [(IF_MODIFIED_SINCE, at[0]), (IF_MODIFIED_SINCE, at[0])];
        check(&Method::GET, &twice, Proceed);
        assert_eq!(
            outcome(&Method::PUT, &[(IF_UNMODIFIED_SINCE, before)], false),
            Proceed
        );
    }

    #[test]
    fn entity_tag_conditions_take_precedence_over_dates() {
        let (before, at) = (
            "Wed, 31 Dec 2025 23:59:59 GMT",
            "Thu, 01 Jan 2026 00:00:00 GMT",
        );
        let check = |method: Method, fields: [(HeaderName, &str); 2], expected| {
            check(&method, &fields, expected)
        };
        check(
            Method::GET,
            [(IF_NONE_MATCH, "\"old\""), (IF_MODIFIED_SINCE, at)],
            Proceed,
        );
        check(
            Method::GET,
            [(IF_NONE_MATCH, "\"json\""), (IF_MODIFIED_SINCE, before)],
            NotModified,
        );
        check(
            Method::PUT,
            [(IF_MATCH, "\"json\""), (IF_UNMODIFIED_SINCE, before)],
            Proceed,
        );
        check(
            Method::GET,
            [(IF_MATCH, "\"old\""), (IF_NONE_MATCH, "\"json\"")],
            Failed,
        );
        check(
            Method::GET,
            [(IF_MATCH, "\"json\""), (IF_NONE_MATCH, "\"json\"")],
            NotModified,
        );
        check(
            Method::GET,
            [(IF_UNMODIFIED_SINCE, before), (IF_NONE_MATCH, "\"json\"")],
            Failed,
        );
    }

    #[test]
    fn last_modified_returns_an_http_date() {
        let check = |milliseconds, expected: Option<&str>| {
            let header = last_modified(Timestamp::from_milliseconds(milliseconds));
            assert_eq!(
                header.as_ref().map(HeaderValue::as_bytes),
                expected.map(str::as_bytes)
            );
        };
        check(MODIFIED, Some("Thu, 01 Jan 2026 00:00:00 GMT"));
        check(0, Some("Thu, 01 Jan 1970 00:00:00 GMT"));
        check(-1, None);
        check(i64::MAX, Some("Thu, 30 Dec 9999 22:00:00 GMT"));
    }

    proptest! {
        /// Random bytes in `If-Match` never match the current tag, and in `If-None-Match` never cause 304.
        #[test]
        fn evaluate_with_random_bytes_never_matches_the_current_tag(
            field in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            prop_assume!(field.trim_ascii() != b"*");
            let Ok(value) = HeaderValue::from_bytes(&field) else { return Ok(()) };
            let tag = EntityTag::of(b"x");
            let all = [tag.clone()];
            let last_modified = Some(Timestamp::from_milliseconds(MODIFIED));
            let current = CurrentState { selected: &tag, all: &all, last_modified };
            let headers = HeaderMap::from_iter([(IF_MATCH, value.clone())]);
            for stored in [Some(&current), None] {
                prop_assert_eq!(evaluate(&Method::PUT, &headers, stored), Failed);
                prop_assert_eq!(evaluate(&Method::GET, &headers, stored), Failed);
            }
            let headers = HeaderMap::from_iter([(IF_NONE_MATCH, value)]);
            prop_assert_eq!(evaluate(&Method::GET, &headers, Some(&current)), Proceed);
            let dates = [IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE].map(|name| {
                HeaderMap::from_iter([(name, HeaderValue::from_bytes(&field).expect("a value"))])
            });
            for headers in dates {
                // An invalid date is ignored.
                let outcome = evaluate(&Method::PUT, &headers, Some(&current));
                prop_assert_eq!(outcome, Proceed);
            }
        }

        /// The current tag matches in any list that contains it, and no other tag matches.
        #[test]
        fn current_tag_matches_in_any_list(
            others in prop::collection::vec("(W/)?\"[!#-~]{0,8}\"", 0..5),
            body in prop::collection::vec(any::<u8>(), 0..40),
            at in any::<prop::sample::Index>(),
            comma in "[ \t]{0,2},[ \t,]{0,3}",
            fields in any::<bool>(),
        ) {
            let current = EntityTag::of(&body);
            let all = [current.clone()];
            let stored = CurrentState { selected: &current, all: &all, last_modified: None };
            let headers = |tags: &[String]| {
                let joined = if fields { tags.to_vec() } else { vec![tags.join(&comma)] };
                let values = joined.iter().map(|tag| HeaderValue::from_str(tag).expect("a value"));
                let mut headers = HeaderMap::new();
                values.for_each(|value| { headers.append(IF_MATCH, value); });
                headers
            };
            prop_assume!(!others.is_empty());
            prop_assert_eq!(evaluate(&Method::PUT, &headers(&others), Some(&stored)), Failed);
            let mut with = others;
            with.insert(at.index(with.len() + 1), current.to_string());
            prop_assert_eq!(evaluate(&Method::PUT, &headers(&with), Some(&stored)), Proceed);
        }

        #[test]
        fn dates_survive_a_round_trip(seconds in 0..=253_402_207_200_i64) {
            let moment = Timestamp::from_milliseconds(seconds * 1000);
            let headers = HeaderMap::from_iter([(IF_MODIFIED_SINCE, last_modified(moment).expect("a date"))]);
            prop_assert_eq!(date(&headers, IF_MODIFIED_SINCE), Some(moment));
        }
    }
}
