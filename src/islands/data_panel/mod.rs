//! The data panel: shows the visitor's data as it changes, from whatever client, and follows its forms and
//! links without leaving the page.
//!
//! Its content is an HTML fragment of the server (`pages::data_panel`), which is fetched and replaced as a
//! whole: `refresh` fetches it, `content` replaces it, `stream` receives the events of the sandbox, `actions`
//! does what the reader wants, `exchange_list` hands the exchanges to the history of the playground, `offer` offers to restore the data of a lesson, `drawer` opens and closes the panel on
//! narrow screens.

mod actions;
mod content;
mod data;
mod drawer;
mod exchange_list;
mod offer;
mod panel;
mod refresh;
mod stream;

use leptos::context::Provider;
use leptos::prelude::*;

use self::actions::submit_switch;
use self::data::{DataPanelData, STATES};
use self::panel::Panel;
use super::dom::{effect, listener, show_local_times};
use super::island_data::{data_attribute, island_data};
use super::server_view::{server_text, server_view};
use crate::components::{DataPanelParts, DataPanelView};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;

/// The data panel beside a page; a drawer where there is no room, which a button in the header of the page opens.
/// The page is the same for everybody and shows the data that a new sandbox has; the panel fetches the visitor's own
/// when it is hydrated.
#[component]
pub fn DataPanel(
    /// Locale of the page.
    locale: Locale,
    /// Path of the page after the locale, to which the page of the data leads back.
    from: String,
    /// Data of a new sandbox; `None` when it cannot be read.
    parts: Option<DataPanelParts>,
    /// Messages under `data-panel-` and `data-`.
    words: MessageCatalog,
) -> impl IntoView {
    let data = DataPanelData::new(locale, &from, false, &words);
    let content = match parts {
        Some(parts) => view! { <DataPanelView parts=parts words=words.clone()/> }.into_any(),
        None => {
            view! { <p class="data-panel-empty">{words.get("data-panel-empty")}</p> }.into_any()
        }
    };
    let page = format!("/{locale}/data?from={from}");
    view! {
        <Provider value=data>
            <DataPanelIsland>
                {content}
                <p class="data-panel-alone"><a href=page>{words.get("data-panel-page")}</a></p>
            </DataPanelIsland>
        </Provider>
    }
}

/// The data panel on a page of its own.
#[component]
pub fn DataPanelPage(
    /// Locale of the page.
    locale: Locale,
    /// Path after the locale of the lesson that the page leads back to; empty for none.
    from: String,
    /// Messages under `data-panel-` and `data-`.
    words: MessageCatalog,
    /// The data.
    children: Children,
) -> impl IntoView {
    let data = DataPanelData::new(locale, &from, true, &words);
    let content = children();
    view! { <Provider value=data><DataPanelIsland>{content}</DataPanelIsland></Provider> }
}

/// The island of [`DataPanel`] and [`DataPanelPage`].
#[island]
pub fn DataPanelIsland(
    /// The content.
    children: Children,
) -> impl IntoView {
    let data = island_data::<DataPanelData>();
    let attribute = data_attribute(&data);
    let panel = Panel::new(&data);
    effect(move || {
        panel
            .container
            .get_untracked()
            .iter()
            .for_each(|container| show_local_times(container));
        panel.start();
    });
    let states = STATES.into_iter().zip(data.states).map(|(state, text)| {
        let is_hidden = move || panel.state.get() != Some(state);
        view! { <p class="data-panel-state" data-state=state hidden=is_hidden>{server_view(|| text)}</p> }
    });
    let states = states.collect_view();
    let is_framed = data.frame.is_some();
    let of_frame = |value: &'static str| is_framed.then(|| server_text(|| value.to_owned()));
    let head = data.frame.map(|(title, close)| {
        server_view(|| {
            view! {
                <div class="data-panel-head">
                    <p id="data-panel-title" class="data-panel-title">{title}</p>
                    <button type="button" class="icon-button data-panel-close" popovertarget="data-panel" popovertargetaction="hide">
                        <span aria-hidden="true">"×"</span>
                        <span class="visually-hidden">{close}</span>
                    </button>
                </div>
            }
        })
    });
    view! {
        <div id="data-panel" data-island=attribute class=if is_framed { "data-panel" } else { "data-panel-whole" } node_ref=panel.container
            role=of_frame("complementary") aria-labelledby=of_frame("data-panel-title") popover=of_frame("manual")
            on:click=listener(move |event| panel.click(&event)) on:submit=listener(move |event| panel.submit(&event))
            on:change=listener(move |event| submit_switch(&event)) on:input=listener(move |event| panel.input(&event))
            on:toggle=listener(move |_| panel.refresh_if_stale()) on:focusout=listener(move |event| panel.focusout(&event))>
            {head}
            <div role="status" class="data-panel-states">{states}</div>
            <p role="status" class="visually-hidden data-panel-message">{move || panel.announcement.get()}</p>
            <div class="data-panel-content" node_ref=panel.content>{children()}</div>
        </div>
    }
}
