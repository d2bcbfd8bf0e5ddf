//! The islands: server HTML that works without scripts, and the code that makes it interactive once it is
//! hydrated.
//!
//! One event listener serves the whole page and passes each event to the island that it happened in, so
//! HTML that is inserted later is interactive too, and nothing is rendered twice.

mod api_client;
pub mod code_tabs;
pub mod copy_button;
mod data_panel;
mod dom;
pub mod playground;
mod tabs;
pub mod theme_toggle;

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, KeyboardEvent, SubmitEvent};

/// Hydrates the islands of the page; the loader script of the page calls it once.
pub fn hydrate() {
    let listener = Closure::<dyn Fn(Event)>::new(handle_event);
    for name in ["submit", "keydown", "input", "change", "click"] {
        // Only an unknown option would be refused.
        let _ =
            document().add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    }
    // `scroll` events do not bubble, so they are captured.
    let scrolled = listener.as_ref().unchecked_ref();
    let _ = document().add_event_listener_with_callback_and_bool("scroll", scrolled, true);
    // The listener lives as long as the page.
    listener.forget();
    data_panel::hydrate();
    code_tabs::hydrate();
    playground::hydrate();
    dom::set(&dom::root(), "data-hydrated", "");
}

fn handle_event(event: Event) {
    match event.type_().as_str() {
        "submit" => playground::submit(event.unchecked_ref::<SubmitEvent>()),
        "keydown" => {
            let event = event.unchecked_ref::<KeyboardEvent>();
            let _ = tabs::keydown(event) || code_tabs::keydown(event) || playground::keydown(event);
        }
        "input" => playground::input(&event),
        "scroll" => playground::scroll(&event),
        "change" => {
            theme_toggle::change(&event);
            playground::change(&event);
        }
        "click" => {
            let _ = tabs::click(&event)
                || code_tabs::click(&event)
                || copy_button::click(&event)
                || playground::click(&event);
        }
        _ => {}
    }
}
