//! The state of the card of an exercise or quiz: an HTML fragment of the server, which is replaced as a whole when its
//! form is sent or, for an exercise, when a request has arrived.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, FormData, HtmlElement, HtmlFormElement, SubmitEvent, UrlSearchParams};

use super::api_client::{known_sandbox_key, panel, sandbox_key};
use super::dom::{
    after, attribute, dispatch, find, focus, hydrate, listen, listener, root, target,
};

/// Milliseconds in which several reasons for a refresh become one.
const REFRESH_DELAY: i32 = 60;

/// The events after which the state of an exercise may be another one: a form of the page was sent, the data panel has
/// received the event of an exchange, or its forms have changed the sandbox.
const EVENTS: [&str; 3] = ["routebook-sent", "routebook-exchange", "routebook-changed"];

/// What selects a field that is filled in and not sent, or that was refused.
const UNSENT: &str = "input:checked:not([checked]), textarea:focus, textarea:not(:placeholder-shown), [aria-invalid=true]";

/// The state of a card, inside of an element that announces its `data-message`.
#[island]
pub fn AssessmentState(
    /// The fragment; its root has its address in `data-source`, and `data-live` if requests change it.
    children: Children,
) -> impl IntoView {
    let card = Card {
        content: NodeRef::new(),
        announcement: RwSignal::new(String::new()),
        timer: StoredValue::new(None),
        sequence: StoredValue::new(0),
    };
    Effect::new(move |_| card.start());
    view! {
        <div class="assessment" on:submit=listener(move |event| card.submit(&event))>
            <p role="status" class="visually-hidden">{move || card.announcement.get()}</p>
            <div node_ref=card.content>{children()}</div>
        </div>
    }
}

/// The card of the island.
#[derive(Clone, Copy)]
struct Card {
    content: NodeRef<html::Div>,
    announcement: RwSignal<String>,
    /// The timer of the next refresh.
    timer: StoredValue<Option<i32>>,
    /// The number of requests so far: the response to a refresh is not shown after that to a later request.
    sequence: StoredValue<u32>,
}

impl Card {
    /// Fetches the state of the visitor, and follows the events.
    fn start(self) {
        self.refresh();
        if self
            .root()
            .is_none_or(|root| !root.has_attribute("data-live"))
        {
            return;
        }
        for name in EVENTS {
            listen(&document(), name, move |_| self.refresh_soon());
        }
        listen(&document(), "visibilitychange", move |_| {
            self.refresh_soon()
        });
    }

    /// Returns the root of the fragment.
    fn root(self) -> Option<HtmlElement> {
        find(self.content.get_untracked()?.as_ref(), "[data-source]")
    }

    /// Returns the address of the fragment.
    fn address(self) -> Option<String> {
        self.root()?.get_attribute("data-source")
    }

    fn refresh_soon(self) {
        let timer = after(REFRESH_DELAY, move || self.refresh());
        let old = self
            .timer
            .try_update_value(|old| std::mem::replace(old, timer));
        if let Some(Some(old)) = old {
            window().clear_timeout_with_handle(old);
        }
    }

    fn refresh(self) {
        let Some(address) = self.address().filter(|_| !document().hidden()) else {
            return;
        };
        let sequence = self.next_sequence();
        spawn_local(async move {
            let html = panel(&address, None).await;
            let is_last = self.sequence.get_value() == sequence;
            if let Some(html) = html.filter(|_| is_last && !self.has_choice()) {
                self.replace(&html);
            }
        });
    }

    fn next_sequence(self) -> u32 {
        self.sequence.update_value(|sequence| *sequence += 1);
        self.sequence.get_value()
    }

    /// Returns whether an answer is chosen or a question is written that is not sent yet, which new content would remove.
    fn has_choice(self) -> bool {
        let content = self.content.get_untracked();
        content.is_some_and(|content| find::<Element>(content.as_ref(), UNSENT).is_some())
    }

    /// Sends a form of the card.
    fn submit(self, event: &SubmitEvent) {
        let (Some(form), Some(address)) = (target(event, "form"), self.address()) else {
            return;
        };
        event.prevent_default();
        let form: HtmlFormElement = form.unchecked_into();
        let data = FormData::new_with_form(&form);
        let fields = data.and_then(|data| UrlSearchParams::new_with_str_sequence_sequence(&data));
        let Ok(fields) = fields else { return };
        if let Some(button) = event.submitter()
            && let Some(name) = button.get_attribute("name")
        {
            let value = button.get_attribute("value").unwrap_or_default();
            fields.append(&name, &value);
        }
        spawn_local(async move {
            if let Some(html) = panel(&address, Some(&fields)).await {
                self.next_sequence();
                self.replace(&html);
                // A start may have created the sandbox and set its switches.
                dispatch("routebook-changed", &JsValue::NULL);
                // The data panel receives the events of the requests that other clients send. With the key, the next
                // pages of the tab show what was done.
                if known_sandbox_key().is_none() {
                    let _ = sandbox_key().await;
                }
                if let Some(panel) = find::<Element>(&root(), "#data-panel") {
                    hydrate(&panel);
                }
            }
        });
    }

    /// Replaces the state, keeps the focus unless the new state names an element for it, and announces the new state if it is another one.
    fn replace(self, html: &str) {
        let Some(content) = self.content.get_untracked() else {
            return;
        };
        let content: &Element = &content;
        let message = |content: &Element| {
            let root = find::<Element>(content, "[data-message]");
            root.and_then(|root| root.get_attribute("data-message"))
        };
        let before = message(content);
        let focused = document().active_element();
        let focused = focused.filter(|focused| content.contains(Some(focused)));
        content.set_inner_html(html);
        if let Some(focused) = focused {
            let value = focused.get_attribute("value").unwrap_or_default();
            let same: Option<HtmlElement> = find(content, "[autofocus]");
            let same = same.or_else(|| find(content, &attribute("value", &value)));
            let same = same.or_else(|| find(content, "a.button, button"));
            // A button in a closed part of the card cannot have the focus.
            let closed = same.as_ref();
            let closed = closed.and_then(|same| same.closest("details:not([open])").ok()?);
            let summary = closed.and_then(|details| find(&details, "summary"));
            if let Some(same) = summary.or(same) {
                focus(&same);
            }
        }
        let after = message(content);
        if after != before {
            self.announcement.set(after.unwrap_or_default());
            // The page may have to show another tick (`progress.js`).
            dispatch("routebook-graded", &JsValue::NULL);
        }
    }
}
