//! What an exchange did to the users: each row that is different, before and after, among the others.

use leptos::prelude::*;

use crate::components::UserTable;
use crate::model::exchange::RecordedChange;
use crate::model::messages::MessageCatalog;
use crate::model::user::User;

/// What became of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RowState {
    Same,
    Added,
    Changed,
    Removed,
}

/// What changed, in a sentence.
#[component]
pub fn DataSummary(
    /// What changed, in order.
    changes: Vec<RecordedChange>,
    /// The messages with the prefix `data-`.
    words: MessageCatalog,
) -> impl IntoView {
    let changes = folded(changes);
    let count = |which| {
        let counted = changes.iter().filter(|change| became(change) == which);
        counted.count().to_string()
    };
    let summary = match changes.is_empty() {
        true => words.get("data-unchanged"),
        false => words.with(
            "data-changes",
            &[
                ("added", &count(RowState::Added)),
                ("changed", &count(RowState::Changed)),
                ("removed", &count(RowState::Removed)),
            ],
        ),
    };
    view! { <p class="data-summary">{summary}</p> }
}

/// The users with the changes marked by sign and text. Without all users only what changed.
#[component]
pub fn DataView(
    /// What changed, in order.
    changes: Vec<RecordedChange>,
    /// All users as they are now.
    users: Option<Vec<User>>,
    /// The messages with the prefix `data-`.
    words: MessageCatalog,
) -> impl IntoView {
    let rows = rows(folded(changes), users);
    match rows.is_empty() {
        true => view! { <p class="quiet">{words.get("data-unchanged")}</p> }.into_any(),
        false => table(rows, &words).into_any(),
    }
}

/// Several changes of one user as one, from the first state to the last.
fn folded(changes: Vec<RecordedChange>) -> Vec<RecordedChange> {
    let mut folded: Vec<RecordedChange> = Vec::new();
    for change in changes {
        match folded.iter_mut().find(|other| id(other) == id(&change)) {
            Some(other) => other.after = change.after,
            None => folded.push(change),
        }
    }
    folded.retain(|change| change.before != change.after);
    folded
}

fn id(change: &RecordedChange) -> i64 {
    let user = change.after.as_ref().or(change.before.as_ref());
    user.map_or(0, |user| user.id.get())
}

fn became(change: &RecordedChange) -> RowState {
    match (&change.before, &change.after) {
        (None, Some(_)) => RowState::Added,
        (Some(_), None) => RowState::Removed,
        (Some(_), Some(_)) => RowState::Changed,
        (None, None) => RowState::Same,
    }
}

/// Every row to show, in the order of ids.
fn rows(changes: Vec<RecordedChange>, users: Option<Vec<User>>) -> Vec<RecordedChange> {
    let mut rows = changes;
    for user in users.unwrap_or_default() {
        if !rows.iter().any(|row| id(row) == user.id.get()) {
            rows.push(RecordedChange {
                before: Some(user.clone()),
                after: Some(user),
            });
        }
    }
    rows.sort_by_key(id);
    rows
}

fn table(rows: Vec<RecordedChange>, words: &MessageCatalog) -> impl IntoView + use<> {
    let rows = rows.iter().map(|row| line(row, words).into_any()).collect();
    view! { <UserTable words=words.clone() rows=rows/> }
}

fn line(row: &RecordedChange, words: &MessageCatalog) -> impl IntoView + use<> {
    let became = match row.before == row.after {
        true => RowState::Same,
        false => became(row),
    };
    let (class, sign, name) = match became {
        RowState::Same => ("", "", None),
        RowState::Added => ("row-added", "+", Some("data-added")),
        RowState::Changed => ("row-changed", "~", Some("data-changed")),
        RowState::Removed => ("row-removed", "−", Some("data-removed")),
    };
    let name = name.map(|key| view! { <span class="visually-hidden">{words.get(key)}</span> });
    let texts = |user: &User| {
        [
            user.name.clone(),
            user.email.as_str().to_owned(),
            user.role.as_str().to_owned(),
            user.bio.clone().unwrap_or_else(|| "null".to_owned()),
        ]
    };
    let before = row.before.as_ref().map(texts);
    let after = row.after.as_ref().map(texts);
    let cells = (0..4).map(|at| {
        let old = before.as_ref().map(|texts| texts[at].clone());
        let new = after.as_ref().map(|texts| texts[at].clone());
        match (old, new) {
            (Some(old), Some(new)) if old != new => {
                view! { <td><del>{old}</del>" "<ins>{new}</ins></td> }.into_any()
            }
            (old, new) => view! { <td>{new.or(old)}</td> }.into_any(),
        }
    });
    let cells = cells.collect_view();
    view! {
        <tr class=class>
            <td class="row-sign"><span aria-hidden="true">{sign}</span>{name}</td>
            <td class="number">{id(row).to_string()}</td>
            {cells}
        </tr>
    }
}
