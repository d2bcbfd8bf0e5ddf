//! How a client says who it is, and whose data it means.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{RefOr, SecurityRequirement};

/// The schemes.
pub(super) fn schemes() -> impl Iterator<Item = (String, RefOr<SecurityScheme>)> {
    let key = "The key of a sandbox: which copy of the data the request is about. It wins over the cookie.";
    let cookie =
        "The key of a sandbox as browsers send it. Under https it is named `__Host-sandbox`.";
    let key = ApiKey::Header(ApiKeyValue::with_description("Sandbox-Key", key));
    let cookie = ApiKey::Cookie(ApiKeyValue::with_description("sandbox", cookie));
    let schemes = [
        ("sandboxKey", SecurityScheme::ApiKey(key)),
        ("sandboxCookie", SecurityScheme::ApiKey(cookie)),
    ];
    schemes
        .into_iter()
        .map(|(name, scheme)| (name.to_owned(), scheme.into()))
}

/// The data of a sandbox; without a key the seed.
pub(super) fn of_data() -> impl Iterator<Item = SecurityRequirement> {
    let none: [&str; 0] = [];
    let one = move |name: &str| SecurityRequirement::new(name, none);
    [
        SecurityRequirement::default(),
        one("sandboxKey"),
        one("sandboxCookie"),
    ]
    .into_iter()
}
