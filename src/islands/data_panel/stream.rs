//! What happens elsewhere: a browser has one stream of events, not a tab, for six connections a host
//! are all that HTTP/1.1 has. Who holds a lock listens, and tells the other tabs.

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, EventSource, MessageEvent};

use super::DataPanel;
use crate::islands::dom::{after, find};

/// The lock of the tab that listens, and the channel on which it tells the others.
pub(super) const NAME: &str = "routebook-data_panel";
/// Something is different.
pub(super) const CHANGED: &str = "changed";
const LOST: &str = "lost";
const BACK: &str = "back";
/// Milliseconds until a stream that was refused is tried again.
const AGAIN: i32 = 3000;

impl DataPanel {
    /// Hears of what happens elsewhere.
    pub(super) fn hear_of(&'static self, event: &Event) {
        match event.type_().as_str() {
            "exchange" | "lagged" => {
                self.tell_tabs(CHANGED);
                self.soon();
            }
            "open" => {
                self.tell_tabs(BACK);
                self.back();
            }
            "error" => self.lost(),
            "offline" => {
                // Trying again is of no use until the network is back.
                self.disconnect();
                self.say("");
            }
            "online" => {
                if self.holds.get() {
                    self.connect();
                }
                self.back();
            }
            "message" => {
                let message = event.unchecked_ref::<MessageEvent>().data();
                match message.as_string().as_deref() {
                    Some(LOST) => self.say("lost"),
                    Some(BACK) => self.back(),
                    _ => self.soon(),
                }
            }
            _ => {}
        }
    }

    pub(super) fn tell_tabs(&self, message: &str) {
        if let Some(channel) = &self.channel {
            // Refused only by a channel that is closed.
            let _ = channel.post_message(&message.into());
        }
    }

    /// Sees to it that somebody listens to the sandbox that is shown now.
    pub(super) fn attend(&'static self) {
        let shown = find::<Element>(&self.content, "[data-sandbox]");
        let Some(shown) = shown.and_then(|part| part.get_attribute("data-sandbox")) else {
            return;
        };
        let old = self.shown.replace(Some(shown));
        if !self.asked.replace(true) {
            return self.compete();
        }
        if self.holds.get() {
            if *self.heard.borrow() != *self.shown.borrow() {
                self.connect();
            }
        } else if old != *self.shown.borrow() {
            self.tell_tabs(CHANGED);
        }
    }

    /// Waits for the lock, or listens without where there are none.
    fn compete(&'static self) {
        let hold = move || {
            self.holds.set(true);
            self.connect();
        };
        // Not there at all outside of a secure context.
        let navigator = window().navigator();
        let locks = Reflect::get(&navigator, &"locks".into()).unwrap_or_default();
        let request = Reflect::get(&locks, &"request".into()).ok();
        let Some(request) = request.and_then(|request| request.dyn_into::<Function>().ok()) else {
            return hold();
        };
        // Held for as long as the page lives.
        let held = Closure::<dyn Fn() -> Promise>::new(move || {
            hold();
            Promise::new(&mut |_, _| {})
        });
        let _ = request.call2(&locks, &NAME.into(), &held.into_js_value());
    }

    fn disconnect(&self) {
        if let Some(stream) = self.stream.take() {
            stream.close();
        }
    }

    fn connect(&'static self) {
        self.disconnect();
        self.heard.replace(self.shown.borrow().clone());
        if let Ok(stream) = EventSource::new("/api/sandbox/events") {
            self.listen(&stream, &["exchange", "lagged", "open", "error"]);
            self.stream.replace(Some(stream));
        }
    }

    /// The stream ended. Browsers try again by themselves, unless the server refused it.
    fn lost(&'static self) {
        self.tell_tabs(LOST);
        self.say("lost");
        let is_closed = |stream: &EventSource| stream.ready_state() == EventSource::CLOSED;
        if self.stream.borrow().as_ref().is_some_and(is_closed) {
            after(AGAIN, move || self.connect());
        }
    }

    fn back(&'static self) {
        self.say("");
        self.soon();
    }
}
