//! The security schemes: keys of sandboxes, and credentials of users.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{RefOr, SecurityRequirement};

/// Returns the security schemes.
pub(super) fn schemes() -> impl Iterator<Item = (String, RefOr<SecurityScheme>)> {
    let key_description = "The key of a sandbox, which selects the data of the request. Takes precedence over the cookie.";
    let cookie_description =
        "The key of a sandbox as browsers send it. Over HTTPS the name is `__Host-sandbox`.";
    let key = ApiKey::Header(ApiKeyValue::with_description(
        "Sandbox-Key",
        key_description,
    ));
    let cookie = ApiKey::Cookie(ApiKeyValue::with_description("sandbox", cookie_description));
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

/// Returns the alternative requirements for the data of a sandbox. Without a key, a request reads the seed.
pub(super) fn for_sandbox_data() -> impl Iterator<Item = SecurityRequirement> {
    [
        SecurityRequirement::default(),
        requirement("sandboxKey"),
        requirement("sandboxCookie"),
    ]
    .into_iter()
}

/// Returns the alternative requirements for an authenticated user, with the key of the sandbox, which is
/// also required.
pub(super) fn for_authenticated_user() -> impl Iterator<Item = SecurityRequirement> {
    ["bearer", "session"].into_iter().flat_map(|user| {
        let both = |sandbox| requirement(user).add(sandbox, [""; 0]);
        [both("sandboxKey"), both("sandboxCookie")]
    })
}

fn requirement(scheme: &str) -> SecurityRequirement {
    SecurityRequirement::new(scheme, [""; 0])
}
