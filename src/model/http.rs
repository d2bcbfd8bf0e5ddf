//! A request being drafted, and the exchange it becomes.
//!
//! Everything here is pure and compiles for the server and the browser: the island edits a
//! [`RequestDraft`], [`validate`] says what a browser would not send of it, [`normalise_target`]
//! keeps it inside the API, and [`code()`] writes it for terminals and programs. Sending is deliberately not
//! here: the island does it with `fetch`, the server in process.

mod fault;
mod form;
mod parts;
mod status;
pub(crate) mod target;
mod validate;

pub use fault::Mutation;
pub use parts::{QueryParameter, path_values, query_parameters, with_path_value, with_query};
pub use status::{StatusFamily, reason_phrase};
pub use target::{TargetError, normalise_target, normalise_target_of};
pub use validate::{
    DraftField, DraftFinding, FIELDS_MAX, FieldProblem, HEAD_MAX, TARGET_MAX, is_forbidden_header,
    is_forbidden_method, validate,
};

use serde::{Deserialize, Serialize};

use super::json::Json;

/// The methods that a form offers, in the order of the lessons; a draft may hold any other token.
pub const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// One header field (RFC 9110, section 5): a name and a value, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The field name; compared without regard to case.
    pub name: String,
    /// The field value, without the optional white space around it.
    pub value: String,
}

impl Header {
    /// Makes a header of a name and a value, taken as they are.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

/// The first value of the header `name`, whatever its case (RFC 9110, section 5.1).
pub fn header<'a>(headers: &'a [Header], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case(name))
        .map(|header| header.value.as_str())
}

/// A request as someone is writing it: nothing in it is checked, so that a wrong request can be
/// written, explained and sent too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestDraft {
    /// The method, case-sensitive (RFC 9110, section 9.1).
    pub method: String,
    /// The path and query as typed, before [`normalise_target`].
    pub target: String,
    /// The header lines, in order; a name may stand twice.
    pub headers: Vec<Header>,
    /// The content; empty means that the request has none.
    pub body: String,
}

impl RequestDraft {
    /// The first value of the header `name`, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The draft as a JSON object with the fields of this type.
    #[must_use]
    pub fn to_json(&self) -> String {
        let text = |text: &str| Json::String(text.to_owned());
        let header = |header: &Header| {
            Json::Object(vec![
                ("name".to_owned(), text(&header.name)),
                ("value".to_owned(), text(&header.value)),
            ])
        };
        let headers = self.headers.iter().map(header).collect();
        let draft = Json::Object(vec![
            ("method".to_owned(), text(&self.method)),
            ("target".to_owned(), text(&self.target)),
            ("headers".to_owned(), Json::Array(headers)),
            ("body".to_owned(), text(&self.body)),
        ]);
        draft.pretty()
    }

    /// Reads what [`RequestDraft::to_json`] wrote; `None` when it is something else.
    #[must_use]
    pub fn from_json(text: &str) -> Option<RequestDraft> {
        let json = Json::parse(text.as_bytes()).ok()?;
        let text = |json: &Json, name: &str| Some(json.member(name)?.as_text()?.to_owned());
        let Json::Array(headers) = json.member("headers")? else {
            return None;
        };
        let header =
            |header: &Json| Some(Header::new(text(header, "name")?, text(header, "value")?));
        Some(RequestDraft {
            method: text(&json, "method")?,
            target: text(&json, "target")?,
            headers: headers.iter().map(header).collect::<Option<_>>()?,
            body: text(&json, "body")?,
        })
    }

    /// What may be kept or handed on of it: without credentials, and without a body that has a
    /// password or token in it.
    #[must_use]
    pub fn without_secrets(mut self) -> RequestDraft {
        let is_secret = |header: &Header| {
            let secret = ["authorization", "cookie", "sandbox-key"];
            let name = header.name.to_ascii_lowercase();
            // What a placeholder will put in is none yet.
            secret.contains(&name.as_str()) && !header.value.contains("{{")
        };
        self.headers.retain(|header| !is_secret(header));
        let body = self.body.to_ascii_lowercase();
        if ["password", "token"].iter().any(|word| body.contains(word)) {
            self.body.clear();
        }
        self
    }
}

/// The content of a response: text when it is UTF-8, bytes otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResponseBody {
    /// Content that is well-formed UTF-8.
    Text(String),
    /// Any other content.
    Bytes(Vec<u8>),
}

impl ResponseBody {
    /// The content as text, or `None` when it is not UTF-8.
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

/// A response as it came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpResponse {
    /// The status code (RFC 9110, section 15).
    pub status: u16,
    /// The header lines, in the order received.
    pub headers: Vec<Header>,
    /// The content.
    pub body: ResponseBody,
    /// The time from sending to the last byte, in milliseconds.
    pub milliseconds: u32,
    /// The length of the content in bytes.
    pub size: usize,
}

impl HttpResponse {
    /// Makes a response of its parts; the size is counted from the content.
    pub fn new(status: u16, headers: Vec<Header>, content: Vec<u8>, milliseconds: u32) -> Self {
        Self {
            status,
            headers,
            size: content.len(),
            body: ResponseBody::from(content),
            milliseconds,
        }
    }

    /// The first value of the header `name`, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// Whether `Content-Type` says JSON: `application/json` or any `+json` (RFC 6839, section 3.1).
    pub fn is_json(&self) -> bool {
        self.header("content-type").is_some_and(is_json_type)
    }
}

/// Whether a media type is JSON: `application/json` or any `+json` (RFC 6839, section 3.1).
pub fn is_json_type(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json")
}

/// Whether a media type is XML: `application/xml`, `text/xml` or any `+xml` (RFC 7303, section 4).
pub fn is_xml_type(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/xml" || essence == "text/xml" || essence.ends_with("+xml")
}

/// Whether `text` is a token, as methods and header names must be (RFC 9110, section 5.6.2).
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
    fn tokens_are_what_the_standard_says() {
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
    fn json_media_types_are_recognised() {
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
    fn a_response_keeps_bytes_that_are_not_text() {
        let response = HttpResponse::new(200, vec![], vec![0xff, 0x00], 3);
        assert_eq!(response.size, 2);
        assert_eq!(response.body.text(), None);
        assert_eq!(response.body, ResponseBody::Bytes(vec![0xff, 0x00]));
        let response = HttpResponse::new(200, vec![], "한".into(), 3);
        assert_eq!((response.size, response.body.text()), (3, Some("한")));
    }

    #[test]
    fn a_draft_is_json_that_others_read_too() {
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
    fn what_is_handed_on_has_no_secrets() {
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
    fn the_first_header_of_a_name_is_found() {
        let draft = RequestDraft {
            headers: vec![Header::new("Accept", "a"), Header::new("ACCEPT", "b")],
            ..RequestDraft::default()
        };
        assert_eq!(draft.header("accept"), Some("a"));
        assert_eq!(draft.header("accept-language"), None);
    }
}
