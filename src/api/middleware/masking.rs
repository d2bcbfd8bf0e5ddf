//! What of a request or a response may be stored and shown: everything that teaches, and no secret.
//!
//! Other cookies and headers than those of this API arrive here too: of a company's single sign-on,
//! of proxies. Of those only the names are shown.

mod content;

use axum::http::header::{
    AUTHORIZATION, CONTENT_LOCATION, COOKIE, LINK, LOCATION, REFERER, SET_COOKIE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};

use crate::api::middleware::sandbox_key;
use crate::model::credential::TOKEN_PREFIX;
use crate::model::exchange::{HeaderSource, MASK, ReceivedHeader};

/// Characters of a secret that are shown, so that two can be told apart.
const SHOWN: usize = 4;

/// Headers of requests whose values are shown.
const REQUEST: &[&str] = &[
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

/// Headers that only something between the client and this server adds.
const PROXY: &[&str] = &["forwarded", "via", "x-real-ip", "x-request-id", "cf-ray"];

/// The headers of a request as they may be shown.
pub(in crate::api) fn request_headers(headers: &HeaderMap) -> Vec<ReceivedHeader> {
    let shown = |(name, value): (&HeaderName, &HeaderValue)| ReceivedHeader {
        name: name.to_string(),
        value: request_value(name, value),
        source: source(name),
    };
    headers.iter().map(shown).collect()
}

fn source(name: &HeaderName) -> HeaderSource {
    let name = name.as_str();
    match PROXY.contains(&name) || name.starts_with("x-forwarded-") {
        true => HeaderSource::Proxy,
        false => HeaderSource::Client,
    }
}

/// The value of a pair of a query or a form, or what may be shown of it.
pub(in crate::api) fn value<'t>(name: &str, text: &'t str) -> &'t str {
    match content::is_secret_pair(name, text) {
        true => MASK,
        false => text,
    }
}

/// The target of a request without the secrets that its query may carry, wrongly.
pub(in crate::api) fn target(uri: &Uri) -> String {
    address(&uri.to_string())
}

/// A URI without its credentials and without the secrets in its query and fragment.
fn address(uri: &str) -> String {
    let (uri, fragment) = match uri.split_once('#') {
        Some((uri, fragment)) => (uri, Some(fragment)),
        None => (uri, None),
    };
    let (path, query) = match uri.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (uri, None),
    };
    let mut masked = without_credentials(path);
    for (mark, text) in [('?', query), ('#', fragment)] {
        if let Some(text) = text {
            masked.push(mark);
            masked.push_str(&content::mask_pairs(text));
        }
    }
    masked
}

/// The scheme, authority and path of a URI, without the name and password before its host.
fn without_credentials(uri: &str) -> String {
    let masked = uri.split_once("://").and_then(|(scheme, rest)| {
        let authority = rest.split('/').next().unwrap_or_default();
        let host = authority.rsplit_once('@')?.1;
        let path = &rest[authority.len()..];
        Some(format!("{scheme}://{MASK}@{host}{path}"))
    });
    masked.unwrap_or_else(|| uri.to_owned())
}

/// The URIs between angle brackets of a `Link` field (RFC 8288, section 3), without secrets.
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

/// The value of a header of a request, or what may be shown of it.
pub(in crate::api) fn request_value(name: &HeaderName, value: &HeaderValue) -> String {
    let text = String::from_utf8_lossy(value.as_bytes());
    if *name == COOKIE {
        return text.split(';').map(cookie).collect::<Vec<_>>().join("; ");
    }
    if *name == AUTHORIZATION {
        return authorization(&text);
    }
    if *name == sandbox_key::HEADER {
        return beginning(&text);
    }
    if *name == REFERER {
        return address(&text);
    }
    match REQUEST.contains(&name.as_str()) {
        true => text.into_owned(),
        false => MASK.to_owned(),
    }
}

/// The headers of a response as they may be shown: all, but for the secrets that it hands out.
pub(in crate::api) fn response_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = |(name, value): (&HeaderName, &HeaderValue)| {
        let text = String::from_utf8_lossy(value.as_bytes());
        let value = match name {
            name if *name == SET_COOKIE => set_cookie(&text),
            name if *name == sandbox_key::HEADER => beginning(&text),
            name if *name == LOCATION || *name == CONTENT_LOCATION => address(&text),
            name if *name == LINK => links(&text),
            _ => text.into_owned(),
        };
        (name.to_string(), value)
    };
    headers.iter().map(shown).collect()
}

fn set_cookie(text: &str) -> String {
    let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
    format!("{};{attributes}", cookie(pair))
}

/// The cookies of a request, by name, with what may be shown of their values.
pub(in crate::api) fn cookies(headers: &HeaderMap) -> Vec<(String, String)> {
    let fields = headers.get_all(COOKIE).iter();
    let fields = fields.map(|field| String::from_utf8_lossy(field.as_bytes()).into_owned());
    let shown = |field: String| -> Vec<(String, String)> {
        let pairs = field.split(';').filter(|pair| !pair.trim().is_empty());
        let split = |pair: String| {
            let (name, value) = pair.split_once('=').unwrap_or((&pair, ""));
            (name.to_owned(), value.to_owned())
        };
        pairs.map(cookie).map(split).collect()
    };
    fields.flat_map(shown).collect()
}

/// `name=value` with what may be shown of the value.
fn cookie(pair: &str) -> String {
    let pair = pair.trim();
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let own = name.strip_prefix("__Host-").unwrap_or(name);
    let value = match own {
        "sandbox" | "api_session" => beginning(value),
        _ => MASK.to_owned(),
    };
    format!("{name}={value}")
}

/// A credential: the scheme, and of a token of this API how it begins.
fn authorization(text: &str) -> String {
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    let token = token.trim();
    let known = scheme.eq_ignore_ascii_case("bearer")
        && (token.starts_with(TOKEN_PREFIX) || token.split('.').count() == 3);
    match known {
        true => format!("{scheme} {}…", token.chars().take(12).collect::<String>()),
        false if text.contains(' ') => format!("{scheme} {MASK}"),
        false => MASK.to_owned(),
    }
}

fn beginning(secret: &str) -> String {
    format!("{}…", secret.chars().take(SHOWN).collect::<String>())
}

/// A body, or the beginning of one, without the secrets in it; all other bytes stay as they are.
pub(in crate::api) fn body(bytes: &[u8]) -> Vec<u8> {
    content::mask(bytes)
}

#[cfg(test)]
mod tests {
    use crate::api::middleware::masking::*;

    fn shown(name: &'static str, value: &str) -> String {
        let value = HeaderValue::from_str(value).expect("a value");
        request_value(&HeaderName::from_static(name), &value)
    }

    #[test]
    fn of_secrets_only_the_beginning_is_shown_and_of_strangers_only_the_name() {
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
    fn secrets_in_the_addresses_of_requests_and_responses_are_hidden() {
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
