//! The masking of secrets in requests and responses before they are stored or shown.
//!
//! Requests can also contain cookies and headers that do not belong to this API, such as those of a
//! company's single sign-on or of proxies. Only the names of these are shown.

mod content;

use axum::http::header::{
    AUTHORIZATION, CONTENT_LOCATION, COOKIE, LINK, LOCATION, REFERER, SET_COOKIE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};

use crate::api::http::header_name::SANDBOX_KEY;
use crate::model::credential::TOKEN_PREFIX;
use crate::model::exchange::{HeaderSource, MASK, ReceivedHeader};

/// The number of characters of a secret that are shown, so that readers can distinguish two secrets.
const SHOWN_LENGTH: usize = 4;

/// The headers of requests whose values are shown.
const SHOWN_HEADERS: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "access-control-request-headers",
    "access-control-request-method",
    "cache-control",
    "connection",
    "content-encoding",
    "content-language",
    "content-length",
    "content-range",
    "content-type",
    "date",
    "dnt",
    "exchange-group",
    "expect",
    "host",
    "idempotency-key",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "origin",
    "pragma",
    "prefer",
    "priority",
    "range",
    "referer",
    "request-id",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-fetch-user",
    "sec-gpc",
    "te",
    "transfer-encoding",
    "upgrade-insecure-requests",
    "user-agent",
];

/// The headers that only proxies between the client and this server add.
const PROXY_HEADERS: &[&str] = &["forwarded", "via", "x-real-ip", "x-request-id", "cf-ray"];

/// Returns the headers of a request with masked values.
pub(in crate::api) fn request_headers(headers: &HeaderMap) -> Vec<ReceivedHeader> {
    let masked = |(name, value): (&HeaderName, &HeaderValue)| ReceivedHeader {
        name: name.to_string(),
        value: request_value(name, value),
        source: source(name),
    };
    headers.iter().map(masked).collect()
}

fn source(name: &HeaderName) -> HeaderSource {
    let name = name.as_str();
    match PROXY_HEADERS.contains(&name) || name.starts_with("x-forwarded-") {
        true => HeaderSource::Proxy,
        false => HeaderSource::Client,
    }
}

/// Returns the value of a pair of a query or a form, masked when it is a secret.
pub(in crate::api) fn value<'t>(name: &str, text: &'t str) -> &'t str {
    match content::is_secret_pair(name, text) {
        true => MASK,
        false => text,
    }
}

/// Returns the target of a request with the secrets in its query masked.
pub(in crate::api) fn target(uri: &Uri) -> String {
    address(&uri.to_string())
}

/// Masks the credentials of a URI and the secrets in its query and fragment.
fn address(uri: &str) -> String {
    let (uri, fragment) = match uri.split_once('#') {
        Some((uri, fragment)) => (uri, Some(fragment)),
        None => (uri, None),
    };
    let (path, query) = match uri.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (uri, None),
    };
    let mut masked = mask_credentials(path);
    for (mark, text) in [('?', query), ('#', fragment)] {
        if let Some(text) = text {
            masked.push(mark);
            masked.push_str(&content::mask_pairs(text));
        }
    }
    masked
}

/// Masks the user name and password before the host of a URI, which has no query.
fn mask_credentials(uri: &str) -> String {
    let masked = uri.split_once("://").and_then(|(scheme, rest)| {
        let authority = rest.split('/').next().unwrap_or_default();
        let host = authority.rsplit_once('@')?.1;
        let path = &rest[authority.len()..];
        Some(format!("{scheme}://{MASK}@{host}{path}"))
    });
    masked.unwrap_or_else(|| uri.to_owned())
}

/// Masks the secrets in the URIs of a `Link` field (RFC 8288, section 3).
fn links(field: &str) -> String {
    let mut masked = String::with_capacity(field.len());
    let mut rest = field;
    while let Some((before, link)) = rest.split_once('<') {
        let (uri, after) = link.split_at(link.find('>').unwrap_or(link.len()));
        masked.push_str(before);
        masked.push('<');
        masked.push_str(&address(uri));
        rest = after;
    }
    masked.push_str(rest);
    masked
}

/// Returns the value of a header of a request, masked when it is not one of [`SHOWN_HEADERS`].
pub(in crate::api) fn request_value(name: &HeaderName, value: &HeaderValue) -> String {
    let text = String::from_utf8_lossy(value.as_bytes());
    if *name == COOKIE {
        return text.split(';').map(cookie).collect::<Vec<_>>().join("; ");
    }
    if *name == AUTHORIZATION {
        return authorization(&text);
    }
    if *name == SANDBOX_KEY {
        return beginning(&text);
    }
    if *name == REFERER {
        return address(&text);
    }
    match SHOWN_HEADERS.contains(&name.as_str()) {
        true => text.into_owned(),
        false => MASK.to_owned(),
    }
}

/// Returns the headers of a response; only the secrets that the response issues are masked.
pub(in crate::api) fn response_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let masked = |(name, value): (&HeaderName, &HeaderValue)| {
        let text = String::from_utf8_lossy(value.as_bytes());
        let value = match name {
            name if *name == SET_COOKIE => set_cookie(&text),
            name if *name == SANDBOX_KEY => beginning(&text),
            name if *name == LOCATION || *name == CONTENT_LOCATION => address(&text),
            name if *name == LINK => links(&text),
            _ => text.into_owned(),
        };
        (name.to_string(), value)
    };
    headers.iter().map(masked).collect()
}

