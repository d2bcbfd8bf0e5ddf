//! The choice of a format by `Accept` (RFC 9110, section 12.5.1).
//!
//! Errors are not negotiated: they are always `application/problem+json`. The formats are written by
//! `format`.
//!
//! This is not done by a crate, because the available ones reject a field in which one element is
//! malformed, or do not exclude a format when a more specific range has `q=0`.

use http::HeaderMap;
use http::header::ACCEPT;

use crate::api::error::ApiError;
use crate::api::format::UserFormat;
use crate::api::http::media_type::{MediaType, split};
use crate::model::problem::ProblemKind;

/// Returns the offered format with the greatest weight in `Accept`; among equal weights the one with the
/// most specific range, then the first one offered. Malformed elements of `Accept` are ignored. Without
/// any media range, returns the first format offered.
///
/// # Errors
/// 406 that lists the offered formats, when `Accept` allows none of them.
pub(in crate::api) fn choose(
    headers: &HeaderMap,
    offered: &[UserFormat],
) -> Result<UserFormat, ApiError> {
    let fields = headers.get_all(ACCEPT).iter();
    let fields: Vec<_> = fields
        .map(|field| String::from_utf8_lossy(field.as_bytes()))
        .collect();
    let field = fields.join(",");
    let ranges: Vec<_> = split(&field, ',').filter_map(MediaRange::parse).collect();
    let Some(&default) = offered.first() else {
        return Err(not_acceptable(offered));
    };
    if ranges.is_empty() {
        return Ok(default);
    }
    let mut best: Option<(UserFormat, (u16, Specificity))> = None;
    for &format in offered {
        let ranges = ranges.iter();
        let matched = ranges.filter_map(|range| Some((range.matches(format)?, range.weight)));
        // Of two equally specific ranges, the greater weight applies.
        let Some((specificity, weight)) = matched.max() else {
            continue;
        };
        let rank = (weight, specificity);
        if weight > 0 && best.is_none_or(|(_, other)| rank > other) {
            best = Some((format, rank));
        }
    }
    best.map(|(format, _)| format)
        .ok_or_else(|| not_acceptable(offered))
}

fn not_acceptable(offered: &[UserFormat]) -> ApiError {
    let types: Vec<_> = offered.iter().map(|format| format.essence()).collect();
    let detail = format!(
        "Accept allows none of the formats of this resource; it has {}",
        types.join(", ")
    );
    ApiError::new(ProblemKind::NotAcceptable, detail).with_header("vary", "Accept")
}

/// How specific a range is: the level (0 for `*/*`, 1 for `text/*`, 2 for `text/csv`) and the number of
/// parameters.
type Specificity = (u8, usize);

/// A media range with its weight in thousandths.
#[derive(Debug, PartialEq)]
struct MediaRange {
    /// The type and subtype, either of which may be `*`, and the parameters without the weight.
    media_type: MediaType,
    weight: u16,
}

impl MediaRange {
    /// Parses one element of `Accept`; returns `None` when it is malformed.
    fn parse(element: &str) -> Option<MediaRange> {
        let mut media_type = MediaType::parse(element.trim_matches([' ', '\t']))?;
        let essence = media_type.essence();
        if essence.starts_with("*/") && essence != "*/*" {
            return None;
        }
        let weight = media_type.take("q").map_or(Some(1000), |q| weight(&q))?;
        Some(MediaRange { media_type, weight })
    }

    /// Returns the specificity of the range for a format; `None` when it does not match.
    fn matches(&self, format: UserFormat) -> Option<Specificity> {
        let (top, _) = format.essence().split_once('/')?;
        let level = match self.media_type.essence().split_once('/')? {
            ("*", _) => 0,
            (range, "*") if range == top => 1,
            _ if self.media_type.essence() == format.essence() => 2,
            _ => return None,
        };
        let parameters = self.media_type.parameters();
        let all = parameters
            .iter()
            .all(|(name, value)| format.has(name, value));
        all.then_some((level, parameters.len()))
    }
}

