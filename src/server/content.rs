//! The messages and lessons that a server serves.

use std::path::Path;
use std::sync::Arc;

use crate::config::Config;
use crate::content::{ContentFinding, Library, SourceFile, load, sort_findings};
use crate::i18n::I18n;

/// The content of the site: read and validated once at the start, then shared.
#[derive(Clone)]
pub struct Content {
    pub(super) i18n: Arc<I18n>,
    pub(super) library: Arc<Library>,
}

impl Content {
    /// Reads the built-in messages and lessons.
    ///
    /// # Errors
    /// Every finding in them.
    pub fn built_in() -> anyhow::Result<Content> {
        Content::read_over(&[], &load::built_in(), false).map_err(|found| refused(&found))
    }

    /// Reads the content that a configuration names.
    ///
    /// # Errors
    /// When a file cannot be read; otherwise every finding in messages and lessons.
    pub(super) fn configured(config: &Config) -> anyhow::Result<Content> {
        match &config.content {
            Some(folder) => {
                Content::for_server(&load::folder(folder)?, config).map_err(|found| refused(&found))
            }
            None => Content::built_in(),
        }
    }

    /// Parses the files of the folder that a configuration names, laid over the built-in ones.
    ///
    /// # Errors
    /// Every finding in the files; or else the starting data that no sandbox of the server has room for.
    pub(super) fn for_server(
        files: &[SourceFile],
        config: &Config,
    ) -> Result<Content, Vec<ContentFinding>> {
        let content = Content::over_built_in(files, config.shows_drafts())?;
        let findings = content.library.check_room_for_data(config.limits.users);
        match findings.is_empty() {
            true => Ok(content),
            false => Err(findings),
        }
    }

    /// Reads the content of a folder that is watched. When it has errors, returns the built-in content with the findings:
    /// the site starts, and the folder is served when its author has corrected them.
    ///
    /// # Errors
    /// When the folder cannot be read or has no content.
    pub(super) fn watched(
        folder: &Path,
        config: &Config,
    ) -> anyhow::Result<(Content, Vec<ContentFinding>)> {
        match Content::for_server(&load::folder(folder)?, config) {
            Ok(content) => Ok((content, Vec::new())),
            Err(findings) => Ok((Content::built_in()?, findings)),
        }
    }

    /// Parses the messages and lessons of the files of a content folder that needs no other.
    ///
    /// # Errors
    /// Every finding in messages and lessons.
    pub fn read(files: &[SourceFile]) -> Result<Content, Vec<ContentFinding>> {
        Content::read_over(&[], files, false)
    }

    /// Parses the messages and lessons of the files of an author, which are laid over the built-in ones. Lessons with
    /// `draft: true` are part of the site when `shows_drafts`.
    ///
    /// # Errors
    /// Every finding in the files of the author.
    pub fn over_built_in(
        files: &[SourceFile],
        shows_drafts: bool,
    ) -> Result<Content, Vec<ContentFinding>> {
        Content::read_over(&load::built_in(), files, shows_drafts)
    }

    fn read_over(
        built_in: &[SourceFile],
        files: &[SourceFile],
        shows_drafts: bool,
    ) -> Result<Content, Vec<ContentFinding>> {
        let (i18n, mut findings) = read_messages(files)?;
        match Library::build_over(built_in, files, &i18n, shows_drafts) {
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

/// Returns the error with the findings because of which content cannot be served.
fn refused(findings: &[ContentFinding]) -> anyhow::Error {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("the lessons cannot be served:\n{}", lines.join("\n"))
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