fn set_cookie(text: &str) -> String {
    let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
    format!("{};{attributes}", cookie(pair))
}

/// Returns the names of the cookies of a request with masked values.
pub(in crate::api) fn cookies(headers: &HeaderMap) -> Vec<(String, String)> {
    let fields = headers.get_all(COOKIE).iter();
    let fields = fields.map(|field| String::from_utf8_lossy(field.as_bytes()).into_owned());
    let masked = |field: String| -> Vec<(String, String)> {
        let pairs = field.split(';').filter(|pair| !pair.trim().is_empty());
        let split = |pair: String| {
            let (name, value) = pair.split_once('=').unwrap_or((&pair, ""));
            (name.to_owned(), value.to_owned())
        };
        pairs.map(cookie).map(split).collect()
    };
    fields.flat_map(masked).collect()
}

/// Masks the value of a cookie `name=value`. The cookies of this API keep the first characters.
fn cookie(pair: &str) -> String {
    let pair = pair.trim();
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let plain_name = name.strip_prefix("__Host-").unwrap_or(name);
    let value = match plain_name {
        "sandbox" | "api_session" => beginning(value),
        _ => MASK.to_owned(),
    };
    format!("{name}={value}")
}

/// Masks a credential. The scheme stays, and a token of this API keeps its first characters.
fn authorization(text: &str) -> String {
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    let token = token.trim();
    let is_own_token = scheme.eq_ignore_ascii_case("bearer")
        && (token.starts_with(TOKEN_PREFIX) || token.split('.').count() == 3);
    match is_own_token {
        true => format!("{scheme} {}…", token.chars().take(12).collect::<String>()),
        false if text.contains(' ') => format!("{scheme} {MASK}"),
        false => MASK.to_owned(),
    }
}

/// Returns the first characters of a secret.
fn beginning(secret: &str) -> String {
    format!("{}…", secret.chars().take(SHOWN_LENGTH).collect::<String>())
}

/// Masks the secrets in a body, which may be cut off. All other bytes stay unchanged.
pub(in crate::api) fn body(bytes: &[u8]) -> Vec<u8> {
    content::mask(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &'static str, value: &str) -> String {
        let value = HeaderValue::from_str(value).expect("a value");
        request_value(&HeaderName::from_static(name), &value)
    }

    #[test]
    fn request_value_shows_the_first_characters_of_own_secrets_and_hides_foreign_values() {
        assert_eq!(shown("sandbox-key", "abcdefgh"), "abcd…");
        assert_eq!(
            shown(
                "cookie",
                "sandbox=abcdefgh; sso=secret; api_session=123456; x"
            ),
            "sandbox=abcd…; sso=(hidden); api_session=1234…; x=(hidden)"
        );
        assert_eq!(
            shown("cookie", "__Host-sandbox=abcdefgh"),
            "__Host-sandbox=abcd…"
        );
        assert_eq!(shown("authorization", "Basic dTpw"), "Basic (hidden)");
        assert_eq!(shown("authorization", "dTpw"), "(hidden)");
        assert_eq!(
            shown("authorization", "Bearer ghp_secretsecret"),
            "Bearer (hidden)"
        );
        assert_eq!(
            shown("authorization", "Bearer rbt_abcdefghijkl"),
            "Bearer rbt_abcdefgh…"
        );
        assert_eq!(shown("x-api-key", "secret"), "(hidden)");
        assert_eq!(shown("accept", "text/csv"), "text/csv");
    }

    #[test]
    fn secrets_in_uris_of_requests_and_responses_are_masked() {
        for (uri, expected) in [
            (
                "/api/me?access_token=abc&x=%31",
                "/api/me?access_token=(hidden)&x=%31",
            ),
            (
                "/api/me?Access%5FToken=abc&a",
                "/api/me?Access%5FToken=(hidden)&a",
            ),
            (
                "/api/me?token=a&token=b?c",
                "/api/me?token=(hidden)&token=(hidden)",
            ),
            ("/api/users?q=token", "/api/users?q=token"),
            ("/api/users", "/api/users"),
            (
                "http://a:b@h/p?token=c",
                "http://(hidden)@h/p?token=(hidden)",
            ),
            ("http://h/p?a@b", "http://h/p?a@b"),
        ] {
            assert_eq!(target(&uri.parse().expect("a URI")), expected);
            let with_fragment = format!("{uri}#token=x&y");
            assert_eq!(
                shown("referer", &with_fragment),
                format!("{expected}#token=(hidden)&y")
            );
            let mut headers = HeaderMap::new();
            headers.insert(LOCATION, HeaderValue::from_static(uri));
            let link = format!("<{uri}>; rel=\"next\", </b>");
            headers.insert(LINK, link.parse().expect("a value"));
            let expected = [
                ("location".to_owned(), expected.to_owned()),
                (
                    "link".to_owned(),
                    format!("<{expected}>; rel=\"next\", </b>"),
                ),
            ];
            assert_eq!(response_headers(&headers), expected);
        }
    }
}
