//! `routebook serve`.

use std::process::ExitCode;

use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cli::{ConfigArgs, fail, log};
use crate::server;
use crate::state::SiteFile;

/// Serves until the process receives Ctrl-C or SIGTERM.
pub(super) fn run(args: &ConfigArgs, release_memory: fn(), site_file: SiteFile) -> ExitCode {
    let log = log::subscriber(log::filter(), std::io::stderr);
    if let Err(cause) = log.try_init() {
        return fail(&cause.into());
    }
    let result = args.load().map_err(anyhow::Error::from).and_then(|config| {
        tokio::runtime::Runtime::new()?.block_on(server::serve(config, release_memory, site_file))
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}
