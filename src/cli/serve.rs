//! `routebook serve`.

use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

use crate::cli::log::EscapedLines;
use crate::cli::{ConfigArgs, fail};
use crate::server;

/// What is logged unless `RUST_LOG` says otherwise. The session layer warns of every cookie that has
/// expired or was made up, which visitors can do as often as they like.
const LOGGED: &str = "warn,routebook=info,tower_sessions=error,tower_sessions_core=error";

/// Serves until told to stop.
pub(super) fn run(args: &ConfigArgs) -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOGGED));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        // Colours are control characters, which are escaped.
        .with_ansi(false)
        .with_writer(|| EscapedLines(std::io::stderr()))
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
