//! Fetches the content of the panel when it may have changed and somebody sees it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlInputElement, UrlSearchParams};

use super::exchange_list;
use super::panel::Panel;
use crate::islands::api_client;
use crate::islands::dom::{after, focus};

/// Milliseconds in which several reasons for a refresh become one.
const REFRESH_DELAY: i32 = 60;

impl Panel {
    /// A request of the page was sent; its event may have come already.
    pub(super) fn sent(self, event: &Event) {
        let sent_at = event.unchecked_ref::<web_sys::CustomEvent>().detail();
        let last_event_at = self.memory.with(|memory| memory.last_event_at);
        if sent_at
            .as_f64()
            .is_none_or(|sent_at| sent_at >= last_event_at)
        {
            self.refresh_soon();
        }
    }

    pub(super) fn refresh_if_stale(self) {
        if self.memory.with(|memory| memory.is_stale) {
            self.refresh();
        }
    }

    /// Fetches the content, unless nobody would see it.
    pub(super) fn refresh(self) {
        let container = self.container.get_untracked();
        let is_shown = container.is_some_and(|container| container.offset_width() > 0);
        let is_seen = !document().hidden() && (is_shown || exchange_list::has_history());
        let is_exchange_open = self.memory.with(|memory| memory.is_exchange_open);
        if is_exchange_open || !is_seen || self.is_edited() {
            if is_seen {
                self.fetch_exchanges();
            }
            return self.memory.update(|memory| memory.is_stale = true);
        }
        if self.memory.with(|memory| memory.is_fetching) {
            return self.memory.update(|memory| memory.is_refresh_due = true);
        }
        spawn_local(async move {
            self.show(&self.address(""), None).await;
        });
    }

    /// Returns whether a switch is being edited, which new content would undo.
    pub(super) fn is_edited(self) -> bool {
        let field = document()
            .active_element()
            .zip(self.content.get_untracked());
        let field = field.filter(|(field, content)| content.contains(Some(field)));
        let field = field.map(|(field, _)| field);
        let field = field.filter(|field| field.matches("form[data-live] input").unwrap_or(false));
        let field: Option<HtmlInputElement> = field.and_then(|field| field.dyn_into().ok());
        field.is_some_and(|field| field.value() != field.default_value())
    }

    /// Refreshes in a moment.
    pub(super) fn refresh_soon(self) {
        self.memory.update(|memory| memory.is_stale = true);
        self.refresh_after(REFRESH_DELAY);
    }

    pub(super) fn refresh_after(self, milliseconds: i32) {
        let timer = after(milliseconds, move || self.refresh());
        let old = self
            .memory
            .update(|memory| std::mem::replace(&mut memory.timer, timer));
        if let Some(old) = old {
            window().clear_timeout_with_handle(old);
        }
    }

    /// Returns what is searched for in the exchanges; empty for nothing.
    pub(super) fn search(self) -> String {
        let field = self.find("#data-panel-q");
        field.map_or_else(String::new, |field| {
            field.unchecked_into::<HtmlInputElement>().value()
        })
    }

    /// Returns the address of the fragment, with the search.
    pub(super) fn address(self, more: &str) -> String {
        let search = String::from(js_sys::encode_uri_component(&self.search()));
        self.source
            .with_value(|source| [source, &search, more].concat())
    }

    /// Fetches a fragment, or posts a form for one, and puts it in place. Returns whether that worked: also
    /// when something else was requested meanwhile, if a form was posted.
    pub(super) async fn show(self, address: &str, form: Option<&UrlSearchParams>) -> bool {
        if api_client::is_offline() {
            self.memory.update(|memory| memory.is_stale = true);
            self.show_state(None);
            return false;
        }
        let sequence = self.memory.update(|memory| {
            memory.is_stale = false;
            memory.is_fetching = true;
            memory.request_sequence += 1;
            memory.request_sequence
        });
        if self.find(".data-panel-empty").is_some() {
            self.show_state(Some("loading"));
        }
        let html = api_client::panel(address, form).await;
        if sequence != self.memory.with(|memory| memory.request_sequence) {
            // What is shown instead may be older than the effect of the form.
            if form.is_some() {
                self.refresh_soon();
            }
            return form.is_some();
        }
        let is_refresh_due = self.memory.update(|memory| {
            memory.is_fetching = false;
            std::mem::take(&mut memory.is_refresh_due)
        });
        if is_refresh_due {
            self.refresh_soon();
        }
        if form.is_none() && self.is_edited() {
            self.memory.update(|memory| memory.is_stale = true);
            return false;
        }
        if let Some(html) = &html
            && self.memory.with(|memory| memory.html != *html)
        {
            self.replace_content(html);
            self.update_offer();
            self.memory.update(|memory| memory.html.clone_from(html));
            self.store_mark();
        }
        if let Some(html) = &html {
            self.publish_exchanges(html);
        }
        let is_exchange_open = self.find("[data-back]").is_some();
        let next_focus = self.memory.update(|memory| {
            memory.is_exchange_open = is_exchange_open;
            memory.next_focus.take()
        });
        if let Some(field) = next_focus.and_then(|selector| self.find(&selector)) {
            focus(&field);
        }
        if html.is_none() {
            self.memory.update(|memory| memory.is_stale = true);
            self.show_state(Some("failed"));
            return false;
        }
        self.show_state(None);
        self.subscribe();
        true
    }

    /// Shows the state of the last request for the content, or, where it has none, that of the event stream.
    /// Without a network that is the state, whatever has happened.
    pub(super) fn show_state(self, state: Option<&'static str>) {
        let state = match api_client::is_offline() {
            true => Some("offline"),
            false => state.or_else(|| self.memory.with(|memory| memory.stream_state)),
        };
        self.state.set(state);
    }
}
