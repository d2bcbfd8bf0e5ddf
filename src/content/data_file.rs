//! The files of starting data: `data/NAME.json`, a list of users with which a lesson begins.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::content::finding::{ContentFinding, Rule};
use crate::content::load::{SourceFile, normalise};
use crate::model::json::{Json, line_and_column};
use crate::model::timestamp::Timestamp;
use crate::model::user::{NewUser, User, UserId};

/// The most users of a file: as many as the data panel shows.
const USERS_MAX: usize = 100;
/// When all users of a file were created.
const CREATED_AT: &str = "2026-01-01T09:00:00Z";

/// Messages for the author with their lines.
type Errors = Vec<(usize, String)>;

/// Users by the name of their file.
pub(super) type StartingUsers = BTreeMap<String, Arc<[User]>>;

/// Returns the name of starting data by the path of its file.
pub(super) fn data_name(path: &str) -> Option<&str> {
    path.strip_prefix("data/")?.strip_suffix(".json")
}

/// Parses the files of starting data; returns the users of those without errors, with the findings.
pub(super) fn parse(files: &[SourceFile]) -> (StartingUsers, Vec<ContentFinding>) {
    let mut users = StartingUsers::new();
    let mut findings = Vec::new();
    for file in files {
        let Some(name) = data_name(&file.path) else {
            continue;
        };
        match parse_file(file) {
            Ok(parsed) => drop(users.insert(name.to_owned(), parsed.into())),
            Err(errors) => {
                findings.extend(errors.into_iter().map(|(line, message)| ContentFinding {
                    file: file.path.clone(),
                    line,
                    rule: Rule::Data,
                    message,
                }))
            }
        }
    }
    (users, findings)
}

/// Returns the users of a file, sorted by id, or its errors with their lines.
fn parse_file(file: &SourceFile) -> Result<Vec<User>, Errors> {
    let text = String::from_utf8_lossy(&file.bytes);
    let text = normalise(&text);
    let json = Json::parse(text.as_bytes()).map_err(|error| {
        let message = format!("column {}: {}", error.column, error.reason);
        vec![(error.line, message)]
    })?;
    let Json::Array(items) = &json else {
        let message = format!("expected a list of users, found {}", json.kind());
        return Err(vec![(1, message)]);
    };
    if items.len() > USERS_MAX {
        let message = format!("{} users are too many: keep {USERS_MAX}", items.len());
        return Err(vec![(1, message)]);
    }
    let lines = item_lines(&text);
    let mut errors = Vec::new();
    let (mut ids, mut emails) = (BTreeSet::new(), BTreeSet::new());
    let mut users = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let line = lines.get(at).copied().unwrap_or(1);
        match user(item) {
            Err(messages) => errors.extend(messages.into_iter().map(|message| (line, message))),
            Ok(user) => {
                if !ids.insert(user.id) {
                    let message = format!("the id {} is used twice: choose another", user.id);
                    errors.push((line, message));
                }
                if !emails.insert(user.email.folded()) {
                    let email = user.email.as_str();
                    let message = format!("the address {email} is used twice: choose another");
                    errors.push((line, message));
                }
                users.push(user);
            }
        }
    }
    users.sort_by_key(|user| user.id);
    if errors.is_empty() {
        Ok(users)
    } else {
        Err(errors)
    }
}

/// Returns a user of a list: the fields of a new user, with an id.
fn user(item: &Json) -> Result<User, Vec<String>> {
    let Json::Object(members) = item else {
        return Err(vec![format!("expected a user, found {}", item.kind())]);
    };
    let id = item.member("id").and_then(Json::as_integer);
    let id = id.and_then(UserId::new).ok_or_else(|| {
        let message = "a user needs an id: a whole number from 1 to 2147483647";
        vec![message.to_owned()]
    })?;
    let others = members.iter().filter(|(key, _)| key != "id");
    let new = NewUser::from_json(&Json::Object(others.cloned().collect())).map_err(|errors| {
        let message = |error: crate::model::problem::PartError| {
            let pointer = error.pointer.unwrap_or_default();
            let field = pointer.trim_start_matches('/');
            format!("{field} of user {id} {}", error.detail)
        };
        errors.into_iter().map(message).collect::<Vec<_>>()
    })?;
    let created_at = Timestamp::parse(CREATED_AT).expect("a time");
    Ok(User {
        id,
        name: new.name,
        email: new.email,
        role: new.role,
        bio: new.bio,
        created_at,
        updated_at: created_at,
    })
}

