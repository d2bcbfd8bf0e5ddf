//! Validation of a draft: what no client can send, and what a browser does not send.
//!
//! Findings do not prevent sending; a form shows them at their fields.

use serde::{Deserialize, Serialize};

use super::target::{TargetError, normalize_target_of};
use super::{RequestDraft, is_token};

/// The maximum number of header fields of a request that the server accepts.
pub const FIELDS_MAX: usize = 100;
/// The maximum size of the head of a request that the server accepts, in bytes.
pub const HEAD_MAX: usize = 64 * 1024;
/// The maximum length of path and query that the server accepts, in bytes.
pub const TARGET_MAX: usize = 8 * 1024;

/// The number of fields that are added to every draft: `Host`, `Cookie` and `Exchange-Group`.
const FIELDS_ADDED: usize = 3;
/// The bytes of the head that are reserved for those fields.
const HEAD_ADDED: usize = 1024;

/// The field of a draft that a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DraftField {
    /// The method.
    Method,
    /// The target.
    Target,
    /// The name of the header line with this index.
    HeaderName(usize),
    /// The value of the header line with this index.
    HeaderValue(usize),
    /// The body.
    Body,
    /// The choice of the session.
    Session,
}

/// The kind of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum FindingKind {
    /// The method is not a token (RFC 9110, section 9.1).
    #[error("not a method: letters, digits and !#$%&'*+-.^_`|~ only")]
    MethodMalformed,
    /// A browser sends no CONNECT, TRACE or TRACK (Fetch Standard, "forbidden method").
    #[error("a browser will not send this method")]
    MethodForbidden,
    /// The target is not a target of the API.
    #[error("{0}")]
    Target(#[from] TargetError),
    /// The name is not a token (RFC 9110, section 5.1).
    #[error("not a header name: letters, digits and !#$%&'*+-.^_`|~ only")]
    HeaderNameMalformed,
    /// A browser sets or refuses this header itself (Fetch Standard, "forbidden request-header").
    #[error("a browser will not send this header")]
    HeaderForbidden,
    /// The value has a control character other than tab (RFC 9110, section 5.5), or one of U+0080 to U+009F, which
    /// a terminal interprets too.
    #[error("a header value is one line without control characters")]
    HeaderValueMalformed,
    /// The path and query are longer than [`TARGET_MAX`].
    #[error("a path and its query have at max_headers 8192 bytes")]
    TargetTooLong,
    /// There are more header fields than [`FIELDS_MAX`], with those that are added to every draft.
    #[error(
        "a request has at max_headers 97 headers here, besides Host, Cookie and Exchange-Group"
    )]
    TooManyHeaders,
    /// All headers together are longer than [`HEAD_MAX`].
    #[error("the headers of a request have at max_headers 63 KiB in all")]
    HeadersTooLong,
    /// `fetch` accepts no body with GET and HEAD.
    #[error("a browser sends no body with GET or HEAD")]
    BodyForbidden,
    /// The request is to be sent with a token, and no response has contained one.
    #[error("no response has contained a token yet")]
    NoToken,
}

impl FindingKind {
    /// Returns whether only a browser refuses the draft, so that a copied command still sends it unchanged.
    pub fn is_for_browsers_only(self) -> bool {
        matches!(
            self,
            Self::MethodForbidden | Self::HeaderForbidden | Self::BodyForbidden
        )
    }
}

/// An error in a draft, with its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftFinding {
    /// The field.
    pub field: DraftField,
    /// The kind of the error.
    pub kind: FindingKind,
}

impl DraftFinding {
    /// Returns the name of what is wrong: the method, or the name of the header.
    #[must_use]
    pub fn subject<'d>(&self, draft: &'d RequestDraft) -> &'d str {
        match self.field {
            DraftField::Method => &draft.method,
            DraftField::HeaderName(index) | DraftField::HeaderValue(index) => {
                let header = draft.headers.get(index);
                header
                    .map(|header| header.name.as_str())
                    .unwrap_or_default()
            }
            DraftField::Target | DraftField::Body | DraftField::Session => "",
        }
    }
}

