//! `routebook restore`: puts a backup of the portal's SQLite database in the place of the database.
//!
//! The backup is copied beside the database, checked there, brought up to date, and renamed: the database is the one before or the
//! restored one, never a part of it. The log of the one before is written into its file first. Only where that fails, because the
//! file is damaged, is it moved along with the file.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::iter;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::UNIX_EPOCH;

use anyhow::{Context as _, bail, ensure};
use clap::Args;

use crate::cli::backup::file_name;
use crate::cli::{ConfigArgs, fail};
use crate::clock::Clock;
use crate::database;
use crate::portal::Portal;
use crate::portal::store::backup::Backup;

/// The bytes with which a SQLite file begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// `routebook restore`
#[derive(Args)]
pub(super) struct RestoreArgs {
    /// The file that `routebook backup` has written.
    file: PathBuf,
    /// Replace a database that exists. It is kept beside the restored one, with .replaced at the end of its name, or .replaced-2
    /// and so on if there is one.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Runs the command.
pub(super) fn run(args: &RestoreArgs) -> ExitCode {
    match restore(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn restore(args: &RestoreArgs) -> anyhow::Result<()> {
    let config = args.config.load()?;
    let url = config.portal_url();
    let Some(target) = database::file_of(&url)? else {
        bail!(
            "the database is PostgreSQL: stop all instances, then restore a file of pg_dump with pg_restore --clean --if-exists --single-transaction --dbname=\"$ROUTEBOOK_DATABASE\" {}",
            args.file.display()
        );
    };
    check_beginning(&args.file)?;
    ensure!(
        args.force || !target.exists(),
        "there is a database already: {}. With --force the backup replaces it, and it is kept as {}",
        target.display(),
        kept_name(&target).display()
    );
    let log = with_suffix(&args.file, "-wal");
    ensure!(
        fs::metadata(&log).map_or(0, |log| log.len()) == 0,
        "the last changes of {} are in {}: open the file with sqlite3 once, which writes them into it",
        args.file.display(),
        log.display()
    );
    // Held until the end, so that no server opens the database meanwhile.
    let _lock = database::lock(&url).context("stop the server first")?;
    let part = with_suffix(&target, ".part");
    let copied = tokio::runtime::Runtime::new()?.block_on(async {
        write_part(&args.file, &part).await?;
        if target.exists() {
            // Of a damaged file the log is kept as it is.
            let _ = database::checkpoint(&target).await;
        }
        anyhow::Ok(())
    });
    let restored = copied.and_then(|()| replace(&part, &target));
    if restored.is_err() {
        // Nothing is left of a restore that failed; the error is that of the failure.
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(with_suffix(&part, suffix));
        }
    }
    let replaced = restored?;
    println!("restored {}", target.display());
    if let Some(replaced) = replaced {
        println!(
            "The database before is {}: delete it when nothing is missing.",
            replaced.display()
        );
    }
    println!("Everybody is logged out.");
    Ok(())
}

/// Returns the path with more at the end of its name.
fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Returns the name under which the database before is kept: the first that is free.
fn kept_name(target: &Path) -> PathBuf {
    let later = (2..).map(|number| with_suffix(target, &format!(".replaced-{number}")));
    let mut names = iter::once(with_suffix(target, ".replaced")).chain(later);
    let free = names.find(|name| !name.exists());
    free.unwrap_or_else(|| with_suffix(target, ".replaced"))
}

/// Refuses a file that is not a SQLite database, before anything is written.
fn check_beginning(file: &Path) -> anyhow::Result<()> {
    let cannot_read = || format!("cannot read {}", file.display());
    let opened = File::open(file).with_context(cannot_read)?;
    let is_file = opened.metadata().with_context(cannot_read)?.is_file();
    let mut beginning = Vec::new();
    if is_file {
        let mut opened = opened.take(MAGIC.len() as u64);
        opened
            .read_to_end(&mut beginning)
            .with_context(cannot_read)?;
    }
    ensure!(
        beginning == MAGIC,
        "{} is not a backup: name a file that routebook backup has written",
        file.display()
    );
    Ok(())
}

/// Copies a backup, and checks and migrates the copy.
async fn write_part(backup: &Path, part: &Path) -> anyhow::Result<()> {
    let source = described(backup)?;
    // A restore that was killed may have left a log, which SQLite would apply to the new copy.
    for suffix in ["-wal", "-shm"] {
        remove_if_there(&with_suffix(part, suffix))?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut copy = options
        .open(part)
        .with_context(|| format!("cannot write {}", part.display()))?;
    File::open(backup)
        .and_then(|mut backup| io::copy(&mut backup, &mut copy))
        .with_context(|| format!("cannot copy {} to {}", backup.display(), part.display()))?;
    drop(copy);
    let is_other = || format!("{} is not a backup of this program", backup.display());
    let has_schema = database::has_schema(part).await.with_context(is_other)?;
    ensure!(has_schema, is_other());
    let url = format!("sqlite:{}", part.display());
    let opened = Portal::open(&url, Clock::system()).await;
    let portal = opened.with_context(|| format!("{} cannot be restored", backup.display()))?;
    let checked = check(&portal, source).await;
    portal.store.close().await;
    checked.with_context(|| format!("{} cannot be restored", backup.display()))?;
    File::open(part)
        .and_then(|file| file.sync_all())
        .context("the copy cannot be written to the disk")
}

/// Returns the backup in a file; its time is that of the last change of the file.
fn described(file: &Path) -> anyhow::Result<Backup> {
    let metadata = fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?;
    let changed = metadata.modified()?.duration_since(UNIX_EPOCH)?;
    Ok(Backup {
        at: i64::try_from(changed.as_millis())?,
        name: file_name(file)?,
        size: i64::try_from(metadata.len())?,
    })
}

async fn check(portal: &Portal, backup: Backup) -> anyhow::Result<()> {
    let problems = portal.store.check_integrity().await?;
    ensure!(
        problems.is_empty(),
        "it is damaged: {}",
        problems.join("; ")
    );
    portal
        .store
        .record_restore(backup, portal.clock.now())
        .await?;
    Ok(())
}

/// Puts the complete file in the place of the database. Returns the file with the database before, if there was one.
fn replace(part: &Path, target: &Path) -> anyhow::Result<Option<PathBuf>> {
    let replaced = target.exists().then(|| kept_name(target));
    if let Some(replaced) = &replaced {
        keep(target, replaced).with_context(|| {
            format!("cannot keep the database before as {}", replaced.display())
        })?;
    }
    fs::rename(part, target).with_context(|| format!("cannot write {}", target.display()))?;
    if let Some(folder) = target.parent() {
        // The renamed file survives a power failure.
        File::open(folder).and_then(|folder| folder.sync_all())?;
    }
    Ok(replaced)
}

/// Gives a database another name beside its own, and moves its write-ahead log there, which would not belong to the restored
/// file.
fn keep(target: &Path, replaced: &Path) -> io::Result<()> {
    for suffix in ["-wal", "-shm"] {
        remove_if_there(&with_suffix(replaced, suffix))?;
    }
    fs::hard_link(target, replaced)?;
    let log = with_suffix(target, "-wal");
    if log.exists() {
        fs::rename(log, with_suffix(replaced, "-wal"))?;
    }
    remove_if_there(&with_suffix(target, "-shm"))
}

fn remove_if_there(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
