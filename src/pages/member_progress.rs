//! The progress of a member: what was done in a sandbox is kept with the account.
//!
//! Exercises and quizzes are graded in the sandbox, whoever uses it. For a member the result is also written to the account, at
//! the moment it is graded. What failed to be written then is written at the next grading, because both are written as a whole.
//!
//! Before a login progress belongs to the sandbox; [`bind`] gives it to the account at each login, however it is done. A sandbox
//! belongs to the first account that has used it (`Store::claim_sandbox`):
//!
//! | the sandbox of the browser | the account | after the login |
//! |---|---|---|
//! | none | with or without progress | is unchanged |
//! | without progress | with or without progress | is unchanged |
//! | with progress | without progress | has that of the sandbox |
//! | with progress | with progress | has both: the earliest time, what is passed stays passed, first answers stay |
//! | the account's own, logged in again or twice at once | has it already | has it once |
//! | another account's, also of one that was deleted | with or without progress | is unchanged; the browser loses the sandbox |
//! | expired | with or without progress | is unchanged |
//!
//! Of the attempts at an exercise before the login the account gets the last one, and when the exercise was first passed: a sandbox
//! remembers no earlier attempt, because what it knows of one are exchanges, which it keeps for a short time. The attempts of a member are
//! kept with the account when the next one begins.
//!
//! After a logout the browser has neither the sandbox nor a tick of the account. The ticks of lessons that a visitor opened are
//! in the browser only (`progress.js`), which sends them after the login (`pages::progress`).

use std::collections::BTreeMap;

use crate::content::{Exercise, Quiz};
use crate::model::account::AccountId;
use crate::model::exercise::{AttemptVerdict, ExerciseGrade, grade};
use crate::model::trace::Trace;
use crate::pages::quiz_state::QuizState;
use crate::pages::visitor::PageVisitor;
use crate::portal::Viewer;
use crate::portal::store::StoreError;
use crate::portal::store::learning::{
    AccountAnswer, AssessmentKind, AssessmentPass, ExerciseAttempt, NewProgress,
};
use crate::sandbox::{ExerciseProgress, QuizAnswer, SandboxKey};
use crate::state::AppState;

/// Gives the progress of a sandbox to an account, unless the sandbox is another account's or has expired. Returns whether the
/// account has the sandbox.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn bind(
    state: &AppState,
    account: AccountId,
    key: &SandboxKey,
) -> Result<bool, StoreError> {
    let trace = Trace::disabled();
    let Some(opened) = state.sandboxes.open_sandbox(key, &trace).await? else {
        return Ok(false);
    };
    let store = &state.portal.store;
    let now = state.portal.clock.now();
    if !store.claim_sandbox(account, key.as_str(), now).await? {
        return Ok(false);
    }
    let sandbox = opened.sandbox.id;
    let mut progress = NewProgress::default();
    let exercises = state.sandboxes.list_exercise_progress(sandbox).await?;
    let exchanges = match exercises.is_empty() {
        true => Vec::new(),
        false => state.sandboxes.list_exchanges(sandbox).await?,
    };
    let locale = state.library.site.default_locale;
    for (id, of_exercise) in exercises {
        let Some((_, exercise)) = state.library.exercise(locale, &id) else {
            continue;
        };
        let grade = grade(&exercise.steps, of_exercise.counted(&exchanges));
        add_exercise(&mut progress, exercise, &of_exercise, &grade, now);
    }
    let mut answers: BTreeMap<String, Vec<QuizAnswer>> = BTreeMap::new();
    for answer in state.sandboxes.list_quiz_answers(sandbox).await? {
        answers.entry(answer.quiz.clone()).or_default().push(answer);
    }
    for (id, answers) in answers {
        if let Some((_, quiz)) = state.library.quiz(locale, &id) {
            add_quiz(&mut progress, quiz, &answers, now);
        }
    }
    store.merge_progress(account, progress).await?;
    Ok(true)
}

/// Writes what was graded of an exercise to the account of a member, unless the sandbox is another account's, and adds what the
/// account has done in other sandboxes. A failure is logged only: the exercise is graded without it.
pub(super) async fn keep_exercise(
    state: &AppState,
    viewer: Option<&Viewer>,
    visitor: &PageVisitor,
    exercise: &Exercise,
    (progress, grade): (&mut ExerciseProgress, &ExerciseGrade),
) {
    let Some(viewer) = viewer else { return };
    let kept = async {
        let (store, now) = (&state.portal.store, state.portal.clock.now());
        let mut new = NewProgress::default();
        add_exercise(&mut new, exercise, progress, grade, now);
        let passed = store.find_exercise_pass(viewer.account, &exercise.id);
        let passed = passed.await?;
        new.passes.retain(|_| passed.is_none());
        if !new.is_empty() && is_own(state, viewer, visitor).await? {
            let id = Some(exercise.id.as_str());
            let known = store.list_attempts(viewer.account, id).await?;
            new.attempts.retain(|attempt| is_news(attempt, &known));
            store.merge_progress(viewer.account, new).await?;
        }
        Ok::<_, StoreError>(passed)
    };
    match kept.await {
        Ok(passed) => progress.passed_at = progress.passed_at.or(passed),
        Err(cause) => tracing::error!(%cause, "what a member did of an exercise was not kept"),
    }
}

