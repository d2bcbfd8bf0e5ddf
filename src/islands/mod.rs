//! The only islands: what needs a browser. Each is small, and its server HTML works without it.

pub mod theme_toggle;
