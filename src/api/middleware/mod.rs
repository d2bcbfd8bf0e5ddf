//! The layers around the routes: authentication, limits, sandbox, record, problems.
//!
//! Their order is in `api::add_layers`.

pub(super) mod authentication;
pub(super) mod behaviors;
pub(super) mod headers;
pub(super) mod idempotency;
pub(super) mod jwt;
pub(super) mod limits;
pub(super) mod masking;
pub(super) mod problem;
pub(super) mod rate_limit;
pub(super) mod record_size;
pub(super) mod recorder;
pub(super) mod sandbox_creation;
pub(super) mod sandbox_key;