/// Returns the lines on which the objects of a list of JSON begin, from 1.
fn item_lines(text: &str) -> Vec<usize> {
    let mut lines = Vec::new();
    let (mut depth, mut is_string, mut is_escaped) = (0_usize, false, false);
    for (at, c) in text.char_indices() {
        if is_string {
            match c {
                '"' if !is_escaped => is_string = false,
                _ => is_escaped = c == '\\' && !is_escaped,
            }
            continue;
        }
        match c {
            '"' => (is_string, is_escaped) = (true, false),
            '[' | '{' => {
                if depth == 1 {
                    lines.push(line_and_column(text, at).0);
                }
                depth += 1;
            }
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses a file; returns ids and addresses, or lines and messages.
    fn parsed(text: &str) -> Result<Vec<(i64, String)>, Errors> {
        let file = SourceFile {
            path: "data/orders.json".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let users = parse_file(&file)?.into_iter();
        Ok(users
            .map(|user| (user.id.get(), user.email.as_str().to_owned()))
            .collect())
    }

    #[test]
    fn users_are_sorted_by_id() {
        let text = "[\n{\"id\": 7, \"name\": \"B\", \"email\": \"b@example.com\", \"bio\": \"\\\"{\"},\n\
                    {\"id\": 2, \"name\": \"A\", \"email\": \"a@example.com\", \"role\": \"admin\"}\n]\n";
        let expected = [
            (2, "a@example.com".to_owned()),
            (7, "b@example.com".to_owned()),
        ];
        assert_eq!(parsed(text).as_deref(), Ok(&expected[..]));
        assert_eq!(parsed("[]").as_deref(), Ok(&[][..]));
    }

    #[test]
    fn error_is_on_the_line_of_its_user() {
        let one = "{\"id\": 1, \"name\": \"A [{\", \"email\": \"a@example.com\"}";
        for (second, part) in [
            (
                "{\"id\": 1, \"name\": \"B\", \"email\": \"b@example.com\"}",
                "the id 1",
            ),
            (
                "{\"id\": 2, \"name\": \"B\", \"email\": \"A@example.com\"}",
                "A@example.com is used twice",
            ),
            (
                "{\"id\": 0, \"name\": \"B\", \"email\": \"b@example.com\"}",
                "needs an id",
            ),
            (
                "{\"name\": \"B\", \"email\": \"b@example.com\"}",
                "needs an id",
            ),
            (
                "{\"id\": 2, \"name\": \"\", \"email\": \"b@example.com\"}",
                "name of user 2",
            ),
            (
                "{\"id\": 2, \"name\": \"B\", \"email\": \"no\"}",
                "email of user 2",
            ),
            (
                "{\"id\": 2, \"name\": \"B\", \"email\": \"b@example.com\", \"age\": 3}",
                "age of user 2",
            ),
            ("{\"id\": 2 \"name\": \"B\"}", "column"),
            ("[]", "expected a user"),
        ] {
            let found = parsed(&format!("[\n{one},\n{second}\n]\n")).expect_err(second);
            assert_eq!(found[0].0, 3, "{found:?}");
            assert!(found[0].1.contains(part), "{found:?}");
        }
        let many: Vec<String> = (1..=101)
            .map(|id| format!("{{\"id\": {id}, \"name\": \"A\", \"email\": \"{id}@example.com\"}}"))
            .collect();
        let error = parsed(&format!("[{}]", many.join(","))).expect_err("refused");
        assert!(error[0].1.contains("keep 100"), "{error:?}");
        assert!(parsed("{}").is_err());
    }
}
