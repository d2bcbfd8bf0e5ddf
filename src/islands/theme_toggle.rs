//! The choice between a light theme, a dark theme and the theme of the system.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::dom::{attribute, find, listener, root, set};
use super::island_data::use_messages;
use super::server_view::{server_text, server_view};
use crate::components::icon::{Icon, MONITOR, MOON, SUN};

/// The choices, in the order of the buttons.
const THEMES: [(&str, &str); 3] = [("light", SUN), ("dark", MOON), ("auto", MONITOR)];

/// A group of radio buttons. The choice is stored in the cookie `theme`, which the early script and the
/// loader read. Without scripts the group is hidden, and the theme is that of the system.
#[island]
pub fn ThemeToggle() -> impl IntoView {
    let messages = use_messages();
    let choices = THEMES
        .map(|(name, shapes)| {
            let label = || messages.get(&["theme-", name].concat());
            view! {
                <label title=server_text(label)>
                    <input type="radio" name="theme" value=name class="visually-hidden" checked=name == "auto" on:change=listener(|_| apply(name))/>
                    {server_view(|| view! { <Icon shapes=shapes/><span class="visually-hidden">{label()}</span> })}
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="theme-toggle">
            {server_view(|| view! { <legend class="visually-hidden">{messages.get("theme-label")}</legend> })}
            {choices}
        </fieldset>
    }
}

/// Applies a theme by its name, and shows it as chosen.
pub(super) fn choose(theme: &str) {
    let Some((name, _)) = THEMES.into_iter().find(|(name, _)| *name == theme) else {
        return;
    };
    apply(name);
    let selector = [".theme-toggle ", &attribute("value", name)].concat();
    if let Some(choice) = find::<HtmlInputElement>(&root(), &selector) {
        choice.set_checked(true);
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
