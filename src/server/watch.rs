//! Watches the content folder: builds a new site aside when its files have changed, and replaces the served one when it
//! is valid.
//!
//! The folder is polled, because the system reports no changes in many network folders and mounts of containers, and
//! editors write files in several ways. Looking at some hundred files takes a millisecond.

use std::path::Path;
use std::time::Duration;

use tokio::spawn;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::content::load::{self, FolderState};
use crate::content::{ContentFinding, Rule};
use crate::server::check::check_requests;
use crate::server::content::Content;
use crate::server::live_site::LiveSite;
use crate::server::prepare::with_content;
use crate::server::router::create_site;
use crate::state::{AppState, AuthorState, ContentStatus};

/// The time between two looks at the folder. A change is read when a second look finds no other one.
const INTERVAL: Duration = Duration::from_millis(250);

/// Returns what pages need to show their author changes of the content that was read from a state of the folder, and where
/// the changes are reported. `errors` are the findings because of which the built-in content is served instead.
pub(super) fn author_state(
    read: &FolderState,
    content: &Content,
    errors: Vec<ContentFinding>,
) -> (AuthorState, watch::Sender<ContentStatus>) {
    let version = read.version();
    let mut first = status_of(version.clone(), content);
    if !errors.is_empty() {
        report(
            &errors,
            "the content folder is not served: correct the findings",
        );
        first.is_outdated = true;
        first.findings = errors;
    }
    let (sender, status) = watch::channel(first);
    (AuthorState { version, status }, sender)
}

/// Logs findings, and what follows from them.
fn report(findings: &[ContentFinding], consequence: &str) {
    for finding in findings {
        tracing::warn!("{finding}");
    }
    tracing::warn!("{consequence}");
}

/// Returns the status of content that is served.
fn status_of(version: String, content: &Content) -> ContentStatus {
    ContentStatus {
        version,
        is_outdated: false,
        findings: content.library().warnings().to_vec(),
    }
}

/// Watches the folder of a site, until the server stops. The first site has this content, which was read from this state of
/// the folder.
pub(super) async fn watch(
    state: AppState,
    site: LiveSite,
    (mut read, content): (FolderState, Content),
    status: watch::Sender<ContentStatus>,
) {
    let Some(folder) = state.config.content.clone() else {
        return;
    };
    let is_refused = status.borrow().is_outdated;
    let mut requests = match is_refused {
        true => spawn(async {}),
        false => spawn(add_request_findings(
            read.version(),
            content,
            status.clone(),
        )),
    };
    let mut seen = read.clone();
    while !state.stop.is_cancelled() {
        sleep(INTERVAL).await;
        let now = look(&folder).await;
        let is_settled = now == seen;
        seen = now;
        if seen == read || !is_settled {
            continue;
        }
        read = seen.clone();
        let version = read.version();
        requests.abort();
        match renew(&state, &site, &folder, &version).await {
            Ok(content) => {
                tracing::info!("the content has changed and is served");
                status.send_replace(status_of(version.clone(), &content));
                requests = spawn(add_request_findings(version, content, status.clone()));
            }
            Err(findings) => {
                report(
                    &findings,
                    "the content has changed and is not served: correct the findings",
                );
                status.send_modify(|status| {
                    status.is_outdated = true;
                    status.findings = findings;
                });
            }
        }
    }
    requests.abort();
}

/// Sends the requests of content that is served, and adds the findings to its status.
async fn add_request_findings(
    version: String,
    content: Content,
    status: watch::Sender<ContentStatus>,
) {
    let library = content.library();
    let lessons = library.own_pages().cloned().collect();
    let exercises = library.own_exercises().cloned().collect();
    match check_requests(content, lessons, exercises).await {
        Ok(findings) if findings.is_empty() => {}
        Ok(findings) => status.send_modify(|status| {
            if status.version == version && !status.is_outdated {
                for finding in &findings {
                    tracing::warn!("{finding}");
                }
                status.findings.extend(findings);
            }
        }),
        Err(cause) => tracing::warn!("the requests of the lessons were not checked: {cause:#}"),
    }
}

async fn look(folder: &Path) -> FolderState {
    let folder = folder.to_owned();
    spawn_blocking(move || load::state_of(&folder))
        .await
        .unwrap_or_default()
}

/// Reads the folder and replaces the site; returns the new content.
///
/// # Errors
/// The findings because of which the site stays as it is.
async fn renew(
    state: &AppState,
    site: &LiveSite,
    folder: &Path,
    version: &str,
) -> Result<Content, Vec<ContentFinding>> {
    let failed = |message: String| {
        vec![ContentFinding {
            file: folder.display().to_string(),
            line: 1,
            rule: Rule::Folder,
            message,
        }]
    };
    let path = folder.to_owned();
    let content = spawn_blocking(move || {
        let files = load::folder(&path).map_err(|cause| cause.to_string())?;
        Ok(Content::over_built_in(&files, true))
    });
    let content = content.await.map_err(|cause| failed(cause.to_string()))?;
    let content = content.map_err(failed)??;
    let state = with_content(state, content.clone(), version.to_owned());
    let created = create_site(state).await;
    site.replace(created.map_err(|cause| failed(cause.to_string()))?);
    Ok(content)
}
