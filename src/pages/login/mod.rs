//! The login page: a form that works without scripts. After a failed attempt it shows an error message
//! and keeps the typed email address.
//!
//! `submit` checks the password, `code` the second factor; `provider` asks the identity provider instead.

mod code;
mod provider;
mod submit;
mod view;

pub(super) use code::{show as show_code, submit as submit_code};
pub(super) use provider::{begin as begin_with_provider, callback, go_to_provider};
pub(super) use submit::submit;
pub use view::login_required;
pub(super) use view::{required, show};
