//! The passages of lessons in the command palette: a fragment of the server with options, requested while a query is typed.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{Element, HtmlElement};

use super::api_client;
use super::dom::{after, all, language, set};

/// How long a pause in typing is before the server is asked, in milliseconds.
const PAUSE: i32 = 150;

/// The list of the options. Only the response to the last query is shown.
#[derive(Clone, Copy)]
pub(super) struct PassageOptions {
    /// The element that contains the options.
    pub(super) list: NodeRef<html::Ul>,
    /// The number of options.
    pub(super) count: RwSignal<usize>,
    /// Whether the options of the last query have not been received yet.
    pub(super) is_pending: RwSignal<bool>,
    /// The number of the last query.
    last: RwSignal<usize>,
}

impl PassageOptions {
    /// Returns an empty list.
    pub(super) fn new() -> PassageOptions {
        PassageOptions {
            list: NodeRef::new(),
            count: RwSignal::new(0),
            is_pending: RwSignal::new(false),
            last: RwSignal::new(0),
        }
    }

    /// Removes the options, and requests those of a query after a pause.
    pub(super) fn search(self, query: &str) {
        let query = query.trim().to_owned();
        let number = self.last.get_untracked().wrapping_add(1);
        self.last.set(number);
        self.show("");
        self.is_pending.set(!query.is_empty());
        if query.is_empty() {
            return;
        }
        let is_last = move || self.last.try_get_untracked() == Some(number);
        after(PAUSE, move || {
            if !is_last() {
                return;
            }
            spawn_local(async move {
                let query = String::from(js_sys::encode_uri_component(&query));
                let address = ["/", &language(), "/search?part&q=", &query].concat();
                let html = api_client::page(&address).await;
                if is_last() {
                    // A failure leaves the other options of the palette.
                    self.show(&html.unwrap_or_default());
                    self.is_pending.set(false);
                }
            });
        });
    }

    /// Marks the selected option; `None` when it is not one of these.
    pub(super) fn select(self, selected: Option<usize>) {
        for (at, option) in self.options().iter().enumerate() {
            let is_selected = selected == Some(at);
            set(
                option,
                "aria-selected",
                if is_selected { "true" } else { "false" },
            );
        }
    }

    /// Returns the address of an option.
    pub(super) fn href(self, at: usize) -> Option<String> {
        href(self.options().get(at)?)
    }

    fn show(self, html: &str) {
        if let Some(list) = self.list.get_untracked() {
            list.set_inner_html(html);
            self.count.set(self.options().len());
        }
    }

    fn options(self) -> Vec<HtmlElement> {
        let list = self.list.get_untracked();
        list.map(|list| all(&list, "[role=option]"))
            .unwrap_or_default()
    }
}

/// Returns the address of an option.
pub(super) fn href(option: &Element) -> Option<String> {
    option.get_attribute("data-href")
}
