//! How a client says who it is, and whose data it means.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{RefOr, SecurityRequirement};

/// The schemes.
pub(super) fn schemes() -> impl Iterator<Item = (String, RefOr<SecurityScheme>)> {
    let key = "The key of a sandbox: which copy of the data the request is about. It wins over the cookie.";
    let cookie =
        "The key of a sandbox as browsers send it. Under https it is named `__Host-sandbox`.";
    let key = ApiKey::Header(ApiKeyValue::with_description("Sandbox-Key", key));
    let cookie = ApiKey::Cookie(ApiKeyValue::with_description("sandbox", cookie));
    let session = "The session of who has logged in. Under https it is named `__Host-api_session`; not looked at \
                   beside an Authorization header.";
    let session = ApiKey::Cookie(ApiKeyValue::with_description("api_session", session));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token of POST /api/tokens, opaque or a JWT; it is worth something only in its sandbox."));
    let schemes = [
        ("sandboxKey", SecurityScheme::ApiKey(key)),
        ("sandboxCookie", SecurityScheme::ApiKey(cookie)),
        ("session", SecurityScheme::ApiKey(session)),
        ("bearer", SecurityScheme::Http(bearer.build())),
    ];
    schemes
        .into_iter()
        .map(|(name, scheme)| (name.to_owned(), scheme.into()))
}

/// The data of a sandbox; without a key the seed.
pub(super) fn of_data() -> impl Iterator<Item = SecurityRequirement> {
    [
        SecurityRequirement::default(),
        needs("sandboxKey"),
        needs("sandboxCookie"),
    ]
    .into_iter()
}

/// A user of a sandbox.
pub(super) fn of_callers() -> impl Iterator<Item = SecurityRequirement> {
    ["bearer", "session"].into_iter().flat_map(|who| {
        let both = |whose| needs(who).add(whose, [""; 0]);
        [both("sandboxKey"), both("sandboxCookie")]
    })
}

fn needs(scheme: &str) -> SecurityRequirement {
    SecurityRequirement::new(scheme, [""; 0])
}
