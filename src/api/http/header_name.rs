//! The names of the header fields that the API defines itself.

use axum::http::header::HeaderName;

/// The key of a sandbox, in requests and in the response that creates the sandbox.
pub(in crate::api) const SANDBOX_KEY: HeaderName = HeaderName::from_static("sandbox-key");

/// The key that prevents a second user when a POST is sent again.
pub(in crate::api) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The name by which a client finds the exchanges of one action, redirects included. The value `none`
/// keeps a request out of the record.
pub(in crate::api) const EXCHANGE_GROUP: HeaderName = HeaderName::from_static("exchange-group");
