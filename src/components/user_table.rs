//! The table of users: a column for what changed, then the fields.

use leptos::prelude::*;

use crate::model::messages::MessageCatalog;

/// A table whose rows the caller makes, with a cell for each of its columns.
#[component]
pub fn UserTable(
    /// The words of the interface.
    words: MessageCatalog,
    /// The rows.
    rows: Vec<AnyView>,
    /// The name under which the scroll position is kept when the table is replaced.
    #[prop(optional)]
    keep: Option<&'static str>,
) -> impl IntoView {
    let title = words.get("data-title");
    let label = title.clone();
    let columns = ["id", "name", "email", "role", "bio"];
    let columns = columns.map(|column| view! { <th scope="col">{column}</th> });
    view! {
        <div class="table-scroll" tabindex="0" role="group" aria-label=label data-keep=keep>
            <table class="user-table">
                <caption class="visually-hidden">{title}</caption>
                <thead>
                    <tr>
                        <th scope="col"><span class="visually-hidden">{words.get("data-change")}</span></th>
                        {columns.collect_view()}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
