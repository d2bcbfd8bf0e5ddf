//! The data panel beside a lesson: its frame, a panel on wide screens and a drawer on others. What is in
//! it comes later (`ui::data_panel_view`), so that a lesson is the same for everybody.

use leptos::prelude::*;

use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;

/// The panel with the button that opens it as a drawer, still without the visitor's data.
#[component]
pub fn DataPanelFrame(
    /// Language of the page.
    locale: Locale,
    /// Path of the page behind the language, where the data panel's own page leads back to.
    from: String,
    /// The messages with the prefixes `data-panel-` and `data-`.
    words: MessageCatalog,
) -> impl IntoView {
    let own_page = format!("/{locale}/data?from={from}");
    view! {
        <button type="button" class="button data-panel-open" data-island="" popovertarget="data-panel">{words.get("data-panel-title")}</button>
        <aside id="data-panel" class="data-panel" data-island="" popover="manual" aria-labelledby="data-panel-title" data-src=format!("/{locale}/data")>
            <div class="data-panel-head">
                <p id="data-panel-title" class="data-panel-title">{words.get("data-panel-title")}</p>
                <button type="button" class="icon-button data-panel-close" popovertarget="data-panel" popovertargetaction="hide">
                    <span aria-hidden="true">"×"</span>
                    <span class="visually-hidden">{words.get("data-panel-close")}</span>
                </button>
            </div>
            <DataPanelStates words=words.clone()/>
            <div class="data-panel-content">
                <p class="data-panel-empty">{words.get("data-panel-empty")}</p>
                <p class="data-panel-empty"><a href=own_page>{words.get("data-panel-page")}</a></p>
            </div>
        </aside>
    }
}

/// What scripts say of the connection, and of what came: texts to be shown, and a place that is read
/// out.
#[component]
pub fn DataPanelStates(
    /// The messages with the prefixes `data-panel-` and `data-`.
    words: MessageCatalog,
) -> impl IntoView {
    let states = ["loading", "offline", "lost", "failed"].map(|state| {
        view! { <p class="data-panel-state" data-state=state hidden>{words.get(&format!("data-panel-{state}"))}</p> }
    });
    let marks = ["added", "changed", "removed"].map(|change| {
        view! { <span data-change=change>{words.get(&format!("data-{change}"))}</span> }
    });
    view! {
        <div role="status" class="data-panel-states">{states.collect_view()}</div>
        <p role="status" class="visually-hidden data-panel-message"></p>
        <div hidden>{marks.collect_view()}</div>
    }
}
