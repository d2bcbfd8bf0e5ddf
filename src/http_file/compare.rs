//! Comparison of a real response with a sample response. `…` in a sample is a wildcard.
//!
//! In a header value, a text or a JSON string the wildcard matches any run of characters; in JSON,
//! outside a string, it matches any value, any items of an array, or any members of an object. Headers
//! that the sample leaves out are not compared; a sample without a body requires that the response has
//! none.

use super::abridged_json::WILDCARD;
use super::response::{SampleBody, SampleResponse};
use crate::model::http::{Header, reason_phrase};
use crate::model::json::Json;

/// A line of a sample response that the real response does not match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The line of the sample, from 1.
    pub line: usize,
    /// The text of the sample; `this body` for its body, which may have many lines.
    pub expected: String,
    /// The corresponding text of the response; empty when it has none.
    pub actual: String,
}

impl SampleResponse {
    /// Returns the lines of the sample that a response does not match; none when it matches.
    #[must_use]
    pub fn differences(&self, status: u16, headers: &[Header], body: &str) -> Vec<Difference> {
        let mut differences = Vec::new();
        let reason = reason_phrase(status);
        if self.status != status || !self.reason.is_empty() && self.reason != reason {
            differences.push(Difference {
                line: 1,
                expected: format!("{} {}", self.status, self.reason),
                actual: format!("{status} {reason}"),
            });
        }
        for (at, header) in self.headers.iter().enumerate() {
            let named = |other: &&Header| other.name.eq_ignore_ascii_case(&header.name);
            let mut values = headers.iter().filter(named).map(|other| &other.value);
            if !values
                .clone()
                .any(|value| text_matches(&header.value, value))
            {
                differences.push(Difference {
                    line: at + 2,
                    expected: format!("{}: {}", header.name, header.value),
                    actual: values.next().cloned().unwrap_or_default(),
                });
            }
        }
        if !self.body.matches(body) {
            differences.push(Difference {
                line: self.headers.len() + 3,
                expected: "this body".to_owned(),
                actual: body.to_owned(),
            });
        }
        differences
    }
}

impl SampleBody {
    fn matches(&self, body: &str) -> bool {
        match self {
            SampleBody::Empty => body.is_empty(),
            SampleBody::Text(text) => {
                let body = body.replace("\r\n", "\n");
                !body.is_empty() && text_matches(text, body.strip_suffix('\n').unwrap_or(&body))
            }
            SampleBody::Json(json) => {
                Json::parse(body.as_bytes()).is_ok_and(|body| json_matches(json, &body))
            }
        }
    }
}

fn text_matches(sample: &str, text: &str) -> bool {
    let sample: Vec<char> = sample.chars().collect();
    let text: Vec<char> = text.chars().collect();
    sequence_matches(
        &sample,
        &text,
        |c| *c == WILDCARD,
        |one, other| one == other,
    )
}

fn json_matches(sample: &Json, json: &Json) -> bool {
    match (sample, json) {
        (Json::String(text), _) if is_wildcard_text(text) => true,
        (Json::String(text), Json::String(other)) => text_matches(text, other),
        (Json::Array(items), Json::Array(others)) => {
            let is_wildcard = |item: &Json| item.as_text().is_some_and(is_wildcard_text);
            sequence_matches(items, others, is_wildcard, json_matches)
        }
        (Json::Object(members), Json::Object(others)) => sequence_matches(
            members,
            others,
            |(key, _)| key.starts_with(WILDCARD),
            |(key, value), (name, other)| key == name && json_matches(value, other),
        ),
        (sample, json) => sample == json,
    }
}

fn is_wildcard_text(text: &str) -> bool {
    text.chars().eq([WILDCARD])
}

