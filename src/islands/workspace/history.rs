//! The last requests of the sandbox above the endpoints: each opens in a form again and leads to its exchange.
//!
//! It shows the list of the data panel, which fetches it and follows the events of the sandbox
//! (`data_panel::exchange_list`).

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, Element};

use crate::components::icon::OPEN;
use crate::islands::dom::{all, find, language, listen, root, set};
use crate::islands::island_data::use_messages;

/// The most exchanges that are shown.
const SHOWN_MAX: usize = 20;
/// The exchanges in the data panel.
const EXCHANGES: &str = ".data-panel-stream [data-open]";

/// The group of the last exchanges, folded.
#[island]
pub fn ExchangeHistory(
    /// The address of all exchanges, on a page that the server renders.
    children: Children,
) -> impl IntoView {
    let messages = use_messages();
    let list = NodeRef::<html::Ol>::new();
    let count = RwSignal::new("0".to_owned());
    let page_label = StoredValue::new(messages.get("workspace-exchange"));
    let show = move |panel: &Element| {
        if let Some(list) = list.get_untracked() {
            let label = page_label.get_value();
            count.set(show_exchanges(&list, panel, &label).to_string());
        }
    };
    Effect::new(move |_| {
        // What the panel already shows, unless it shows a search.
        if let Some(panel) =
            find::<Element>(&root(), "[data-hydrated] .data-panel-parts[data-sandbox]")
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
    view! {
        <details class="nav-section exchange-history script-only">
            <summary>{messages.get("workspace-history-title")}" "<span class="nav-count">{count}</span></summary>
            <ol node_ref=list></ol>
            <p class="nav-note" hidden=move || count.with(|count| count != "0")>{messages.get("workspace-history-none")}</p>
            <div class="nav-note" hidden=move || count.with(|count| count == "0")>{children()}</div>
        </details>
    }
}

/// Shows the exchanges of the panel in the list; returns their number.
fn show_exchanges(list: &Element, panel: &Element, page_label: &str) -> usize {
    let mut links = all(panel, EXCHANGES);
    links.truncate(SHOWN_MAX);
    let row = |link: &web_sys::HtmlElement| {
        let content = link.inner_html();
        let icon = [
            "<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">",
            OPEN,
            "</svg>",
        ]
        .concat();
        let page = ["<a class=\"icon-button\">", &icon, "</a>"].concat();
        ["<li><a>", &content, "</a>", &page, "</li>"].concat()
    };
    // The texts of the panel come escaped from the server.
    list.set_inner_html(&links.iter().map(row).collect::<String>());
    for (row, link) in all(list, "li").iter().zip(&links) {
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
            let label = [page_label, ": ", &of_link("data-message")].concat();
            set(&page, "aria-label", &label);
            set(&page, "title", page_label);
        }
        if let Some(time) = find::<Element>(row, "time") {
            time.set_text_content(Some(&local_time(&time)));
        }
    }
    links.len()
}

/// Returns the time of an element as the clock of the visitor shows it.
fn local_time(time: &Element) -> String {
    let at = JsValue::from(time.get_attribute("datetime").unwrap_or_default());
    js_sys::Date::new(&at)
        .to_locale_time_string(&language())
        .into()
}
