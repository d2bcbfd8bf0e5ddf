//! The draft in a form, as signals.

use std::sync::atomic::{AtomicUsize, Ordering};

use leptos::prelude::*;

use crate::model::http::{Header, QueryFields, RequestDraft};

/// A row of a name and a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct FieldRow {
    pub(super) key: usize,
    pub(super) name: RwSignal<String>,
    pub(super) value: RwSignal<String>,
    /// Whether the row is only there for forms without scripts.
    pub(super) is_spare: RwSignal<bool>,
}

impl FieldRow {
    fn pair(&self) -> (String, String) {
        (self.name.get(), self.value.get())
    }
}

/// The rows of the headers or of the query.
#[derive(Clone, Copy)]
pub(super) struct FieldRows {
    pub(super) rows: RwSignal<Vec<FieldRow>>,
}

/// The key of the next row. Keys are not used again, so that a list of new rows is rendered anew.
static NEXT_KEY: AtomicUsize = AtomicUsize::new(0);

fn row(name: &str, value: &str) -> FieldRow {
    FieldRow {
        key: NEXT_KEY.fetch_add(1, Ordering::Relaxed),
        name: RwSignal::new(name.to_owned()),
        value: RwSignal::new(value.to_owned()),
        is_spare: RwSignal::new(false),
    }
}

impl FieldRows {
    /// Creates the rows of the page, the last of which is spare.
    pub(super) fn new(pairs: &[(String, String)]) -> FieldRows {
        let mut rows: Vec<_> = pairs.iter().map(|(name, value)| row(name, value)).collect();
        let spare = row("", "");
        spare.is_spare.set(true);
        rows.push(spare);
        FieldRows {
            rows: RwSignal::new(rows),
        }
    }

    /// Returns the rows that have a name or a value, as they are written.
    pub(super) fn pairs(self) -> Vec<(String, String)> {
        let pairs: Vec<_> = self
            .rows
            .with(|rows| rows.iter().map(FieldRow::pair).collect());
        let pairs = pairs.into_iter();
        pairs
            .filter(|(name, value)| !name.is_empty() || !value.is_empty())
            .collect()
    }

    /// Returns the number of rows that have a name.
    pub(super) fn count(self) -> usize {
        let is_named = |row: &&FieldRow| row.name.with(|name| !name.trim().is_empty());
        self.rows.with(|rows| rows.iter().filter(is_named).count())
    }

    /// Replaces the rows.
    pub(super) fn write(self, pairs: &[(String, String)]) {
        let rows = pairs.iter().map(|(name, value)| row(name, value));
        self.rows.set(rows.collect());
    }

    /// Writes the value of the first row with a name; in a new row where there is none.
    pub(super) fn write_value(self, name: &str, value: &str) {
        let found = self.rows.with_untracked(|rows| {
            let is_same = |row: &&FieldRow| {
                row.name
                    .with_untracked(|own| own.trim().eq_ignore_ascii_case(name))
            };
            rows.iter().find(is_same).copied()
        });
        match found {
            Some(found) => found.value.set(value.to_owned()),
            None => self.rows.update(|rows| {
                let at = rows
                    .iter()
                    .position(|row| row.is_spare.get_untracked())
                    .unwrap_or(rows.len());
                rows.insert(at, row(name, value));
            }),
        }
    }

    /// Shows the spare row, or adds one.
    pub(super) fn add(self) {
        let spare = self.rows.with_untracked(|rows| {
            let mut rows = rows.iter();
            rows.find(|row| row.is_spare.get_untracked()).copied()
        });
        match spare {
            Some(spare) => spare.is_spare.set(false),
            None => self.rows.update(|rows| rows.push(row("", ""))),
        }
    }

    /// Removes a row.
    pub(super) fn remove(self, key: usize) {
        self.rows.update(|rows| rows.retain(|row| row.key != key));
    }

    /// Returns the index of a row among those that have a name.
    pub(super) fn index(self, key: usize) -> Option<usize> {
        let is_named = |row: &&FieldRow| row.name.with(|name| !name.trim().is_empty());
        self.rows
            .with(|rows| rows.iter().filter(is_named).position(|row| row.key == key))
    }
}

/// The draft in a form. Functions that replace rows create signals, so they are not called by effects that run
/// again.
#[derive(Clone, Copy)]
pub(super) struct DraftSignals {
    pub(super) method: RwSignal<String>,
    pub(super) target: RwSignal<String>,
    pub(super) headers: FieldRows,
    pub(super) body: RwSignal<String>,
    /// The values of the parameters with a field of their own.
    pub(super) named: RwSignal<Vec<String>>,
    /// The other parameters of the query.
    pub(super) query: FieldRows,
    /// The names of the parameters with a field of their own.
    names: StoredValue<Vec<String>>,
}

fn pairs(headers: &[Header]) -> Vec<(String, String)> {
    let headers = headers.iter();
    headers
        .map(|header| (header.name.clone(), header.value.clone()))
        .collect()
}

impl DraftSignals {
    pub(super) fn new(draft: &RequestDraft, names: Vec<String>) -> DraftSignals {
        let query = QueryFields::of(&draft.target, &names);
        DraftSignals {
            method: RwSignal::new(draft.method.clone()),
            target: RwSignal::new(draft.target.clone()),
            headers: FieldRows::new(&pairs(&draft.headers)),
            body: RwSignal::new(draft.body.clone()),
            named: RwSignal::new(query.named),
            query: FieldRows::new(&query.others),
            names: StoredValue::new(names),
        }
    }

    /// Returns the draft.
    pub(super) fn read(self) -> RequestDraft {
        let headers = self.headers.pairs().into_iter();
        let headers = headers.map(|(name, value)| Header::new(name.trim(), value.trim()));
        RequestDraft {
            method: self.method.get(),
            target: self.target.get(),
            headers: headers.filter(|header| !header.name.is_empty()).collect(),
            body: self.body.get(),
        }
    }

    /// Replaces the draft.
    pub(super) fn write(self, draft: &RequestDraft) {
        self.method.set(draft.method.clone());
        self.headers.write(&pairs(&draft.headers));
        self.body.set(draft.body.clone());
        self.write_target(draft.target.clone());
    }

    /// Replaces the target, and the rows of its query when they are others.
    pub(super) fn write_target(self, target: String) {
        let query = self
            .names
            .with_value(|names| QueryFields::of(&target, names));
        if untrack(|| self.query.pairs()) != query.others {
            self.query.write(&query.others);
        }
        self.named.set(query.named);
        self.target.set(target);
    }

    /// Replaces the value of the named parameter with this index.
    pub(super) fn write_parameter(self, index: usize, value: String) {
        self.named.update(|named| named[index] = value);
        self.write_query();
    }

    /// Writes the fields and rows of the query into the target.
    pub(super) fn write_query(self) {
        let query = QueryFields {
            named: self.named.get_untracked(),
            others: untrack(|| self.query.pairs()),
        };
        let target = self.target.get_untracked();
        self.target
            .set(self.names.with_value(|names| query.write(&target, names)));
    }
}
