//! Checks a content folder: parses it as `serve` does, and sends the requests of its lessons and exercises.

use std::sync::Arc;

use anyhow::Context as _;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::config::Config;
use crate::content::{
    ContentFinding, Exercise, LessonPage, ParsedContent, SourceFile, sort_findings,
};
use crate::model::limits::Limits;
use crate::server::content::{Content, read_messages};
use crate::server::exercises::check_exercise;
use crate::server::lessons::check_in_order;
use crate::server::prepare;
use crate::state::AppState;

/// The number of lessons and exercises whose requests are sent at once.
const CONCURRENCY: usize = 8;

/// The findings in a content folder, and what was checked.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// The findings, sorted by file and line.
    pub findings: Vec<ContentFinding>,
    /// The number of lessons, each language counted.
    pub lessons: usize,
    /// The number of request blocks in the lessons.
    pub requests: usize,
    /// The number of exercises.
    pub exercises: usize,
}

/// Checks the files of an author, laid over built-in ones. Of a folder with errors, what could be parsed is sent nevertheless.
///
/// # Errors
/// When the requests cannot be sent, because there is no folder for temporary databases.
pub async fn check(built_in: &[SourceFile], own: &[SourceFile]) -> anyhow::Result<CheckReport> {
    let (i18n, mut findings) = match read_messages(own) {
        Ok(read) => read,
        Err(findings) => {
            return Ok(CheckReport {
                findings,
                ..CheckReport::default()
            });
        }
    };
    let ParsedContent {
        library,
        lessons,
        exercises,
        findings: found,
    } = ParsedContent::parse(built_in, own, &i18n, false);
    findings.extend(found);
    let mut report = CheckReport {
        findings,
        lessons: lessons.len(),
        requests: lessons.iter().map(|page| page.playgrounds().count()).sum(),
        exercises: exercises.len(),
    };
    let content = Content {
        i18n: Arc::new(i18n),
        library: Arc::new(library),
    };
    if report.requests + report.exercises > 0 {
        let found = check_requests(content, lessons, exercises).await?;
        report.findings.extend(found);
    }
    sort_findings(&mut report.findings);
    Ok(report)
}

/// Sends the requests of lessons and exercises in databases that are deleted afterwards.
///
/// # Errors
/// When the requests cannot be sent, because there is no folder for temporary databases.
pub(super) async fn check_requests(
    content: Content,
    lessons: Vec<Arc<LessonPage>>,
    exercises: Vec<Arc<Exercise>>,
) -> anyhow::Result<Vec<ContentFinding>> {
    let databases =
        tempfile::tempdir().context("no temporary folder could be created for the databases")?;
    let config = Config {
        data: databases.path().to_owned(),
        limits: without_rate_limits(),
        ..Config::default()
    };
    let state = prepare(config, content, Clock::system()).await?;
    let found = send(&state, lessons, exercises).await;
    state.portal.store.close().await;
    state.sandboxes.close().await;
    found
}

/// Sends the requests of the lessons and exercises, several of them at once, each in a sandbox of its own.
async fn send(
    state: &AppState,
    lessons: Vec<Arc<LessonPage>>,
    exercises: Vec<Arc<Exercise>>,
) -> anyhow::Result<Vec<ContentFinding>> {
    let capacity = Arc::new(Semaphore::new(CONCURRENCY));
    let mut tasks = JoinSet::new();
    for page in lessons {
        let (state, capacity) = (state.clone(), capacity.clone());
        tasks.spawn(async move {
            let _permit = capacity.acquire().await;
            check_in_order(&state, &page).await
        });
    }
    for exercise in exercises {
        let (state, capacity) = (state.clone(), capacity.clone());
        tasks.spawn(async move {
            let _permit = capacity.acquire().await;
            check_exercise(&state, &exercise).await
        });
    }
    let mut findings = Vec::new();
    while let Some(found) = tasks.join_next().await {
        findings.extend(found.context("the requests of a lesson or exercise could not be sent")?);
    }
    Ok(findings)
}

/// Returns limits that a check does not reach, however many requests the lessons have.
fn without_rate_limits() -> Limits {
    Limits {
        sandboxes_per_hour: u32::MAX,
        requests_per_minute: u32::MAX,
        writes_per_minute: u32::MAX,
        sandbox_requests_per_minute: u32::MAX,
        ..Limits::default()
    }
}
