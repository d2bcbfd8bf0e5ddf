//! The files of an SQLite database: their permissions, and the lock of the process that serves
//! them.
//!
//! Their content is not handled here.

use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use super::{DatabaseError, Engine};

/// Returns the path in `sqlite:PATH` or `sqlite://PATH` as an absolute path.
pub(super) fn parse_path(url: &str) -> Result<PathBuf, DatabaseError> {
    let rest = url.strip_prefix("sqlite:").unwrap_or(url);
    let path = Path::new(rest.strip_prefix("//").unwrap_or(rest));
    if path.file_name().is_none() || rest.contains(":memory:") {
        return Err(DatabaseError::Address("`sqlite:` must name a file"));
    }
    std::path::absolute(path).map_err(|source| file_error(path, source))
}

/// Creates the folder (mode 0700) and the file (mode 0600) if they are missing.
///
/// SQLite gives its log file and its shared-memory file the permissions of the database file.
pub(super) fn create_private(path: &Path) -> Result<(), DatabaseError> {
    open_private(path).map(drop)
}

/// Takes all permissions of group and others from the folder in which databases are kept (mode 0700), and from the files of SQLite
/// in it (mode 0600), if they are ours. Returns the folder and the files that had such permissions. The folder of other files, in
/// which there is no database yet, is left as it is.
///
/// # Errors
/// [`DatabaseError::File`].
pub fn make_private(folder: &Path) -> Result<Vec<PathBuf>, DatabaseError> {
    let mut restricted = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(restricted);
    };
    let names = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let is_of_database = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        [".db", ".db-wal", ".db-shm", ".db.lock"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let mut paths: Vec<PathBuf> = names.filter(is_of_database).collect();
    if !paths.is_empty() {
        paths.push(folder.to_owned());
    }
    for path in paths {
        // Opened, so that the file that is checked is the one that is changed.
        let opened = OpenOptions::new().read(true).open(&path);
        // Neither readable nor ours: the database itself reports it when it is opened.
        let Ok(file) = opened else { continue };
        let metadata = file
            .metadata()
            .map_err(|source| file_error(&path, source))?;
        let is_open_to_others = metadata.permissions().mode() & 0o077 != 0;
        if is_open_to_others && is_own(&metadata) {
            restrict_permissions(&file).map_err(|source| file_error(&path, source))?;
            restricted.push(path);
        }
    }
    Ok(restricted)
}

/// Returns whether a file belongs to the user as whom this process runs.
fn is_own(metadata: &Metadata) -> bool {
    let own = std::fs::metadata("/proc/self");
    own.is_ok_and(|own| own.uid() == metadata.uid())
}

/// The lock of the process that serves a database file, released when dropped or when the process
/// ends.
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

/// Returns the file of a SQLite database; `None` for PostgreSQL.
///
/// # Errors
/// When the URL is that of no database.
pub fn file_of(url: &str) -> Result<Option<PathBuf>, DatabaseError> {
    match Engine::of(url)? {
        Engine::Postgres => Ok(None),
        Engine::Sqlite => parse_path(url).map(Some),
    }
}

/// Locks the files of `url` for this process. Returns `None` for PostgreSQL, because any number of
/// processes may serve the same database.
///
/// Commands that run beside the server open the database without this lock.
///
/// # Errors
/// [`DatabaseError::Locked`] when another process holds the lock; [`DatabaseError::File`].
pub fn lock(url: &str) -> Result<Option<FileLock>, DatabaseError> {
    let Some(path) = file_of(url)? else {
        return Ok(None);
    };
    let mut lock_path = path.clone().into_os_string();
    lock_path.push(".lock");
    let lock_path = PathBuf::from(lock_path);
    let file = open_private(&lock_path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(FileLock { _file: file })),
        Err(TryLockError::WouldBlock) => Err(DatabaseError::Locked(path)),
        Err(TryLockError::Error(source)) => Err(file_error(&lock_path, source)),
    }
}

fn open_private(path: &Path) -> Result<File, DatabaseError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
        let mut builder = DirBuilder::new();
        let created = builder.recursive(true).mode(0o700).create(folder);
        created.map_err(|source| file_error(folder, source))?;
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let file = options
        .mode(0o600)
        .open(path)
        .map_err(|source| file_error(path, source))?;
    restrict_permissions(&file).map_err(|source| file_error(path, source))?;
    Ok(file)
}

/// Removes all permissions of group and others from a file.
fn restrict_permissions(file: &File) -> io::Result<()> {
    let mode = file.metadata()?.permissions().mode();
    if mode & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(mode & 0o700))?;
    }
    Ok(())
}

fn file_error(path: &Path, source: io::Error) -> DatabaseError {
    DatabaseError::File {
        path: path.to_owned(),
        source,
    }
}
