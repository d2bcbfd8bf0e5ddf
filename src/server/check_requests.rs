//! Sends the requests of an author's lessons and exercises to the API, for `routebook check` and while the folder is watched.

use anyhow::Context as _;

use crate::clock::Clock;
use crate::config::Config;
use crate::content::ContentFinding;
use crate::model::limits::Limits;
use crate::server::content::Content;
use crate::server::exercises::check_exercise;
use crate::server::lessons::check_in_order;
use crate::server::prepare::prepare;

/// Sends the requests of every page in order, each page in a new sandbox, and those of the exercises, in databases that are
/// deleted afterwards. Built-in lessons below those of an author are left out.
///
/// # Errors
/// When the databases cannot be created.
pub async fn check_requests(content: Content) -> anyhow::Result<Vec<ContentFinding>> {
    let folder =
        tempfile::tempdir().context("no temporary folder could be created for the databases")?;
    let config = Config {
        data: folder.path().to_owned(),
        limits: Limits {
            sandboxes_per_hour: u32::MAX,
            ..Limits::default()
        },
        ..Config::default()
    };
    let state = prepare(config, content, Clock::system()).await?;
    let mut findings = Vec::new();
    for page in state.library.own_pages() {
        findings.extend(check_in_order(&state.api, page).await);
    }
    for exercise in state.library.own_exercises() {
        findings.extend(check_exercise(&state.api, &state.sandboxes, exercise).await);
    }
    state.portal.store.close().await;
    state.sandboxes.close().await;
    Ok(findings)
}