/// Returns whether an attempt differs from what is known of it, apart from the time at which it was graded.
fn is_news(attempt: &ExerciseAttempt, known: &[ExerciseAttempt]) -> bool {
    let same = known.iter().find(|one| one.started == attempt.started);
    same.is_none_or(|known| {
        let graded_then = ExerciseAttempt {
            checked: known.checked,
            ..attempt.clone()
        };
        known.passed.is_none() && *known != graded_then
    })
}

/// Writes the answers to a quiz to the account of a member, unless the sandbox is another account's, and returns the answers of
/// the account: the first one stays in another sandbox. A failure is logged only.
pub(super) async fn keep_quiz(
    state: &AppState,
    viewer: Option<&Viewer>,
    visitor: &PageVisitor,
    quiz: &Quiz,
    answers: Vec<QuizAnswer>,
) -> QuizState {
    let Some(viewer) = viewer else {
        return QuizState::of_answers(quiz, answers);
    };
    let kept = async {
        let (store, now) = (&state.portal.store, state.portal.clock.now());
        let mut known = store.list_answers(viewer.account, Some(&quiz.id)).await?;
        let is_known = |answer: &QuizAnswer| {
            let mut known = known.iter();
            known.any(|one| one.question == answer.question && one.last == answer.last)
        };
        if !answers.iter().all(is_known) && is_own(state, viewer, visitor).await? {
            let mut new = NewProgress::default();
            add_quiz(&mut new, quiz, &answers, now);
            store.merge_progress(viewer.account, new).await?;
            known = store.list_answers(viewer.account, Some(&quiz.id)).await?;
        }
        Ok::<_, StoreError>(known)
    };
    match kept.await {
        Ok(known) => {
            let solved = known.iter().filter(|answer| answer.solved.is_some());
            QuizState {
                solved: solved.map(|answer| answer.question.clone()).collect(),
                answers: known.into_iter().map(of_account).collect(),
            }
        }
        Err(cause) => {
            tracing::error!(%cause, "the answers of a member were not kept");
            QuizState::of_answers(quiz, answers)
        }
    }
}

/// Returns whether the sandbox of a request belongs to the account of its viewer.
async fn is_own(
    state: &AppState,
    viewer: &Viewer,
    visitor: &PageVisitor,
) -> Result<bool, StoreError> {
    let Some(key) = visitor.key() else {
        return Ok(false);
    };
    let (store, now) = (&state.portal.store, state.portal.clock.now());
    store.claim_sandbox(viewer.account, key.as_str(), now).await
}

fn of_account(answer: AccountAnswer) -> QuizAnswer {
    QuizAnswer {
        quiz: answer.quiz,
        question: answer.question,
        first: answer.first,
        last: answer.last,
        answered_at: answer.answered,
    }
}

/// Adds what was done of an exercise: its last attempt, and that it was passed in this or an earlier one.
fn add_exercise(
    new: &mut NewProgress,
    exercise: &Exercise,
    progress: &ExerciseProgress,
    grade: &ExerciseGrade,
    now: i64,
) {
    let integer = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    if let Some(passed) = progress.passed_at {
        new.passes.push(AssessmentPass {
            kind: AssessmentKind::Exercise,
            assessment: exercise.id.clone(),
            passed,
        });
    }
    let Some(started) = progress.started_at else {
        return;
    };
    let passed = progress.passed_at.filter(|passed| *passed >= started);
    let passed = passed.or_else(|| grade.is_passed().then_some(now));
    let step = match passed {
        Some(_) => exercise.steps.len(),
        None => grade.passed_steps(),
    };
    let verdict = match passed {
        Some(_) => Some(AttemptVerdict::default()),
        None => AttemptVerdict::of(grade),
    };
    new.attempts.push(ExerciseAttempt {
        exercise: exercise.id.clone(),
        started,
        checked: now,
        passed,
        step: integer(step),
        failures: integer(grade.failures),
        hints: progress.hints,
        is_solution_shown: progress.is_solution_shown,
        verdict: verdict.map_or_else(String::new, |verdict| verdict.to_json()),
    });
}

/// Adds the answers to the questions of a quiz.
fn add_quiz(new: &mut NewProgress, quiz: &Quiz, answers: &[QuizAnswer], now: i64) {
    for question in &quiz.questions {
        let mut answers = answers.iter();
        let Some(answer) = answers.find(|answer| answer.question == question.id) else {
            continue;
        };
        let is_correct = question.is_correct(&answer.first);
        let is_solved = is_correct || question.is_correct(&answer.last);
        let solved = if is_correct { answer.answered_at } else { now };
        new.answers.push(AccountAnswer {
            quiz: quiz.id.clone(),
            question: question.id.clone(),
            first: answer.first.clone(),
            last: answer.last.clone(),
            is_correct,
            answered: answer.answered_at,
            solved: is_solved.then_some(solved),
        });
    }
    let questions = quiz.questions.iter().map(|question| question.id.clone());
    new.questions.push((quiz.id.clone(), questions.collect()));
}
