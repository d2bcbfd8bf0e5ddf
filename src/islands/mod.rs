//! The islands: the parts of a page that are hydrated in the browser. Each is rendered by the server, works
//! without scripts, and is hydrated by the loader when it is first used.

pub mod api_client;
pub mod assessment;
mod browser_value;
pub mod code_tabs;
pub mod copy_button;
pub mod data_panel;
mod dom;
pub mod endpoint_filter;
pub mod island_data;
pub mod palette;
mod passage_options;
pub mod playground;
pub mod saved_requests;
mod server_view;
pub mod tabs;
pub mod theme_toggle;
pub mod workspace;

use leptos::prelude::provide_context;

use crate::model::messages::MessageCatalog;

/// Provides what the islands of a page have in common. Called once, before the first is hydrated. `messages` are those of
/// the page's locale, as JSON.
pub fn provide_contexts(messages: &str) {
    provide_context(MessageCatalog::from_json(messages).unwrap_or_default());
    provide_context(code_tabs::TabChoice::stored());
    provide_context(playground::placeholders::PageResponses::new());
    provide_context(playground::page_session::PageSession::open());
    provide_context(saved_requests::SavedStore::open());
}
