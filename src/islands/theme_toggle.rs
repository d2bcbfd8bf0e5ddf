//! Light, dark, or as the system says.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlSelectElement};

use super::dom::{root, set, target};
use crate::model::messages::MessageCatalog;

/// The choices, in the order of the list.
const THEMES: [&str; 3] = ["auto", "light", "dark"];

/// A list of themes. The choice is kept in the cookie `theme`, which only the page's early script
/// and the loader read; without scripts the list is not shown and the system decides.
#[component]
pub fn ThemeToggle(
    /// The messages with the prefix `theme-`.
    words: MessageCatalog,
) -> impl IntoView {
    let options = THEMES
        .into_iter()
        .map(|name| view! { <option value=name>{words.get(&["theme-", name].concat())}</option> })
        .collect_view();
    view! {
        <label class="theme-toggle" data-island="">
            <span class="visually-hidden">{words.get("theme-label")}</span>
            <select>{options}</select>
        </label>
    }
}

/// Takes the theme that was chosen, if one was.
pub(super) fn change(event: &Event) {
    if let Some(list) = target(event, ".theme-toggle select") {
        apply(&list.unchecked_into::<HtmlSelectElement>().value());
    }
}

fn apply(theme: &str) {
    let root = root();
    let cookie = match theme {
        "auto" => {
            let _ = root.remove_attribute("data-theme");
            "theme=; Path=/; Max-Age=0; SameSite=Lax".to_owned()
        }
        theme => {
            set(&root, "data-theme", theme);
            ["theme=", theme, "; Path=/; Max-Age=31536000; SameSite=Lax"].concat()
        }
    };
    // A cookie of our own is not refused; without it the theme only does not stay.
    if let Some(document) = document().dyn_ref::<web_sys::HtmlDocument>() {
        let _ = document.set_cookie(&cookie);
    }
}
