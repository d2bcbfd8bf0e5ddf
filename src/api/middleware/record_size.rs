//! The size limit of the record of an exchange.
//!
//! Bodies are shortened first, then header values. The trace is removed when the record is still too large.
//! The row changes stay complete.

use std::io;

use crate::model::exchange::{Exchange, RecordedBody};

/// The maximum size of a record as JSON, in bytes.
const RECORD_MAX: usize = 256 * 1024;
/// A record with at most this many bytes of text is within the limit, because the escapes of JSON make a
/// character at most six times as long.
const SMALL_RECORD: usize = RECORD_MAX / 16;

/// Shortens the texts of an exchange until its record has at most 256 KiB.
pub(in crate::api) fn limit(mut exchange: Exchange) -> Exchange {
    if text_size(&exchange) <= SMALL_RECORD {
        return exchange;
    }
    for (body, value) in [
        (32 * 1024, usize::MAX),
        (8 * 1024, usize::MAX),
        (4 * 1024, 4 * 1024),
        (1024, 128),
        (0, 32),
    ] {
        if json_size(&exchange) <= RECORD_MAX {
            return exchange;
        }
        shorten(&mut exchange, body, value);
    }
    if json_size(&exchange) > RECORD_MAX {
        exchange.trace.clear();
    }
    exchange
}

/// Returns the number of bytes of the texts in an exchange that a client can influence.
fn text_size(exchange: &Exchange) -> usize {
    let (request, response) = (&exchange.request, &exchange.response);
    let request_headers = request.headers.iter();
    let request_headers = request_headers.map(|header| header.name.len() + header.value.len() + 64);
    let response_headers = response.headers.iter();
    let response_headers = response_headers.map(|(name, value)| name.len() + value.len() + 16);
    let trace = exchange.trace.iter();
    let trace = trace.map(|step| {
        let sql = step.sql.iter().flat_map(|sql| &sql.parameters);
        step.name.len()
            + step.detail.as_ref().map_or(0, |detail| detail.len())
            + sql.map(String::len).sum::<usize>()
    });
    request.target.len()
        + request.body.text.len()
        + response.body.text.len()
        + request_headers.sum::<usize>()
        + response_headers.sum::<usize>()
        + trace.sum::<usize>()
}

fn json_size(exchange: &Exchange) -> usize {
    let mut counter = Counter(0);
    match serde_json::to_writer(&mut counter, exchange) {
        Ok(()) => counter.0,
        Err(_) => usize::MAX,
    }
}

/// A writer that counts bytes.
struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn shorten(exchange: &mut Exchange, body: usize, value: usize) {
    shorten_body(&mut exchange.request.body, body);
    shorten_body(&mut exchange.response.body, body);
    for header in &mut exchange.request.headers {
        shorten_text(&mut header.value, value);
    }
    for (_, text) in &mut exchange.response.headers {
        shorten_text(text, value);
    }
}

fn shorten_body(body: &mut RecordedBody, max: usize) {
    let before = body.text.len();
    body.text.truncate(body.text.floor_char_boundary(max));
    body.cut |= body.text.len() < before;
}

/// Shortens a text to `max` bytes and marks it with an ellipsis when it was longer.
fn shorten_text(text: &mut String, max: usize) {
    if text.len() > max {
        text.truncate(text.floor_char_boundary(max));
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::{HeaderSource, ReceivedHeader};

    fn exchange(headers: usize, value: &str, text: &str) -> Exchange {
        let body = RecordedBody {
            size: text.len() as u64,
            text: text.to_owned(),
            cut: false,
        };
        let header = |at| ReceivedHeader {
            name: format!("x-{at}"),
            value: value.to_owned(),
            source: HeaderSource::Client,
        };
        let mut exchange = Exchange::sample("POST", "/api/users");
        exchange.request.headers = (0..headers).map(header).collect();
        exchange.request.body = body.clone();
        exchange.response.headers = (0..headers)
            .map(|at| (format!("x-{at}"), value.to_owned()))
            .collect();
        exchange.response.body = body;
        exchange
    }

    #[test]
    fn limited_record_has_at_most_256_kib_as_json() {
        for (headers, length, text) in [
            (0, 0, "a".repeat(64 * 1024)),
            (0, 0, "\u{1}".repeat(64 * 1024)),
            (0, 0, "\u{fffd}".repeat(64 * 1024)),
            (100, 600, "a".repeat(64 * 1024)),
            (100, 8 * 1024, "\"".repeat(64 * 1024)),
            (1, 64 * 1024, "한".repeat(20_000)),
        ] {
            let whole = exchange(headers, &"\u{1}".repeat(length), &text);
            let whole_size = json_size(&whole);
            let limited = limit(whole.clone());
            assert!(json_size(&limited) <= RECORD_MAX, "{headers} × {length}");
            assert_eq!(limited == whole, whole_size <= RECORD_MAX);
            let is_shorter = limited.request.body.text.len() < text.len();
            assert_eq!(limited.request.body.cut, is_shorter);
            assert_eq!(limited.request.body.size, text.len() as u64);
        }
    }
}
