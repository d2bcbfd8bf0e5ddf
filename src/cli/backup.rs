//! `routebook backup`: copies the portal's database while a server uses it, and records that there is a backup.
//!
//! The database of the sandboxes is not copied: what is in it is disposable.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use clap::Args;

use crate::cli::{ConfigArgs, fail, with_existing_portal};
use crate::clock::Clock;
use crate::database::Engine;
use crate::portal::Portal;
use crate::portal::store::Store;
use crate::portal::store::backup::Backup;

/// `routebook backup`
#[derive(Args)]
pub(super) struct BackupArgs {
    /// The file to write, which must not exist yet.
    file: PathBuf,
    /// Copy nothing: record that this file, which another program has written, is a backup. For PostgreSQL.
    #[arg(long)]
    record: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Runs the command.
pub(super) fn run(args: &BackupArgs) -> ExitCode {
    let result = with_existing_portal(&args.config, async |portal| {
        if !args.record {
            copy(&portal.store, &args.file).await?;
        }
        let backup = record(portal, &args.file).await?;
        println!("{}: {} bytes", args.file.display(), backup.size);
        Ok(())
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// Copies the database to a file, which appears only when it is complete and intact.
async fn copy(store: &Store, file: &Path) -> anyhow::Result<()> {
    ensure!(
        store.engine() == Engine::Sqlite,
        "the database is PostgreSQL: write the file with pg_dump --format=custom --schema=portal, then record it with routebook backup --record {}",
        file.display()
    );
    let name = file_name(file)?;
    ensure!(
        !file.exists(),
        "{} exists: choose another name, a backup is not overwritten",
        file.display()
    );
    let part = file.with_file_name(format!(".{name}.part"));
    let result = write_part(store, &part).await;
    let result = result.and_then(|()| {
        fs::rename(&part, file).with_context(|| format!("cannot create {}", file.display()))
    });
    if result.is_err() {
        // Nothing is left of a backup that failed; the error is that of the failure.
        let _ = fs::remove_file(&part);
    }
    result
}

async fn write_part(store: &Store, part: &Path) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(part).with_context(|| {
        format!(
            "cannot write {}: the folder must exist and be writable",
            part.display()
        )
    })?;
    store.copy_to(part).await.context("the copy failed")?;
    let url = format!("sqlite:{}", part.display());
    let copied = Portal::open(&url, Clock::system()).await;
    let copied = copied.context("the copy cannot be opened")?.store;
    let problems = copied.check_integrity().await;
    copied.close().await;
    let problems = problems.context("the copy cannot be checked")?;
    if !problems.is_empty() {
        bail!("the copy is damaged: {}", problems.join("; "));
    }
    File::open(part)
        .and_then(|file| file.sync_all())
        .context("the copy cannot be written to the disk")
}

async fn record(portal: &Portal, file: &Path) -> anyhow::Result<Backup> {
    let metadata = fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?;
    ensure!(
        metadata.is_file() && metadata.len() > 0,
        "{} is not a file with content",
        file.display()
    );
    let backup = Backup {
        at: portal.clock.now(),
        name: file_name(file)?,
        size: i64::try_from(metadata.len()).unwrap_or(i64::MAX),
    };
    portal.store.record_backup(backup.clone()).await?;
    Ok(backup)
}

/// Returns the name of a file without its folder.
pub(super) fn file_name(file: &Path) -> anyhow::Result<String> {
    let name = file.file_name().and_then(|name| name.to_str());
    let name = name.with_context(|| format!("{} is not the name of a file", file.display()))?;
    Ok(name.to_owned())
}
