//! Parses the built-in lessons with mistakes: a line is missing, stands twice, or is replaced by the start of something else.
//! There may be any finding, on a line that exists.

use std::collections::BTreeMap;

use routebook::content::{ParsedContent, SourceFile, load};

/// The lines by which one is replaced.
const LINES: [&str; 8] = [
    "---",
    "```",
    "````http",
    "```http",
    "<div",
    "[a]: x.md#",
    "> - **가",
    "## A {#a",
];
/// Every how many lines of a lesson there is a mistake.
const STEP: usize = 12;

#[test]
fn finding_in_a_lesson_with_a_mistake_is_on_a_line_that_exists() {
    let mut files = load::built_in();
    let lessons: Vec<SourceFile> = files
        .extract_if(.., |file| file.path.ends_with(".md"))
        .collect();
    let mut broken = BTreeMap::new();
    for lesson in &lessons {
        let (folder, _) = lesson.path.rsplit_once('/').expect("a folder");
        let text = String::from_utf8(lesson.bytes.clone()).expect("UTF-8");
        let lines: Vec<&str> = text.lines().collect();
        for at in (0..lines.len()).step_by(STEP) {
            let mut mistakes: Vec<&str> = lines.clone();
            match at / STEP % 3 {
                0 => drop(mistakes.remove(at)),
                1 => mistakes.insert(at, lines[at]),
                _ => mistakes[at] = LINES[at % LINES.len()],
            }
            let path = format!("{folder}/broken-{}.md", broken.len());
            broken.insert(path, mistakes.join("\n"));
        }
    }
    assert!(broken.len() > 200, "only {} lessons", broken.len());
    let broken_files = broken.iter().map(|(path, text)| SourceFile {
        path: path.clone(),
        bytes: text.clone().into_bytes(),
    });
    files.extend(broken_files);
    let i18n = load::i18n(&files).expect("the messages");
    let parsed = ParsedContent::parse(&[], &files, &i18n, false);
    let mut found = 0;
    for finding in parsed.findings {
        let Some(text) = broken.get(&finding.file) else {
            continue;
        };
        found += 1;
        let lines = text.lines().count();
        assert!((1..=lines).contains(&finding.line), "{lines}: {finding}");
    }
    assert!(found > 100, "only {found} findings");
}
