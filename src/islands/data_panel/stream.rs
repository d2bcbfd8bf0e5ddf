//! Events of other tabs and clients. A browser has one event stream, not one for each tab, because it opens
//! at most six HTTP/1.1 connections to a host. The tab that holds a lock, the leader, receives the stream and
//! notifies the other tabs.

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, EventSource, MessageEvent};

use super::DataPanel;
use crate::islands::dom::{after, find};

/// The name of the lock of the leader and of the channel on which it notifies the other tabs.
pub(super) const NAME: &str = "routebook-data-panel";
/// The data has changed.
pub(super) const CHANGED: &str = "changed";
const LOST: &str = "lost";
const BACK: &str = "back";
/// Milliseconds until a stream that was refused is tried again.
const AGAIN: i32 = 3000;

impl DataPanel {
    /// Handles the events of the stream, the channel and the network.
    pub(super) fn handle_remote_event(&'static self, event: &Event) {
        match event.type_().as_str() {
            "exchange" | "lagged" => {
                self.notify_tabs(CHANGED);
                self.refresh_soon();
            }
            "open" => {
                self.notify_tabs(BACK);
                self.back();
            }
            "error" => self.lost(),
            "offline" => {
                // Trying again is of no use until the network is back.
                self.disconnect();
                self.show_state("");
            }
            "online" => {
                if self.is_leader.get() {
                    self.connect();
                }
                self.back();
            }
            "message" => {
                let message = event.unchecked_ref::<MessageEvent>().data();
                match message.as_string().as_deref() {
                    Some(LOST) => self.show_state("lost"),
                    Some(BACK) => self.back(),
                    _ => self.refresh_soon(),
                }
            }
            _ => {}
        }
    }

    pub(super) fn notify_tabs(&self, message: &str) {
        if let Some(channel) = &self.channel {
            // Refused only by a channel that is closed.
            let _ = channel.post_message(&message.into());
        }
    }

    /// Makes sure that a tab receives the events of the sandbox that is shown now.
    pub(super) fn subscribe(&'static self) {
        let shown = find::<Element>(&self.content, "[data-sandbox]");
        let Some(shown) = shown.and_then(|part| part.get_attribute("data-sandbox")) else {
            return;
        };
        let old = self.shown.replace(Some(shown));
        if !self.lock_requested.replace(true) {
            return self.acquire_leader_lock();
        }
        if self.is_leader.get() {
            if *self.subscribed.borrow() != *self.shown.borrow() {
                self.connect();
            }
        } else if old != *self.shown.borrow() {
            self.notify_tabs(CHANGED);
        }
    }

    /// Waits for the lock and then connects; connects at once in a browser without locks.
    fn acquire_leader_lock(&'static self) {
        let lead = move || {
            self.is_leader.set(true);
            self.connect();
        };
        // Not there at all outside of a secure context.
        let navigator = window().navigator();
        let locks = Reflect::get(&navigator, &"locks".into()).unwrap_or_default();
        let request = Reflect::get(&locks, &"request".into()).ok();
        let Some(request) = request.and_then(|request| request.dyn_into::<Function>().ok()) else {
            return lead();
        };
        // A promise that never settles keeps the lock for as long as the page lives.
        let callback = Closure::<dyn Fn() -> Promise>::new(move || {
            lead();
            Promise::new(&mut |_, _| {})
        });
        let _ = request.call2(&locks, &NAME.into(), &callback.into_js_value());
    }

    fn disconnect(&self) {
        if let Some(stream) = self.stream.take() {
            stream.close();
        }
    }

    fn connect(&'static self) {
        self.disconnect();
        self.subscribed.replace(self.shown.borrow().clone());
        if let Ok(stream) = EventSource::new("/api/sandbox/events") {
            self.listen(&stream, &["exchange", "lagged", "open", "error"]);
            self.stream.replace(Some(stream));
        }
    }

    /// The stream ended. Browsers try again by themselves, unless the server refused it.
    fn lost(&'static self) {
        self.notify_tabs(LOST);
        self.show_state("lost");
        let is_closed = |stream: &EventSource| stream.ready_state() == EventSource::CLOSED;
        if self.stream.borrow().as_ref().is_some_and(is_closed) {
            after(AGAIN, move || self.connect());
        }
    }

    fn back(&'static self) {
        self.show_state("");
        self.refresh_soon();
    }
}
