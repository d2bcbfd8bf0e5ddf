//! Checks that the ids of a page are unique, whether an author or the site assigns them.

use std::collections::BTreeMap;

/// The ids that the site uses on every lesson page.
const RESERVED_IDS: &[&str] = &[
    "data-panel",
    "data-panel-title",
    "content",
    "header-names",
    "site-menu",
    "toc-title",
];

/// The prefixes of ids that the site generates.
const RESERVED_PREFIXES: &[&str] = &[
    "data-panel-",
    "exchange-",
    "exercise-",
    "footnote-",
    "palette-",
    "quiz-",
    "tabs-",
    "term-",
];

/// The suffixes that are added to the id of a request for the parts of its form.
const PARTS: &[&str] = &["body", "check", "error", "form", "response", "title"];

/// The suffixes for parts of the form that are followed by a name.
const NAMED_PARTS: &[&str] = &["path-", "prompt-", "query-"];

/// Returns whether the site itself uses an id on lesson pages, so that authors cannot use it.
pub fn is_reserved_id(id: &str) -> bool {
    RESERVED_IDS.contains(&id)
        || RESERVED_PREFIXES
            .iter()
            .any(|prefix| id.starts_with(prefix))
}

/// Returns whether the site generates this id for a part of the form of a request or for its responses.
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

/// The ids that an author assigns on one page, with their lines.
#[derive(Default)]
pub(super) struct Ids {
    assigned: Vec<(String, usize)>,
    requests: BTreeMap<String, usize>,
}

impl Ids {
    pub(super) fn add(&mut self, id: &str, line: usize) {
        self.assigned.push((id.to_owned(), line));
    }

    pub(super) fn add_request(&mut self, id: &str, line: usize) {
        self.add(id, line);
        self.requests.entry(id.to_owned()).or_insert(line);
    }

    /// Returns line and message for each id that is reserved or used twice.
    pub(super) fn problems(&self) -> Vec<(usize, String)> {
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        let mut problems = Vec::new();
        for (id, line) in &self.assigned {
            if is_reserved_id(id) {
                let message = format!("the site itself uses the id {id:?}: choose another");
                problems.push((*line, message));
                continue;
            }
            if let Some(earlier) = first.insert(id, *line) {
                let message =
                    format!("the id {id:?} is already used in line {earlier}: choose another");
                problems.push((*line, message));
                continue;
            }
            let dashes = id.match_indices('-').map(|(at, _)| &id[..at]);
            let owner = dashes
                .filter_map(|request| Some((request, self.requests.get(request)?)))
                .find(|(request, _)| is_part_of(id, request));
            if let Some((request, of)) = owner {
                let message = format!(
                    "the site uses the id {id:?} for a part of the request {request:?} in line {of}: choose another"
                );
                problems.push((*line, message));
            }
        }
        problems
    }
}
