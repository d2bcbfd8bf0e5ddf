//! What is in the data panel: the visitor's users, how their API behaves, and the requests to it. All
//! of it works as links and forms; where scripts run they are followed without leaving the page.

pub mod exchange;
mod exchanges;
mod parts;
mod switches;
mod users;

use leptos::prelude::*;

use self::exchanges::exchanges;
use self::switches::switches;
use self::users::users;
use crate::model::messages::MessageCatalog;

pub use exchange::DataPanelExchange;
pub use parts::{DataPanelParts, LessonData};

/// The content of the data panel.
#[component]
pub fn DataPanelView(
    /// What is shown.
    parts: DataPanelParts,
    /// The messages with the prefixes `data-panel-` and `data-`.
    words: MessageCatalog,
) -> impl IntoView {
    let problem = parts
        .problem
        .map(|key| view! { <p class="response-error" role="alert">{words.get(key)}</p> });
    let sandbox = parts.sandbox.map(|sandbox| sandbox.to_string());
    view! {
        <div class="data-panel-parts" data-sandbox=sandbox>
            {problem}
            {users(&parts, &words)}
            {switches(&parts, &words)}
            {exchanges(&parts, &words)}
        </div>
    }
}
