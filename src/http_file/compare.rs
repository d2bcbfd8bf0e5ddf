//! Whether a real response is as a sample says it is. `…` in a sample stands for what varies.
//!
//! In a header's value, a text or a JSON string it is any run of characters; in JSON, outside a
//! string, it is any value, any items of an array, or any members of an object. A header that the
//! sample leaves out says nothing; a body that it leaves out says that there is none.

use super::response::{SampleBody, SampleResponse};
use crate::model::http::{Header, reason_phrase};
use crate::model::json::{Json, JsonError};

/// What stands for anything.
const ANY: char = '…';

/// A place where a response is not as its sample says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The line of the sample, from 1.
    pub line: usize,
    /// What the sample says.
    pub written: String,
    /// What the response says there; empty for nothing.
    pub came: String,
}

impl SampleResponse {
    /// Where a response differs from this one; nowhere when it is as the sample says.
    #[must_use]
    pub fn differences(&self, status: u16, headers: &[Header], body: &str) -> Vec<Difference> {
        let mut found = Vec::new();
        let reason = reason_phrase(status);
        if self.status != status || !self.reason.is_empty() && self.reason != reason {
            found.push(Difference {
                line: 1,
                written: format!("{} {}", self.status, self.reason),
                came: format!("{status} {reason}"),
            });
        }
        for (at, header) in self.headers.iter().enumerate() {
            let named = |other: &&Header| other.name.eq_ignore_ascii_case(&header.name);
            let mut came = headers.iter().filter(named).map(|other| &other.value);
            if !came.clone().any(|value| text_is(&header.value, value)) {
                found.push(Difference {
                    line: at + 2,
                    written: format!("{}: {}", header.name, header.value),
                    came: came.next().cloned().unwrap_or_default(),
                });
            }
        }
        if !self.body.is(body) {
            found.push(Difference {
                line: self.headers.len() + 3,
                written: self.body.to_string(),
                came: body.to_owned(),
            });
        }
        found
    }
}

impl SampleBody {
    fn is(&self, body: &str) -> bool {
        match self {
            SampleBody::Empty => body.is_empty(),
            SampleBody::Text(text) => {
                let body = body.replace("\r\n", "\n");
                !body.is_empty() && text_is(text, body.strip_suffix('\n').unwrap_or(&body))
            }
            SampleBody::Json(json) => {
                Json::parse(body.as_bytes()).is_ok_and(|body| json_is(json, &body))
            }
        }
    }
}

fn text_is(sample: &str, text: &str) -> bool {
    let sample: Vec<char> = sample.chars().collect();
    let text: Vec<char> = text.chars().collect();
    run_is(&sample, &text, |c| *c == ANY, |one, other| one == other)
}

fn json_is(sample: &Json, json: &Json) -> bool {
    match (sample, json) {
        (Json::String(text), _) if is_any(text) => true,
        (Json::String(text), Json::String(other)) => text_is(text, other),
        (Json::Array(items), Json::Array(others)) => {
            let is_rest = |item: &Json| item.as_text().is_some_and(is_any);
            run_is(items, others, is_rest, json_is)
        }
        (Json::Object(members), Json::Object(others)) => run_is(
            members,
            others,
            |(key, _)| key.starts_with(ANY),
            |(key, value), (name, other)| key == name && json_is(value, other),
        ),
        (sample, json) => sample == json,
    }
}

fn is_any(text: &str) -> bool {
    text.chars().eq([ANY])
}

/// Whether `items` are those of `sample` in its order, where some of the sample are any run of items.
fn run_is<S, T>(
    sample: &[S],
    items: &[T],
    is_rest: impl Fn(&S) -> bool,
    is_same: impl Fn(&S, &T) -> bool,
) -> bool {
    let (mut at, mut next) = (0, 0);
    let mut last_rest = None;
    while next < items.len() {
        if sample.get(at).is_some_and(&is_rest) {
            last_rest = Some((at, next));
            at += 1;
        } else if sample.get(at).is_some_and(|one| is_same(one, &items[next])) {
            at += 1;
            next += 1;
        } else if let Some((rest, taken)) = last_rest {
            // It takes one more, and what follows it is tried again.
            last_rest = Some((rest, taken + 1));
            at = rest + 1;
            next = taken + 1;
        } else {
            return false;
        }
    }
    sample[at..].iter().all(is_rest)
}

/// Reads JSON in which `…` stands for a value, for items or for members.
///
/// # Errors
/// The first place that is wrong, as it is in `text`.
pub(super) fn abridged(text: &str) -> Result<Json, JsonError> {
    let mut json = String::new();
    let mut open = Vec::new();
    let (mut quoted, mut escaped, mut last) = (false, false, ' ');
    let (mut line, mut column) = (1, 1);
    // Where more is put in than was there: line, column and how much more.
    let mut longer: Vec<(usize, usize, usize)> = Vec::new();
    for c in text.chars() {
        let mut put = c.to_string();
        if c == ANY && !quoted {
            let is_member = open.last() == Some(&'{') && matches!(last, '{' | ',');
            put = match is_member {
                true => format!("\"{ANY}{}\":0", longer.len()),
                false => format!("\"{ANY}\""),
            };
            longer.push((line, column, put.chars().count() - 1));
        }
        match c {
            '"' if !escaped => quoted = !quoted,
            '{' | '[' if !quoted => open.push(c),
            '}' | ']' if !quoted => drop(open.pop()),
            _ => {}
        }
        escaped = quoted && c == '\\' && !escaped;
        (line, column) = match c {
            '\n' => (line + 1, 1),
            _ => (line, column + put.chars().count()),
        };
        if !c.is_whitespace() {
            last = c;
        }
        json.push_str(&put);
    }
    Json::parse(json.as_bytes()).map_err(|error| {
        let before = |(line, column, _): &&(usize, usize, usize)| {
            *line == error.line && *column < error.column
        };
        let more = longer.iter().filter(before);
        let more = more.map(|(_, column, more)| (*more).min(error.column - column));
        JsonError {
            column: error.column - more.sum::<usize>(),
            ..error
        }
    })
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
    fn a_response_is_as_its_sample_says() {
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
    fn each_difference_has_its_line() {
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
    fn text_is_compared_by_lines() {
        let sample = parse_response("HTTP/1.1 200\n\nid,name\n1,…\n").expect("a sample");
        assert_eq!(sample.differences(200, &[], "id,name\r\n1,Kim\r\n"), []);
        assert_eq!(
            sample.differences(200, &[], "id,name\r\n2,Kim\r\n").len(),
            1
        );
    }

    #[test]
    fn a_mistake_in_the_body_is_where_the_author_sees_it() {
        for (text, line, column) in [
            ("{\"a\": …, \"b\" 1}", 1, 14),
            ("{…, …, x}", 1, 8),
            ("[\n  …,\n]", 2, 4),
            ("{\"a\": \"…\", \"b\": tru}", 1, 17),
            ("[… …]", 1, 4),
        ] {
            let error = abridged(text).expect_err(text);
            assert_eq!(
                (error.line, error.column),
                (line, column),
                "{text}: {error}"
            );
        }
    }
}
