//! A term with its explanation folded away. For views that the server renders: the sentences are not
//! among the words of islands.

use leptos::prelude::*;

use crate::model::explain::Explanation;
use crate::model::messages::MessageCatalog;

/// A term that opens to say what it means, with a link to its lesson; only the term when there is no
/// explanation of it.
#[component]
pub fn Explain(
    /// What it means.
    explanation: Option<Explanation>,
    /// The messages with the prefix `explain-`.
    words: MessageCatalog,
    /// The term as it is shown.
    children: Children,
) -> impl IntoView {
    match explanation {
        None => children().into_any(),
        Some(Explanation { name, text, href }) => {
            let more = words.with("explain-more", &[("name", &name)]);
            view! {
                <details class="explain">
                    <summary>{children()}</summary>
                    <p>{text} " " <a href=href>{more}</a></p>
                </details>
            }
            .into_any()
        }
    }
}
