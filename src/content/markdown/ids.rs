//! The identifiers of a page: each stands for one place, whether an author or the site gives it.

use std::collections::BTreeMap;

/// Identifiers that the site gives on every lesson page.
const RESERVED: &[&str] = &[
    "bench",
    "bench-title",
    "content",
    "header-names",
    "toc-title",
    "words",
];

/// What the identifiers begin with that the site makes by itself.
const RESERVED_BEGINNINGS: &[&str] = &["bench-", "exchange-", "footnote-", "tabs-"];

/// What is added to the identifier of a request to name a part of its form.
const PARTS: &[&str] = &["body", "check", "form", "reply", "title"];

/// The same where a name follows.
const NAMED_PARTS: &[&str] = &["path-", "prompt-", "query-"];

/// Whether the site itself uses an identifier on the page of a lesson.
pub(in crate::content) fn is_reserved(id: &str) -> bool {
    RESERVED.contains(&id)
        || RESERVED_BEGINNINGS
            .iter()
            .any(|beginning| id.starts_with(beginning))
}

/// Whether the site makes this identifier for a part of a request's form or for its replies.
fn is_part_of(id: &str, request: &str) -> bool {
    let part = id
        .strip_prefix(request)
        .and_then(|rest| rest.strip_prefix('-'));
    part.is_some_and(|part| {
        PARTS.contains(&part)
            || NAMED_PARTS.iter().any(|name| part.starts_with(name))
            || part.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// The identifiers that an author gives on one page, with their lines.
#[derive(Default)]
pub(super) struct Ids {
    given: Vec<(String, usize)>,
    requests: BTreeMap<String, usize>,
}

impl Ids {
    pub(super) fn add(&mut self, id: &str, line: usize) {
        self.given.push((id.to_owned(), line));
    }

    pub(super) fn add_request(&mut self, id: &str, line: usize) {
        self.add(id, line);
        self.requests.entry(id.to_owned()).or_insert(line);
    }

    /// Line and message of each that is not the only one.
    pub(super) fn problems(&self) -> Vec<(usize, String)> {
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        let mut problems = Vec::new();
        for (id, line) in &self.given {
            if is_reserved(id) {
                let message = format!("the site itself uses the id {id:?}: choose another");
                problems.push((*line, message));
                continue;
            }
            if let Some(earlier) = first.insert(id, *line) {
                let message = format!("the id {id:?} is taken by line {earlier}: choose another");
                problems.push((*line, message));
                continue;
            }
            let dashes = id.match_indices('-').map(|(at, _)| &id[..at]);
            let owner = dashes
                .filter_map(|request| Some((request, self.requests.get(request)?)))
                .find(|(request, _)| is_part_of(id, request));
            if let Some((request, of)) = owner {
                let message = format!(
                    "the id {id:?} is that of a part of the request {request:?} of line {of}: choose another"
                );
                problems.push((*line, message));
            }
        }
        problems
    }
}
