//! `routebook check`: reads the lessons as `serve` would and reports every finding.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::cli::fail;
use crate::content::{Library, load};
use crate::i18n::I18n;
use crate::model::locale::Locale;

/// What to check.
#[derive(Args)]
pub(crate) struct CheckArgs {
    /// Folder of lessons; the built-in ones when left out.
    content: Option<PathBuf>,
}

/// Prints `path:line: error[rule]: message` for every finding; fails when there is one.
pub(super) fn run(args: &CheckArgs) -> ExitCode {
    let files = match &args.content {
        Some(folder) => match load::folder(folder) {
            Ok(files) => files,
            Err(error) => return fail(&error.into()),
        },
        None => load::built_in(),
    };
    let words = Locale::ALL.map(|locale| load::words(&files, locale));
    if let Err(error) = I18n::load(&words) {
        println!("{error}");
        return ExitCode::FAILURE;
    }
    match Library::build(&files) {
        Ok(library) => {
            println!(
                "{} lessons, {} requests: no findings",
                library.pages().count(),
                library
                    .pages()
                    .map(|page| page.playgrounds().count())
                    .sum::<usize>()
            );
            ExitCode::SUCCESS
        }
        Err(findings) => {
            for finding in &findings {
                println!("{finding}");
            }
            eprintln!("{} findings", findings.len());
            ExitCode::FAILURE
        }
    }
}
