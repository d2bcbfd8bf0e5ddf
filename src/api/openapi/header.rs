//! The headers of responses, each described once.

use serde_json::Value;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::ObjectBuilder;
use utoipa::openapi::{Header, Ref, RefOr};

use super::schema::{integer, pattern, text};

/// The headers that every response may have.
pub const COMMON_HEADERS: [&str; 6] = [
    "Cache-Control",
    "RateLimit",
    "RateLimit-Policy",
    "Request-Id",
    "Set-Cookie",
    "Vary",
];

/// Every header with its name.
pub(super) fn all() -> impl Iterator<Item = (String, RefOr<Header>)> {
    let uuid = "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";
    let date = "^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$";
    let methods = "^[A-Z]+(, [A-Z]+)*$";
    let limits = r#"^"[a-z]+";r=[0-9]+;t=[0-9]+(, "[a-z]+";r=[0-9]+;t=[0-9]+)*$"#;
    let policies = r#"^"[a-z]+";q=[0-9]+;w=[0-9]+(, "[a-z]+";q=[0-9]+;w=[0-9]+)*$"#;
    let address = "^/api/[a-z0-9/-]+$";
    [
        always("Request-Id", pattern(uuid), "The id of the request, minted by the server; problems name it, and the record of exchanges is found by it.", "0b8c9f0e-3c1f-4a51-9d0e-6a1f3c2b7d10"),
        always("Vary", text(), "What the response depends on (RFC 9110, section 12.5.5); with Accept where the format was negotiated.", "Cookie, Sandbox-Key, Authorization, Accept"),
        always("Cache-Control", pattern("^(no-cache|no-store)$"), "no-cache: a cache asks before it shows the response again. no-store where the response holds a secret or depends on credentials.", "no-cache"),
        always("ETag", pattern("^\"[^\"]+\"$"), "Strong tag of these bytes (RFC 9110, section 8.8.3); every format has its own.", "\"2oVmRkQn8sZ1\""),
        always("Location", pattern(address), "Where the new resource is.", "/api/users/13"),
        always("Content-Location", pattern(address), "The address of which the content is the current representation.", "/api/users/13"),
        always("Allow", pattern(methods), "The methods of the resource.", "GET, HEAD, OPTIONS"),
        always("Last-Modified", pattern(date), "When the user last became different.", "Thu, 01 Jan 2026 09:03:00 GMT"),
        always("Total-Count", integer(0, None), "How many users the filters let through, on all pages together.", 12),
        always("Accept-Ranges", pattern("^bytes$"), "That a part of the file can be asked for.", "bytes"),
        always("Content-Disposition", pattern("^attachment; filename=\"users\\.(csv|json|xml)\"$"), "That this is a file to keep, and its name.", "attachment; filename=\"users.csv\""),
        always("Content-Range", pattern("^bytes ([0-9]+-[0-9]+/[0-9]+|\\*/[0-9]+)$"), "Which bytes these are, of how many; with 416 only how many there are.", "bytes 0-99/2048"),
        always("WWW-Authenticate", text(), "What would be accepted: the scheme, and with a wrong token the error (RFC 6750, section 3).", "Bearer realm=\"routebook\""),
        sometimes("Elsewhere", text(), "Where a redirection leads.", "/api/echo"),
        sometimes("Part", text(), "With 206: which bytes these are.", "bytes 0-30/31"),
        sometimes("Challenge", text(), "With a malformed token, or one that may not: the error (RFC 6750, section 3).", "Bearer realm=\"routebook\", error=\"insufficient_scope\""),
        sometimes("Link", text(), "The other parts of the list: first, prev, next and last (RFC 8288).", "</api/users?per_page=20&page=1>; rel=\"first\""),
        sometimes("Accept", text(), "With 415: the formats of a body that are read here.", "application/json, application/xml, text/csv"),
        sometimes("Accept-Patch", text(), "The format of a patch (RFC 5789, section 3.1).", "application/merge-patch+json"),
        sometimes("Retry-After", integer(0, None), "In how many seconds to come back.", 1),
        sometimes("RateLimit", pattern(limits), "For each limit that counted this request: what remains, and the seconds until it is whole again.", "\"requests\";r=2999;t=60"),
        sometimes("RateLimit-Policy", pattern(policies), "For each limit that counted this request: its quota, and its window in seconds.", "\"requests\";q=3000;w=60"),
        sometimes("Set-Cookie", text(), "The key of the sandbox for browsers, when it is new or a day old.", "sandbox=3f0d…; HttpOnly; SameSite=Lax; Path=/; Max-Age=604800"),
        sometimes("Sandbox-Key", pattern("^[0-9A-Za-z_-]{22}$"), "The key of the sandbox that this request made.", "mB3v0h8yqS2c4rT6uW8xZA"),
        sometimes("Idempotency-Replayed", pattern("^true$"), "That an earlier request with this Idempotency-Key did this already.", "true"),
    ]
    .into_iter()
}

/// A response with headers, each described in the components, under another name after `=`.
pub(super) fn with_headers(mut response: ResponseBuilder, names: &[&str]) -> ResponseBuilder {
    for name in names {
        let (name, component) = name.split_once('=').unwrap_or((name, name));
        let place = format!("#/components/headers/{component}");
        response = response.header_ref(name, Ref::new(place));
    }
    response
}

/// A header that is on every response that lists it.
fn always(
    name: &str,
    schema: ObjectBuilder,
    text: &str,
    example: impl Into<Value>,
) -> (String, RefOr<Header>) {
    // The Header Object's own field `required`, for which the builder has no method.
    let required: Extensions = [("required", true)].into_iter().collect();
    let header = header(schema, text, example).extensions(Some(required));
    (name.to_owned(), header.build().into())
}

/// A header that a response that lists it may have.
fn sometimes(
    name: &str,
    schema: ObjectBuilder,
    text: &str,
    example: impl Into<Value>,
) -> (String, RefOr<Header>) {
    (
        name.to_owned(),
        header(schema, text, example).build().into(),
    )
}

fn header(schema: ObjectBuilder, text: &str, example: impl Into<Value>) -> HeaderBuilder {
    HeaderBuilder::new()
        .schema(Some(schema))
        .description(Some(text))
        .example(Some(example.into()))
}
