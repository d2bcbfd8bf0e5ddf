//! The choice between a light theme, a dark theme and the theme of the system.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::dom::{root, set};
use super::island_data::use_messages;

/// The choices, in the order of the list.
const THEMES: [&str; 3] = ["auto", "light", "dark"];

/// A list of themes. The choice is stored in the cookie `theme`, which the early script and the loader
/// read. Without scripts the list is hidden, and the theme is that of the system.
#[island]
pub fn ThemeToggle() -> impl IntoView {
    let messages = use_messages();
    let options = THEMES
        .map(
            |name| view! { <option value=name>{messages.get(&["theme-", name].concat())}</option> },
        )
        .collect_view();
    view! {
        <label class="theme-toggle">
            <span class="visually-hidden">{messages.get("theme-label")}</span>
            <select on:change:target=|event| apply(&event.target().value())>{options}</select>
        </label>
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
    // Where cookies are refused, the choice holds for this page only.
    if let Some(document) = document().dyn_ref::<web_sys::HtmlDocument>() {
        let _ = document.set_cookie(&cookie);
    }
}
