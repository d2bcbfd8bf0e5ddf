//! The data panel: the visitor's users, behaviors and exchanges, as a complete page or as the fragment
//! that a script inserts into another page.
//!
//! `submit` handles the forms of the panel; `pages::exchange` renders a single exchange.

mod parts;
mod query;
mod submit;
mod view;

pub(super) use parts::{initial_lesson_parts, initial_parts};
pub(super) use submit::submit;
pub(super) use view::show;
