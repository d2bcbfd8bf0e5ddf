//! Writes new files into a content folder, all of them or none.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};

/// Writes files by their paths inside a folder. No file is overwritten; when one cannot be written, those written before
/// are removed.
///
/// # Errors
/// An error that names the file.
pub(super) fn write_all(root: &Path, files: &[(String, String)]) -> anyhow::Result<()> {
    if let Some((path, _)) = files.iter().find(|(path, _)| root.join(path).exists()) {
        bail!(
            "{} exists already: nothing was written",
            root.join(path).display()
        );
    }
    for (at, (path, text)) in files.iter().enumerate() {
        if let Err(error) = write(&root.join(path), text) {
            remove_all(root, &files[..at]);
            return Err(error);
        }
    }
    Ok(())
}

/// Removes files that were written.
pub(super) fn remove_all(root: &Path, files: &[(String, String)]) {
    for (path, _) in files {
        // The error that led here is reported, not this one.
        let _ = fs::remove_file(root.join(path));
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = || format!("{} cannot be written", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    let mut file = File::create_new(path).with_context(cannot)?;
    file.write_all(text.as_bytes()).with_context(cannot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_all_or_none_and_never_over_another() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = |path: &str| (path.to_owned(), "new".to_owned());
        let exists = |path: &str| folder.path().join(path).exists();
        write_all(folder.path(), &[file("a/b"), file("c")]).expect("written");
        assert!(exists("a/b") && exists("c"));
        fs::write(folder.path().join("c"), "old").expect("written");
        let error = write_all(folder.path(), &[file("d"), file("c")]).expect_err("refused");
        assert!(error.to_string().contains("c exists already"), "{error}");
        // A file where a folder must be is found only while writing.
        write_all(folder.path(), &[file("d"), file("c/e")]).expect_err("refused");
        assert!(!exists("d"));
        let text = fs::read_to_string(folder.path().join("c")).expect("read");
        assert_eq!(text, "old");
    }
}
