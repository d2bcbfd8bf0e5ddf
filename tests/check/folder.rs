//! Content folders for the tests, and runs of the program on them.

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The folder of this test.
pub(crate) fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check")
}

/// A temporary content folder that begins with the files of `base`.
pub(crate) struct ContentFolder(TempDir);

impl ContentFolder {
    pub(crate) fn base() -> ContentFolder {
        let folder = ContentFolder(tempfile::tempdir().expect("a temporary folder"));
        folder.lay_over(&here().join("base"));
        folder
    }

    /// Adds the files of a folder, which replace those with the same path.
    pub(crate) fn lay_over(&self, from: &Path) {
        copy(from, self.0.path());
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        fs::write(path, text).expect("the file");
    }

    /// Creates a socket, which is neither a file nor a folder.
    pub(crate) fn bind(&self, path: &str) -> UnixListener {
        UnixListener::bind(self.0.path().join(path)).expect("a socket")
    }

    /// Runs `routebook check` with these arguments and the folder.
    pub(crate) fn check(&self, arguments: &[&str]) -> CheckOutput {
        run(arguments, self.0.path())
    }
}

/// Runs `routebook check` with these arguments on a folder.
pub(crate) fn run(arguments: &[&str], folder: &Path) -> CheckOutput {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_routebook"))
        .arg("check")
        .args(arguments)
        .arg(folder)
        .output()
        .expect("the program runs");
    CheckOutput {
        status: status.code(),
        stdout: String::from_utf8(stdout).expect("the output is UTF-8"),
        stderr: String::from_utf8(stderr).expect("the messages are UTF-8"),
    }
}

/// What a run printed, and its exit status.
pub(crate) struct CheckOutput {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder");
    for entry in fs::read_dir(from).expect("a folder of fixtures") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        match path.is_dir() {
            true => copy(&path, &target),
            false => drop(fs::copy(&path, target).expect("the file is copied")),
        }
    }
}
