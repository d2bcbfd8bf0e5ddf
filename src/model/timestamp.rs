//! A moment in UTC, written as RFC 3339.
//!
//! Not here: asking for the time (see `clock`), time zones, and dates for people.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

const DAY: i64 = 86_400_000;
/// 0000-03-01 to 1970-01-01, in days.
const EPOCH: i64 = 719_468;
/// Days in 400 years.
const ERA: i64 = 146_097;

/// A whole second in UTC, in the years 0 to 9999.
///
/// Whole seconds, because that is what `Last-Modified` can say, and what is shown and what is
/// stored must be the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Timestamp(i64);

impl TryFrom<String> for Timestamp {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Timestamp, &'static str> {
        Timestamp::parse(&text).ok_or("not a time of RFC 3339")
    }
}

impl Timestamp {
    /// The second in which a moment falls; milliseconds since 1970.
    #[must_use]
    pub fn from_milliseconds(milliseconds: i64) -> Timestamp {
        const FIRST: i64 = -EPOCH_YEAR_ZERO * DAY;
        const LAST: i64 = 253_402_300_799_000;
        let milliseconds = milliseconds.clamp(FIRST, LAST);
        Timestamp(milliseconds - milliseconds.rem_euclid(1000))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn milliseconds(self) -> i64 {
        self.0
    }

    /// Reads a date-time of RFC 3339 with any offset; `None` when it is none, or not a whole
    /// second.
    #[must_use]
    pub fn parse(text: &str) -> Option<Timestamp> {
        let bytes = text.as_bytes();
        let digits = |from: usize, count: usize| -> Option<i64> {
            let digits = bytes.get(from..from + count)?;
            digits.iter().try_fold(0, |number, digit| {
                digit
                    .is_ascii_digit()
                    .then(|| number * 10 + i64::from(digit - b'0'))
            })
        };
        let separator = |at: usize, allowed: &[u8]| allowed.contains(bytes.get(at)?).then_some(());
        let (year, month, day) = (digits(0, 4)?, digits(5, 2)?, digits(8, 2)?);
        let (hour, minute, second) = (digits(11, 2)?, digits(14, 2)?, digits(17, 2)?);
        separator(4, b"-").and(separator(7, b"-"))?;
        separator(10, b"Tt ")
            .and(separator(13, b":"))
            .and(separator(16, b":"))?;
        if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
            return None;
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let mut rest = &text[19..];
        if let Some(fraction) = rest.strip_prefix('.') {
            let end = fraction.find(|c: char| c != '0').unwrap_or(fraction.len());
            if end == 0 {
                return None;
            }
            rest = &fraction[end..];
        }
        let offset = offset(rest)?;
        let seconds = (hour * 60 + minute - offset) * 60 + second;
        Some(Timestamp(days_to(year, month, day) * DAY + seconds * 1000))
    }
}

/// Days from 0000-01-01 to 1970-01-01.
const EPOCH_YEAR_ZERO: i64 = EPOCH + 60;

/// The minutes that an offset is ahead of UTC.
fn offset(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let two = |text: &str| -> Option<i64> {
        let right = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        right.then(|| text.parse().ok())?
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970 of a day in the Gregorian calendar, counted from the first of March, so that
/// the leap day is the last of its year.
fn days_to(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * ERA + day_of_era - EPOCH
}

/// The inverse of [`days_to`].
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH;
    let (era, day_of_era) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = (shifted + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_of(self.0.div_euclid(DAY));
        let second = self.0.rem_euclid(DAY) / 1000;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(
            formatter,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
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
    fn known_moments_are_written() {
        let check = |milliseconds, text: &str| {
            assert_eq!(Timestamp::from_milliseconds(milliseconds).to_string(), text);
        };
        check(0, "1970-01-01T00:00:00Z");
        check(-1, "1969-12-31T23:59:59Z");
        check(1_767_258_180_999, "2026-01-01T09:03:00Z");
        check(951_782_400_000, "2000-02-29T00:00:00Z");
        check(i64::MAX, "9999-12-31T23:59:59Z");
        check(i64::MIN, "0000-01-01T00:00:00Z");
    }

    #[test]
    fn equal_moments_are_equal_however_written() {
        let expected = Timestamp::parse("2026-01-01T09:03:00Z");
        assert!(expected.is_some());
        for text in [
            "2026-01-01t09:03:00z",
            "2026-01-01 09:03:00Z",
            "2026-01-01T09:03:00.000Z",
            "2026-01-01T18:03:00+09:00",
            "2025-12-31T23:33:00-09:30",
        ] {
            assert_eq!(Timestamp::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_time_is_refused() {
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
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_calendar(milliseconds in -62_167_219_200_000_i64..=253_402_300_799_000) {
            let ours = Timestamp::from_milliseconds(milliseconds);
            let second = ours.milliseconds() / 1000;
            let theirs = jiff::Timestamp::from_second(second).expect("in range").to_string();
            prop_assert_eq!(ours.to_string(), theirs.as_str());
            prop_assert_eq!(Timestamp::parse(&theirs), Some(ours));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[0-9:T.Z+-]{0,30}|.*") {
            let _ = Timestamp::parse(&text);
        }
    }
}
