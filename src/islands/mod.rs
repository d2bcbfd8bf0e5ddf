//! The only islands: what needs a browser. Each is small, and its server HTML works without it.

mod api_client;
pub mod code_tabs;
pub mod copy_button;
pub mod playground;
pub mod theme_toggle;
