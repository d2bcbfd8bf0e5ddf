//! The same code in several ways, one shown at a time (ARIA Authoring Practices, "Tabs").
//!
//! Without scripts all of it is shown, one below the other. A choice holds for every group of the
//! page and for the next pages.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use crate::ui::words;

/// Where the choice is kept, and the event that tells the other groups of it.
const CHOICE: &str = "routebook-tab";

/// A list of tabs over the `.tab-panel`s among its children.
#[island]
pub fn CodeTabs(
    /// Key and label of each panel, in order.
    tabs: Vec<(String, String)>,
    /// Prefix of the ids of tabs; unique on the page.
    id: String,
    /// The panels: `<div class="tab-panel" data-tab=KEY id=ID-KEY>`.
    children: Children,
) -> impl IntoView {
    let words = words();
    let place = NodeRef::<leptos::html::Div>::new();
    let first = tabs.first().map(|(key, _)| key.clone()).unwrap_or_default();
    let keys: Vec<String> = tabs.iter().map(|(key, _)| key.clone()).collect();
    let chosen = RwSignal::new(first);
    let ready = RwSignal::new(false);

    let known = keys.clone();
    let adopt = move |key: Option<String>| {
        if let Some(key) = key.filter(|key| known.contains(key)) {
            chosen.set(key);
        }
    };
    let adopt_first = adopt.clone();
    Effect::new(move |_| {
        let adopt = adopt_first.clone();
        adopt(stored());
        let listener = Closure::<dyn Fn()>::new(move || adopt(stored()));
        // Lives as long as the page does, as the island.
        let _ =
            window().add_event_listener_with_callback(CHOICE, listener.as_ref().unchecked_ref());
        listener.forget();
        ready.set(true);
    });
    Effect::new(move |_| {
        let chosen = chosen.get();
        let Some(place) = place.get() else { return };
        let Ok(panels) = place.query_selector_all(".tab-panel") else {
            return;
        };
        for at in 0..panels.length() {
            let Some(panel) = panels
                .get(at)
                .and_then(|node| node.dyn_into::<web_sys::HtmlElement>().ok())
            else {
                continue;
            };
            panel.set_hidden(panel.get_attribute("data-tab").as_deref() != Some(chosen.as_str()));
        }
    });

    let keydown = move |event: ev::KeyboardEvent| {
        let at = keys
            .iter()
            .position(|key| *key == chosen.get_untracked())
            .unwrap_or_default();
        let next = match event.key().as_str() {
            "ArrowRight" => (at + 1) % keys.len(),
            "ArrowLeft" => (at + keys.len() - 1) % keys.len(),
            "Home" => 0,
            "End" => keys.len() - 1,
            _ => return,
        };
        event.prevent_default();
        choose(&keys[next]);
        let tab = place
            .get_untracked()
            .and_then(|place| place.query_selector("[aria-selected=true]").ok().flatten());
        if let Some(tab) = tab.and_then(|tab| tab.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = tab.focus();
        }
    };
    let buttons = tabs
        .into_iter()
        .map(|(key, label)| {
            let selected = { let key = key.clone(); move || chosen.get() == key };
            let tabindex = { let selected = selected.clone(); move || if selected() { "0" } else { "-1" } };
            let controls = [&id, "-", &key].concat();
            view! {
                <button type="button" role="tab" id=[&controls, "-tab"].concat() aria-controls=controls
                    aria-selected=move || selected().to_string() tabindex=tabindex on:click=move |_| choose(&key)>
                    {label}
                </button>
            }
        })
        .collect_view();
    view! {
        <div class="tabs" node_ref=place data-ready=move || ready.get().then_some("")>
            <div role="tablist" aria-label=words.get("tabs-label") on:keydown=keydown>{buttons}</div>
            {children()}
        </div>
    }
}

fn stored() -> Option<String> {
    window()
        .local_storage()
        .ok()
        .flatten()?
        .get_item(CHOICE)
        .ok()
        .flatten()
}

/// Keeps the choice and tells every group, this one too.
fn choose(key: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // Full or refused storage: the choice holds for now only.
        let _ = storage.set_item(CHOICE, key);
    }
    if let Ok(event) = web_sys::Event::new(CHOICE) {
        let _ = window().dispatch_event(&event);
    }
}