/// Returns whether `items` match `sample` in order, where `is_wildcard` items of the sample match any
/// run of items.
fn sequence_matches<S, T>(
    sample: &[S],
    items: &[T],
    is_wildcard: impl Fn(&S) -> bool,
    is_same: impl Fn(&S, &T) -> bool,
) -> bool {
    let (mut at, mut next) = (0, 0);
    let mut last_wildcard = None;
    while next < items.len() {
        if sample.get(at).is_some_and(&is_wildcard) {
            last_wildcard = Some((at, next));
            at += 1;
        } else if sample.get(at).is_some_and(|one| is_same(one, &items[next])) {
            at += 1;
            next += 1;
        } else if let Some((rest, taken)) = last_wildcard {
            // The last wildcard matches one more item, and what follows it in the sample is tried again.
            last_wildcard = Some((rest, taken + 1));
            at = rest + 1;
            next = taken + 1;
        } else {
            return false;
        }
    }
    sample[at..].iter().all(is_wildcard)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http_file::parse_response;

    const RESPONSE: &str = r#"{"id":13,"name":"Rose","tags":["a","b","c"],"etag":"\"x1\""}"#;

    fn lines(sample: &str) -> Vec<usize> {
        let sample = parse_response(sample).expect("a sample");
        let headers = [
            Header::new("location", "/api/users/13"),
            Header::new("link", "<a>; rel=\"next\""),
            Header::new("link", "<b>; rel=\"last\""),
        ];
        let found = sample.differences(201, &headers, RESPONSE);
        found.iter().map(|difference| difference.line).collect()
    }

    #[test]
    fn response_that_matches_its_sample_has_no_differences() {
        for body in [
            RESPONSE,
            "…",
            "{…}",
            "{ \"id\": …, … }",
            "{…, \"name\": \"R…e\", …}",
            "{…, \"tags\": [\"a\", …], …}",
            "{…, \"tags\": […, \"b\", …], \"etag\": \"\\\"…\\\"\"}",
            "{\"id\":13,\"name\":\"…\",\"tags\":…,\"etag\":\"…\"}",
        ] {
            let sample =
                format!("HTTP/1.1 201 Created\nLocation: /api/users/…\nLink: …last…\n\n{body}");
            assert_eq!(lines(&sample), [0; 0], "{body}");
        }
    }

    #[test]
    fn response_that_differs_is_reported_with_the_line_of_the_sample() {
        for (sample, line) in [
            ("HTTP/1.1 200\n\n…", 1),
            ("HTTP/1.1 201 OK\n\n…", 1),
            ("HTTP/1.1 201\nLocation: /api/users/12\n\n…", 2),
            ("HTTP/1.1 201\nLocation: /api/users/…\nETag: …\n\n…", 3),
            ("HTTP/1.1 201\nLink: <a>…last…\n\n…", 2),
            ("HTTP/1.1 201\n", 3),
            ("HTTP/1.1 201\n\n{}", 3),
            ("HTTP/1.1 201\n\n{\"id\": 13}", 3),
            ("HTTP/1.1 201\n\n{\"name\": \"Rose\", \"id\": 13, …}", 3),
            ("HTTP/1.1 201\n\n{\"id\": \"13\", …}", 3),
            ("HTTP/1.1 201\n\n{…, \"tags\": [\"a\", \"c\"], …}", 3),
            ("HTTP/1.1 201\n\n{…, \"tags\": []}", 3),
            ("HTTP/1.1 201\n\nRose", 3),
        ] {
            assert_eq!(lines(sample), [line], "{sample}");
        }
        let sample = parse_response("HTTP/1.1 204\n\n…").expect("a sample");
        assert_eq!(sample.differences(204, &[], "").len(), 1);
    }

    #[test]
    fn line_ends_of_a_text_body_are_ignored() {
        let sample = parse_response("HTTP/1.1 200\n\nid,name\n1,…\n").expect("a sample");
        assert_eq!(sample.differences(200, &[], "id,name\r\n1,Kim\r\n"), []);
        assert_eq!(
            sample.differences(200, &[], "id,name\r\n2,Kim\r\n").len(),
            1
        );
    }
}
