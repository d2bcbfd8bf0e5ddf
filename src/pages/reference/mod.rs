//! The API reference, generated from the OpenAPI document: a page of all endpoints with a request form,
//! and a page for each endpoint.

mod block_extras;
mod editor;
mod endpoint;
mod endpoints;
mod form_parts;
mod index;
mod language;
mod navigation;
mod response;
mod schema;
mod submit;

pub(super) use block_extras::{block_extras, extras_of_lines};
pub(super) use endpoint::show;
pub(super) use endpoints::endpoints;
pub(super) use index::index;
pub(super) use language::endpoint_title;
pub(super) use submit::submit;
