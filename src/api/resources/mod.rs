//! The resources of the API, one file each: what their handlers answer.
//!
//! A handler takes what it needs from the request, calls the domain once, and answers. Routes are in `api::routes`.

pub(super) mod admin;
pub(super) mod echo;
pub(super) mod exchange;
pub(super) mod export;
pub(super) mod health;
pub(super) mod me;
pub(super) mod sandbox;
pub(super) mod session;
pub(super) mod status;
pub(super) mod token;
pub(super) mod user;
