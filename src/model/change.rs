//! What a request changed in the users of a sandbox: two listings compared.

use serde::{Deserialize, Serialize};

/// A user as a table shows it. The types and rules of a user are in `model::user`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Rows are matched by it.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its e-mail address.
    pub email: String,
    /// Its role.
    pub role: String,
    /// Its text, if any.
    pub bio: Option<String>,
    /// When it last became different, as the API writes it.
    pub updated_at: String,
}

/// What happened to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Same,
    /// It is new.
    Added,
    /// A field is different.
    Changed,
    /// It is gone; what is shown is what it was.
    Removed,
}

/// Every row of before and after with what happened to it, in the order of ids.
pub fn compare(before: &[Row], after: &[Row]) -> Vec<(Row, Change)> {
    let find = |rows: &[Row], id: i64| rows.iter().find(|row| row.id == id).cloned();
    let mut compared: Vec<(Row, Change)> = after
        .iter()
        .map(|row| match find(before, row.id) {
            None => (row.clone(), Change::Added),
            Some(old) if old == *row => (old, Change::Same),
            Some(_) => (row.clone(), Change::Changed),
        })
        .collect();
    let removed = before.iter().filter(|row| find(after, row.id).is_none());
    compared.extend(removed.map(|row| (row.clone(), Change::Removed)));
    compared.sort_by_key(|(row, _)| row.id);
    compared
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, name: &str) -> Row {
        let text = |text: &str| text.to_owned();
        Row {
            id,
            name: text(name),
            email: text("a@b.c"),
            role: text("member"),
            bio: None,
            updated_at: text(""),
        }
    }

    #[test]
    fn finds_what_was_added_changed_and_removed() {
        let before = [row(1, "one"), row(2, "two"), row(3, "three")];
        let after = [row(4, "four"), row(1, "one"), row(3, "3")];
        let compared: Vec<(i64, Change)> = compare(&before, &after)
            .into_iter()
            .map(|(row, change)| (row.id, change))
            .collect();
        assert_eq!(
            compared,
            [
                (1, Change::Same),
                (2, Change::Removed),
                (3, Change::Changed),
                (4, Change::Added)
            ]
        );
    }
}
