//! The names of header fields that clients send to the API and that `http` has no constants for.

use axum::http::header::HeaderName;

/// The key of a sandbox, in requests and in the response that creates the sandbox.
pub(in crate::api) const SANDBOX_KEY: HeaderName = HeaderName::from_static("sandbox-key");

/// The key that prevents that a repeated POST creates a second user.
pub(in crate::api) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The id that a client sends with all requests of one user action, redirects included, to find their
/// recorded exchanges. The value `none` keeps a request out of the record.
pub(in crate::api) const EXCHANGE_GROUP: HeaderName = HeaderName::from_static("exchange-group");
