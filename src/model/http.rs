//! HTTP messages: a request draft and the response to it.
//!
//! The playground edits a [`RequestDraft`], [`validate`] finds what a client or a browser cannot send,
//! and [`normalize_target`] accepts only targets of the API. [`snippet`](crate::snippet) prints a draft
//! as code. Sending is not here: an island uses `fetch`, the server calls the API in process.

mod address;
mod comparison;
mod content_type;
mod draft_key;
mod form;
mod linked_request;
mod mutation;
mod status;
pub(crate) mod target;
mod target_parts;
mod validate;

pub use address::{target_after_origin, target_of_address};
pub use comparison::{ComparedLine, ComparedPart, ResponseComparison, fold_equal_lines};
pub use draft_key::{draft_fragment, draft_key};
pub use linked_request::{LinkedRequest, saved_fragment};
pub use mutation::Mutation;
pub use status::{StatusFamily, allows_content_length, reason_phrase};
pub use target::{TargetError, normalize_target, normalize_target_of};
pub use target_parts::{
    QueryFields, QueryParameter, path_values, query_parameters, with_path_value, with_query,
};
pub use validate::{
    DraftField, DraftFinding, FIELDS_MAX, FindingKind, HEAD_MAX, TARGET_MAX, is_forbidden_header,
    is_forbidden_method, validate,
};

use serde::{Deserialize, Serialize};

use super::json::Json;
use super::measure::size;

/// The methods that a request form offers, in the order of the lessons; a draft may have any other token.
pub const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// A header field (RFC 9110, section 5): a name and a value, unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The field name; compared without regard to case.
    pub name: String,
    /// The field value, without the optional white space around it.
    pub value: String,
}

impl Header {
    /// Returns a header with this name and value, unchanged.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

/// Returns the first value of the header `name`, compared without regard to case (RFC 9110, section 5.1).
pub fn header<'a>(headers: &'a [Header], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case(name))
        .map(|header| header.value.as_str())
}

/// A request that someone is writing. It is not validated, so that a learner can also send a wrong request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestDraft {
    /// The method, case-sensitive (RFC 9110, section 9.1).
    pub method: String,
    /// The path and query as entered, before [`normalize_target`].
    pub target: String,
    /// The header lines, in order; a name may be repeated.
    pub headers: Vec<Header>,
    /// The body; empty when the request has none.
    pub body: String,
}

impl RequestDraft {
    /// Returns the first value of the header `name`, compared without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// Returns the path of the target.
    pub fn path(&self) -> &str {
        let target = self.target.trim_matches(' ');
        target.split('?').next().unwrap_or_default()
    }

    /// Returns the draft as the text of [`RequestDraft::as_json`].
    #[must_use]
    pub fn to_json(&self) -> String {
        self.as_json().pretty()
    }

    /// Returns the draft as a JSON object with the fields of this type.
    #[must_use]
    pub fn as_json(&self) -> Json {
        let text = |text: &str| Json::String(text.to_owned());
        let header = |header: &Header| {
            Json::Object(vec![
                ("name".to_owned(), text(&header.name)),
                ("value".to_owned(), text(&header.value)),
            ])
        };
        let headers = self.headers.iter().map(header).collect();
        Json::Object(vec![
            ("method".to_owned(), text(&self.method)),
            ("target".to_owned(), text(&self.target)),
            ("headers".to_owned(), Json::Array(headers)),
            ("body".to_owned(), text(&self.body)),
        ])
    }

    /// Parses the output of [`RequestDraft::to_json`]; `None` for any other text.
    #[must_use]
    pub fn from_json(text: &str) -> Option<RequestDraft> {
        RequestDraft::from_parsed(&Json::parse(text.as_bytes()).ok()?)
    }

    /// Reads a draft from parsed JSON; see [`RequestDraft::from_json`].
    #[must_use]
    pub fn from_parsed(json: &Json) -> Option<RequestDraft> {
        let text = |json: &Json, name: &str| Some(json.member(name)?.as_text()?.to_owned());
        let Json::Array(headers) = json.member("headers")? else {
            return None;
        };
        let header =
            |header: &Json| Some(Header::new(text(header, "name")?, text(header, "value")?));
        Some(RequestDraft {
            method: text(json, "method")?,
            target: text(json, "target")?,
            headers: headers.iter().map(header).collect::<Option<_>>()?,
            body: text(json, "body")?,
        })
    }

    /// Returns the draft without headers that carry credentials, and without a body that mentions a
    /// password or token, so that it can be stored or shared.
    #[must_use]
    pub fn without_secrets(self) -> RequestDraft {
        let mut draft = self.without_credentials();
        let body = draft.body.to_ascii_lowercase();
        if ["password", "token"].iter().any(|word| body.contains(word)) {
            draft.body.clear();
        }
        draft
    }

    /// Returns the draft without headers that carry credentials.
    #[must_use]
    pub fn without_credentials(mut self) -> RequestDraft {
        let is_secret = |header: &Header| {
            let secret = ["authorization", "cookie", "sandbox-key"];
            let name = header.name.to_ascii_lowercase();
            // A placeholder is not a secret: its value is inserted only when the request is sent.
            secret.contains(&name.as_str()) && !header.value.contains("{{")
        };
        self.headers.retain(|header| !is_secret(header));
        self
    }
}

/// The body of a response: text when it is UTF-8, bytes otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResponseBody {
    /// A body that is valid UTF-8.
    Text(String),
    /// Any other body.
    Bytes(Vec<u8>),
}

