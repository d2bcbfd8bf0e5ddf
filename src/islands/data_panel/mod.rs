//! The data panel: follows its forms and links without leaving the page, and shows what happens to the
//! visitor's data as it happens, from whatever client.
//!
//! What it shows is server HTML (`pages::data_panel`), fetched and put in place whole. Not here: how an
//! exchange is shown.

mod show;
mod stream;

use std::cell::{Cell, OnceCell, RefCell};

use js_sys::Function;
use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    BroadcastChannel, Element, Event, EventSource, EventTarget, FormData, HtmlElement,
    HtmlFormElement, HtmlInputElement, KeyboardEvent, MouseEvent, RequestInit, Response,
    SubmitEvent, UrlSearchParams,
};

use super::api_client;
use super::dom::{after, all, attribute, dispatch, find, focus, set, target};

/// Milliseconds in which several reasons to refresh become one.
const SOON: i32 = 60;
/// Milliseconds of quiet after which what was typed is searched.
const TYPED: i32 = 200;

/// The data panel of the page; it lives as long as the page does.
struct DataPanel {
    container: HtmlElement,
    content: Element,
    /// The listener of all events.
    event_listener: OnceCell<Function>,
    /// The channel between the tabs.
    channel: Option<BroadcastChannel>,
    stream: RefCell<Option<EventSource>>,
    /// The sandbox that is shown.
    shown: RefCell<Option<String>>,
    /// The sandbox whose event stream is open.
    subscribed: RefCell<Option<String>>,
    /// The HTML that is in place.
    html: RefCell<String>,
    /// The number of the last request; only its response is shown.
    request_sequence: Cell<u32>,
    timer: Cell<Option<i32>>,
    /// Where the focus goes with what is shown next, whoever asks for it.
    wanted: RefCell<Option<String>>,
    /// Whether the leader lock was requested.
    lock_requested: Cell<bool>,
    /// Whether this tab holds the leader lock.
    is_leader: Cell<bool>,
    /// Whether one exchange is shown instead of the list.
    opened: Cell<bool>,
    /// Whether the content is out of date.
    stale: Cell<bool>,
    /// Whether this data panel is dispatching an event itself.
    is_dispatching: Cell<bool>,
}

/// Hydrates the data panel, if the page has one.
pub(super) fn hydrate() {
    let Some(container) = document().get_element_by_id("data-panel") else {
        return;
    };
    let Some(content) = find(&container, ".data-panel-content") else {
        return;
    };
    let is_opened = find::<Element>(&content, "[data-back]").is_some();
    let data_panel: &'static DataPanel = Box::leak(Box::new(DataPanel {
        container: container.unchecked_into(),
        content,
        event_listener: OnceCell::new(),
        channel: BroadcastChannel::new(stream::NAME).ok(),
        stream: RefCell::default(),
        shown: RefCell::default(),
        subscribed: RefCell::default(),
        html: RefCell::default(),
        request_sequence: Cell::default(),
        timer: Cell::default(),
        wanted: RefCell::default(),
        lock_requested: Cell::default(),
        is_leader: Cell::default(),
        opened: Cell::new(is_opened),
        stale: Cell::new(true),
        is_dispatching: Cell::default(),
    }));
    // One event may lead to another before it ends, so this is no FnMut.
    let listener =
        Closure::<dyn Fn(Event)>::new(move |event| data_panel.handle_event(&event)).into_js_value();
    data_panel
        .event_listener
        .get_or_init(|| listener.unchecked_into());
    let own = ["click", "submit", "change", "input", "toggle", "focusout"];
    data_panel.listen(&data_panel.container, &own);
    let page = [
        "keydown",
        "visibilitychange",
        "routebook-sent",
        "routebook-changed",
    ];
    data_panel.listen(&document(), &page);
    data_panel.listen(&window(), &["online", "offline", "resize"]);
    if let Some(channel) = &data_panel.channel {
        data_panel.listen(channel, &["message"]);
    }
    set(&data_panel.container, "data-ready", "");
    data_panel.refresh();
}

