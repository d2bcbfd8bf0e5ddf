//! Drafts that are not part of the site: only admins can open them, with their exercises and quizzes.

use std::sync::Arc;

use crate::content::{Exercise, LessonPage, Quiz};
use crate::model::account::TeamRole;
use crate::pages::meta::PageRequest;
use crate::state::AppState;

/// Returns the draft at a path, if the viewer may open it.
pub(super) async fn find_lesson(
    state: &AppState,
    page_request: &PageRequest,
    path: &str,
) -> Option<Arc<LessonPage>> {
    let draft = state.library.draft(page_request.locale, path)?;
    is_open(state, page_request).await.then(|| draft.clone())
}

/// Returns an exercise and its lesson: of the site, or else of a draft, if the viewer may open it.
pub(super) async fn find_exercise(
    state: &AppState,
    page_request: &PageRequest,
    id: &str,
) -> Option<(Arc<LessonPage>, Arc<Exercise>)> {
    let (library, locale) = (&state.library, page_request.locale);
    let found = match library.exercise(locale, id) {
        Some(found) => Some(found),
        None => {
            let found = library.draft_exercise(locale, id)?;
            is_open(state, page_request).await.then_some(found)
        }
    };
    found.map(|(lesson, exercise)| (lesson.clone(), exercise.clone()))
}

/// Returns a quiz and its lesson: of the site, or else of a draft, if the viewer may open it.
pub(super) async fn find_quiz(
    state: &AppState,
    page_request: &PageRequest,
    id: &str,
) -> Option<(Arc<LessonPage>, Arc<Quiz>)> {
    let (library, locale) = (&state.library, page_request.locale);
    let found = match library.quiz(locale, id) {
        Some(found) => Some(found),
        None => {
            let found = library.draft_quiz(locale, id)?;
            is_open(state, page_request).await.then_some(found)
        }
    };
    found.map(|(lesson, quiz)| (lesson.clone(), quiz.clone()))
}

/// Returns whether the viewer is an admin who may use the pages of the administration.
async fn is_open(state: &AppState, page_request: &PageRequest) -> bool {
    let viewer = page_request.viewer.as_ref();
    let Some(viewer) = viewer.filter(|viewer| viewer.role == TeamRole::Admin) else {
        return false;
    };
    match state.portal.must_enrol(viewer.account, viewer.role).await {
        Ok(must_enrol) => !must_enrol,
        Err(cause) => {
            tracing::error!(%cause, "the second factor of an admin cannot be read");
            false
        }
    }
}
