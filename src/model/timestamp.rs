//! Timestamps: times in UTC with whole seconds, in the format of RFC 3339.
//!
//! The current time is in `clock`. There are no time zones and no localized dates.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

/// 0000-01-01T00:00:00Z in milliseconds since 1970, the first valid timestamp.
const FIRST: i64 = -62_167_219_200_000;

/// A whole second in UTC, from the start of the year 0 to the end of the range of jiff, one day before
/// the end of 9999.
///
/// It has whole seconds, because `Last-Modified` has whole seconds, and the shown and the stored time
/// must be equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(
    value_type = String,
    format = DateTime,
    description = "A moment in UTC, to the second (RFC 3339)."
)]
pub struct Timestamp(jiff::Timestamp);

impl TryFrom<String> for Timestamp {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Timestamp, &'static str> {
        Timestamp::parse(&text).ok_or("not a time of RFC 3339")
    }
}

impl Timestamp {
    /// Returns the second that includes a time in milliseconds since 1970, or the nearest valid one
    /// when the time is out of range.
    #[must_use]
    pub fn from_milliseconds(milliseconds: i64) -> Timestamp {
        let last = jiff::Timestamp::MAX.as_millisecond();
        let second = milliseconds.clamp(FIRST, last).div_euclid(1000);
        Timestamp(jiff::Timestamp::from_second(second).expect("it is within the range"))
    }

    /// Returns the milliseconds since 1970.
    #[must_use]
    pub fn milliseconds(self) -> i64 {
        self.0.as_millisecond()
    }

    /// Parses a date-time of RFC 3339 with any offset; `None` when it is invalid or not a whole second.
    #[must_use]
    pub fn parse(text: &str) -> Option<Timestamp> {
        let (date_time, rest) = text.split_at_checked(19)?;
        let offset = match rest.strip_prefix('.') {
            Some(fraction) => fraction.strip_prefix('0')?.trim_start_matches('0'),
            None => rest,
        };
        if !is_rfc_3339(date_time, offset) {
            return None;
        }
        let moment: jiff::Timestamp = format!("{date_time}{offset}").parse().ok()?;
        (moment.as_millisecond() >= FIRST).then_some(Timestamp(moment))
    }
}

/// Whether these have the form of RFC 3339, section 5.6. jiff alone would take other forms of ISO 8601
/// too, a leap second for the second before it, and offsets of more than a day.
fn is_rfc_3339(date_time: &str, offset: &str) -> bool {
    let form = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "0");
    let dated = matches!(
        form(date_time).as_str(),
        "0000-00-00T00:00:00" | "0000-00-00t00:00:00" | "0000-00-00 00:00:00"
    );
    let shifted = matches!(form(offset).as_str(), "+00:00" | "-00:00") && &offset[1..3] < "24";
    dated && date_time.as_bytes()[17] < b'6' && (shifted || matches!(offset, "Z" | "z"))
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_times_are_printed() {
        let check = |milliseconds, text: &str| {
            assert_eq!(Timestamp::from_milliseconds(milliseconds).to_string(), text);
        };
        check(0, "1970-01-01T00:00:00Z");
        check(-1, "1969-12-31T23:59:59Z");
        check(1_767_258_180_999, "2026-01-01T09:03:00Z");
        check(951_782_400_000, "2000-02-29T00:00:00Z");
        check(i64::MAX, "9999-12-30T22:00:00Z");
        check(i64::MIN, "0000-01-01T00:00:00Z");
    }

    #[test]
    fn different_spellings_of_a_time_are_equal() {
        let expected = Timestamp::parse("2026-01-01T09:03:00Z");
        assert!(expected.is_some());
        for text in [
            "2026-01-01t09:03:00z",
            "2026-01-01 09:03:00Z",
            "2026-01-01T09:03:00.000Z",
            "2026-01-01T09:03:00.000000000000Z",
            "2026-01-01T09:03:00-00:00",
            "2026-01-01T18:03:00+09:00",
            "2025-12-31T23:33:00-09:30",
        ] {
            assert_eq!(Timestamp::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn invalid_date_time_is_none() {
        for text in [
            "",
            "2026",
            "2026-01-01",
            "2026-01-01T09:03:00",
            "2026-13-01T09:03:00Z",
            "2026-02-29T09:03:00Z",
            "2026-01-00T09:03:00Z",
            "2026-01-01T24:03:00Z",
            "2026-01-01T09:03:60Z",
            "2026-01-01T09:03:00.5Z",
            "2026-01-01T09:03:00.Z",
            "2026-01-01T09:03:00ZZ",
            "2026-01-01T09:03:00+9:00",
            "+026-01-01T09:03:00Z",
            "2026-01-01T09:03:00+",
            "2026-01-01T09:03:00한",
            "2026/01/01T09:03:00Z",
            "2026-01-01T09:03:00,0Z",
            "2026-01-01T09:03:00+09",
            "2026-01-01T09:03:00+0900",
            "2026-01-01T09:03:00+24:00",
            "2026-01-01T09:03:00+23:60",
            "2026-01-01T09:03:00Z[UTC]",
            "2026-01-01T09:03Z",
            "20260101T090300Z",
            "0000-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    proptest! {
        /// Compares with a count of days by whole years and months.
        #[test]
        fn display_and_parse_agree_with_the_calendar(
            year in 0..9999_i64, month in 1..=12_usize, day in 1..=31_i64, second in 0..86_400_i64,
        ) {
            let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let months = |year| [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            let (hour, minute) = (second / 3600, second / 60 % 60);
            let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z", second % 60);
            let parsed = Timestamp::parse(&text);
            prop_assert_eq!(parsed.is_some(), day <= months(year)[month - 1], "{}", text);
            if let Some(parsed) = parsed {
                let years: i64 = (0..year).map(|year| 365 + i64::from(leap(year))).sum();
                let days = years + months(year)[..month - 1].iter().sum::<i64>() + day - 1;
                prop_assert_eq!(parsed.milliseconds(), FIRST + (days * 86_400 + second) * 1000);
                prop_assert_eq!(parsed.to_string(), text);
                prop_assert_eq!(Timestamp::from_milliseconds(parsed.milliseconds() + 999), parsed);
            }
        }

        /// A parsed timestamp is printed and parsed again to an equal one.
        #[test]
        fn parse_of_any_text_is_none_or_survives_a_round_trip(
            text in "[0-9:T.Z+-]{0,30}|[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.0{0,3})?(Z|z|[+-][0-2][0-9]:[0-6][0-9])?|.*",
        ) {
            if let Some(moment) = Timestamp::parse(&text) {
                prop_assert_eq!(Timestamp::parse(&moment.to_string()), Some(moment));
                prop_assert_eq!(moment.milliseconds() % 1000, 0);
            }
        }
    }
}
