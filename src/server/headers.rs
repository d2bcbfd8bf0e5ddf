//! Header fields that every response carries, whatever its status.

use axum::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};

use crate::config::Config;

/// Returns the header fields of this site: the Content-Security-Policy (unless a response sets a
/// stricter one) and the fields that protect against other sites.
///
/// # Errors
/// When the policy is not a valid header value.
pub(super) fn security(policy: &str, config: &Config) -> anyhow::Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_str(policy)?);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if config.secure_cookies() {
        headers.insert(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000; includeSubDomains"),
        );
    }
    Ok(headers)
}

/// Adds each header field that a response does not set itself.
pub(super) fn add(headers: &HeaderMap, response: &mut HeaderMap) {
    // One more field is the id of the request.
    response.reserve(headers.len() + 1);
    for (name, value) in headers {
        response.entry(name).or_insert_with(|| value.clone());
    }
}
