//! The events of the sandbox. A browser has one stream of events and not one for each tab, because it opens
//! only six connections to a host over HTTP/1.1. The tab that holds a lock receives the events and broadcasts
//! them to the others.

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, EventSource, MessageEvent};

use super::panel::{NAME, Panel};
use crate::islands::api_client;
use crate::islands::dom::{after, dispatch, listen};

/// Something has changed.
pub(super) const CHANGED: &str = "changed";
/// The stream has ended. The messages of both states are the keys of their texts.
const LOST: &str = "lost";
/// The server has refused the stream, because too many are open.
const REFUSED: &str = "refused";
/// The stream is open again.
const RESTORED: &str = "restored";
/// Milliseconds after which a refused stream is opened again; doubled with each refusal, up to 48 s.
const RECONNECT_DELAY: i32 = 3000;
/// Milliseconds after which the content is fetched again while there is no stream.
const POLL_DELAY: i32 = 10_000;

impl Panel {
    /// Listens to the other tabs and to the network.
    pub(super) fn listen_to_others(self) {
        self.memory.with(|memory| {
            if let Some(channel) = &memory.channel {
                listen(channel, "message", move |event| self.message(event));
            }
        });
        listen(&window(), "offline", move |_| {
            // Until the network is back, further attempts are useless.
            self.disconnect();
            self.show_stream_state(None);
        });
        listen(&window(), "online", move |_| {
            if self.memory.with(|memory| memory.is_leader) {
                self.connect();
            }
            self.restored();
        });
    }

    fn message(self, event: &Event) {
        let message = event.unchecked_ref::<MessageEvent>().data();
        match message.as_string().as_deref() {
            Some(LOST) => self.show_stream_state(Some(LOST)),
            Some(REFUSED) => self.show_stream_state(Some(REFUSED)),
            Some(RESTORED) => self.restored(),
            _ => self.changed(),
        }
    }

    /// An event of the sandbox has come.
    fn changed(self) {
        self.memory
            .update(|memory| memory.last_event_at = api_client::now());
        self.refresh_soon();
        // The cards of exercises follow the same events.
        dispatch("routebook-exchange", &JsValue::NULL);
    }

    fn restored(self) {
        self.show_stream_state(None);
        self.refresh_soon();
        // Requests may have arrived before the stream was open.
        dispatch("routebook-exchange", &JsValue::NULL);
    }

    /// Shows why no events come, until they come again.
    fn show_stream_state(self, state: Option<&'static str>) {
        self.memory.update(|memory| memory.stream_state = state);
        self.show_state(None);
    }

    /// Sends a message to the other tabs.
    pub(super) fn broadcast(self, message: &str) {
        self.memory.with(|memory| {
            if let Some(channel) = &memory.channel {
                // Refused only by a channel that is closed.
                let _ = channel.post_message(&message.into());
            }
        });
    }

    /// Makes sure that a tab receives the events of the sandbox that is shown.
    pub(super) fn subscribe(self) {
        let shown = self.find("[data-sandbox]");
        let Some(shown) = shown.and_then(|part| part.get_attribute("data-sandbox")) else {
            return;
        };
        let mut is_other = false;
        let mut is_first = false;
        let mut is_leader = false;
        self.memory.update(|memory| {
            is_leader = memory.is_leader;
            is_other = memory.shown_sandbox.as_ref() != Some(&shown);
            is_first = !std::mem::replace(&mut memory.is_lock_requested, true);
            memory.shown_sandbox = Some(shown);
        });
        if is_first {
            self.acquire_leader_lock();
        } else if is_leader {
            if self
                .memory
                .with(|memory| memory.streamed_sandbox != memory.shown_sandbox)
            {
                self.connect();
            }
        } else if is_other {
            self.broadcast(CHANGED);
        }
    }

    /// Connects once the lock is held; at once where the browser has no locks.
    fn acquire_leader_lock(self) {
        let lead = move || {
            self.memory.update(|memory| memory.is_leader = true);
            self.connect();
        };
        // Outside of a secure context there are none.
        let navigator = window().navigator();
        let locks = Reflect::get(&navigator, &"locks".into()).unwrap_or_default();
        let request = Reflect::get(&locks, &"request".into()).ok();
        let Some(request) = request.and_then(|request| request.dyn_into::<Function>().ok()) else {
            return lead();
        };
        // Held until the page is closed.
        let held = Closure::<dyn Fn() -> Promise>::new(move || {
            lead();
            Promise::new(&mut |_, _| {})
        });
        let _ = request.call2(&locks, &NAME.into(), &held.into_js_value());
    }

    fn disconnect(self) {
        let stream = self.memory.update(|memory| memory.stream.take());
        if let Some(stream) = stream {
            stream.close();
        }
    }

    fn connect(self) {
        self.disconnect();
        let Ok(stream) = EventSource::new("/api/sandbox/events") else {
            return;
        };
        for name in ["exchange", "lagged"] {
            listen(&stream, name, move |_| {
                self.broadcast(CHANGED);
                self.changed();
            });
        }
        listen(&stream, "open", move |_| {
            self.memory.update(|memory| memory.refusals = 0);
            self.broadcast(RESTORED);
            self.restored();
        });
        listen(&stream, "error", move |_| self.lost());
        self.memory.update(|memory| {
            memory.streamed_sandbox.clone_from(&memory.shown_sandbox);
            memory.stream = Some(stream);
        });
    }

    /// The stream has ended. The browser connects again by itself, unless the server has refused it: then the
    /// content is polled until the server accepts a stream.
    fn lost(self) {
        let refusals = self.memory.update(|memory| {
            let stream = memory.stream.as_ref();
            let is_refused =
                stream.is_some_and(|stream| stream.ready_state() == EventSource::CLOSED);
            is_refused.then(|| {
                let before = memory.refusals;
                memory.refusals = (before + 1).min(4);
                before
            })
        });
        if refusals.is_some() && self.has_lost_sandbox() {
            self.broadcast(RESTORED);
            return self.restored();
        }
        let state = match refusals {
            Some(_) => REFUSED,
            None => LOST,
        };
        self.broadcast(state);
        self.show_stream_state(Some(state));
        if let Some(refusals) = refusals {
            after(RECONNECT_DELAY << refusals, move || self.connect());
        }
        if refusals == Some(0) {
            self.poll();
        }
    }

    /// Returns whether the sandbox of the stream was deleted, as far as the content shows. Then there is nothing to
    /// connect to until there is another one.
    fn has_lost_sandbox(self) -> bool {
        let is_lost =
            self.find(".data-panel-users").is_some() && self.find("[data-sandbox]").is_none();
        if is_lost {
            self.memory.update(|memory| {
                memory.shown_sandbox = None;
                memory.streamed_sandbox = None;
                memory.refusals = 0;
            });
        }
        is_lost
    }

    /// Refreshes all tabs now and again while the server refuses the stream.
    fn poll(self) {
        after(POLL_DELAY, move || {
            if self.memory.with(|memory| memory.stream_state) == Some(REFUSED) {
                self.broadcast(CHANGED);
                self.refresh_soon();
                self.poll();
            }
        });
    }
}
