//! The command line: one file per command.

mod account;
mod backup;
mod check;
mod export;
mod init;
mod log;
mod messages;
mod new;
mod new_files;
mod restore;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Parser, Subcommand};
use serde::Serialize;

use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::database;
use crate::model::locale::Locale;
use crate::portal::Portal;
use crate::state::SiteFile;

/// Lessons on REST APIs with a live API playground, hosted for a team.
#[derive(Parser)]
#[command(name = "routebook", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the site.
    Serve(ConfigArgs),
    /// Create and list accounts.
    Account(account::AccountArgs),
    /// Print what members have done, as CSV or JSON.
    Export(export::ExportArgs),
    /// Check a folder of lessons: print one line for each finding, and exit with 1 if one is an error.
    ///
    /// Parses the folder as `serve` does, then sends the requests of its lessons and exercises to the API and compares the
    /// responses with what their authors expect. It needs no server and leaves nothing behind.
    Check(check::CheckArgs),
    /// Copy the database of accounts and progress to a file, also while a server is running.
    Backup(backup::BackupArgs),
    /// Put a backup in the place of the database of accounts and progress. Stop the server first.
    Restore(restore::RestoreArgs),
    /// Create a content folder with a lesson, a picture, an exercise and a quiz.
    Init(init::InitArgs),
    /// Add to a content folder.
    New(new::NewArgs),
    /// Print the texts of the interface with their keys.
    ///
    /// A content folder replaces single ones: write them into its file i18n/LANGUAGE.ftl in the same form.
    Messages(messages::MessagesArgs),
}

/// Flags that set configuration keys. They override the environment and the file.
#[derive(Args, Serialize)]
pub(crate) struct ConfigArgs {
    /// Configuration file [default: routebook.toml, if it exists].
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:3000].
    #[arg(long, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<String>,
    /// Folder of the databases [default: ./data].
    #[arg(long, value_name = "FOLDER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<PathBuf>,
    /// Origin under which visitors reach the site.
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    base_url: Option<String>,
    /// Database of accounts: sqlite:PATH or postgres://….
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<String>,
    /// Database of the visitors' sandboxes.
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    sandbox_database: Option<String>,
    /// Folder whose lessons are added to the built-in ones; a file replaces the built-in one with the same path.
    #[arg(long, value_name = "FOLDER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<PathBuf>,
    /// Read the content folder again when a file in it changes, and show findings and drafts on the pages: for authors.
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    watch: bool,
    /// Show lessons with `draft: true`.
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    drafts: bool,
    /// Allow a base URL with plain http beyond this machine.
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    insecure_http: bool,
    /// Refuse everything but the login to visitors without an account.
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    members_only: bool,
}

impl ConfigArgs {
    fn load(&self) -> Result<Config, ConfigError> {
        Config::load(self.config.as_deref(), self)
    }
}

/// Runs the command given by the arguments of the process. `release_memory` returns freed memory to the system, and
/// `site_file` finds the files of the front end; both belong to the program, not to the library.
pub fn run(release_memory: fn(), site_file: SiteFile) -> ExitCode {
    match Cli::parse().command {
        Command::Serve(args) => serve::run(&args, release_memory, site_file),
        Command::Account(args) => account::run(args),
        Command::Export(args) => export::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Restore(args) => restore::run(&args),
        Command::Init(args) => init::run(&args),
        Command::New(args) => new::run(&args),
        Command::Messages(args) => messages::run(&args),
    }
}

/// Opens the portal's database, runs an action, and closes the database, which merges the write-ahead
/// log of SQLite into its file.
fn with_portal(
    config: &ConfigArgs,
    action: impl AsyncFnOnce(&Portal) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let config = config.load()?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let portal = Portal::open(&config.portal_url(), Clock::system())
            .await
            .context("the database of the portal cannot be opened")?;
        let result = action(&portal).await;
        portal.store.close().await;
        result
    })
}

/// Does the same with a database that exists: a command that only reads must not create one in the wrong folder.
fn with_existing_portal(
    config: &ConfigArgs,
    action: impl AsyncFnOnce(&Portal) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let file = database::file_of(&config.load()?.portal_url())?;
    if let Some(file) = file.filter(|file| !file.exists()) {
        bail!(
            "there is no database {}: name its folder with --data, or its address with --database",
            file.display()
        );
    }
    with_portal(config, action)
}

/// Parses a language in an argument.
fn parse_locale(text: &str) -> Result<Locale, &'static str> {
    Locale::parse(text).ok_or("a language is one of: ko, en")
}

/// Prints an error with its causes and returns the exit code of a failed command.
fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("routebook: {error:#}");
    ExitCode::FAILURE
}
