//! Sample responses: `HTTP/1.1 201 Created`, headers, an empty line, a body.

use std::fmt;

use super::SPACE;
use super::abridged_json::parse_abridged_json;
use super::error::{ParseError, ParseErrorKind};
use super::lines::{Lines, parse_header};
use crate::model::http::{self, Header};
use crate::model::json::Json;

/// A response as the author of a lesson shows it; headers that are left out are not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SampleResponse {
    /// The status code, 100–599.
    pub status: u16,
    /// The reason phrase; empty when it is left out (RFC 9112, section 4).
    pub reason: String,
    /// The header lines.
    pub headers: Vec<Header>,
    /// The body.
    pub body: SampleBody,
}

/// The body of a sample response, in which `…` is a wildcard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SampleBody {
    /// No body: the response must not have one.
    #[default]
    Empty,
    /// Text, without the end of its last line.
    Text(String),
    /// JSON: a body that begins with `{` or `[`.
    Json(Json),
}

impl fmt::Display for SampleBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SampleBody::Empty => Ok(()),
            SampleBody::Text(text) => f.write_str(text),
            SampleBody::Json(json) => f.write_str(&json.pretty()),
        }
    }
}

impl SampleResponse {
    /// Returns the first value of the header `name`, compared without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        http::header(&self.headers, name)
    }
}

/// Parses a sample response.
///
/// # Errors
/// Returns the first error, with its line and column.
pub fn parse_response(text: &str) -> Result<SampleResponse, ParseError> {
    let lines = Lines::new(text);
    let first = lines.get(0);
    lines.check_controls(0)?;
    let (status, reason) = status_line(first.trim_matches(SPACE))
        .ok_or_else(|| lines.error(0, first, ParseErrorKind::StatusLine))?;
    let mut response = SampleResponse {
        status,
        reason: reason.to_owned(),
        ..SampleResponse::default()
    };
    let mut at = 1;
    while at < lines.len() && !lines.is_blank(at) {
        response.headers.push(parse_header(&lines, at)?);
        at += 1;
    }
    let text = lines.join(at + 1, lines.len());
    response.body = match text.as_bytes().first() {
        None => SampleBody::Empty,
        Some(b'{' | b'[') => {
            SampleBody::Json(parse_abridged_json(&text).map_err(|error| ParseError {
                line: at + 1 + error.line,
                column: error.column,
                kind: ParseErrorKind::SampleBody(error.reason),
            })?)
        }
        Some(_) => SampleBody::Text(text),
    };
    Ok(response)
}

/// Returns the status code and reason phrase of a status line such as `HTTP/1.1 201 Created` (RFC 9112,
/// section 4).
fn status_line(line: &str) -> Option<(u16, &str)> {
    let rest = line.strip_prefix("HTTP/1.1 ")?;
    let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let digits = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    let status = code
        .parse()
        .ok()
        .filter(|status| digits && (100..600).contains(status))?;
    Some((status, reason.trim_matches(SPACE)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::JsonErrorReason;

    #[test]
    fn status_line_headers_and_body_are_parsed() {
        fn check(
            text: &str,
            status: u16,
            reason: &str,
            headers: &[(&str, &str)],
            body: SampleBody,
        ) {
            let expected = SampleResponse {
                status,
                reason: reason.into(),
                headers: headers
                    .iter()
                    .map(|(name, value)| Header::new(*name, *value))
                    .collect(),
                body,
            };
            assert_eq!(parse_response(text), Ok(expected), "{text:?}");
        }
        check(
            "HTTP/1.1 204 No Content\n",
            204,
            "No Content",
            &[],
            SampleBody::Empty,
        );
        check("HTTP/1.1 418", 418, "", &[], SampleBody::Empty);
        check(
            "HTTP/1.1 201 Created\r\nLocation: /api/users/13\r\nX:\r\n\r\n{\r\n  \"id\": 13\r\n}\r\n",
            201,
            "Created",
            &[("Location", "/api/users/13"), ("X", "")],
            SampleBody::Json(Json::Object(vec![("id".into(), Json::Number("13".into()))])),
        );
        check(
            "HTTP/1.1 200 OK\n\n### {{x}}\n\n",
            200,
            "OK",
            &[],
            SampleBody::Text("### {{x}}\n".into()),
        );
        let response = parse_response("HTTP/1.1 200 OK\nvary: a").expect("a response");
        assert_eq!(response.header("Vary"), Some("a"));
    }

    #[test]
    fn invalid_response_is_an_error_with_line_and_column() {
        fn check(text: &str, line: usize, column: usize, kind: ParseErrorKind) {
            assert_eq!(
                parse_response(text),
                Err(ParseError { line, column, kind }),
                "{text:?}"
            );
        }
        for text in [
            "",
            "\nHTTP/1.1 200 OK",
            "HTTP/2 200",
            "HTTP/1.1 20",
            "HTTP/1.1 600",
            "HTTP/1.1 OK",
            "HTTP/1.1 +20 x",
            "GET /a",
        ] {
            check(text, 1, 1, ParseErrorKind::StatusLine);
        }
        check(
            "HTTP/1.1 200 O\u{1}K",
            1,
            15,
            ParseErrorKind::ControlCharacter,
        );
        check(
            "HTTP/1.1 200 OK\nA: 1\n{\"a\"}",
            3,
            1,
            ParseErrorKind::HeaderWithoutColon,
        );
        check(
            "HTTP/1.1 200 OK\nA: 1\nB c: 1",
            3,
            1,
            ParseErrorKind::HeaderName,
        );
        check(
            "HTTP/1.1 200 OK\nA: 1\n\n[\n  1,\n]",
            5,
            4,
            ParseErrorKind::SampleBody(JsonErrorReason::TrailingComma),
        );
    }
}
