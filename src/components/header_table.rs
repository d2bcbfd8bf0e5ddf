//! Header lines of a message as a table.

use leptos::prelude::*;

use crate::model::http::Header;

/// Names and values, in the order they came.
#[component]
pub fn HeaderTable(
    /// The header lines.
    headers: Vec<Header>,
    /// What the table shows, for screen readers.
    #[prop(into)]
    caption: String,
) -> impl IntoView {
    let rows = headers
        .into_iter()
        .map(|header| view! { <tr><th scope="row">{header.name}</th><td>{header.value}</td></tr> })
        .collect_view();
    view! {
        <table class="header-table">
            <caption class="visually-hidden">{caption}</caption>
            <tbody>{rows}</tbody>
        </table>
    }
}
