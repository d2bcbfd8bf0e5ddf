//! The state of the card of an exercise for one visitor.

use crate::content::{Exercise, LessonPage};
use crate::model::behaviors::Behaviors;
use crate::model::exercise::{ExerciseGrade, grade};
use crate::pages::member_progress;
use crate::pages::visitor::PageVisitor;
use crate::portal::Viewer;
use crate::portal::store::StoreError;
use crate::portal::store::help::HelpRequest;
use crate::sandbox::{DatabaseError, ExerciseProgress};
use crate::state::AppState;

/// What the card of an exercise shows; the default is an exercise that was not started.
#[derive(Clone, Default)]
pub(in crate::pages) struct CardState {
    /// What the visitor has done of it.
    pub(super) progress: ExerciseProgress,
    /// The grade of the exchanges since it was started.
    pub(super) grade: ExerciseGrade,
    /// Whether the switches of the sandbox are no longer those of the exercise.
    pub(super) has_other_behaviors: bool,
    /// Whether the switches that a passed exercise has set are still on.
    pub(super) has_left_behaviors: bool,
    /// Whether the last form was refused.
    pub(super) is_refused: bool,
    /// Where the card leads when the exercise is passed.
    pub(super) after: Option<AfterPassing>,
    /// Whether the card is on its own page and not in the lesson.
    pub(super) is_own_page: bool,
    /// What a member has asked the mentors, and asks; `None` for a visitor.
    pub(super) help: Option<HelpState>,
}

/// The link that follows an exercise that is passed.
#[derive(Clone, Debug)]
pub(super) struct AfterPassing {
    /// The key of what it is.
    pub(super) key: &'static str,
    /// The address of the lesson.
    pub(super) href: String,
    /// The title of the lesson.
    pub(super) title: String,
}

impl AfterPassing {
    /// Returns the link: from the lesson to the next one, from the page of the card back to its lesson.
    pub(super) fn of(
        state: &AppState,
        lesson: &LessonPage,
        is_own_page: bool,
    ) -> Option<AfterPassing> {
        let (_, next) = state.library.neighbours(lesson.locale, &lesson.path);
        let (key, target) = match is_own_page {
            true => ("assessment-back", lesson),
            false => ("next", next?.as_ref()),
        };
        Some(AfterPassing {
            key,
            href: target.href(),
            title: target.front.title.clone(),
        })
    }
}

/// The questions of a member about an exercise, and the form for another.
#[derive(Clone, Default)]
pub(super) struct HelpState {
    /// The questions, the newest first.
    pub(super) requests: Vec<HelpRequest>,
    /// The names of the mentors who get a question; the admins get it in any case.
    pub(super) mentors: Vec<String>,
    /// The question that was typed and not sent.
    pub(super) question: String,
    /// The key of the message why it was refused.
    pub(super) problem: Option<&'static str>,
}

/// Reads the progress of the visitor and grades what is recorded since the exercise was started. Stores the first
/// time that it is passed, and keeps the grade with the account of a member.
///
/// # Errors
/// [`DatabaseError`].
pub(super) async fn read_state(
    state: &AppState,
    viewer: Option<&Viewer>,
    visitor: &PageVisitor,
    exercise: &Exercise,
) -> Result<CardState, DatabaseError> {
    let mut card = grade_sandbox(state, visitor, exercise).await?;
    let kept = (&mut card.progress, &card.grade);
    member_progress::keep_exercise(state, viewer, visitor, exercise, kept).await;
    if let Some(viewer) = viewer {
        let store = &state.portal.store;
        let help = async {
            let requests = store.list_own_help(viewer.account, Some(&exercise.id));
            Ok::<_, StoreError>(HelpState {
                requests: requests.await?,
                mentors: store.list_mentors_of(viewer.account).await?,
                ..HelpState::default()
            })
        };
        card.help = Some(help.await.unwrap_or_else(|cause| {
            tracing::error!(%cause, "the questions of a member cannot be read");
            HelpState::default()
        }));
    }
    Ok(card)
}

/// Grades what is recorded in the sandbox of a visitor.
async fn grade_sandbox(
    state: &AppState,
    visitor: &PageVisitor,
    exercise: &Exercise,
) -> Result<CardState, DatabaseError> {
    let Some(sandbox) = visitor.sandbox() else {
        return Ok(CardState::default());
    };
    let sandboxes = &state.sandboxes;
    let mut progress = sandboxes
        .exercise_progress(sandbox.id, &exercise.id)
        .await?;
    if progress.started_at.is_none() {
        return Ok(CardState {
            progress,
            ..CardState::default()
        });
    }
    let exchanges = sandboxes.list_exchanges(sandbox.id).await?;
    let grade = grade(&exercise.steps, progress.counted(&exchanges));
    if grade.is_passed() && progress.passed_at.is_none() {
        sandboxes.pass_exercise(sandbox.id, &exercise.id).await?;
        progress.passed_at = Some(sandboxes.now());
    }
    let has_own = exercise.behaviors != Behaviors::default();
    Ok(CardState {
        has_left_behaviors: has_own && sandbox.behaviors == exercise.behaviors && grade.is_passed(),
        has_other_behaviors: sandbox.behaviors != exercise.behaviors && !grade.is_passed(),
        progress,
        grade,
        ..CardState::default()
    })
}
