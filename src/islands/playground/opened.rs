//! What a form has when its page is opened: what the address names, which is the draft of a link, a saved request, the
//! request of an exchange or an empty one; otherwise the draft that was stored before a reload.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use web_sys::Element;

use super::draft_storage::{self, decode};
use super::form::{Form, Notice};
use super::response::Outcome;
use crate::islands::api_client;
use crate::islands::dom::{find, language, listen};
use crate::model::http::{LinkedRequest, RequestDraft};

impl Form {
    /// Opens what the address names, or restores the stored draft, unless something else was typed since.
    pub(super) fn restore(self) {
        let draft = untrack(|| self.draft.read());
        let is_typed = self
            .constants
            .with_value(|constants| draft != constants.example);
        if !is_typed && self.open_linked() {
            return;
        }
        let stored = self
            .constants
            .with_value(|constants| draft_storage::find(&constants.id));
        match stored {
            Some(stored) if !is_typed => {
                self.write(&stored);
                self.fill_from(&stored.target);
            }
            _ if self.fill_from(&draft.target) => {}
            _ => self.draft.write_target(draft.target),
        }
    }

    /// Stores the draft unless it is the example.
    pub(super) fn store(self, draft: RequestDraft) {
        self.constants.with_value(|constants| {
            let draft = Some(draft).filter(|draft| *draft != constants.example);
            draft_storage::store(&constants.id, draft);
        });
    }

    /// Opens what the address names whenever its fragment changes.
    pub(super) fn follow_address(self) {
        listen(&window(), "hashchange", move |_| {
            if self.open_linked() {
                clear_fragment();
                self.focus_soon(".target-input");
            }
        });
    }

    /// Opens what the address names, unless it is nothing or not for this form; returns whether it is.
    pub(super) fn open_linked(self) -> bool {
        let fragment = window().location().hash().unwrap_or_default();
        let Some(linked) = LinkedRequest::parse(&fragment) else {
            return false;
        };
        let is_own = self.constants.with_value(|constants| match &linked {
            LinkedRequest::Draft { id: Some(id), .. } => *id == constants.id,
            LinkedRequest::Draft { id: None, .. } => draft_storage::is_first(&constants.id),
            _ => constants.extras.save_as.is_some() && draft_storage::is_first(&constants.id),
        });
        if !is_own {
            return false;
        }
        match linked {
            LinkedRequest::Draft { encoded, .. } => {
                let Some(draft) = decode(&encoded) else {
                    return false;
                };
                self.open(&draft);
                // The link stays in the address of a page that it has opened.
                return true;
            }
            LinkedRequest::Saved(name) => {
                let saved = untrack(|| self.saved.get());
                match saved.find(&name) {
                    Some(draft) => {
                        self.open(draft);
                        self.opened_name.set(name);
                    }
                    None => self.show_message("workspace-gone"),
                }
            }
            LinkedRequest::Exchange(id) => spawn_local(self.open_exchange(id)),
            LinkedRequest::New => self.open(&RequestDraft {
                method: "GET".to_owned(),
                ..RequestDraft::default()
            }),
        }
        clear_fragment();
        self.focus_soon(".target-input");
        true
    }

    /// Puts a request into the form in the place of what was there and of its response.
    fn open(self, draft: &RequestDraft) {
        self.cancel();
        self.errors.set(None);
        self.notice.set(None);
        self.outcome.set(Outcome::None);
        self.opened_name.set(String::new());
        self.write(draft);
        self.fill_from(&draft.target);
    }

    /// Opens the request of an exchange. The data panel has the link to its draft.
    async fn open_exchange(self, id: String) {
        let id = String::from(js_sys::encode_uri_component(&id));
        let address = ["/", &language(), "/data?part&open=", &id].concat();
        let html = api_client::panel(&address, None).await;
        match html.and_then(|html| draft_of_panel(&html)) {
            Some(draft) => self.open(&draft),
            None => self.show_message("workspace-exchange-gone"),
        }
    }

    fn show_message(self, key: &str) {
        self.notice.set(Some(Notice {
            message: self.message(key),
            text: None,
        }));
    }
}

/// Returns the draft of the link in the panel of an exchange; `None` when its body was not recorded as a whole.
fn draft_of_panel(html: &str) -> Option<RequestDraft> {
    // It is never part of the page.
    let panel = document().create_element("div").ok()?;
    panel.set_inner_html(html);
    let link = find::<Element>(&panel, "a[href*=\"#try=\"]")?;
    let address = link.get_attribute("href")?;
    let fragment = &address[address.find('#')?..];
    match LinkedRequest::parse(fragment)? {
        LinkedRequest::Draft { encoded, .. } => decode(&encoded),
        _ => None,
    }
}

/// Removes the fragment from the address, so that a reload keeps what is typed afterwards, and the same link works again.
fn clear_fragment() {
    let location = window().location();
    let address = [location.pathname(), location.search()].map(Result::unwrap_or_default);
    if let Ok(history) = window().history() {
        // Refused only for an address of another site.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address.concat()));
    }
}
