//! Sends a request for a visitor without scripts, and shows a page with the request, its response and the
//! recorded exchange.

mod submit;
mod view;

pub(super) use submit::submit;
