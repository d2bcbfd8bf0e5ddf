//! Routebook: lessons on REST APIs with a live API playground, in one process.
//!
//! The modules are listed in reading order: a module does not use those below it.
//! The first five compile for the server and for the browser; the rest is server only.
//! This is the only file with `cfg(feature = …)`; see ARCHITECTURE.md for the import rules.

// The type of a view contains the types of all views inside it.
#![recursion_limit = "256"]

pub mod model;

pub mod http_file;

pub mod snippet;

pub mod components;

pub mod islands;

#[cfg(feature = "ssr")]
pub mod clock;
#[cfg(feature = "ssr")]
pub mod config;
#[cfg(feature = "ssr")]
pub mod i18n;

#[cfg(feature = "ssr")]
pub mod content;

#[cfg(feature = "ssr")]
pub mod database;

#[cfg(feature = "ssr")]
pub mod search;

#[cfg(feature = "ssr")]
pub mod portal;
#[cfg(feature = "ssr")]
pub mod sandbox;

#[cfg(feature = "ssr")]
pub mod api;

#[cfg(feature = "ssr")]
mod csv_text;

#[cfg(feature = "ssr")]
pub mod state;

#[cfg(feature = "ssr")]
pub mod pages;

#[cfg(feature = "ssr")]
pub mod server;

#[cfg(feature = "ssr")]
pub mod cli;

/// Starts the reactive system and provides what all islands need. The loader of a page calls it once, with the messages
/// of the page's locale as JSON.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn start_islands(messages: &str) {
    leptos::mount::hydrate_islands();
    islands::provide_contexts(messages);
}
