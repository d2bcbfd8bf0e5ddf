//! `routebook check`: parses the lessons as `serve` does, sends their requests and those of their exercises, and
//! prints every finding.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use crate::cli::fail;
use crate::content::{ContentFinding, load};
use crate::server::{self, Content};

/// The arguments of `routebook check`.
#[derive(Args)]
pub(crate) struct CheckArgs {
    /// Folder of lessons [default: the built-in lessons].
    content: Option<PathBuf>,
    /// Fails for warnings too.
    #[arg(long)]
    strict: bool,
}

/// Prints `path:line: error[rule]: message` for every finding, and `warning` for those in spite of which the content
/// can be served; fails when there is an error.
pub(super) fn run(args: &CheckArgs) -> ExitCode {
    let read = match &args.content {
        Some(folder) => match load::folder(folder) {
            Ok(files) => Content::over_built_in(&files, false),
            Err(error) => return fail(&error.into()),
        },
        None => Content::read(&load::built_in()),
    };
    let content = match read {
        Ok(content) => content,
        Err(findings) => return report(&findings, args.strict),
    };
    let library = content.library();
    let own = || library.own_pages();
    let requests: usize = own().map(|page| page.playgrounds().count()).sum();
    let lessons = own().count();
    let warnings = library.warnings().to_vec();
    let exercises = library.own_exercises().count();
    let result = tokio::runtime::Runtime::new()
        .context("the requests cannot be sent")
        .and_then(|runtime| runtime.block_on(server::check_requests(content)));
    match result {
        Ok(findings) => {
            let all = [warnings, findings].concat();
            if all.is_empty() {
                println!(
                    "{lessons} lessons, {requests} requests, {exercises} exercises: no findings"
                );
            }
            report(&all, args.strict)
        }
        Err(error) => fail(&error),
    }
}

/// Prints the findings; fails when one of them is an error, or with `is_strict` when there is one.
fn report(findings: &[ContentFinding], is_strict: bool) -> ExitCode {
    for finding in findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        eprintln!("{} findings", findings.len());
    }
    match findings
        .iter()
        .all(|finding| finding.is_warning() && !is_strict)
    {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
