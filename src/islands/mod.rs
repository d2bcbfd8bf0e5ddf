//! The only islands: what needs a browser. Each is a piece of server HTML that works without scripts,
//! and what a script does with it once it is awake.
//!
//! One set of ears for the whole page: an event is dealt with by the island that it happened in. So
//! what is put into the page later is awake too, and nothing is rendered twice.

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

/// Wakes the islands of the page; called once by the page's own script.
pub fn wake() {
    let ears = Closure::<dyn Fn(Event)>::new(hear);
    for name in ["submit", "keydown", "input", "change", "click"] {
        // Only an unknown option would be refused.
        let _ = document().add_event_listener_with_callback(name, ears.as_ref().unchecked_ref());
    }
    // What scrolls tells nobody above it.
    let scrolled = ears.as_ref().unchecked_ref();
    let _ = document().add_event_listener_with_callback_and_bool("scroll", scrolled, true);
    // They live as long as the page does.
    ears.forget();
    data_panel::wake();
    code_tabs::wake();
    playground::wake();
    dom::set(&dom::root(), "data-awake", "");
}

fn hear(event: Event) {
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
