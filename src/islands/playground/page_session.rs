//! Who sends the requests: one choice for all forms of a page, for the next pages and for the other tabs.
//!
//! The session storage of the tab holds it, with the last token and the user of the last login. A tab that has none asks
//! the others. Nothing of it is in a draft or in a link. The user of the login is also in the storage that outlasts the
//! tabs, because the cookie does too; the token and the key of the sandbox are not.

use std::cell::RefCell;

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, Event, MessageEvent};

use super::send::RequestToSend;
use crate::http_file::RequestSession;
use crate::islands::api_client;
use crate::islands::dom::{dispatch, listen, local_storage, session_storage};
use crate::model::http::HttpResponse;

/// The name in session storage, of the channel between the tabs, and of the event. The loader uses it too.
const NAME: &str = "routebook-session";
/// The name in local storage of the session with the user alone. The loader uses it too.
const USER: &str = "routebook-user";
/// The message of a tab that has no session.
const REQUEST: &str = "";

thread_local! {
    static CHANNEL: RefCell<Option<BroadcastChannel>> = const { RefCell::new(None) };
}

/// The session with which the forms of a page send, as JSON.
#[derive(Clone, Copy)]
pub(crate) struct PageSession(RwSignal<String>);

impl PageSession {
    /// Returns the session of nobody.
    pub(super) fn empty() -> PageSession {
        PageSession(RwSignal::new(String::new()))
    }

    /// Reads the session of this tab, or asks the other tabs for theirs.
    pub(crate) fn open() -> PageSession {
        let stored = session_storage().and_then(|storage| storage.get_item(NAME).ok().flatten());
        let is_open = stored.is_some();
        let user = || local_storage()?.get_item(USER).ok().flatten();
        let session = PageSession(RwSignal::new(stored.or_else(user).unwrap_or_default()));
        if let Ok(channel) = BroadcastChannel::new(NAME) {
            listen(&channel, "message", move |event| session.receive(event));
            CHANNEL.set(Some(channel));
        }
        if !is_open {
            broadcast(REQUEST);
        }
        session
    }

    /// Handles a message of another tab: its session, or the request for ours.
    fn receive(self, event: &Event) {
        let message = event.unchecked_ref::<MessageEvent>().data();
        let message = message.as_string().unwrap_or_default();
        let own = self.0.get_untracked();
        if message == REQUEST {
            if !own.is_empty() {
                broadcast(&own);
            }
        } else if message != own {
            if let Some(key) = RequestSession::from_json(&message).sandbox {
                api_client::set_sandbox_key(Some(key));
            }
            self.store(message);
        }
    }

    fn store(self, json: String) {
        if let Some(storage) = session_storage() {
            // Where storage is refused or full, the session is that of the page.
            let _ = storage.set_item(NAME, &json);
        }
        if let Some(storage) = local_storage() {
            let user = RequestSession::from_json(&json).user;
            let _ = match user.is_some() {
                true => {
                    let session = RequestSession {
                        user,
                        ..RequestSession::default()
                    };
                    storage.set_item(USER, &session.to_json())
                }
                false => storage.remove_item(USER),
            };
        }
        self.0.set(json);
        // The loader shows it in the forms that are not hydrated.
        dispatch(NAME, &JsValue::NULL);
    }

    pub(super) fn get(self) -> RequestSession {
        self.0.with(|json| RequestSession::from_json(json))
    }

    /// Replaces the session, in the other tabs too.
    pub(super) fn set(self, session: &RequestSession) {
        let json = session.to_json();
        if self.0.with_untracked(|own| *own != json) {
            broadcast(&json);
            self.store(json);
        }
    }

    /// Stores that the sandbox was reset, which has ended all logins and tokens.
    pub(crate) fn end_logins(self) {
        self.set(&untrack(|| self.get()).without_logins());
    }

    /// Stores what a response says about the session.
    pub(super) fn observe(self, request: &RequestToSend, response: &HttpResponse) {
        let mut session = untrack(|| self.get());
        if let Some(key) = api_client::known_sandbox_key() {
            session = session.in_sandbox(&key);
        }
        let request = &request.request;
        self.set(&session.after(&request.draft, request.sends_cookies, response));
    }
}

fn broadcast(message: &str) {
    CHANNEL.with_borrow(|channel| {
        if let Some(channel) = channel {
            // Refused only by a channel that is closed.
            let _ = channel.post_message(&message.into());
        }
    });
}
