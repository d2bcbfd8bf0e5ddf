//! HTTP semantics that several resources share: extractors, negotiation, preconditions, ranges, lists.
//!
//! What acts on every request, whatever its handler, is in `api::middleware`.

pub(super) mod client_address;
pub(super) mod cookies;
pub(super) mod cursor;
pub(super) mod entity_tag;
pub(super) mod extract;
pub(super) mod header_name;
pub(super) mod json_response;
pub(super) mod link;
pub(super) mod list_query;
pub(super) mod media_type;
pub(super) mod negotiation;
pub(super) mod precondition;
pub(super) mod range;
pub(super) mod representation;
pub(super) mod shared_response;
