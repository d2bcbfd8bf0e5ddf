//! One exchange in the data panel.

use leptos::prelude::*;

use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;

/// One exchange in the data panel: the way back, the request to be opened in a form or shared, and all of
/// it.
#[component]
pub fn DataPanelExchange(
    /// Language of the page.
    locale: Locale,
    /// Its id.
    id: String,
    /// The address of its draft in a form; `None` when its body was not kept whole.
    draft: Option<String>,
    /// The messages with the prefix `data-panel-`.
    words: MessageCatalog,
    /// All of it: `components::ExchangeView`.
    children: Children,
) -> impl IntoView {
    let whole = format!("/{locale}/exchanges/{id}");
    let draft = match draft {
        Some(draft) => view! {
            <a class="button" href=draft.clone()>{words.get("data-panel-restore")}</a>
            <button type="button" class="button data-panel-share" data-share=draft>{words.get("data-panel-share")}</button>
            <p class="data-panel-note" role="status"><span data-shared hidden>{words.get("data-panel-shared")}</span></p>
        }
        .into_any(),
        None => view! { <p class="data-panel-note">{words.get("data-panel-body-cut")}</p> }.into_any(),
    };
    view! {
        <div class="data-panel-parts data-panel-exchange">
            <p><a class="data-panel-back" href=format!("/{locale}/data") data-back>{words.get("data-panel-back")}</a></p>
            <div class="data-panel-actions">{draft}</div>
            <h2 class="visually-hidden">{words.get("data-panel-whole")}</h2>
            <div class="response" data-of=id>{children()}</div>
            <p><a href=whole>{words.get("data-panel-page")}</a></p>
        </div>
    }
}
