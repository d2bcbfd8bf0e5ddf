//! Reads the files of a content folder from disk or from the binary, and the embedded source of the API
//! from which lessons show functions.
//!
//! This is the only module of `content` that accesses the file system.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::SystemTime;

use rust_embed::Embed;
use sha2::{Digest, Sha256};

use crate::i18n::{I18n, I18nError, MessageSource};
use crate::model::locale::Locale;

#[derive(Embed)]
#[folder = "content"]
struct BuiltInContent;

#[derive(Embed)]
#[folder = "src/api"]
struct ApiSource;

/// The files and folders of which a content folder consists besides the folders of languages. Others, such as the databases
/// of a server that runs in the folder, are not read.
const CONTENT: [&str; 8] = [
    "site.toml",
    "glossary.toml",
    "exercises",
    "quizzes",
    "i18n",
    "img",
    "flask",
    DATA,
];
/// The folder of starting data. A server that runs in the content folder keeps its databases in a folder with the same name,
/// so only the files with the ending of starting data are read.
const DATA: &str = "data";

/// Returns whether a file or folder in a content folder is part of the content.
fn is_content(name: &str) -> bool {
    // A language that is not supported is a finding.
    CONTENT.contains(&name) || is_language_tag(name)
}

/// Returns whether a file or folder is skipped; `prefix` is the path of its folder, which ends in `/` unless it is empty.
fn is_skipped(prefix: &str, name: &str) -> bool {
    let is_data = prefix.strip_suffix('/') == Some(DATA);
    name.starts_with('.')
        || (prefix.is_empty() && !is_content(name))
        || (is_data && !name.ends_with(".json"))
}

/// Returns whether the name of a folder looks like a language, as in `fr` or `pt-BR`.
pub(super) fn is_language_tag(text: &str) -> bool {
    let (language, rest) = text.split_once('-').unwrap_or((text, ""));
    let is_letters = |part: &str| part.chars().all(|c| c.is_ascii_alphabetic());
    language.len() == 2 && is_letters(language) && rest.len() <= 4 && is_letters(rest)
}

/// The greatest size of a file, in bytes.
pub const FILE_SIZE_MAX: usize = 1024 * 1024;

/// A file of a content folder.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path inside the folder, with `/` as separator.
    pub path: String,
    /// The bytes of the file; of one that is larger than [`FILE_SIZE_MAX`] the first ones, one more than that.
    pub bytes: Vec<u8>,
}

impl SourceFile {
    /// Returns whether the file is larger than a file of a content folder may be.
    pub(super) fn is_too_large(&self) -> bool {
        self.bytes.len() > FILE_SIZE_MAX
    }
}

/// Returns the content folder that is built into the binary.
pub fn built_in() -> Vec<SourceFile> {
    embedded::<BuiltInContent>()
}

/// Returns the source files of the API that this binary was built from.
pub(super) fn api_source() -> Vec<SourceFile> {
    embedded::<ApiSource>()
}

