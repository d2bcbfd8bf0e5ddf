//! Light, dark, or as the system says.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::ui::words;

/// The choices, in the order of the list.
const THEMES: [&str; 3] = ["auto", "light", "dark"];

/// A list of themes. The choice is kept in the cookie `theme`, which only the page's own early
/// script reads; without scripts the list is not shown and the system decides.
#[island]
pub fn ThemeToggle() -> impl IntoView {
    let words = words();
    let (theme, set_theme) = signal("auto".to_owned());
    let ready = RwSignal::new(false);
    Effect::new(move |_| {
        set_theme.set(
            root()
                .and_then(|root| root.get_attribute("data-theme"))
                .unwrap_or_else(|| "auto".to_owned()),
        );
        ready.set(true);
    });
    let choose = move |event: leptos::ev::Event| {
        let chosen = event_target_value(&event);
        apply(&chosen);
        set_theme.set(chosen);
    };
    let options = THEMES
        .into_iter()
        .map(|name| view! { <option value=name>{words.get(&["theme-", name].concat())}</option> })
        .collect_view();
    view! {
        <label class="theme-toggle" data-ready=move || ready.get().then_some("")>
            <span class="visually-hidden">{words.get("theme-label")}</span>
            <select on:change=choose prop:value=move || theme.get()>{options}</select>
        </label>
    }
}

fn root() -> Option<web_sys::Element> {
    document().document_element()
}

fn apply(theme: &str) {
    let Some(root) = root() else { return };
    let (result, cookie) = match theme {
        "auto" => (
            root.remove_attribute("data-theme"),
            "theme=; Path=/; Max-Age=0; SameSite=Lax".to_owned(),
        ),
        theme => (
            root.set_attribute("data-theme", theme),
            ["theme=", theme, "; Path=/; Max-Age=31536000; SameSite=Lax"].concat(),
        ),
    };
    // Neither a valid attribute name nor a cookie of our own is refused; without them the theme only does not stay.
    let _ = result;
    if let Some(document) = document().dyn_ref::<web_sys::HtmlDocument>() {
        let _ = document.set_cookie(&cookie);
    }
}