/// Returns the findings of a draft, in the order of its fields.
pub fn validate(draft: &RequestDraft) -> Vec<DraftFinding> {
    let mut findings = Vec::new();
    let mut add = |field, kind| findings.push(DraftFinding { field, kind });
    if !is_token(&draft.method) {
        add(DraftField::Method, FindingKind::MethodMalformed);
    } else if is_forbidden_method(&draft.method) {
        add(DraftField::Method, FindingKind::MethodForbidden);
    }
    if let Err(error) = normalize_target_of(&draft.method, &draft.target) {
        add(DraftField::Target, FindingKind::Target(error));
    }
    if draft.target.len() > TARGET_MAX {
        add(DraftField::Target, FindingKind::TargetTooLong);
    }
    let max_headers = FIELDS_MAX - FIELDS_ADDED;
    if draft.headers.len() > max_headers {
        add(
            DraftField::HeaderName(max_headers),
            FindingKind::TooManyHeaders,
        );
    }
    let mut head = HEAD_ADDED + draft.method.len() + draft.target.len();
    let too_long = draft.headers.iter().position(|header| {
        head += header.name.len() + header.value.len() + ": \r\n".len();
        head > HEAD_MAX
    });
    if let Some(index) = too_long {
        add(DraftField::HeaderValue(index), FindingKind::HeadersTooLong);
    }
    for (index, header) in draft.headers.iter().enumerate() {
        if !is_token(&header.name) {
            add(
                DraftField::HeaderName(index),
                FindingKind::HeaderNameMalformed,
            );
        } else if is_forbidden_header(&header.name, &header.value) {
            add(DraftField::HeaderName(index), FindingKind::HeaderForbidden);
        }
        let is_control = |character: char| character.is_control() && character != '\t';
        if header.value.contains(is_control) {
            add(
                DraftField::HeaderValue(index),
                FindingKind::HeaderValueMalformed,
            );
        }
    }
    let bodiless = ["GET", "HEAD"]
        .iter()
        .any(|method| draft.method.eq_ignore_ascii_case(method));
    if bodiless && !draft.body.is_empty() {
        add(DraftField::Body, FindingKind::BodyForbidden);
    }
    findings
}

/// Returns whether a browser refuses the method (Fetch Standard, "forbidden method").
pub fn is_forbidden_method(method: &str) -> bool {
    ["CONNECT", "TRACE", "TRACK"]
        .iter()
        .any(|forbidden| method.eq_ignore_ascii_case(forbidden))
}

