//! The security schemes: keys of sandboxes, and credentials of users.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{RefOr, SecurityRequirement};

/// Returns the security schemes.
pub(super) fn schemes() -> impl Iterator<Item = (String, RefOr<SecurityScheme>)> {
    let key = "The key of a sandbox, which selects the data of the request. Takes precedence over the cookie.";
    let cookie =
        "The key of a sandbox as browsers send it. Over HTTPS the name is `__Host-sandbox`.";
    let key = ApiKey::Header(ApiKeyValue::with_description("Sandbox-Key", key));
    let cookie = ApiKey::Cookie(ApiKeyValue::with_description("sandbox", cookie));
    let session = "The session of a user who has logged in. Over HTTPS the name is `__Host-api_session`. Ignored when an Authorization header is present.";
    let session = ApiKey::Cookie(ApiKeyValue::with_description("api_session", session));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "A token from POST /api/tokens, opaque or a JWT, which is valid only in its sandbox.",
        ));
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

/// Returns the alternative requirements for the data of a sandbox; no key selects the seed.
pub(super) fn of_data() -> impl Iterator<Item = SecurityRequirement> {
    [
        SecurityRequirement::default(),
        requirement("sandboxKey"),
        requirement("sandboxCookie"),
    ]
    .into_iter()
}

/// Returns the alternative requirements for an authenticated user of a sandbox.
pub(super) fn of_users() -> impl Iterator<Item = SecurityRequirement> {
    ["bearer", "session"].into_iter().flat_map(|user| {
        let both = |sandbox| requirement(user).add(sandbox, [""; 0]);
        [both("sandboxKey"), both("sandboxCookie")]
    })
}

fn requirement(scheme: &str) -> SecurityRequirement {
    SecurityRequirement::new(scheme, [""; 0])
}
