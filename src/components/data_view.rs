//! What an exchange did to the users: a card for each user that is different, then the table.

use leptos::prelude::*;

use crate::components::UserTable;
use crate::model::exchange::{FieldDifference, RecordedChange, UserDifference, merge_changes};
use crate::model::expectation::{RowChange, RowChanges};
use crate::model::messages::MessageCatalog;
use crate::model::user::User;

/// Returns how many rows were added, changed and removed, in words.
#[must_use]
pub fn changes_text(counts: RowChanges, words: &MessageCatalog) -> String {
    let parts = [
        (counts.added, "data-rows-added"),
        (counts.changed, "data-rows-changed"),
        (counts.removed, "data-rows-removed"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, key)| words.with(key, &[("count", &count.to_string())]))
        .collect();
    match parts.is_empty() {
        true => words.get("data-rows-none"),
        false => parts.join(", "),
    }
}

/// The changes in words, and the users with the changed ones first.
#[component]
pub fn DataView(
    /// What changed, in order.
    changes: Vec<RecordedChange>,
    /// All users as they are now; `None` when only the changes are known.
    users: Option<Vec<User>>,
    /// The messages with the prefix `data-`.
    words: MessageCatalog,
) -> impl IntoView {
    let changes = merge_changes(&changes);
    let differences = changes.iter().map(RecordedChange::difference);
    let cards = differences.map(|difference| card(&difference, &words));
    let cards = cards.collect_view();
    let summary = match changes.is_empty() {
        true => view! { <p class="data-unchanged">{words.get("data-unchanged")}</p> }.into_any(),
        false => {
            view! { <ul class="changes" aria-label=words.get("data-changes-title")>{cards}</ul> }
                .into_any()
        }
    };
    let rows = rows(changes, users);
    let table = (!rows.is_empty()).then(|| {
        let rows = rows
            .iter()
            .map(|row| line(row, &words).into_any())
            .collect();
        view! { <UserTable words=words.clone() rows=rows/> }
    });
    view! { {summary} {table} }
}

/// Returns the sign of a change.
fn sign(change: RowChange) -> &'static str {
    match change {
        RowChange::Added => "+",
        RowChange::Changed => "~",
        RowChange::Removed => "−",
    }
}

/// Renders a change as `user 5 · bio: "A" → "B"`.
fn card(difference: &UserDifference, words: &MessageCatalog) -> impl IntoView + use<> {
    let change = difference.change.as_str();
    let user = words.with("data-user", &[("id", &difference.id.to_string())]);
    let fields = difference.fields.iter().map(field).collect_view();
    view! {
        <li class=["change change-", change].concat()>
            <span class="change-sign" aria-hidden="true">{sign(difference.change)}</span>
            <p>
                <b>{user}</b> " " <span class="change-word">{words.get(&["data-", change].concat())}</span>
                {fields}
            </p>
        </li>
    }
}

fn field(field: &FieldDifference) -> impl IntoView + use<> {
    let FieldDifference {
        field,
        before,
        after,
    } = field.clone();
    let is_changed = before.is_some() && after.is_some();
    let before = before.map(|before| view! { <del>{before}</del> });
    let arrow = is_changed.then_some(" → ");
    let after = after.map(|after| view! { <ins>{after}</ins> });
    // The separator stays with what is before it where lines break.
    view! { "\u{a0}· " <span class="change-field"><code>{field}</code> ": " {before}{arrow}{after}</span> }
}

/// Returns every row to show: the changed ones, then the others in the order of ids.
fn rows(changes: Vec<RecordedChange>, users: Option<Vec<User>>) -> Vec<RecordedChange> {
    let mut rows = changes;
    rows.sort_by_key(RecordedChange::id);
    let mut others: Vec<User> = users.unwrap_or_default();
    others.retain(|user| rows.iter().all(|row| row.id() != user.id.get()));
    others.sort_by_key(|user| user.id);
    rows.extend(others.into_iter().map(|user| RecordedChange {
        before: Some(user.clone()),
        after: Some(user),
    }));
    rows
}

fn line(row: &RecordedChange, words: &MessageCatalog) -> impl IntoView + use<> {
    let change = (row.before != row.after).then(|| row.kind());
    let class = change.map(|change| ["row-", change.as_str()].concat());
    let name = change.map(|change| {
        let word = words.get(&["data-", change.as_str()].concat());
        view! { <span class="visually-hidden">{word}</span> }
    });
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
            <td class="row-sign"><span aria-hidden="true">{change.map(sign)}</span>{name}</td>
            <td class="number">{row.id().to_string()}</td>
            {cells}
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::timestamp::Timestamp;
    use crate::model::user::{Email, UserId, UserRole};

    fn user(id: i64, bio: &str) -> User {
        User {
            id: UserId::new(id).expect("an id"),
            name: "Ada".to_owned(),
            email: Email::parse("ada@example.com").expect("an address"),
            role: UserRole::Member,
            bio: Some(bio.to_owned()),
            created_at: Timestamp::from_milliseconds(0),
            updated_at: Timestamp::from_milliseconds(0),
        }
    }

    fn words() -> MessageCatalog {
        let texts = [
            ("data-rows-added[count=one]", "1 row added"),
            ("data-rows-added", "{count} rows added"),
            ("data-rows-removed", "{count} rows removed"),
            ("data-rows-none", "no user changed"),
            ("data-user", "user {id}"),
        ];
        let texts = texts.map(|(key, text)| (key.to_owned(), text.to_owned()));
        MessageCatalog::new(texts.into())
    }

    /// Returns the text of a view without its elements.
    fn text_of(view: impl IntoView) -> String {
        let html = view.to_html().replace("<!>", "");
        let texts = html
            .split('<')
            .map(|part| part.split_once('>').map_or(part, |(_, text)| text));
        texts.collect::<String>().replace("&quot;", "\"")
    }

    #[test]
    fn counts_of_rows_are_words() {
        let text = |added, removed| {
            let counts = RowChanges {
                added,
                changed: 0,
                removed,
            };
            changes_text(counts, &words())
        };
        assert_eq!(text(1, 0), "1 row added");
        assert_eq!(text(2, 3), "2 rows added, 3 rows removed");
        assert_eq!(text(0, 0), "no user changed");
    }

    #[test]
    fn card_has_the_fields_before_and_after() {
        let change = RecordedChange {
            before: Some(user(5, "A")),
            after: Some(user(5, "B")),
        };
        let text = text_of(card(&change.difference(), &words()));
        assert!(text.contains("user 5"), "{text}");
        assert!(text.contains("\u{a0}· bio: \"A\" → \"B\""), "{text}");
    }

    #[test]
    fn changed_rows_are_first() {
        let change = RecordedChange {
            before: Some(user(5, "A")),
            after: Some(user(5, "B")),
        };
        let users = vec![user(1, ""), user(5, "B"), user(9, "")];
        let ids: Vec<i64> = rows(vec![change], Some(users))
            .iter()
            .map(RecordedChange::id)
            .collect();
        assert_eq!(ids, [5, 1, 9]);
    }
}
