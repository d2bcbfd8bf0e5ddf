//! Sends the solution and the starter of each exercise to the API: the solution must pass, and the starter must not.

use std::time::Duration;

use crate::content::{ContentFinding, Exercise, Rule};
use crate::http_file::RequestBlock;
use crate::model::exchange::is_recorded;
use crate::model::exercise::{ConditionPart, ExerciseGrade, ExerciseStep, StepState, grade};
use crate::model::http::{Header, RequestDraft};
use crate::server::lessons::LessonRun;
use crate::state::AppState;

/// How long to wait for exchanges to be recorded, and how often to look.
const RECORD_TIMEOUT: Duration = Duration::from_secs(2);
const RECORD_PAUSE: Duration = Duration::from_millis(5);

/// Returns a finding when the solution of an exercise does not pass, or when its starter passes or cannot be sent.
/// Both begin with the data of its lesson.
pub async fn check_exercise(state: &AppState, exercise: &Exercise) -> Vec<ContentFinding> {
    let mut findings = Vec::new();
    let (solution, starter) = (exercise.solution_line, exercise.starter_line);
    match run(state, exercise, &exercise.solution).await {
        Ok(grade) if grade.is_passed() => {}
        Ok(grade) => {
            let reason = reason(&exercise.steps, &grade);
            let message = format!("the solution does not pass: {reason}");
            findings.push(exercise.finding(solution, Rule::Solution, message));
        }
        Err(message) => findings.push(exercise.finding(solution, Rule::Solution, message)),
    }
    match run(state, exercise, &exercise.starter).await {
        Ok(grade) if grade.is_passed() => {
            let message = "the starter passes: leave something for the reader to do";
            findings.push(exercise.finding(starter, Rule::Starter, message.to_owned()));
        }
        Ok(_) => {}
        Err(message) => findings.push(exercise.finding(starter, Rule::Starter, message)),
    }
    findings
}

/// Starts an exercise in a new sandbox, sends requests, and grades what was recorded of them.
async fn run(
    state: &AppState,
    exercise: &Exercise,
    blocks: &[RequestBlock],
) -> Result<ExerciseGrade, String> {
    let failed = |error: &dyn std::fmt::Display| format!("the requests cannot be graded: {error}");
    let sandboxes = &state.sandboxes;
    let lesson = state.library.lesson_of_exercise(&exercise.id);
    let lesson = lesson.map(|lesson| &**lesson);
    let mut run = LessonRun::new(state, lesson).await?;
    let switches = RequestDraft {
        method: "PATCH".to_owned(),
        target: "/api/sandbox".to_owned(),
        headers: vec![Header::new("Content-Type", "application/merge-patch+json")],
        body: serde_json::to_string(&exercise.behaviors).expect("switches are JSON"),
    };
    let set = run.exchange(&switches).await?;
    if set.status != 200 {
        return Err(format!("the behaviors cannot be set: {}", set.status));
    }
    let sandbox = run.sandbox(sandboxes).await?;
    let started = sandboxes.start_exercise(sandbox, &exercise.id).await;
    started.map_err(|error| failed(&error))?;
    let mut sent = 0;
    for block in blocks {
        let draft = block.draft_with_placeholders();
        run.send_block(block, &draft).await?;
        sent += usize::from(is_recorded(&draft.target));
    }
    let deadline = tokio::time::Instant::now() + RECORD_TIMEOUT;
    loop {
        let exchanges = sandboxes.list_exchanges(sandbox).await;
        let exchanges = exchanges.map_err(|error| failed(&error))?;
        let is_complete = exchanges.len() >= sent;
        if is_complete || tokio::time::Instant::now() > deadline {
            let progress = sandboxes.exercise_progress(sandbox, &exercise.id).await;
            let progress = progress.map_err(|error| failed(&error))?;
            let counted = progress.counted(&exchanges);
            if counted.len() < sent {
                return Err(format!(
                    "{} of {sent} requests were recorded",
                    counted.len()
                ));
            }
            return Ok(grade(&exercise.steps, counted));
        }
        tokio::time::sleep(RECORD_PAUSE).await;
    }
}

/// Describes the first step that is not passed.
fn reason(steps: &[ExerciseStep], grade: &ExerciseGrade) -> String {
    let graded = grade.steps.iter().zip(steps).enumerate();
    let mut unmet = graded.filter(|(_, (grade, _))| grade.state != StepState::Passed);
    let Some((at, (grade, step))) = unmet.next() else {
        return "it has no steps".to_owned();
    };
    let number = at + 1;
    let mut failed = grade.checks.iter().filter(|(_, verdict)| !verdict.passed);
    match failed.next() {
        Some((condition, verdict)) => format!(
            "step {number} expects {} of the {}, but it is {}",
            condition.expectation,
            match condition.part {
                ConditionPart::Query => "query",
                ConditionPart::Request => "request",
                ConditionPart::Response => "response",
                ConditionPart::Rows | ConditionPart::RowsAfter => "rows",
            },
            verdict.actual
        ),
        None => format!(
            "no request is the {} {} of step {number}",
            step.method.as_deref().unwrap_or("request to"),
            step.path
        ),
    }
}
