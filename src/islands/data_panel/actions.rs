//! What the reader does in the panel: opens an exchange, shares it, searches, submits its forms.

use leptos::ev::{Event, FocusEvent, MouseEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, FormData, HtmlFormElement, UrlSearchParams};

use super::panel::Panel;
use super::stream;
use crate::islands::api_client;
use crate::islands::dom::{attribute, dispatch, target};
use crate::islands::playground::page_session::PageSession;

/// The actions of a form that restore the users and end all logins.
const RESETS: [&str; 2] = ["reset", "restore"];
/// Milliseconds without input after which the search is sent.
const SEARCH_DELAY: i32 = 200;

impl Panel {
    pub(super) fn click(self, event: &MouseEvent) {
        if event.ctrl_key() || event.meta_key() || event.shift_key() {
            return;
        }
        let Some(link) = target(event, "[data-open],[data-back],[data-share],[data-dismiss]")
        else {
            return;
        };
        event.prevent_default();
        if let Some(path) = link.get_attribute("data-share") {
            return spawn_local(self.share(path));
        }
        if link.has_attribute("data-dismiss") {
            return self.dismiss_offer();
        }
        let open = link.get_attribute("data-open");
        let opened = self.find("[data-of]");
        let opened = opened.and_then(|container| container.get_attribute("data-of"));
        let (address, next_focus) = match &open {
            Some(id) => {
                let id = String::from(js_sys::encode_uri_component(id));
                let address = self.address(&["&open=", &id].concat());
                (address, "[data-back]".to_owned())
            }
            None => (
                self.address(""),
                attribute("data-open", &opened.unwrap_or_default()),
            ),
        };
        self.memory.update(|memory| {
            memory.is_exchange_open = open.is_some();
            memory.next_focus = Some(next_focus);
        });
        spawn_local(async move {
            self.show(&address, None).await;
        });
    }

    /// Copies a link to an exchange.
    async fn share(self, path: String) {
        let origin = window().location().origin().unwrap_or_default();
        let is_copied = api_client::copy(&[origin, path].concat()).await;
        if let Some(message) = self.find("[data-shared]") {
            message.set_hidden(!is_copied);
        }
    }

    pub(super) fn submit(self, event: &SubmitEvent) {
        event.prevent_default();
        let Some(form) = target(event, "form") else {
            return;
        };
        let form: HtmlFormElement = form.unchecked_into();
        if form.method() == "get" {
            return self.refresh_after(0);
        }
        let data = FormData::new_with_form(&form);
        let fields = data.and_then(|data| UrlSearchParams::new_with_str_sequence_sequence(&data));
        let Ok(fields) = fields else { return };
        let mut is_reset = false;
        if let Some(button) = event.submitter()
            && let Some(name) = button.get_attribute("name")
        {
            let value = button.get_attribute("value").unwrap_or_default();
            is_reset = RESETS.contains(&value.as_str());
            if is_reset {
                self.close_question(&button);
            }
            fields.append(&name, &value);
        }
        spawn_local(async move {
            if self.show(&self.address(""), Some(&fields)).await {
                if is_reset && self.find(".response-error").is_none() {
                    self.session.into_iter().for_each(PageSession::end_logins);
                }
                self.broadcast(stream::CHANGED);
                self.memory.update(|memory| memory.is_dispatching = true);
                dispatch("routebook-changed", &JsValue::NULL);
                self.memory.update(|memory| memory.is_dispatching = false);
            }
        });
    }

    /// Closes the question before a reset, in which a button was pressed; the focus stays there.
    fn close_question(self, button: &Element) {
        if let Ok(Some(question)) = button.closest("details") {
            let _ = question.remove_attribute("open");
        }
        let focus = ".data-panel-reset > summary".to_owned();
        self.memory.update(|memory| memory.next_focus = Some(focus));
    }

    pub(super) fn input(self, event: &Event) {
        if target(event, "#data-panel-q").is_some() {
            self.refresh_after(SEARCH_DELAY);
        }
    }

    pub(super) fn focusout(self, event: &FocusEvent) {
        let is_stale = self.memory.with(|memory| memory.is_stale);
        if is_stale && target(event, "form[data-live]").is_some() {
            self.refresh_soon();
        }
    }
}

/// Submits the form of a switch when it is changed.
pub(super) fn submit_switch(event: &Event) {
    if let Some(form) = target(event, "form[data-live]") {
        // Refused only for a form that is no longer in the page.
        let _ = form.unchecked_ref::<HtmlFormElement>().request_submit();
    }
}
