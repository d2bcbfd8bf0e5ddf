//! The login page: a form that works without scripts. After a failed attempt it shows an error message
//! and keeps the typed email address.
//!
//! `submit` checks the password.

mod submit;
mod view;

pub(super) use submit::{login_client, submit};
pub(super) use view::{required, show};
