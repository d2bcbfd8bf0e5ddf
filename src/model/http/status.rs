//! Status codes: reason phrases and families. Explanations for readers are in the lessons.

use serde::{Deserialize, Serialize};

/// The class of a status code, by its first digit (RFC 9110, section 15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StatusFamily {
    /// 1xx: an interim response.
    Informational,
    /// 2xx: received, understood, accepted.
    Successful,
    /// 3xx: the client has to take further action.
    Redirection,
    /// 4xx: the request is at fault.
    ClientError,
    /// 5xx: the server is at fault.
    ServerError,
}

impl StatusFamily {
    /// Returns the family of `status`, or `None` outside 100–599.
    pub fn of(status: u16) -> Option<Self> {
        Some(match status / 100 {
            1 => Self::Informational,
            2 => Self::Successful,
            3 => Self::Redirection,
            4 => Self::ClientError,
            5 => Self::ServerError,
            _ => return None,
        })
    }

    /// Returns the first digit, 1–5, for CSS classes and message keys.
    pub fn digit(self) -> u8 {
        match self {
            Self::Informational => 1,
            Self::Successful => 2,
            Self::Redirection => 3,
            Self::ClientError => 4,
            Self::ServerError => 5,
        }
    }
}

/// Returns the registered reason phrase of a status code (IANA HTTP Status Code Registry), or "" for
/// any other code.
pub fn reason_phrase(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        101 => "Switching Protocols",
        102 => "Processing",
        103 => "Early Hints",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        203 => "Non-Authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        207 => "Multi-Status",
        208 => "Already Reported",
        226 => "IM Used",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        305 => "Use Proxy",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        423 => "Locked",
        424 => "Failed Dependency",
        425 => "Too Early",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        506 => "Variant Also Negotiates",
        507 => "Insufficient Storage",
        508 => "Loop Detected",
        511 => "Network Authentication Required",
        _ => "",
    }
}

/// Returns whether a response with the status code may have `Content-Length`: not with 1xx, 204 and 304 (RFC 9110,
/// section 8.6; the length with 304 would be that of the representation that is not sent).
#[must_use]
pub fn allows_content_length(status: u16) -> bool {
    !matches!(status, 100..=199 | 204 | 304)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_has_its_registered_phrase_and_family() {
        fn check(status: u16, phrase: &str, digit: Option<u8>) {
            assert_eq!(reason_phrase(status), phrase, "{status}");
            assert_eq!(
                StatusFamily::of(status).map(StatusFamily::digit),
                digit,
                "{status}"
            );
        }
        check(100, "Continue", Some(1));
        check(201, "Created", Some(2));
        check(308, "Permanent Redirect", Some(3));
        check(413, "Content Too Large", Some(4));
        check(418, "", Some(4));
        check(422, "Unprocessable Content", Some(4));
        check(503, "Service Unavailable", Some(5));
        check(599, "", Some(5));
        check(600, "", None);
        check(99, "", None);
        check(0, "", None);
    }
}
