//! The bench beside a lesson: its frame, a panel on wide screens and a drawer on others. What is in
//! it comes later (`ui::bench_view`), so that a lesson is the same for everybody.

use leptos::prelude::*;

use crate::model::locale::Locale;
use crate::model::words::MessageCatalog;

/// The panel with the button that opens it as a drawer, still without the visitor's data.
#[component]
pub fn BenchPanel(
    /// Language of the page.
    locale: Locale,
    /// Path of the page behind the language, where the bench's own page leads back to.
    from: String,
    /// MessageCatalog under `bench-` and `data-`.
    words: MessageCatalog,
) -> impl IntoView {
    let own_page = format!("/{locale}/bench?from={from}");
    view! {
        <button type="button" class="button bench-open" data-island="" popovertarget="bench">{words.get("bench-title")}</button>
        <aside id="bench" class="bench" data-island="" popover="manual" aria-labelledby="bench-title" data-src=format!("/{locale}/bench")>
            <div class="bench-head">
                <p id="bench-title" class="bench-title">{words.get("bench-title")}</p>
                <button type="button" class="icon-button bench-close" popovertarget="bench" popovertargetaction="hide">
                    <span aria-hidden="true">"×"</span>
                    <span class="visually-hidden">{words.get("bench-close")}</span>
                </button>
            </div>
            <BenchStates words=words.clone()/>
            <div class="bench-content">
                <p class="bench-empty">{words.get("bench-empty")}</p>
                <p class="bench-empty"><a href=own_page>{words.get("bench-page")}</a></p>
            </div>
        </aside>
    }
}

/// What scripts say of the connection, and of what came: texts to be shown, and a place that is read
/// out.
#[component]
pub fn BenchStates(
    /// MessageCatalog under `bench-` and `data-`.
    words: MessageCatalog,
) -> impl IntoView {
    let states = ["loading", "offline", "lost", "failed"].map(|state| {
        view! { <p class="bench-state" data-state=state hidden>{words.get(&format!("bench-{state}"))}</p> }
    });
    let marks = ["added", "changed", "removed"].map(|change| {
        view! { <span data-change=change>{words.get(&format!("data-{change}"))}</span> }
    });
    view! {
        <div role="status" class="bench-states">{states.collect_view()}</div>
        <p role="status" class="visually-hidden bench-said"></p>
        <div hidden>{marks.collect_view()}</div>
    }
}
