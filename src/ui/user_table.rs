//! The users of a sandbox, with what a request changed marked by sign and text.

use leptos::prelude::*;

use crate::model::change::{Change, Row};
use crate::model::words::Words;

/// A table of users. Rows that were added, changed or removed carry a mark and its name.
#[component]
pub fn UserTable(
    /// Every row with what happened to it, in the order of ids.
    rows: Vec<(Row, Change)>,
    /// Words under `data-`.
    words: Words,
) -> impl IntoView {
    let count = |change: Change| {
        rows.iter()
            .filter(|(_, c)| *c == change)
            .count()
            .to_string()
    };
    let summary = match rows.iter().all(|(_, change)| *change == Change::Same) {
        true => words.get("data-unchanged"),
        false => words.with(
            "data-changes",
            &[
                ("added", &count(Change::Added)),
                ("changed", &count(Change::Changed)),
                ("removed", &count(Change::Removed)),
            ],
        ),
    };
    let lines = rows
        .into_iter()
        .map(|(row, change)| {
            let (class, sign, name) = match change {
                Change::Same => ("", "", None),
                Change::Added => ("row-added", "+", Some("data-added")),
                Change::Changed => ("row-changed", "~", Some("data-changed")),
                Change::Removed => ("row-removed", "−", Some("data-removed")),
            };
            let name =
                name.map(|key| view! { <span class="visually-hidden">{words.get(key)}</span> });
            view! {
                <tr class=class>
                    <td class="row-sign"><span aria-hidden="true">{sign}</span>{name}</td>
                    <td class="number">{row.id.to_string()}</td>
                    <td>{row.name}</td>
                    <td>{row.email}</td>
                    <td>{row.role}</td>
                    <td class="bio">{row.bio.unwrap_or_else(|| "null".to_owned())}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <p class="data-summary">{summary}</p>
        <div class="table-scroll" tabindex="0" role="group" aria-label=words.get("data-title")>
            <table class="user-table">
                <caption class="visually-hidden">{words.get("data-title")}</caption>
                <thead>
                    <tr>
                        <th scope="col"><span class="visually-hidden">{words.get("data-change")}</span></th>
                        <th scope="col">"id"</th>
                        <th scope="col">"name"</th>
                        <th scope="col">"email"</th>
                        <th scope="col">"role"</th>
                        <th scope="col">"bio"</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
    }
}
