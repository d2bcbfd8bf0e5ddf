//! Days, and how they are written in the language of a page.

use crate::model::messages::MessageCatalog;
use crate::model::timestamp::Timestamp;

/// Returns the day of a time in UTC, as `2026-11-29`.
pub(super) fn day_of(milliseconds: i64) -> String {
    let time = Timestamp::from_milliseconds(milliseconds).to_string();
    time.chars().take(10).collect()
}

/// Returns a day such as `2026-11-29` as people of the language write it; anything else as it is.
pub(super) fn day_text(day: &str, messages: &MessageCatalog) -> String {
    let mut parts = day
        .splitn(3, '-')
        .map(|part| part.trim_start_matches('0').to_owned());
    let (Some(year), Some(month), Some(number)) = (parts.next(), parts.next(), parts.next()) else {
        return day.to_owned();
    };
    let values = [("month", month), ("year", year), ("day", number)];
    let values = values.each_ref().map(|(name, text)| (*name, text.as_str()));
    messages.with("day-name", &values)
}
