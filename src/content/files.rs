//! Checks the files of a content folder before they are parsed: their encoding, and whether the site finds them.

use crate::content::finding::{ContentFinding, Rule};
use crate::content::load::{FILE_SIZE_MAX, SourceFile, is_language_tag, normalise};
use crate::content::picture::is_picture;
use crate::model::locale::Locale;

/// Splits the path of a file: `ko/methods/get.md` becomes Korean and `methods/get`.
pub(super) fn page_path(file: &str) -> Option<(Locale, String)> {
    let (first, rest) = file.split_once('/')?;
    let path = rest.strip_suffix(".md")?;
    let is_lesson = path.split('/').count() == 2;
    Some((Locale::parse(first).filter(|_| is_lesson)?, path.to_owned()))
}

/// The folders whose files are assessments.
const ASSESSMENTS: [&str; 2] = ["exercises", "quizzes"];

/// Reports files that are too large, texts in another encoding, and files that look like content and are not where the site finds it.
pub(super) fn check_files(files: &[SourceFile], findings: &mut Vec<ContentFinding>) {
    for file in files {
        if is_refused_for_its_size(file) {
            let message = format!(
                "is larger than {} MiB: split it into several files",
                FILE_SIZE_MAX / (1024 * 1024)
            );
            findings.push(finding(file, 1, Rule::FileSize, message));
        }
        // The Flask version is a program, whose files lessons only show.
        if !file.path.starts_with("flask/") {
            findings.extend(encoding(file));
            findings.extend(path(file));
        }
    }
}

/// Returns whether a file is too large to be read to its end. What else is found in it may follow from that, and is no further
/// finding. Pictures have a limit of their own.
pub(super) fn is_refused_for_its_size(file: &SourceFile) -> bool {
    file.is_too_large() && !is_picture(&file.path)
}

/// Returns a finding when a text is not UTF-8 or not in Normalization Form C, at the first such line.
fn encoding(file: &SourceFile) -> Option<ContentFinding> {
    let extension = file.path.rsplit('.').next();
    extension.filter(|extension| ["md", "toml", "ftl", "json"].contains(extension))?;
    match std::str::from_utf8(&file.bytes) {
        Ok(text) => {
            let text = normalise(text);
            let is_not_nfc = |line: &str| !unicode_normalization::is_nfc(line);
            let at = text.lines().position(is_not_nfc)?;
            let message = "is not in Unicode Normalization Form C: save the file in NFC";
            Some(finding(file, at + 1, Rule::Nfc, message.to_owned()))
        }
        Err(error) => {
            let valid = String::from_utf8_lossy(&file.bytes[..error.valid_up_to()]);
            let line = normalise(&valid).matches('\n').count() + 1;
            let message = "is not UTF-8 from here on: save the file as UTF-8";
            Some(finding(file, line, Rule::Encoding, message.to_owned()))
        }
    }
}

/// Returns a finding when a file looks like a lesson, an exercise or a quiz, and the site would not find it.
fn path(file: &SourceFile) -> Option<ContentFinding> {
    let mut folders: Vec<&str> = file.path.split('/').collect();
    let name = folders.pop()?;
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let first = *folders.first()?;
    let lower = extension.to_ascii_lowercase();
    let is_markdown = ["md", "markdown", "mdx"].contains(&lower.as_str());
    let misplaced = |message: String| Some(finding(file, 1, Rule::Path, message));
    if Locale::parse(first).is_some() {
        let is_lesson = extension == "md" && folders.len() == 2;
        if is_markdown && !(is_lesson && is_slug(folders[1]) && is_slug(stem)) {
            let message = format!(
                "a lesson is the file {first}/SECTION/NAME.md, with names of a-z, 0-9 and hyphens: rename the file"
            );
            return misplaced(message);
        }
    } else if ASSESSMENTS.contains(&first) {
        if extension != "toml" || folders.len() != 1 {
            let message =
                format!("only files {first}/ID.toml are read: rename, move or delete the file");
            return misplaced(message);
        }
    } else if first == "data" {
        if folders.len() != 1 || !is_slug(stem) || stem == "users" {
            let message = "starting data is the file data/NAME.json, with a name of a-z, 0-9 and hyphens that is not users: rename the file";
            return misplaced(message.to_owned());
        }
    } else if is_markdown && folders.len() == 2 && is_language_tag(first) {
        let locales = Locale::ALL.map(Locale::as_str).join(" and ");
        let message = format!(
            "the language {first} is not supported, only {locales}: move the file to one of their folders"
        );
        return Some(finding(file, 1, Rule::Locale, message));
    }
    None
}

/// Returns whether a text can be a segment of the path of a lesson.
fn is_slug(text: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.chars().all(is_allowed)
}

fn finding(file: &SourceFile, line: usize, rule: Rule, message: String) -> ContentFinding {
    ContentFinding {
        file: file.path.clone(),
        line,
        rule,
        message,
    }
}
