//! The same code in several ways, one shown at a time (ARIA Authoring Practices, "Tabs").
//!
//! List and panels are server HTML; without scripts all panels are shown, one below the other. A
//! choice holds for every group of the page and for the next pages.

use leptos::prelude::*;
use web_sys::{Element, Event, KeyboardEvent};

use super::dom::{all, focus, root, set, storage, target};
use super::tabs;

/// Where the choice is kept.
const CHOICE: &str = "routebook-tab";

/// A `role=tablist` of `[data-key]` buttons and the `[data-tab]` panels after it.
#[component]
pub fn CodeTabs(
    /// List and panels.
    children: Children,
) -> impl IntoView {
    view! { <div class="tabs" data-island="">{children()}</div> }
}

/// Shows the stored choice in every group.
pub(super) fn hydrate() {
    for container in all(&root(), ".tabs") {
        show(&container);
        set(&container, "data-ready", "");
    }
}

/// Chooses the tab that was clicked, if one was.
pub(super) fn click(event: &Event) -> bool {
    let tab = target(event, ".tabs [data-key]");
    if let Some(key) = tab.as_ref().and_then(|tab| tab.get_attribute("data-key")) {
        choose(&key);
    }
    tab.is_some()
}

/// Moves to another tab, if the key says so.
pub(super) fn keydown(event: &KeyboardEvent) -> bool {
    let Some(tab) = target(event, ".tabs [data-key]") else {
        return false;
    };
    let container = tab.closest(".tabs").ok().flatten();
    let tabs = container.map_or_else(Vec::new, |container| all(&container, "[data-key]"));
    let Some(next) = tabs::next(event, &tab, &tabs) else {
        return false;
    };
    choose(&next.get_attribute("data-key").unwrap_or_default());
    focus(&next);
    true
}

/// Shows the panel of the stored choice; the first one when this group does not have it.
fn show(container: &Element) {
    let tabs = all(container, "[data-key]");
    let stored = storage().and_then(|storage| storage.get_item(CHOICE).ok().flatten());
    let has = |key: &str| {
        tabs.iter()
            .any(|tab| tab.get_attribute("data-key").as_deref() == Some(key))
    };
    let first = || tabs.first().and_then(|tab| tab.get_attribute("data-key"));
    let Some(chosen) = stored.filter(|key| has(key)).or_else(first) else {
        return;
    };
    for tab in &tabs {
        let selected = tab.get_attribute("data-key").as_deref() == Some(&chosen);
        set(
            tab,
            "aria-selected",
            if selected { "true" } else { "false" },
        );
        set(tab, "tabindex", if selected { "0" } else { "-1" });
    }
    for panel in all(container, "[data-tab]") {
        panel.set_hidden(panel.get_attribute("data-tab").as_deref() != Some(&chosen));
    }
}

/// Keeps the choice and shows it everywhere.
fn choose(key: &str) {
    if let Some(storage) = storage() {
        // Full or refused storage: the tabs stay as they are.
        let _ = storage.set_item(CHOICE, key);
    }
    for container in all(&root(), ".tabs") {
        show(&container);
    }
}
