//! The handlers of the API, one file for each resource.
//!
//! A handler receives its inputs from extractors, calls the domain once, and returns a response. The
//! routes are in `api::routes`.

pub(super) mod admin;
pub(super) mod echo;
pub(super) mod exchange;
pub(super) mod export;
pub(super) mod health;
pub(super) mod me;
pub(super) mod openapi;
pub(super) mod sandbox;
pub(super) mod session;
pub(super) mod status;
pub(super) mod time;
pub(super) mod token;
pub(super) mod user;
