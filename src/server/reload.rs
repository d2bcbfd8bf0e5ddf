//! Loads the content folder again, when an admin asks for it and, while it is watched, when its files have changed: builds
//! a new site aside, and replaces the served one when it is valid.
//!
//! A watched folder is polled, because the system reports no changes in many network folders and mounts of containers, and
//! editors write files in several ways. Looking at some hundred files takes a millisecond.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, spawn_blocking};
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
    let (stop, is_watched) = (state.stop.clone(), state.config.watch);
    let is_refused = status.borrow().is_outdated;
    let mut loader = Loader {
        state,
        site,
        folder,
        status,
        check: None,
    };
    if !is_refused {
        loader.check(last_loaded.version(), content);
    }
    let mut last_polled = last_loaded.clone();
    loop {
        let request = select! {
            () = stop.cancelled() => break,
            Some(request) = requests.recv() => Some(request),
            () = sleep(INTERVAL), if is_watched => None,
        };
        let now = poll_folder(&loader.folder).await;
        let is_settled = now == last_polled;
        last_polled = now;
        if request.is_none() && (last_polled == last_loaded || !is_settled) {
            continue;
        }
        last_loaded = last_polled.clone();
        loader.load(last_loaded.version(), request).await;
    }
    loader.end_check();
}

/// Loads the folder of a site, and reports what came of it.
struct Loader {
    /// The state of the first site.
    state: AppState,
    site: LiveSite,
    folder: PathBuf,
    status: watch::Sender<ContentStatus>,
    /// The task that sends the requests of the content that was served last.
    check: Option<JoinHandle<()>>,
}

impl Loader {
    /// Loads the folder, serves what is valid, and answers who has asked for it.
    async fn load(&mut self, version: String, request: Option<ReloadRequest>) {
        self.end_check();
        let reloaded = reload_site(&self.state, &self.site, &self.folder, &version).await;
        let reload = ContentReload {
            at: self.state.portal.clock.now(),
            is_served: reloaded.is_ok(),
        };
        let detail = match &reloaded {
            Ok(_) => "served".to_owned(),
            Err(findings) => format!("not served, findings: {}", findings.len()),
        };
        let served = match reloaded {
            Ok((state, content)) => {
                self.show_served(version, content, reload);
                Some(state)
            }
            Err(findings) => {
                self.show_refused(findings, reload);
                None
            }
        };
        let (actor, answer) = match request {
            Some(ReloadRequest { actor, served }) => (actor, Some(served)),
            None => (Actor::default(), None),
        };
        let (action, entry) = (AuditAction::ReloadContent, ("content", &*detail));
        let portal = &self.state.portal;
        portal.record_audit_detail(&actor, action, entry).await;
        if let Some(answer) = answer {
            // The client may have gone.
            let _ = answer.send(served);
        }
    }

    fn show_served(&mut self, version: String, content: Content, reload: ContentReload) {
        tracing::info!("the content was loaded again and is served");
        self.status.send_replace(ContentStatus {
            is_checking: true,
            last_reload: Some(reload),
            ..ContentStatus::of(version.clone(), content.library().warnings())
        });
        self.check(version, content);
    }

    fn show_refused(&self, findings: Vec<ContentFinding>, reload: ContentReload) {
        report(
            &findings,
            "the content was loaded again and is not served: correct the findings",
        );
        self.status.send_modify(|status| {
            status.is_outdated = true;
            status.is_checking = false;
            status.last_reload = Some(reload);
            status.findings = findings;
        });
    }

    /// Begins to send the requests of content that is served.
    fn check(&mut self, version: String, content: Content) {
        let (folder, status) = (self.folder.clone(), self.status.clone());
        let task = add_request_findings(version, content, folder, status);
        self.check = Some(spawn(task));
    }

    fn end_check(&mut self) {
        if let Some(check) = self.check.take() {
            check.abort();
        }
    }
}

/// Sends the requests of content that is served, and adds the findings to its status; that they could not be sent is a finding too.
async fn add_request_findings(
    version: String,
    content: Content,
    folder: PathBuf,
    status: watch::Sender<ContentStatus>,
) {
    let library = content.library();
    let lessons = library.own_pages().cloned().collect();
    let exercises = library.own_exercises().cloned().collect();
    let checked = check_requests(content, lessons, exercises).await;
    let findings = checked.unwrap_or_else(|cause| {
        let message =
            format!("the requests of the lessons and exercises were not checked: {cause:#}");
        vec![folder_finding(&folder, message)]
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

/// Returns the finding about a folder as a whole.
fn folder_finding(folder: &Path, message: String) -> ContentFinding {
    ContentFinding {
        file: folder.display().to_string(),
        line: 1,
        rule: Rule::Folder,
        message,
    }
}

async fn poll_folder(folder: &Path) -> FolderState {
    let folder = folder.to_owned();
    spawn_blocking(move || load::state_of(&folder))
        .await
        .unwrap_or_default()
}

/// Reads the folder and replaces the site; returns the state of the new one, and its content.
///
/// # Errors
/// The findings because of which the site stays as it is.
async fn reload_site(
    state: &AppState,
    site: &LiveSite,
    folder: &Path,
    version: &str,
) -> Result<(AppState, Content), Vec<ContentFinding>> {
    let failed = |message: String| vec![folder_finding(folder, message)];
    let (path, config) = (folder.to_owned(), state.config.clone());
    let content = spawn_blocking(move || {
        let files = load::folder(&path).map_err(|cause| cause.to_string())?;
        Ok(Content::for_server(&files, &config))
    });
    let content = content.await.map_err(|cause| failed(cause.to_string()))?;
    let content = content.map_err(failed)??;
    let state = with_content(state, content.clone(), version.to_owned());
    let created = create_site(state.clone()).await;
    site.replace(created.map_err(|cause| failed(cause.to_string()))?);
    Ok((state, content))
}
