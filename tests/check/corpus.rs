//! Runs the check on Markdown that nobody wrote for it: the README and CHANGELOG files of the crates that Routebook
//! depends on. It may find errors, and must find them on the right lines, in time and without a crash.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::folder::ContentFolder;

/// The most bytes of Markdown that are checked.
const SIZE_MAX: usize = 3 << 20;
/// The time that a check may take, in the dev profile on a slow machine.
const TIME_MAX: Duration = Duration::from_secs(120);
/// What stands before each text: front matter.
const FRONT_MATTER: &str = "---\ntitle: A README\ndescription: Somebody else's text.\n---\n";

#[test]
fn findings_in_public_markdown_are_on_the_lines_that_they_are_about() {
    let texts = texts();
    assert!(texts.len() >= 50, "only {} files were found", texts.len());
    let findings = check(&texts, |text| text.to_owned());
    let mut compared: BTreeMap<String, usize> = BTreeMap::new();
    for finding in &findings {
        let [file, rule, message] = ["file", "rule", "message"].map(|name| text(finding, name));
        let Some(markdown) = texts.get(file) else {
            continue;
        };
        let number = finding["line"].as_u64().expect("a number") as usize;
        let line = markdown.lines().nth(number - 1);
        let line = line.unwrap_or_else(|| panic!("{file} has no line {number}: {message}"));
        if let Err(expected) = compare(rule, message, line) {
            panic!("{file}:{number}: {message}\nexpected {expected} in {line:?}");
        }
        *compared.entry(rule.to_owned()).or_default() += 1;
    }
    for rule in [
        "language",
        "link",
        "raw-html",
        "heading",
        "heading-id",
        "picture-folder",
    ] {
        let count = compared.get(rule).copied().unwrap_or_default();
        assert!(count >= 10, "only {count} findings of {rule}: {compared:?}");
    }
    let windows = check(&texts, |text| text.replace('\n', "\r\n"));
    assert!(windows == findings, "CRLF changes the findings");
}

/// Returns the findings in a content folder with these files, by path.
fn check(texts: &BTreeMap<String, String>, convert: impl Fn(&str) -> String) -> Vec<Value> {
    let folder = ContentFolder::base();
    for (path, text) in texts {
        folder.write(path, &convert(text));
    }
    let begin = Instant::now();
    let output = folder.check(&["--json"]);
    assert!(begin.elapsed() < TIME_MAX, "it took {:?}", begin.elapsed());
    assert_eq!(output.status, Some(1), "{}", output.stderr);
    let document: Value = serde_json::from_str(&output.stdout).expect("JSON");
    document["findings"].as_array().expect("a list").clone()
}

fn text<'a>(finding: &'a Value, name: &str) -> &'a str {
    finding[name].as_str().expect("a text")
}

/// Compares a finding with its line.
///
/// # Errors
/// What the line should have.
fn compare(rule: &str, message: &str, line: &str) -> Result<(), String> {
    let column = message.strip_prefix("column ").and_then(|rest| {
        let (number, _) = rest.split_once(':')?;
        number.parse::<usize>().ok()
    });
    let at_column = column.and_then(|column| line.chars().nth(column - 1));
    let quoted = message.split('"').nth(1);
    let bracketed = message.split(['[', ']']).nth(1);
    let has = |part: &str| match line.contains(part) {
        true => Ok(()),
        false => Err(part.to_owned()),
    };
    let begins_with = |expected: &[char]| match at_column.is_some_and(|c| expected.contains(&c)) {
        true => Ok(()),
        false => Err(format!("one of {expected:?} at column {column:?}")),
    };
    match rule {
        "language" => match quoted {
            Some(language) => has(language),
            None if message.contains("indented") => has("  ").or_else(|_| has("\t")),
            None => has("```").or_else(|_| has("~~~")),
        },
        "link" => match quoted {
            // Written with quotation marks or escapes.
            Some(_) if message.contains('\\') => Ok(()),
            Some(destination) => has(destination),
            None => {
                let file = message.split(' ').next().unwrap_or_default();
                has(file.rsplit('/').next().unwrap_or_default())
            }
        },
        "anchor" => has(bracketed_fragment(message)),
        "raw-html" => begins_with(&['<']),
        "emphasis" => begins_with(&['*', '~']),
        "reference" => begins_with(&['[', '!']),
        "footnote" => has(&format!("[{}]", bracketed.unwrap_or_default())),
        "picture-folder" => has("!["),
        _ => Ok(()),
    }
}

/// Returns the fragment in a message with `{#fragment}`.
fn bracketed_fragment(message: &str) -> &str {
    let rest = message.split_once("{#").map_or("", |(_, rest)| rest);
    rest.split('}').next().unwrap_or_default()
}

/// Returns the Markdown of the crates in the lock file, as lessons by their paths.
fn texts() -> BTreeMap<String, String> {
    // Of one platform, because cargo downloads the crates of no other.
    let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline"])
        .args(["--filter-platform", &platform])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{output:?}");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("a list");
    let manifests = packages
        .iter()
        .map(|one| PathBuf::from(text(one, "manifest_path")));
    let mut texts = BTreeMap::new();
    let mut size = 0;
    for manifest in manifests {
        let folder = manifest.parent().expect("a folder");
        for name in ["README.md", "CHANGELOG.md"] {
            let Ok(text) = fs::read_to_string(folder.join(name)) else {
                continue;
            };
            let text = text.replace("\r\n", "\n");
            size += text.len();
            if size <= SIZE_MAX {
                let path = format!("en/start/text-{}.md", texts.len());
                texts.insert(path, [FRONT_MATTER, &text].concat());
            }
        }
    }
    texts
}
