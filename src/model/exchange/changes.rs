//! The differences that an exchange made to the users, each user once.

use std::collections::BTreeMap;

use super::RecordedChange;
use crate::model::expectation::{RowChange, RowChanges};
use crate::model::json::Json;
use crate::model::user::{User, UserId};

/// The difference of one user before and after an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserDifference {
    /// The id of the user.
    pub id: i64,
    /// Whether the user was added, changed or removed.
    pub change: RowChange,
    /// The fields that differ; of an added or removed user all.
    pub fields: Vec<FieldDifference>,
}

/// A field of a user before and after an exchange, as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDifference {
    /// The name of the field.
    pub field: &'static str,
    /// The value before; `None` when the user did not exist.
    pub before: Option<String>,
    /// The value after; `None` when the user does not exist any more.
    pub after: Option<String>,
}

/// Merges several changes of one user into one, and leaves out users that are as before.
#[must_use]
pub fn merge_changes(changes: &[RecordedChange]) -> Vec<RecordedChange> {
    let mut merged: Vec<RecordedChange> = Vec::new();
    for change in changes {
        match merged.iter_mut().find(|other| other.id() == change.id()) {
            Some(other) => other.after.clone_from(&change.after),
            None => merged.push(change.clone()),
        }
    }
    merged.retain(|change| change.before != change.after);
    merged
}

/// Returns the changes that turn some users into others, by id.
#[must_use]
pub fn compare_users<'a>(
    before: impl IntoIterator<Item = &'a User>,
    after: &[User],
) -> Vec<RecordedChange> {
    let before = before.into_iter();
    let mut before: BTreeMap<UserId, &User> = before.map(|user| (user.id, user)).collect();
    let mut changes = Vec::new();
    for user in after {
        let old = before.remove(&user.id);
        if old != Some(user) {
            changes.push(RecordedChange {
                before: old.cloned(),
                after: Some(user.clone()),
            });
        }
    }
    changes.extend(before.into_values().map(|old| RecordedChange {
        before: Some(old.clone()),
        after: None,
    }));
    changes
}

/// Counts the users that an exchange added, changed and removed.
#[must_use]
pub fn count_changes(changes: &[RecordedChange]) -> RowChanges {
    let mut counts = RowChanges::default();
    for change in merge_changes(changes) {
        match change.kind() {
            RowChange::Added => counts.added += 1,
            RowChange::Changed => counts.changed += 1,
            RowChange::Removed => counts.removed += 1,
        }
    }
    counts
}

impl RecordedChange {
    /// Returns the id of the user; 0 when there is none before nor after.
    #[must_use]
    pub fn id(&self) -> i64 {
        let user = self.after.as_ref().or(self.before.as_ref());
        user.map_or(0, |user| user.id.get())
    }

    /// Returns whether the user was added, changed or removed.
    #[must_use]
    pub fn kind(&self) -> RowChange {
        match (&self.before, &self.after) {
            (None, _) => RowChange::Added,
            (Some(_), None) => RowChange::Removed,
            (Some(_), Some(_)) => RowChange::Changed,
        }
    }

    /// Returns the difference with the fields that a client can set.
    #[must_use]
    pub fn difference(&self) -> UserDifference {
        let value_of = |user: &Option<User>, field| user.as_ref().map(|user| value(user, field));
        let fields = FIELDS.into_iter().map(|field| FieldDifference {
            field,
            before: value_of(&self.before, field),
            after: value_of(&self.after, field),
        });
        UserDifference {
            id: self.id(),
            change: self.kind(),
            fields: fields.filter(|field| field.before != field.after).collect(),
        }
    }
}

/// The fields of a user that a client can set.
const FIELDS: [&str; 4] = ["name", "email", "role", "bio"];

/// Returns the value of one of [`FIELDS`] as JSON.
fn value(user: &User, field: &str) -> String {
    let text = |text: &str| Json::String(text.to_owned()).pretty();
    match field {
        "name" => text(&user.name),
        "email" => text(user.email.as_str()),
        "role" => text(user.role.as_str()),
        _ => user
            .bio
            .as_deref()
            .map_or_else(|| Json::Null.pretty(), text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::timestamp::Timestamp;
    use crate::model::user::{Email, UserRole};

    fn user(id: i64, bio: Option<&str>) -> Option<User> {
        Some(User {
            id: UserId::new(id).expect("an id"),
            name: "Ada \"L\"".to_owned(),
            email: Email::parse("ada@example.com").expect("an address"),
            role: UserRole::Member,
            bio: bio.map(str::to_owned),
            created_at: Timestamp::from_milliseconds(0),
            updated_at: Timestamp::from_milliseconds(0),
        })
    }

    fn change(before: Option<User>, after: Option<User>) -> RecordedChange {
        RecordedChange { before, after }
    }

    #[test]
    fn changes_of_one_user_are_merged_and_counted_once() {
        let changes = [
            change(user(5, None), user(5, Some("A"))),
            change(user(5, Some("A")), user(5, Some("B"))),
            change(None, user(13, None)),
            change(user(13, None), None),
            change(user(7, None), None),
        ];
        let merged = merge_changes(&changes);
        let expected = [
            change(user(5, None), user(5, Some("B"))),
            change(user(7, None), None),
        ];
        assert_eq!(merged, expected);
        let counts = RowChanges {
            added: 0,
            changed: 1,
            removed: 1,
        };
        assert_eq!(count_changes(&changes), counts);
    }

    #[test]
    fn users_are_compared_by_their_ids() {
        let list = |users: [Option<User>; 3]| users.into_iter().flatten().collect::<Vec<_>>();
        let before = list([user(1, None), user(2, None), user(3, None)]);
        let after = list([user(2, Some("A")), user(3, None), user(13, None)]);
        let expected = [
            change(user(2, None), user(2, Some("A"))),
            change(None, user(13, None)),
            change(user(1, None), None),
        ];
        assert_eq!(compare_users(&before, &after), expected);
        assert!(compare_users(&before, &before).is_empty());
    }

    #[test]
    fn difference_has_only_the_fields_that_differ() {
        let difference = change(user(5, Some("A")), user(5, None)).difference();
        let bio = FieldDifference {
            field: "bio",
            before: Some("\"A\"".to_owned()),
            after: Some("null".to_owned()),
        };
        assert_eq!((difference.id, difference.fields), (5, vec![bio]));
        let added = change(None, user(13, None)).difference();
        assert_eq!(added.change, RowChange::Added);
        let values: Vec<_> = added
            .fields
            .iter()
            .map(|field| field.after.clone())
            .collect();
        let expected = [
            "\"Ada \\\"L\\\"\"",
            "\"ada@example.com\"",
            "\"member\"",
            "null",
        ];
        assert_eq!(values, expected.map(|text| Some(text.to_owned())));
    }
}
