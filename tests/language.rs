//! Holds the names of the code to GLOSSARY.md: words that are not used for a term occur in no identifier, and no type
//! name stands for two things.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Names that the standard library prescribes.
const PRESCRIBED_NAMES: &[&str] = &["wake"];

#[test]
fn identifiers_have_no_word_that_the_glossary_refuses() {
    let refused = refused_words();
    assert!(refused.len() > 15, "the glossary was not read: {refused:?}");
    let mut findings = Vec::new();
    for (path, text) in sources() {
        for (number, line) in code_lines(&text) {
            for identifier in identifiers(&line) {
                if PRESCRIBED_NAMES.contains(&identifier.as_str()) {
                    continue;
                }
                let words = words_of(&identifier);
                if refused.iter().any(|term| contains(&words, term)) {
                    findings.push(format!("{}:{number}: {identifier}", path.display()));
                }
            }
        }
    }
    findings.dedup();
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

/// Two types of one name would have to be told apart by their module.
#[test]
fn no_type_name_is_defined_twice() {
    /// Names that a trait or a macro prescribes.
    const PRESCRIBED: &[&str] = &[
        "Err",
        "Error",
        "Future",
        "Rejection",
        "Response",
        "Service",
        "Data",
        "Target",
        "AsyncOutput",
        "Owned",
        "State",
    ];
    let mut defined: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in sources() {
        if !path.starts_with("src") {
            continue;
        }
        for (_, line) in code_lines(&text) {
            let mut words = line
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|w| !w.is_empty());
            let keyword =
                words.find(|word| !matches!(*word, "pub" | "crate" | "super" | "in" | "unsafe"));
            if let (Some("struct" | "enum" | "trait" | "type" | "union"), Some(name)) =
                (keyword, words.next())
            {
                defined
                    .entry(name.to_owned())
                    .or_default()
                    .insert(path.display().to_string());
            }
        }
    }
    assert!(
        defined.len() > 150,
        "only {} types were read",
        defined.len()
    );
    let twice: Vec<String> = defined
        .iter()
        .filter(|(name, places)| places.len() > 1 && !PRESCRIBED.contains(&name.as_str()))
        .map(|(name, places)| format!("{name}: {places:?}"))
        .collect();
    assert!(twice.is_empty(), "\n{}", twice.join("\n"));
}

#[test]
fn identifiers_are_split_into_words() {
    assert_eq!(words_of("HttpResponse_of2"), ["http", "response", "of2"]);
    assert_eq!(words_of("keep_house"), ["keep", "house"]);
    assert!(contains(
        &words_of("run_keep_house"),
        &words_of("keep_house")
    ));
    assert!(!contains(&words_of("years"), &words_of("ears")));
    assert_eq!(
        identifiers(r#"let a = tell("told"); // x"#),
        ["let", "a", "tell"]
    );
}

/// The words in code type in the last column of the glossary's tables.
fn refused_words() -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("GLOSSARY.md")).expect("the glossary");
    text.lines()
        .filter(|line| line.starts_with("| "))
        .filter_map(|line| {
            line.trim_end_matches(['|', ' '])
                .len()
                .checked_sub(0)
                .and(line.split('|').nth(4))
        })
        .flat_map(|column| {
            column
                .split('`')
                .skip(1)
                .step_by(2)
                .map(words_of)
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Whether the words of a term stand in an identifier, one after the other.
fn contains(words: &[String], term: &[String]) -> bool {
    words.windows(term.len()).any(|window| window == term)
}

/// The lower-case words of an identifier in snake case or camel case.
fn words_of(identifier: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_was_lower = false;
    for c in identifier.chars() {
        if c == '_' || (c.is_uppercase() && before_was_lower) {
            words.push(String::new());
        }
        if c != '_' {
            words.last_mut().expect("one word").extend(c.to_lowercase());
        }
        before_was_lower = c.is_lowercase() || c.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The identifiers of a line outside of string literals.
fn identifiers(line: &str) -> Vec<String> {
    let line = line.split("//").next().unwrap_or_default();
    let mut found = Vec::new();
    for (index, part) in line.split('"').enumerate() {
        if index % 2 == 0 {
            let words = part.split(|c: char| !c.is_alphanumeric() && c != '_');
            found.extend(
                words
                    .filter(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_'))
                    .map(str::to_owned),
            );
        }
    }
    found
}

/// Lines of code with their numbers; comments and texts of several lines are left out.
fn code_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut raw_text = false;
    for (index, line) in text.lines().enumerate() {
        let opens = line.contains("r#\"");
        if raw_text || opens {
            raw_text = !line.contains("\"#");
            continue;
        }
        if !line.trim_start().starts_with("//") {
            lines.push((index + 1, line.to_owned()));
        }
    }
    lines
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file of the product and its tests, with its path from the root.
fn sources() -> Vec<(PathBuf, String)> {
    let mut open: Vec<PathBuf> = ["src", "tests", "benches"]
        .iter()
        .map(|folder| root().join(folder))
        .collect();
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !path.ends_with("tests/language.rs")
            {
                let text = fs::read_to_string(&path).expect("a source file");
                files.push((
                    path.strip_prefix(root())
                        .expect("below the root")
                        .to_owned(),
                    text,
                ));
            }
        }
    }
    files
}