impl DataPanel {
    fn listen(&self, target: &EventTarget, names: &[&str]) {
        let Some(listener) = self.event_listener.get() else {
            return;
        };
        for name in names {
            // Only an unknown option would be refused.
            let _ = target.add_event_listener_with_callback(name, listener);
        }
    }

    fn handle_event(&'static self, event: &Event) {
        match event.type_().as_str() {
            "click" => self.click(event.unchecked_ref()),
            "submit" => self.submit(event.unchecked_ref()),
            "change" => change(event),
            "input" if target(event, "#data-panel-q").is_some() => self.refresh_after(TYPED),
            "keydown" => self.keydown(event.unchecked_ref()),
            "toggle" | "visibilitychange" if self.stale.get() => self.refresh(),
            "focusout" if self.stale.get() && target(event, "form[data-live]").is_some() => {
                self.refresh_soon();
            }
            "resize" if self.is_drawer() && is_wide() => self.fold(),
            "routebook-sent" | "routebook-changed" if !self.is_dispatching.get() => {
                self.refresh_soon()
            }
            _ => self.handle_remote_event(event),
        }
    }

    /// Fetches the content again when the panel is visible and not being edited; otherwise marks it as out of
    /// date.
    fn refresh(&'static self) {
        let is_seen = !document().hidden() && self.container.offset_width() > 0;
        if self.opened.get() || !is_seen || self.is_edited() {
            return self.stale.set(true);
        }
        spawn_local(async move {
            self.show(&self.address(""), None).await;
        });
    }

    /// Whether a switch is being set: another field in its place would not know that it was changed.
    fn is_edited(&self) -> bool {
        let field = document().active_element();
        let field = field.filter(|field| self.content.contains(Some(field)));
        let field = field.filter(|field| field.matches("form[data-live] input").unwrap_or(false));
        let field: Option<HtmlInputElement> = field.and_then(|field| field.dyn_into().ok());
        field.is_some_and(|field| field.value() != field.default_value())
    }

    /// Refreshes after a moment.
    fn refresh_soon(&'static self) {
        self.stale.set(true);
        self.refresh_after(SOON);
    }

    fn refresh_after(&'static self, milliseconds: i32) {
        if let Some(timer) = self.timer.take() {
            window().clear_timeout_with_handle(timer);
        }
        self.timer.set(after(milliseconds, move || self.refresh()));
    }

    /// The address of the part, with what is searched for.
    fn address(&self, more: &str) -> String {
        let source = self.container.get_attribute("data-src").unwrap_or_default();
        let search = find::<HtmlInputElement>(&self.content, "#data-panel-q");
        let search = search.map(|field| field.value()).unwrap_or_default();
        let search = String::from(js_sys::encode_uri_component(&search));
        [&source, "?part&q=", &search, more].concat()
    }

    /// Fetches a part, with a form if there is one to post, and puts it in place; `false` when it
    /// could not be had, or something else was asked for meanwhile: then the form was posted all the
    /// same.
    async fn show(&'static self, address: &str, form: Option<&UrlSearchParams>) -> bool {
        if api_client::is_offline() {
            self.stale.set(true);
            self.show_state("");
            return false;
        }
        let sequence = self.request_sequence.get() + 1;
        self.request_sequence.set(sequence);
        self.stale.set(false);
        if find::<Element>(&self.content, ".data-panel-empty").is_some() {
            self.show_state("loading");
        }
        let html = fetch(address, form).await;
        if self.request_sequence.get() != sequence {
            // What is shown instead may be from before the form was dealt with.
            if form.is_some() {
                self.refresh_soon();
            }
            return form.is_some();
        }
        if form.is_none() && self.is_edited() {
            self.stale.set(true);
            return false;
        }
        if let Some(html) = &html
            && *self.html.borrow() != *html
        {
            self.put(html);
            self.html.replace(html.clone());
        }
        let opened = find::<Element>(&self.content, "[data-back]");
        self.opened.set(opened.is_some());
        if let Some(wanted) = self.wanted.take() {
            self.focus_on(&wanted);
        }
        if html.is_none() {
            self.stale.set(true);
            self.show_state("failed");
            return false;
        }
        self.show_state("");
        self.subscribe();
        true
    }