fn embedded<E: Embed>() -> Vec<SourceFile> {
    let mut files: Vec<SourceFile> = E::iter()
        .filter_map(|path| {
            E::get(&path).map(|file| SourceFile {
                path: path.to_string(),
                bytes: file.data.into_owned(),
            })
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Loads the built-in messages and those of a content folder, which override the built-in ones.
///
/// # Errors
/// Returns the errors in the message files, each with file and line.
pub fn i18n(files: &[SourceFile]) -> Result<I18n, Vec<I18nError>> {
    let built_in = built_in();
    let of = |files: &[SourceFile]| Locale::ALL.map(|locale| messages(files, locale));
    I18n::load(&of(&built_in), &of(files))
}

/// Returns the built-in messages of a locale in Fluent.
pub fn built_in_messages(locale: Locale) -> String {
    messages(&built_in(), locale).messages
}

/// Returns the message files of a locale, `i18n/<locale>.ftl` and `.toml`; a missing file is empty.
fn messages(files: &[SourceFile], locale: Locale) -> MessageSource {
    let read = |ending: &str| {
        let path = format!("i18n/{locale}.{ending}");
        let file = files.iter().find(|file| file.path == path);
        file.map(|file| normalise(&String::from_utf8_lossy(&file.bytes)).into_owned())
            .unwrap_or_default()
    };
    MessageSource {
        locale,
        messages: read("ftl"),
        translations: read("toml"),
    }
}

/// Removes a byte order mark and converts line ends to `\n`.
pub(super) fn normalise(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    match text.contains('\r') {
        true => text.replace("\r\n", "\n").replace('\r', "\n").into(),
        false => text.into(),
    }
}

/// The files of a folder with the times of their last changes and their sizes, to find out whether one has changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FolderState(Vec<(String, Option<SystemTime>, u64)>);

impl FolderState {
    /// Returns a text that is another one when a file has changed.
    pub fn version(&self) -> String {
        let mut hash = Sha256::new();
        for (path, changed, size) in &self.0 {
            hash.update(format!("{path}\0{changed:?}\0{size}\0"));
        }
        let hash = hash.finalize();
        hash.iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// Returns the state of a folder. A file or folder that cannot be read is missing in it; reading the folder reports it.
pub fn state_of(root: &Path) -> FolderState {
    let mut files = Vec::new();
    add_states(root, "", &mut files);
    files.sort();
    FolderState(files)
}

fn add_states(folder: &Path, prefix: &str, files: &mut Vec<(String, Option<SystemTime>, u64)>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_skipped(prefix, &name) {
            continue;
        }
        let path = format!("{prefix}{name}");
        // Of the file to which a symbolic link leads, because that is read.
        let Ok(metadata) = fs::metadata(entry.path()) else {
            continue;
        };
        match entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            true => add_states(&entry.path(), &format!("{path}/"), files),
            false => files.push((path, metadata.modified().ok(), metadata.len())),
        }
    }
}

/// Reads the files of a content folder, sorted by path; hidden files are skipped.
///
/// # Errors
/// Returns an error whose message contains the path that cannot be read, or that of a folder without content.
pub fn folder(root: &Path) -> io::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    let inside = fs::canonicalize(root)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", root.display())))?;
    walk(root, "", &inside, &mut files)?;
    if files.is_empty() {
        let message = format!(
            "{} has no lessons and no site.toml: create a content folder with routebook init",
            root.display()
        );
        return Err(io::Error::new(io::ErrorKind::NotFound, message));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// Adds the files of a folder; `inside` is the path of the content folder without links, out of which no file may lead.
fn walk(folder: &Path, prefix: &str, inside: &Path, files: &mut Vec<SourceFile>) -> io::Result<()> {
    let with_path = |path: &Path, error: io::Error| {
        io::Error::new(error.kind(), format!("{}: {error}", path.display()))
    };
    for entry in fs::read_dir(folder).map_err(|error| with_path(folder, error))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_skipped(prefix, &name) {
            continue;
        }
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            walk(&path, &format!("{prefix}{name}/"), inside, files)?;
        } else if !fs::metadata(&path)
            .map_err(|error| with_path(&path, error))?
            .is_file()
        {
            // A link to a folder may lead in a circle, and reading a pipe may not end.
            let error =
                io::Error::other("is neither a file nor a folder: move it out of the folder");
            return Err(with_path(&path, error));
        } else if !fs::canonicalize(&path)
            .map_err(|error| with_path(&path, error))?
            .starts_with(inside)
        {
            let error = io::Error::other("is a link out of the folder: copy the file instead");
            return Err(with_path(&path, error));
        } else {
            let bytes = read_beginning(&path).map_err(|error| with_path(&path, error))?;
            files.push(SourceFile {
                path: format!("{prefix}{name}"),
                bytes,
            });
        }
    }
    Ok(())
}

/// Reads a file, or its beginning when it is too large, so that a huge file neither fills the memory nor delays the others.
fn read_beginning(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = FILE_SIZE_MAX as u64 + 1;
    fs::File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}
