//! `routebook serve`.

use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

use crate::cli::{ConfigArgs, fail};
use crate::server;

/// Serves until told to stop.
pub(super) fn run(args: &ConfigArgs) -> ExitCode {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,routebook=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let served = args
        .load()
        .map_err(anyhow::Error::from)
        .and_then(|config| tokio::runtime::Runtime::new()?.block_on(server::serve(config)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}
