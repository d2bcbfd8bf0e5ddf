//! The last requests of the sandbox above the endpoints: each opens in a form again and leads to its exchange.
//!
//! It shows the list of the data panel, which fetches it and follows the events of the sandbox
//! (`data_panel::exchange_list`).

use leptos::html;
use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{CustomEvent, Element, HtmlElement};

use crate::components::icon::{Icon, OPEN};
use crate::components::unhydrated::{Unhydrated, unhydrated};
use crate::islands::browser_value::BrowserValue;
use crate::islands::dom::{all, effect, find, language, listen, root, show_local_times};

/// The most exchanges that are shown.
const SHOWN_MAX: usize = 20;
/// The rows in the list; they are removed with it.
type MountedRows = UnmountHandle<<Unhydrated as Render>::State>;

/// The exchanges in the data panel.
const EXCHANGES: &str = ".data-panel-stream [data-open]";

/// The list of the last exchanges inside a group that the server renders, see [`show_exchanges`].
#[island]
pub fn ExchangeHistory(
    /// A `<details>` with the count, the list, and what is shown with an empty list and with another one.
    children: Children,
) -> impl IntoView {
    let container = NodeRef::<html::Div>::new();
    let mounted = BrowserValue::empty();
    let show = move |panel: &Element| {
        if let Some(container) = container.get_untracked() {
            show_exchanges(&container, panel, mounted);
        }
    };
    effect(move || {
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
                show_local_times(&panel);
                show(&panel);
            }
        });
    });
    view! { <div class="exchange-history" node_ref=container>{children()}</div> }
}

/// Shows the exchanges of the panel in the `<ol>` of the group, whose attribute `data-label` names the link to an exchange.
fn show_exchanges(container: &Element, panel: &Element, mounted: BrowserValue<MountedRows>) {
    let Some(list) = find::<HtmlElement>(container, "ol") else {
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
    let label = list.get_attribute("data-label").unwrap_or_default();
    let rows: Vec<_> = links.iter().map(|link| row(link, &label)).collect();
    list.set_inner_html("");
    mounted.set(mount_to(list, move || unhydrated(rows)));
}

/// Renders an exchange: a link that opens its request in the form, with the content of its link in the panel, and a link with
/// this label to all of it.
fn row(link: &HtmlElement, label: &str) -> impl IntoView + use<> {
    let attribute = |name: &str| link.get_attribute(name).unwrap_or_default();
    let id = attribute("data-open");
    let form = ["/", &language(), "/playground#exchange=", &id].concat();
    let name = [label, ": ", &attribute("data-message")].concat();
    let title = label.to_owned();
    view! {
        <li>
            <a href=form inner_html=link.inner_html()></a>
            <a class="icon-button" href=attribute("href") aria-label=name title=title><Icon shapes=OPEN/></a>
        </li>
    }
}