/// Parses a weight from 0 to 1 with at most three decimals (RFC 9110, section 12.4.2); returns it in
/// thousandths.
fn weight(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = decimals.bytes().all(|byte| byte.is_ascii_digit());
    if !matches!(whole, "0" | "1") || !digits || decimals.len() > 3 {
        return None;
    }
    let thousandths: u16 = format!("{whole}{decimals:0<3}").parse().ok()?;
    (thousandths <= 1000).then_some(thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn chosen(fields: &[&[u8]]) -> Option<UserFormat> {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(ACCEPT, HeaderValue::from_bytes(field).expect("a value"));
        }
        choose(&headers, UserFormat::ALL).ok()
    }

    #[track_caller]
    fn check(accept: &str, expected: impl Into<Option<UserFormat>>) {
        assert_eq!(chosen(&[accept.as_bytes()]), expected.into(), "{accept}");
    }

    use UserFormat::{Csv, Json, Text, Xml};

    #[test]
    fn choose_without_preference_returns_json() {
        assert_eq!(chosen(&[]), Some(Json));
        check("", Json);
        check("*/*", Json);
        check("application/*", Json);
        check(" , ,", Json);
    }

    #[test]
    fn choose_with_media_type_returns_its_format() {
        check("application/json", Json);
        check("application/xml", Xml);
        check("text/csv", Csv);
        check("text/plain", Text);
        check("TEXT/Plain", Text);
        check("text/*", Csv);
        check("image/png, application/xml", Xml);
    }

    #[test]
    fn choose_with_weights_returns_the_greatest() {
        check("application/json;q=0.1, text/csv;q=0.2", Csv);
        check("application/json; q=0.5 , application/xml ;q=0.500", Json);
        check("text/csv;q=0.999, text/plain", Text);
        check("application/json;q=0.001, */*;q=0.002", Xml);
        check("text/csv;Q=0.1, application/xml;q=1.000", Xml);
        assert_eq!(chosen(&[b"application/json;q=0.3", b"text/csv"]), Some(Csv));
    }

    #[test]
    fn choose_uses_the_weight_of_the_most_specific_range() {
        check("*/*;q=0.1, application/json;q=0", Xml);
        check("application/*;q=0, */*", Csv);
        check("text/*;q=0.9, text/csv;q=0.1, application/json;q=0.5", Text);
        check("*/*, application/json;q=0.1", Xml);
        check("application/xml;charset=utf-8;q=0, application/xml", None);
        check(
            "text/plain, text/plain;charset=utf-8;q=0.1, text/csv;q=0.5",
            Csv,
        );
        // Among equal weights, the more specific range takes precedence.
        check("*/*, text/csv", Csv);
        check("text/*, application/json", Json);
    }

    #[test]
    fn choose_with_no_acceptable_format_is_refused() {
        check("image/png", None);
        check("application/json;q=0", None);
        check("application/json;q=0.000", None);
        check("*/*;q=0", None);
        check("text/html, application/xhtml+xml", None);
        check("application/problem+json", None);
    }

    #[test]
    fn choose_with_parameter_the_format_lacks_skips_the_range() {
        check("application/json;charset=utf-8", Json);
        check("application/json; charset=\"UTF-8\"", Json);
        check("text/csv;header=present", Csv);
        check("text/csv;header=absent", None);
        check("text/plain;format=flowed", None);
        check("text/plain;format=flowed, text/csv;q=0.1", Csv);
        check("application/xml;charset=iso-8859-1", None);
        check("text/plain;x=\"a,b;c\\\"d\", application/xml", Xml);
    }

    #[test]
    fn choose_ignores_malformed_elements() {
        for malformed in [
            "json",
            "*",
            "/",
            "text/",
            "/csv",
            "*/csv",
            "text/csv;q=2",
            "text/csv;q=",
            "text/csv;q",
            "text/csv;q=0.1234",
            "text/csv;q=-1",
            "text/csv;q=1.1",
            "text/csv;q=a",
            "text/csv;q=.5",
            "te xt/csv",
            "text/csv;charset",
            "text/csv;x=\"",
            "text /csv",
            "text/c\u{e9}v",
            "text/csv/x",
            "text/csv;charset =utf-8",
        ] {
            check(malformed, Json);
            check(
                &format!("{malformed}, text/plain"),
                if malformed.contains('"') { Json } else { Text },
            );
            check(&format!("text/plain, {malformed}"), Text);
        }
        assert_eq!(chosen(&[b"\xff\xfe", b"text/csv"]), Some(Csv));
    }

    #[test]
    fn choose_with_content_type_of_a_format_returns_the_format() {
        for format in UserFormat::ALL {
            let content_type = format.content_type();
            assert!(content_type.starts_with(format.essence()));
            assert_eq!(content_type.contains("charset=utf-8"), *format != Json);
            check(content_type, *format);
        }
        let names: Vec<_> = UserFormat::ALL.iter().map(|format| format.name()).collect();
        assert_eq!(names, ["json", "xml", "csv", "txt"]);
    }

    #[test]
    fn refusal_lists_the_offered_media_types() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("image/png"));
        let error = choose(&headers, &[Json, Csv]).expect_err("no format");
        let text = format!("{error:?}");
        assert!(text.contains("NotAcceptable"), "{text}");
        assert!(text.contains("application/json, text/csv"), "{text}");
    }

    /// Media ranges, from the least to the most specific, and the formats that each names.
    const RANGES: [(&str, u8, &[UserFormat]); 8] = [
        ("*/*", 0, UserFormat::ALL),
        ("application/*", 1, &[Json, Xml]),
        ("text/*", 1, &[Csv, Text]),
        ("application/json", 2, &[Json]),
        ("text/csv", 2, &[Csv]),
        ("text/csv;header=present", 3, &[Csv]),
        ("text/csv;header=absent", 3, &[]),
        ("image/png", 2, &[]),
    ];

    proptest! {
        /// Bytes without a slash contain no media range, so the default is chosen. After a range that names CSV,
        /// random bytes do not change the choice. Only bytes that a field may contain are generated, because
        /// few random byte strings are valid fields.
        #[test]
        fn choose_with_random_bytes_returns_the_default_or_the_named_format(
            field in prop::collection::vec(
                prop_oneof![Just(b'\t'), 0x20..=0x7e_u8, 0x80..=0xff_u8],
                0..60,
            ),
        ) {
            let names_nothing = !field.contains(&b'/');
            if names_nothing {
                prop_assert_eq!(chosen(&[field.as_slice()]), Some(Json));
            }
            let named = [b"text/csv".as_slice(), &field];
            prop_assert_eq!(chosen(&named), Some(Csv), "no random bytes name a format");
            let excluded = [b"text/csv;q=0".as_slice(), &field];
            prop_assert_ne!(chosen(&excluded), Some(Csv));
        }

        /// The choice is the one that the table of section 12.5.1 gives: for each format the weight of
        /// the most specific range, then the greatest weight, then the more specific range.
        #[test]
        fn choose_returns_what_the_rules_of_precedence_give(
            ranges in prop::collection::vec((0..RANGES.len(), 0..=4_u16), 1..6),
        ) {
            let elements: Vec<_> = ranges.iter()
                .map(|(at, weight)| format!("{};q={}", RANGES[*at].0, f32::from(*weight) / 4.0))
                .collect();
            let weights = UserFormat::ALL.iter().filter_map(|format| {
                let named = ranges.iter().filter(|(at, _)| RANGES[*at].2.contains(format));
                let (level, weight) = named.map(|(at, weight)| (RANGES[*at].1, *weight)).max()?;
                (weight > 0).then_some((weight, level, *format))
            });
            let best = weights.rev().max_by_key(|(weight, level, _)| (*weight, *level));
            let expected = best.map(|(_, _, format)| format);
            prop_assert_eq!(chosen(&[elements.join(",").as_bytes()]), expected, "{:?}", elements);
        }

        /// A format with weight 0 is never chosen, whatever other elements there are; the only format
        /// with weight 1 is always chosen.
        #[test]
        fn choose_never_returns_weight_zero_and_returns_the_only_full_weight(
            garbage in "[a-z*/;=,\" q0-9.]{0,30}",
            at in 0..4_usize,
            whole in any::<bool>(),
        ) {
            prop_assume!(!garbage.contains('"'));
            let format = UserFormat::ALL[at];
            let essence = format.essence();
            if whole {
                let field = format!("*/*;q=0.001, {essence}");
                prop_assert_eq!(chosen(&[field.as_bytes()]), Some(format));
            } else {
                let field = format!("{garbage}, {essence};charset=utf-8;q=0");
                prop_assume!(!garbage.contains("charset"));
                prop_assert_ne!(chosen(&[field.as_bytes()]), Some(format));
            }
        }

        /// The order of the elements does not change the choice.
        #[test]
        fn choose_is_independent_of_the_order_of_elements(weights in prop::collection::vec(0..=1000_u16, 4)) {
            let elements: Vec<_> = UserFormat::ALL.iter().zip(&weights)
                .map(|(format, weight)| format!("{};q={}.{:03}", format.essence(), weight / 1000, weight % 1000))
                .collect();
            let mut reversed = elements.clone();
            reversed.reverse();
            let forth = chosen(&[elements.join(",").as_bytes()]);
            prop_assert_eq!(forth, chosen(&[reversed.join(" , ").as_bytes()]));
            let best = weights.iter().max().copied().unwrap_or_default();
            let expected = UserFormat::ALL.iter().zip(&weights).find(|(_, weight)| **weight == best && best > 0);
            prop_assert_eq!(forth, expected.map(|(format, _)| *format));
        }
    }
}
