//! Tabs that were put into the page (ARIA Authoring Practices, "Tabs"): a click and the arrow keys
//! choose one.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent};

use super::dom::{all, focus, set, target};

/// Chooses the tab that was clicked, if one was.
pub(super) fn click(event: &Event) -> bool {
    let Some(tab) = target(event, ".exchange-tabs [role=tab]") else {
        return false;
    };
    choose(&tab);
    true
}

/// Moves to another tab, if the key says so.
pub(super) fn keydown(event: &KeyboardEvent) -> bool {
    let Some(tab) = target(event, ".exchange-tabs [role=tab]") else {
        return false;
    };
    let Some(next) = next(event, &tab, &siblings(&tab)) else {
        return false;
    };
    choose(&next);
    focus(&next);
    true
}

/// The tab that a key leads to, if it leads to one; the page then does not scroll.
pub(super) fn next(
    event: &KeyboardEvent,
    tab: &HtmlElement,
    tabs: &[HtmlElement],
) -> Option<HtmlElement> {
    let at = tabs.iter().position(|other| other == tab)?;
    let next = match event.key().as_str() {
        "ArrowRight" => (at + 1) % tabs.len(),
        "ArrowLeft" => (at + tabs.len() - 1) % tabs.len(),
        "Home" => 0,
        "End" => tabs.len() - 1,
        _ => return None,
    };
    event.prevent_default();
    tabs.get(next).cloned()
}

/// Shows the panel of a tab and hides the others.
pub(super) fn choose(tab: &HtmlElement) {
    let key = tab.get_attribute("data-key");
    for other in siblings(tab) {
        let chosen = other == *tab;
        set(
            &other,
            "aria-selected",
            if chosen { "true" } else { "false" },
        );
        set(&other, "tabindex", if chosen { "0" } else { "-1" });
    }
    for panel in tab
        .closest(".exchange-tabs")
        .ok()
        .flatten()
        .iter()
        .flat_map(panels)
    {
        let chosen = panel.get_attribute("data-tab") == key;
        let class = if chosen {
            "exchange-panel"
        } else {
            "exchange-panel exchange-other"
        };
        panel.set_class_name(class);
    }
}

fn panels(container: &Element) -> Vec<HtmlElement> {
    all(container, ":scope > [data-tab]")
}

fn siblings(tab: &HtmlElement) -> Vec<HtmlElement> {
    let list = tab.parent_element();
    list.map_or_else(Vec::new, |list| all(list.unchecked_ref(), "[role=tab]"))
}