    /// Shows the state of the connection, or `offline` without a network; an empty state hides the message.
    fn show_state(&self, state: &str) {
        let is_offline = api_client::is_offline();
        let state = if is_offline { "offline" } else { state };
        for text in all(&self.container, ".data-panel-state") {
            text.set_hidden(text.get_attribute("data-state").as_deref() != Some(state));
        }
    }

    fn click(&'static self, event: &MouseEvent) {
        if event.ctrl_key() || event.meta_key() || event.shift_key() {
            return;
        }
        let Some(link) = target(event, "[data-open],[data-back],[data-share]") else {
            return;
        };
        event.prevent_default();
        let opened = find::<Element>(&self.content, "[data-of]");
        let opened = opened.and_then(|container| container.get_attribute("data-of"));
        spawn_local(async move {
            if let Some(id) = link.get_attribute("data-open") {
                self.opened.set(true);
                self.wanted.replace(Some("[data-back]".to_owned()));
                let id = String::from(js_sys::encode_uri_component(&id));
                self.show(&self.address(&["&open=", &id].concat()), None)
                    .await;
            } else if let Some(path) = link.get_attribute("data-share") {
                self.share(&path).await;
            } else {
                self.opened.set(false);
                let link = attribute("data-open", &opened.unwrap_or_default());
                self.wanted.replace(Some(link));
                self.show(&self.address(""), None).await;
            }
        });
    }

    fn focus_on(&self, selector: &str) {
        if let Some(element) = find::<HtmlElement>(&self.content, selector) {
            focus(&element);
        }
    }

    async fn share(&self, path: &str) {
        let origin = window().location().origin().unwrap_or_default();
        let is_copied = api_client::copy(&[&origin, path].concat()).await;
        if let Some(message) = find::<HtmlElement>(&self.content, "[data-shared]") {
            message.set_hidden(!is_copied);
        }
    }

    fn submit(&'static self, event: &SubmitEvent) {
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
        if let Some(button) = event.submitter()
            && let Some(name) = button.get_attribute("name")
        {
            fields.append(&name, &button.get_attribute("value").unwrap_or_default());
        }
        spawn_local(async move {
            if self.show(&self.address(""), Some(&fields)).await {
                self.notify_tabs(stream::CHANGED);
                self.is_dispatching.set(true);
                dispatch("routebook-changed", "");
                self.is_dispatching.set(false);
            }
        });
    }

    fn keydown(&self, event: &KeyboardEvent) {
        if event.key() == "Escape" && !event.default_prevented() && self.is_drawer() {
            self.fold();
        }
    }

    /// Whether the drawer is open.
    fn is_drawer(&self) -> bool {
        self.container.matches(":popover-open").unwrap_or(false)
    }

    fn fold(&self) {
        let _ = self.container.hide_popover();
        if let Some(opener) = opener() {
            focus(&opener);
        }
    }
}

/// A switch acts at once.
fn change(event: &Event) {
    if let Some(form) = target(event, "form[data-live]") {
        // Refused only for a form that is no longer in the page.
        let _ = form.unchecked_ref::<HtmlFormElement>().request_submit();
    }
}

/// Whether there is room for a panel: then the button that opens a drawer is not shown.
fn is_wide() -> bool {
    opener().is_none_or(|opener| opener.offset_width() == 0)
}

fn opener() -> Option<HtmlElement> {
    find(&super::dom::root(), ".data-panel-open")
}

/// The part of a page at an address; `None` when it cannot be had. What is wrong with a form is such a
/// part, too.
async fn fetch(address: &str, form: Option<&UrlSearchParams>) -> Option<String> {
    let init = RequestInit::new();
    if let Some(form) = form {
        init.set_method("POST");
        init.set_body(form);
    }
    let response = window().fetch_with_str_and_init(address, &init);
    let response: Response = JsFuture::from(response).await.ok()?.unchecked_into();
    if !response.ok() && form.is_none() {
        return None;
    }
    api_client::fragment(&response).await
}
