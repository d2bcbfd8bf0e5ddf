//! The search field of the endpoints, which filters the list while it is typed.

use leptos::context::Provider;
use leptos::html;
use leptos::prelude::*;
use serde::Serialize;
use web_sys::HtmlElement;

use super::dom::{all, effect, listener, set};
use super::island_data::{IslandData, data_attribute, island_data, use_messages};
use super::server_view::server_text;
use crate::model::json::Json;

/// The query of the page, which the server has applied to the list.
#[derive(Clone, Debug, Default, Serialize)]
struct EndpointQuery {
    query: String,
}

impl IslandData for EndpointQuery {
    fn from_json(json: &Json) -> Option<EndpointQuery> {
        let query = json.member("query")?.as_text()?.to_owned();
        Some(EndpointQuery { query })
    }
}

/// The search field. Without scripts, its form is sent to the server.
#[component]
pub fn EndpointFilter(
    /// The query of the page.
    query: String,
) -> impl IntoView {
    let data = EndpointQuery { query };
    view! { <Provider value=data><EndpointFilterIsland/></Provider> }
}

/// The island of [`EndpointFilter`].
#[island]
pub fn EndpointFilterIsland() -> impl IntoView {
    let messages = use_messages();
    let data = island_data::<EndpointQuery>();
    let attribute = data_attribute(&data);
    let field = NodeRef::<html::Input>::new();
    let filter = move |_| {
        if let Some(field) = field.get_untracked() {
            apply(&field, &field.value().to_lowercase());
        }
    };
    // What was typed before the field was hydrated.
    let applied = data.query.clone();
    effect(move || {
        if let Some(field) = field.get()
            && field.value() != applied
        {
            apply(&field, &field.value().to_lowercase());
        }
    });
    view! {
        <input type="search" name="q" value=server_text(|| data.query) class="field-input" data-island=attribute node_ref=field on:input=listener(filter)
            aria-label=server_text(|| messages.get("reference-search")) placeholder=server_text(|| messages.get("reference-search-hint"))
            spellcheck="false" autocapitalize="off" autocomplete="off"/>
    }
}

/// Hides the endpoints whose text lacks a word of the query, and the groups of which nothing is left. A group
/// with a match is opened.
fn apply(field: &HtmlElement, query: &str) {
    let navigation = field.closest("nav").ok().flatten();
    let Some(navigation) = navigation else { return };
    let is_match = |entry: &HtmlElement| {
        let text = entry.text_content().unwrap_or_default().to_lowercase();
        query.split_whitespace().all(|word| text.contains(word))
    };
    for entry in all(&navigation, "li") {
        entry.set_hidden(!is_match(&entry));
    }
    for group in all(&navigation, "details") {
        let has_match = !all(&group, "li:not([hidden])").is_empty();
        group.set_hidden(!has_match);
        if has_match && !query.is_empty() {
            set(&group, "open", "");
        }
    }
}
