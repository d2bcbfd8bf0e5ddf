//! The filter of the audit log: the query of its page and of its files.

use jiff::civil::Date;

use crate::model::timestamp::Timestamp;
use crate::portal::store::audit::{AuditAction, AuditFilter};

/// The key of the message about an action that does not exist.
pub(super) const UNKNOWN_ACTION: &str = "audit-action-unknown";

/// The query as it is sent and shown again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct AuditQuery {
    /// A part of a name or of an address.
    pub(super) q: String,
    /// The name of an action; empty for all.
    pub(super) action: String,
    /// The first day in UTC, as `2026-11-29`; empty for no limit.
    pub(super) from: String,
    /// The last day.
    pub(super) to: String,
    /// The id before which entries are listed.
    pub(super) before: Option<i64>,
}

impl AuditQuery {
    pub(super) fn parse(query: Option<&str>) -> AuditQuery {
        let mut parsed = AuditQuery::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let value = value.trim();
            match name.as_ref() {
                "q" => parsed.q = value.to_owned(),
                "action" => parsed.action = value.to_owned(),
                "from" => parsed.from = value.to_owned(),
                "to" => parsed.to = value.to_owned(),
                "before" => parsed.before = value.parse().ok(),
                _ => {}
            }
        }
        parsed
    }

    /// Returns the filter, or the key of a message when the action, a day or the order of the days is wrong.
    pub(super) fn filter(&self) -> Result<AuditFilter, &'static str> {
        let action = AuditAction::parse(&self.action);
        if action.is_none() && !self.action.is_empty() {
            return Err(UNKNOWN_ACTION);
        }
        let (from, to) = (day(&self.from)?, day(&self.to)?);
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err("audit-days-order");
        }
        let after = |to: Date| to.tomorrow().ok().and_then(begin);
        Ok(AuditFilter {
            person: self.q.clone(),
            action,
            from: from.and_then(begin),
            until: to.and_then(after),
        })
    }

    /// Returns the query of the page that begins before an entry, or of the files, without `?`; empty when nothing is filtered.
    pub(super) fn text(&self, before: Option<i64>) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("q", &self.q),
            ("action", &self.action),
            ("from", &self.from),
            ("to", &self.to),
        ] {
            if !value.is_empty() {
                text.append_pair(name, value);
            }
        }
        if let Some(before) = before {
            text.append_pair("before", &before.to_string());
        }
        text.finish()
    }
}

/// Returns the day of a text, or none for an empty text.
fn day(text: &str) -> Result<Option<Date>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    let is_date = text.len() == 10;
    let date = text.parse().ok().filter(|_| is_date);
    date.map(Some).ok_or("audit-day-invalid")
}

/// Returns the beginning of a day in UTC, in milliseconds since 1970.
fn begin(day: Date) -> Option<i64> {
    let begin = Timestamp::parse(&format!("{day}T00:00:00Z"))?;
    Some(begin.milliseconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    #[test]
    fn days_include_their_beginning_and_their_end() {
        let query = AuditQuery::parse(Some("from=1970-01-02&to=1970-01-02&q=+a%26b+"));
        let filter = query.filter().expect("valid");
        assert_eq!((filter.from, filter.until), (Some(DAY), Some(2 * DAY)));
        assert_eq!(filter.person, "a&b");
        let again = AuditQuery::parse(Some(&query.text(Some(7))));
        assert_eq!(again.before, Some(7));
        let again = AuditQuery {
            before: None,
            ..again
        };
        assert_eq!(again, query);
        assert_eq!(AuditQuery::default().text(None), "");
    }

    #[test]
    fn wrong_days_and_unknown_actions_are_refused() {
        let refused = |query: &str| AuditQuery::parse(Some(query)).filter().err();
        assert_eq!(refused("from=&to="), None);
        for wrong in ["2026-13-01", "2026-2-1", "yesterday", "2026-11-29T10:00"] {
            let query = format!("to={wrong}");
            assert_eq!(refused(&query), Some("audit-day-invalid"), "{wrong}");
        }
        assert_eq!(refused("action=log-in"), None);
        for wrong in ["action=fly", "action=LOG-IN", "action=log-in+x"] {
            assert_eq!(refused(wrong), Some(UNKNOWN_ACTION), "{wrong}");
        }
        let order = "from=2026-11-30&to=2026-11-29";
        assert_eq!(refused(order), Some("audit-days-order"));
    }
}
