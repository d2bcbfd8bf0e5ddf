//! The messages and lessons that a server serves.

use std::path::Path;
use std::sync::Arc;

use crate::content::{ContentFinding, Library, SourceFile, load, sort_findings};
use crate::i18n::I18n;

/// The content of the site: read and validated once at the start, then shared.
#[derive(Clone)]
pub struct Content {
    pub(super) i18n: Arc<I18n>,
    pub(super) library: Arc<Library>,
}

impl Content {
    /// Reads the messages and lessons of a folder, or the built-in ones.
    ///
    /// # Errors
    /// When a file cannot be read; otherwise every finding in messages and lessons.
    pub fn load(folder: Option<&Path>) -> anyhow::Result<Content> {
        let files = match folder {
            Some(folder) => load::folder(folder)?,
            None => load::built_in(),
        };
        Content::read(&files).map_err(|findings| {
            let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("the lessons cannot be served:\n{}", lines.join("\n"))
        })
    }

    /// Parses the messages and lessons of the files of a content folder.
    ///
    /// # Errors
    /// Every finding in messages and lessons.
    pub fn read(files: &[SourceFile]) -> Result<Content, Vec<ContentFinding>> {
        let (i18n, mut findings) = read_messages(files)?;
        match Library::build(files, &i18n) {
            Ok(library) if findings.is_empty() => Ok(Content {
                i18n: Arc::new(i18n),
                library: Arc::new(library),
            }),
            Ok(_) => Err(findings),
            Err(more) => {
                findings.extend(more);
                sort_findings(&mut findings);
                Err(findings)
            }
        }
    }

    /// Returns the lessons.
    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }
}

/// Reads the messages of a folder. When they have errors, returns the built-in ones with the findings, so that the
/// lessons can still be checked.
///
/// # Errors
/// The findings when the built-in messages have errors too.
pub(super) fn read_messages(
    files: &[SourceFile],
) -> Result<(I18n, Vec<ContentFinding>), Vec<ContentFinding>> {
    match load::i18n(files) {
        Ok(i18n) => Ok((i18n, Vec::new())),
        Err(errors) => {
            let findings = errors.into_iter().map(ContentFinding::from).collect();
            match load::i18n(&[]) {
                Ok(built_in) => Ok((built_in, findings)),
                Err(_) => Err(findings),
            }
        }
    }
}
