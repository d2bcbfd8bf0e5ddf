//! The last requests of the sandbox above the endpoints: each opens in a form again and leads to its exchange.
//!
//! It shows the list of the data panel, which fetches it and follows the events of the sandbox
//! (`data_panel::exchange_list`).

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, Element, HtmlElement};

use crate::components::icon::OPEN;
use crate::islands::dom::{all, find, language, listen, root, set};

/// The most exchanges that are shown.
const SHOWN_MAX: usize = 20;
/// The beginning of an icon, as `components::icon` renders it.
const ICON: &str = "<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">";
/// The exchanges in the data panel.
const EXCHANGES: &str = ".data-panel-stream [data-open]";

/// The list of the last exchanges inside a group that the server renders, see [`show_exchanges`].
#[island]
pub fn ExchangeHistory(
    /// A `<details>` with the count, the list, and what is shown with an empty list and with another one.
    children: Children,
) -> impl IntoView {
    let container = NodeRef::<html::Div>::new();
    let show = move |panel: &Element| {
        if let Some(container) = container.get_untracked() {
            show_exchanges(&container, panel);
        }
    };
    Effect::new(move |_| {
        // What the panel already shows, unless it shows a search.
        let panel = find::<Element>(&root(), "[data-hydrated] .data-panel-parts[data-sandbox]");
        if let Some(panel) = panel
            && find::<Element>(&panel, "#data-panel-q:not([value=\"\"])").is_none()
        {
            show(&panel);
        }
        listen(&document(), "routebook-exchanges", move |event| {
            let html = event.unchecked_ref::<CustomEvent>().detail().as_string();
            // It is never part of the page.
            if let Ok(panel) = document().create_element("div") {
                panel.set_inner_html(&html.unwrap_or_default());
                show(&panel);
            }
        });
    });
    view! { <div class="exchange-history" node_ref=container>{children()}</div> }
}

/// Shows the exchanges of the panel in the `<ol>` of the group, whose attribute `data-label` names the link to an exchange.
fn show_exchanges(container: &Element, panel: &Element) {
    let Some(list) = find::<Element>(container, "ol") else {
        return;
    };
    let mut links = all(panel, EXCHANGES);
    links.truncate(SHOWN_MAX);
    if let Some(count) = find::<Element>(container, ".nav-count") {
        count.set_text_content(Some(&links.len().to_string()));
    }
    for (part, is_hidden) in [
        ("[data-none]", !links.is_empty()),
        ("[data-some]", links.is_empty()),
    ] {
        if let Some(part) = find::<HtmlElement>(container, part) {
            part.set_hidden(is_hidden);
        }
    }
    let row = |link: &HtmlElement| {
        let page = ["<a class=\"icon-button\">", ICON, OPEN, "</svg></a>"].concat();
        ["<li><a>", &link.inner_html(), "</a>", &page, "</li>"].concat()
    };
    // The texts of the panel come escaped from the server.
    list.set_inner_html(&links.iter().map(row).collect::<String>());
    let page_label = list.get_attribute("data-label").unwrap_or_default();
    for (row, link) in all(&list, "li").iter().zip(&links) {
        let of_link = |name: &str| link.get_attribute(name).unwrap_or_default();
        let form = [
            "/",
            &language(),
            "/playground#exchange=",
            &of_link("data-open"),
        ]
        .concat();
        if let Some(opener) = find::<Element>(row, "a:first-child") {
            set(&opener, "href", &form);
        }
        if let Some(page) = find::<Element>(row, "a:last-child") {
            set(&page, "href", &of_link("href"));
            let label = [&page_label, ": ", &of_link("data-message")].concat();
            set(&page, "aria-label", &label);
            set(&page, "title", &page_label);
        }
        if let Some(time) = find::<Element>(row, "time") {
            time.set_text_content(Some(&local_time(&time)));
        }
    }
}

/// Returns the time of an element as the clock of the visitor shows it.
fn local_time(time: &Element) -> String {
    let at = JsValue::from(time.get_attribute("datetime").unwrap_or_default());
    js_sys::Date::new(&at)
        .to_locale_time_string(&language())
        .into()
}