impl ResponseBody {
    /// Returns the body as text, or `None` when it is not UTF-8.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bytes(_) => None,
        }
    }
}

impl From<Vec<u8>> for ResponseBody {
    fn from(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Bytes(error.into_bytes()),
        }
    }
}

/// A response as received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpResponse {
    /// The status code (RFC 9110, section 15).
    pub status: u16,
    /// The header lines, in the order received.
    pub headers: Vec<Header>,
    /// The body.
    pub body: ResponseBody,
    /// The time from sending the request to the last byte of the response, in milliseconds.
    pub milliseconds: u32,
    /// The length of the body in bytes.
    pub size: usize,
}

impl HttpResponse {
    /// Returns a response with these parts; its size is the length of `content`.
    pub fn new(status: u16, headers: Vec<Header>, content: Vec<u8>, milliseconds: u32) -> Self {
        Self {
            status,
            headers,
            size: content.len(),
            body: ResponseBody::from(content),
            milliseconds,
        }
    }

    /// Returns the first value of the header `name`, compared without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// Returns duration and size as a text, such as `9 ms · 180 B`.
    pub fn cost(&self) -> String {
        let bytes = u64::try_from(self.size).unwrap_or(u64::MAX);
        [&self.milliseconds.to_string(), " ms · ", &size(bytes)].concat()
    }

    /// Returns whether the `Content-Type` is JSON: `application/json` or any `+json` (RFC 6839, section 3.1).
    pub fn is_json(&self) -> bool {
        self.header("content-type").is_some_and(is_json_type)
    }
}

/// Returns whether a media type is JSON: `application/json` or any `+json` (RFC 6839, section 3.1).
pub fn is_json_type(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json")
}

/// Returns whether a media type is XML: `application/xml`, `text/xml` or any `+xml` (RFC 7303, section 4).
pub fn is_xml_type(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/xml" || essence == "text/xml" || essence.ends_with("+xml")
}

/// Returns whether `text` is a token (RFC 9110, section 5.6.2), which methods and header names must be.
pub fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_has_only_the_characters_of_rfc_9110() {
        fn check(text: &str, expected: bool) {
            assert_eq!(is_token(text), expected, "{text:?}");
        }
        for text in ["GET", "get", "M-SEARCH", "X", "!#$%&'*+-.^_`|~09az"] {
            check(text, true);
        }
        for text in [
            "", " ", "A B", "A:", "한글", "a\n", "(a)", "a/b", "\"a\"", "a@b",
        ] {
            check(text, false);
        }
    }

    #[test]
    fn json_and_plus_json_media_types_are_json() {
        fn check(media_type: &str, expected: bool) {
            let response = HttpResponse::new(
                200,
                vec![Header::new("content-TYPE", media_type)],
                vec![],
                1,
            );
            assert_eq!(response.is_json(), expected, "{media_type:?}");
        }
        check("application/json", true);
        check("Application/JSON; charset=utf-8", true);
        check("application/problem+json", true);
        check("application/merge-patch+json ;x=y", true);
        check("text/plain", false);
        check("application/json-seq", false);
        check("", false);
    }

    #[test]
    fn body_that_is_not_utf_8_is_kept_as_bytes() {
        let response = HttpResponse::new(200, vec![], vec![0xff, 0x00], 3);
        assert_eq!(response.size, 2);
        assert_eq!(response.body.text(), None);
        assert_eq!(response.body, ResponseBody::Bytes(vec![0xff, 0x00]));
        let response = HttpResponse::new(200, vec![], "한".into(), 3);
        assert_eq!((response.size, response.body.text()), (3, Some("한")));
    }

    #[test]
    fn json_of_a_draft_is_parsed_by_from_json_and_by_serde_json() {
        let draft = RequestDraft {
            method: "POST".into(),
            target: "/api/users".into(),
            headers: vec![Header::new("X", "\"한\\")],
            body: "{\n\t\"a\": 1}\u{1}".into(),
        };
        let text = draft.to_json();
        assert_eq!(RequestDraft::from_json(&text), Some(draft.clone()));
        assert_eq!(
            serde_json::from_str::<RequestDraft>(&text).ok(),
            Some(draft)
        );
        assert_eq!(RequestDraft::from_json("{\"method\":\"GET\"}"), None);
    }

    #[test]
    fn without_secrets_removes_credentials_and_keeps_placeholders() {
        let draft = RequestDraft {
            headers: vec![
                Header::new("AUTHORIZATION", "Bearer abc"),
                Header::new("Authorization", "Bearer {{login.response.body.$.token}}"),
                Header::new("sandbox-key", "abc"),
                Header::new("Accept", "*/*"),
            ],
            body: "{\"Password\":\"x\"}".into(),
            ..RequestDraft::default()
        };
        let safe = draft.without_secrets();
        let names: Vec<&str> = safe
            .headers
            .iter()
            .map(|header| header.name.as_str())
            .collect();
        assert_eq!(
            (names, safe.body.as_str()),
            (vec!["Authorization", "Accept"], "")
        );
    }

    #[test]
    fn header_returns_the_first_value_of_a_name_in_any_case() {
        let draft = RequestDraft {
            headers: vec![Header::new("Accept", "a"), Header::new("ACCEPT", "b")],
            ..RequestDraft::default()
        };
        assert_eq!(draft.header("accept"), Some("a"));
        assert_eq!(draft.header("accept-language"), None);
    }
}
