//! Loads the content folder again, when an admin asks for it and, while it is watched, when its files have changed: builds
//! a new site aside, and replaces the served one when it is valid.
//!
//! A watched folder is polled, because the system reports no changes in many network folders and mounts of containers, and
//! editors write files in several ways. Looking at some hundred files takes a millisecond.

use std::path::Path;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio::{select, spawn};

use crate::content::load::{self, FolderState};
use crate::content::{ContentFinding, Rule};
use crate::portal::store::audit::{Actor, AuditAction};
use crate::server::check::check_requests;
use crate::server::content::Content;
use crate::server::live_site::LiveSite;
use crate::server::prepare::with_content;
use crate::server::router::create_site;
use crate::state::{AppState, ContentReload, ContentState, ContentStatus, ReloadRequest};

/// The polling interval of a watched folder. A change is loaded once two consecutive polls agree.
const INTERVAL: Duration = Duration::from_millis(250);
/// The number of requests to load the folder that can wait.
const QUEUE: usize = 4;

/// The ends of the channels of a [`ContentState`] that belong to the task which loads the folder.
pub(super) struct Reloads {
    requests: mpsc::Receiver<ReloadRequest>,
    status: watch::Sender<ContentStatus>,
}

/// Returns the state of the content for pages, and the ends of the channels for the task that loads the folder again. `folder` is
/// the state of the folder that was read; `errors` are the findings because of which the built-in content is served instead.
pub(super) fn content_state(
    folder: Option<&FolderState>,
    content: &Content,
    errors: Vec<ContentFinding>,
    loaded: i64,
) -> (ContentState, Reloads) {
    let version = folder.map(FolderState::version).unwrap_or_default();
    let mut first = ContentStatus::of(version.clone(), content.library().warnings());
    if errors.is_empty() {
        first.is_checking = folder.is_some();
    } else {
        report(
            &errors,
            "the content folder is not served: correct the findings",
        );
        first.is_outdated = true;
        first.findings = errors;
    }
    let (status, receiver) = watch::channel(first);
    let (sender, requests) = mpsc::channel(QUEUE);
    let state = ContentState {
        version,
        loaded,
        status: receiver,
        reloads: folder.map(|_| sender),
    };
    (state, Reloads { requests, status })
}

/// Logs findings, and what follows from them.
fn report(findings: &[ContentFinding], consequence: &str) {
    for finding in findings {
        tracing::warn!("{finding}");
    }
    tracing::warn!("{consequence}");
}

/// Loads the folder of a site again, until the server stops. The first site has this content, which was read from this state
/// of the folder.
pub(super) async fn run(
    state: AppState,
    site: LiveSite,
    (mut last_loaded, content): (FolderState, Content),
    reloads: Reloads,
) {
    let Some(folder) = state.config.content.clone() else {
        return;
    };
    let Reloads {
        mut requests,
        status,
    } = reloads;
    let is_refused = status.borrow().is_outdated;
    let mut check = match is_refused {
        true => spawn(async {}),
        false => spawn(add_request_findings(
            last_loaded.version(),
            content,
            status.clone(),
        )),
    };
    let mut last_polled = last_loaded.clone();
    loop {
        let request = select! {
            () = state.stop.cancelled() => break,
            Some(request) = requests.recv() => Some(request),
            () = sleep(INTERVAL), if state.config.watch => None,
        };
        let now = poll_folder(&folder).await;
        let is_settled = now == last_polled;
        last_polled = now;
        if request.is_none() && (last_polled == last_loaded || !is_settled) {
            continue;
        }
        last_loaded = last_polled.clone();
        let version = last_loaded.version();
        check.abort();
        let reloaded = reload_site(&state, &site, &folder, &version).await;
        let reload = ContentReload {
            at: state.portal.clock.now(),
            is_served: reloaded.is_ok(),
        };
        let detail = match &reloaded {
            Ok(_) => "served".to_owned(),
            Err(findings) => format!("not served, findings: {}", findings.len()),
        };
        match reloaded {
            Ok(content) => {
                tracing::info!("the content was loaded again and is served");
                status.send_replace(ContentStatus {
                    is_checking: true,
                    last_reload: Some(reload),
                    ..ContentStatus::of(version.clone(), content.library().warnings())
                });
                check = spawn(add_request_findings(version, content, status.clone()));
            }
            Err(findings) => {
                report(
                    &findings,
                    "the content was loaded again and is not served: correct the findings",
                );
                status.send_modify(|status| {
                    status.is_outdated = true;
                    status.is_checking = false;
                    status.last_reload = Some(reload);
                    status.findings = findings;
                });
            }
        }
        let (actor, is_served) = match request {
            Some(ReloadRequest { actor, is_served }) => (actor, Some(is_served)),
            None => (Actor::default(), None),
        };
        let action = AuditAction::ReloadContent;
        let entry = ("content", &*detail);
        state
            .portal
            .record_audit_detail(&actor, action, entry)
            .await;
        if let Some(is_served) = is_served {
            // The client may have gone.
            let _ = is_served.send(reload.is_served);
        }
    }
    check.abort();
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
    let checked = check_requests(content, lessons, exercises).await;
    let findings = checked.unwrap_or_else(|cause| {
        tracing::warn!("the requests of the lessons were not checked: {cause:#}");
        Vec::new()
    });
    status.send_modify(|status| {
        if status.version == version && !status.is_outdated {
            for finding in &findings {
                tracing::warn!("{finding}");
            }
            status.findings.extend(findings);
            status.is_checking = false;
        }
    });
}

async fn poll_folder(folder: &Path) -> FolderState {
    let folder = folder.to_owned();
    spawn_blocking(move || load::state_of(&folder))
        .await
        .unwrap_or_default()
}

/// Reads the folder and replaces the site; returns the new content.
///
/// # Errors
/// The findings because of which the site stays as it is.
async fn reload_site(
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
    let (path, shows_drafts) = (folder.to_owned(), state.config.shows_drafts());
    let content = spawn_blocking(move || {
        let files = load::folder(&path).map_err(|cause| cause.to_string())?;
        Ok(Content::over_built_in(&files, shows_drafts))
    });
    let content = content.await.map_err(|cause| failed(cause.to_string()))?;
    let content = content.map_err(failed)??;
    let state = with_content(state, content.clone(), version.to_owned());
    let created = create_site(state).await;
    site.replace(created.map_err(|cause| failed(cause.to_string()))?);
    Ok(content)
}
