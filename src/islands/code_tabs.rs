//! The same code in several ways, one shown at a time (ARIA Authoring Practices, "Tabs").
//!
//! List and panels are server HTML; without scripts all panels are shown, one below the other. A
//! choice holds for every group of the page and for the next pages.

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, HtmlElement};

/// Where the choice is kept, and the event that tells the other groups of it.
const CHOICE: &str = "routebook-tab";

/// Makes a `role=tablist` of `[data-key]` buttons and the `[data-tab]` panels after it work.
#[island]
pub fn CodeTabs(
    /// List and panels.
    children: Children,
) -> impl IntoView {
    let place = NodeRef::<leptos::html::Div>::new();
    let ready = RwSignal::new(false);
    Effect::new(move |_| {
        let Some(place) = place.get() else { return };
        show(&place);
        let listener = Closure::<dyn Fn()>::new(move || show(&place));
        // Lives as long as the page does, as the island.
        let _ =
            window().add_event_listener_with_callback(CHOICE, listener.as_ref().unchecked_ref());
        listener.forget();
        ready.set(true);
    });
    let click = move |event: MouseEvent| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        if let Some(key) = target.and_then(|target| target.get_attribute("data-key")) {
            choose(&key);
        }
    };
    let keydown = move |event: KeyboardEvent| {
        let Some(place) = place.get_untracked() else {
            return;
        };
        let tabs = all(&place, "[data-key]");
        let Some(at) = tabs
            .iter()
            .position(|tab| Some(tab.unchecked_ref()) == document().active_element().as_ref())
        else {
            return;
        };
        let next = match event.key().as_str() {
            "ArrowRight" => (at + 1) % tabs.len(),
            "ArrowLeft" => (at + tabs.len() - 1) % tabs.len(),
            "Home" => 0,
            "End" => tabs.len() - 1,
            _ => return,
        };
        event.prevent_default();
        choose(&tabs[next].get_attribute("data-key").unwrap_or_default());
        // Focus is a courtesy.
        let _ = tabs[next].focus();
    };
    view! {
        <div class="tabs" node_ref=place data-ready=move || ready.get().then_some("") on:click=click on:keydown=keydown>
            {children()}
        </div>
    }
}

/// Shows the panel of the stored choice; the first one when this group does not have it.
fn show(place: &Element) {
    let tabs = all(place, "[data-key]");
    let stored = window()
        .local_storage()
        .ok()
        .flatten()
        .and_then(|storage| storage.get_item(CHOICE).ok().flatten());
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
        // Valid attribute names are never refused.
        let _ = tab.set_attribute("aria-selected", if selected { "true" } else { "false" });
        let _ = tab.set_attribute("tabindex", if selected { "0" } else { "-1" });
    }
    for panel in all(place, "[data-tab]") {
        panel.set_hidden(panel.get_attribute("data-tab").as_deref() != Some(&chosen));
    }
}

/// Keeps the choice and tells every group, this one too.
fn choose(key: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // Full or refused storage: the tabs stay as they are.
        let _ = storage.set_item(CHOICE, key);
    }
    if let Ok(event) = Event::new(CHOICE) {
        let _ = window().dispatch_event(&event);
    }
}

fn all(place: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = place.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|at| found.get(at)?.dyn_into().ok())
        .collect()
}