/// Returns whether a browser refuses to send this header (Fetch Standard, "forbidden request-header").
pub fn is_forbidden_header(name: &str, value: &str) -> bool {
    const NAMES: [&str; 21] = [
        "accept-charset",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "access-control-request-private-network",
        "connection",
        "content-length",
        "cookie",
        "cookie2",
        "date",
        "dnt",
        "expect",
        "host",
        "keep-alive",
        "origin",
        "referer",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    const OVERRIDES: [&str; 3] = [
        "x-http-method",
        "x-http-method-override",
        "x-method-override",
    ];
    let name = name.to_ascii_lowercase();
    let name = name.as_str();
    NAMES.contains(&name)
        || name == "via"
        || name.starts_with("proxy-")
        || name.starts_with("sec-")
        || OVERRIDES.contains(&name)
            && value
                .split(',')
                .any(|method| is_forbidden_method(method.trim()))
}

#[cfg(test)]
mod tests {
    use super::super::Header;
    use super::*;

    fn draft(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> RequestDraft {
        RequestDraft {
            method: method.into(),
            target: target.into(),
            headers: headers
                .iter()
                .map(|(name, value)| Header::new(*name, *value))
                .collect(),
            body: body.into(),
        }
    }

    #[test]
    fn draft_beyond_a_limit_has_a_finding_at_the_first_field_beyond_it() {
        fn check(
            target: usize,
            headers: usize,
            value: usize,
            expected: &[(DraftField, FindingKind)],
        ) {
            let value = "v".repeat(value);
            let headers = vec![("X", value.as_str()); headers];
            let target = format!("/api/{}", "a".repeat(target - 5));
            let found = validate(&draft("GET", &target, &headers, ""));
            let found: Vec<_> = found.iter().map(|one| (one.field, one.kind)).collect();
            assert_eq!(found, expected);
        }
        check(8192, 97, 1, &[]);
        check(
            8193,
            0,
            0,
            &[(DraftField::Target, FindingKind::TargetTooLong)],
        );
        check(
            9,
            98,
            1,
            &[(DraftField::HeaderName(97), FindingKind::TooManyHeaders)],
        );
        check(9, 6, 10_000, &[]);
        check(
            9,
            7,
            10_000,
            &[(DraftField::HeaderValue(6), FindingKind::HeadersTooLong)],
        );
    }

    #[test]
    fn findings_name_their_field() {
        fn check(draft: RequestDraft, expected: &[(DraftField, FindingKind)]) {
            let found: Vec<_> = validate(&draft)
                .iter()
                .map(|finding| (finding.field, finding.kind))
                .collect();
            assert_eq!(found, expected, "{draft:?}");
        }
        use DraftField::*;
        use FindingKind::*;
        check(
            draft("GET", "/api/users", &[("Accept", "*/*"), ("X-A", "")], ""),
            &[],
        );
        check(
            draft("POST", "/api/users", &[("Content-Type", "text/plain")], "x"),
            &[],
        );
        check(draft("M-SEARCH", "/api", &[("X", "a\tb é")], "x"), &[]);
        check(draft("", "/api", &[], ""), &[(Method, MethodMalformed)]);
        check(draft("GE T", "/api", &[], ""), &[(Method, MethodMalformed)]);
        check(
            draft("trace", "/api", &[], ""),
            &[(Method, MethodForbidden)],
        );
        check(
            draft("GET", "/logout", &[], ""),
            &[(
                DraftField::Target,
                FindingKind::Target(TargetError::OutsideApi),
            )],
        );
        check(draft("GET", "/api", &[], "x"), &[(Body, BodyForbidden)]);
        check(draft("head", "/api", &[], "\n"), &[(Body, BodyForbidden)]);
        check(
            draft(
                "GET",
                "//h/x",
                &[
                    ("A", "1"),
                    ("a b", "한"),
                    ("hOST", "x"),
                    ("X", "a\nb"),
                    ("", ""),
                    ("Y", "\u{9b}31m"),
                ],
                "",
            ),
            &[
                (
                    DraftField::Target,
                    FindingKind::Target(TargetError::OtherHost),
                ),
                (HeaderName(1), HeaderNameMalformed),
                (HeaderName(2), HeaderForbidden),
                (HeaderValue(3), HeaderValueMalformed),
                (HeaderName(4), HeaderNameMalformed),
                (HeaderValue(5), HeaderValueMalformed),
            ],
        );
    }

    #[test]
    fn finding_names_its_method_or_header() {
        let draft = draft("TRACE", "/api", &[("Host", "a"), ("DNT", "1")], "");
        let names = validate(&draft);
        let names: Vec<&str> = names.iter().map(|one| one.subject(&draft)).collect();
        assert_eq!(names, ["TRACE", "Host", "DNT"]);
    }

    #[test]
    fn forbidden_request_headers_are_those_of_the_fetch_standard() {
        fn check(name: &str, value: &str, expected: bool) {
            assert_eq!(
                is_forbidden_header(name, value),
                expected,
                "{name}: {value}"
            );
        }
        for name in [
            "Host",
            "COOKIE",
            "content-length",
            "Accept-Encoding",
            "Via",
            "DNT",
            "Proxy-X",
            "Sec-Fetch-Mode",
            "sec-",
        ] {
            check(name, "", true);
        }
        for name in [
            "Accept",
            "Accept-Language",
            "Content-Type",
            "Authorization",
            "If-Match",
            "User-Agent",
            "Sandbox-Key",
            "Secret",
        ] {
            check(name, "", false);
        }
        check("X-HTTP-Method-Override", "DELETE", false);
        check("X-HTTP-Method-Override", "PUT, trace", true);
        check("x-method-override", "TRACK", true);
        check("X-Http-Method", "tracks", false);
    }

    #[test]
    fn finding_of_a_browser_restriction_is_for_browsers_only() {
        assert!(FindingKind::BodyForbidden.is_for_browsers_only());
        assert!(!FindingKind::MethodMalformed.is_for_browsers_only());
        assert!(!FindingKind::Target(TargetError::OutsideApi).is_for_browsers_only());
    }
}
