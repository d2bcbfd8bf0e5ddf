//! Personal data and secrets in the source: what is never derived, and how secrets are compared.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The folders of the server that hold data of members.
const FOLDERS: &[&str] = &[
    "src/api",
    "src/pages",
    "src/portal",
    "src/sandbox",
    "src/server",
];

/// The words in the names of fields that hold personal data or a secret, as text or bytes.
const PRIVATE_WORDS: &[&str] = &[
    "address", "agent", "answer", "email", "emails", "hash", "password", "question", "secret",
    "token",
];

/// Types whose fields have such a name and hold nothing private: ids of questions, sentences about fields, and numbers.
const EXEMPT: &[&str] = &["AccountAnswer", "Problems", "QuizAnswer", "SettingsForm"];

/// Returns all files of the source in the folders.
fn all_sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = FOLDERS.iter();
    folders
        .flat_map(|folder| sources(&root.join(folder)))
        .collect()
}

/// Returns the files of the source in a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Returns the structs of a source that derive `Debug`, each with its fields and their types.
fn debug_structs(text: &str) -> Vec<(&str, Vec<(&str, &str)>)> {
    let mut found = Vec::new();
    for rest in text.split("#[derive(").skip(1) {
        let Some((derived, rest)) = rest.split_once(")]") else {
            continue;
        };
        // Up to the end of the item, so that it is the type to which the attribute belongs.
        let (item, _) = rest.split_once("\n}").unwrap_or((rest, ""));
        // A struct without names of fields ends in its line.
        let is_named = |item: &&str| !item.lines().next().is_some_and(|line| line.ends_with(';'));
        let item = item.split_once("struct ").map(|(_, item)| item);
        let Some(item) = item.filter(is_named) else {
            continue;
        };
        let is_debug = derived.split(',').any(|one| one.trim() == "Debug");
        let Some((name, body)) = item.split_once(" {\n").filter(|_| is_debug) else {
            continue;
        };
        let fields = body.lines().map(str::trim);
        let fields = fields.filter(|line| !line.starts_with(['/', '#']));
        let fields = fields.filter_map(|line| {
            let (name, kind) = line.trim_end_matches(',').split_once(": ")?;
            Some((name.rsplit(' ').next().unwrap_or(name), kind))
        });
        found.push((name, fields.collect()));
    }
    found
}

fn is_private(field: &str, kind: &str) -> bool {
    let is_plain = ["String", "Vec<u8>", "[u8; 32]", "SessionIdHash"]
        .iter()
        .any(|plain| kind.contains(plain));
    is_plain && field.split('_').any(|word| PRIVATE_WORDS.contains(&word))
}

#[test]
fn types_with_personal_data_or_secrets_derive_no_debug() {
    let mut found = BTreeSet::new();
    let mut count = 0;
    for path in all_sources() {
        let text = std::fs::read_to_string(&path).unwrap();
        let (text, _) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
        for (name, fields) in debug_structs(text) {
            count += 1;
            let mut fields = fields.into_iter();
            let field = fields.find(|(field, kind)| is_private(field, kind));
            if let Some((field, _)) = field.filter(|_| !EXEMPT.contains(&name)) {
                found.insert(format!("{}: {name}.{field}", path.display()));
            }
        }
    }
    assert!(count > 100, "{count}");
    let found: Vec<_> = found.into_iter().collect();
    assert!(
        found.is_empty(),
        "write Debug by hand, or leave it out:\n{}",
        found.join("\n")
    );
}

/// The words in the names of values that are secret as they are, and not as a hash.
const SECRET_WORDS: &[&str] = &["nonce", "password", "secret", "signature", "verifier"];

/// Returns the words of the identifier at the end (`from_end`) or the beginning of a part of an expression.
fn words(part: &str, from_end: bool) -> Vec<&str> {
    let is_name = |character: char| character.is_alphanumeric() || "_.:".contains(character);
    let part = part.trim();
    let path = match from_end {
        true => part.rsplit(|end| !is_name(end)).next(),
        false => part
            .split(|end| !is_name(end))
            .find(|path| !path.is_empty()),
    };
    let name = path.and_then(|path| path.rsplit(['.', ':']).next());
    name.map_or_else(Vec::new, |name| name.split('_').collect())
}

#[test]
fn secrets_are_not_compared_with_an_operator() {
    let mut found = Vec::new();
    for path in all_sources() {
        let text = std::fs::read_to_string(&path).unwrap();
        let (text, _) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
        for (number, line) in text.lines().enumerate() {
            for operator in [" == ", " != "] {
                let Some((left, right)) = line.split_once(operator) else {
                    continue;
                };
                let names = [words(left, true), words(right, false)].concat();
                if names.iter().any(|word| SECRET_WORDS.contains(word)) {
                    found.push(format!("{}:{}: {line}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "use ct_eq:\n{}", found.join("\n"));
}

#[test]
fn names_in_a_comparison_are_found() {
    assert_eq!(words("if login.client_secret", true), ["client", "secret"]);
    assert_eq!(words("&self.nonce {", false), ["nonce"]);
}
