//! The users of a sandbox, with what a request changed marked by sign and text.

use leptos::prelude::*;

use crate::model::user::{RowChange, User};
use crate::model::words::Words;

/// A table of users. Rows that were added, changed or removed carry a mark and its name.
#[component]
pub fn UserTable(
    /// Every row with what happened to it, in the order of ids.
    rows: Vec<(User, RowChange)>,
    /// Words under `data-`.
    words: Words,
) -> impl IntoView {
    let count = |change: RowChange| rows.iter().filter(|(_, c)| *c == change).count().to_string();
    let summary = match rows.iter().all(|(_, change)| *change == RowChange::Same) {
        true => words.get("data-unchanged"),
        false => words.with(
            "data-changes",
            &[
                ("added", &count(RowChange::Added)),
                ("changed", &count(RowChange::Changed)),
                ("removed", &count(RowChange::Removed)),
            ],
        ),
    };
    let lines = rows
        .into_iter()
        .map(|(user, change)| {
            let (class, sign, name) = match change {
                RowChange::Same => ("", "", None),
                RowChange::Added => ("row-added", "+", Some("data-added")),
                RowChange::Changed => ("row-changed", "~", Some("data-changed")),
                RowChange::Removed => ("row-removed", "−", Some("data-removed")),
            };
            let name = name.map(|key| view! { <span class="visually-hidden">{words.get(key)}</span> });
            view! {
                <tr class=class>
                    <td class="row-sign"><span aria-hidden="true">{sign}</span>{name}</td>
                    <td class="number">{user.id.to_string()}</td>
                    <td>{user.name}</td>
                    <td>{user.email.to_string()}</td>
                    <td>{user.role.as_str()}</td>
                    <td class="bio">{user.bio.unwrap_or_else(|| "null".to_owned())}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <p class="data-summary">{summary}</p>
        <div class="table-scroll" tabindex="0" role="region" aria-label=words.get("data-title")>
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
