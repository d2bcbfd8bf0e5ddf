//! The card of a quiz: in its lesson, on a page of its own, and as the fragment that an island puts into either.
//!
//! Correct answers and explanations are rendered only for questions that the visitor has answered.

mod submit;
mod view;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;

use crate::content::Quiz;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::assessment::{
    card_page, is_fragment, own_page_link, state_fragment, unavailable,
};
use crate::pages::member_progress;
use crate::pages::meta::PageRequest;
use crate::pages::quiz_state::{QuizOutcome, QuizState};
use crate::pages::visitor::PageVisitor;
use crate::pages::{draft, member_lesson, not_found};
use crate::portal::Viewer;
use crate::sandbox::DatabaseError;
use crate::state::AppState;

use view::{address, card, state_view};

pub(super) use submit::submit;

/// Handles `GET /{lang}/quizzes/{id}`; `?part` requests the state of the card alone, `?again` the quiz without the answers so far.
pub(super) async fn show(
    State(state): State<AppState>,
    page_request: PageRequest,
    visitor: PageVisitor,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let is_part = is_fragment(query.as_deref());
    let outcome = QuizOutcome::of_query(query.as_deref());
    page(&state, page_request, &visitor, &id, is_part, outcome).await
}

/// Reads the answers of a visitor, and keeps them with the account of a member.
async fn read_state(
    state: &AppState,
    viewer: Option<&Viewer>,
    visitor: &PageVisitor,
    quiz: &Quiz,
) -> Result<QuizState, DatabaseError> {
    let answers = match visitor.sandbox_id() {
        Some(sandbox) => state.sandboxes.quiz_answers(sandbox, &quiz.id).await?,
        None => Vec::new(),
    };
    Ok(member_progress::keep_quiz(state, viewer, visitor, quiz, answers).await)
}

/// Reads the state of the card for the lesson of a member. A failure is logged only: the card is as before anything was done.
pub(super) async fn lesson_state(
    state: &AppState,
    viewer: &Viewer,
    visitor: &PageVisitor,
    quiz: &Quiz,
) -> Option<QuizState> {
    let quiz_state = read_state(state, Some(viewer), visitor, quiz).await;
    quiz_state.map_err(|cause| unavailable(&cause)).ok()
}

/// Renders the card in its lesson; without a state, as before a question was answered.
pub(super) fn lesson_card(
    locale: Locale,
    quiz: &Quiz,
    state: Option<&QuizState>,
    messages: &MessageCatalog,
) -> AnyView {
    let link = state.is_none();
    let link = link.then(|| own_page_link(address(locale, &quiz.id), messages));
    let initial = QuizState::default();
    view! {
        {card(locale, quiz, state.unwrap_or(&initial), QuizOutcome::default(), messages)}
        {link}
    }
    .into_any()
}

/// Renders the page of a card or, with `is_part`, its state alone.
async fn page(
    state: &AppState,
    page_request: PageRequest,
    visitor: &PageVisitor,
    id: &str,
    is_part: bool,
    outcome: QuizOutcome,
) -> Response {
    let locale = page_request.locale;
    let Some((lesson, quiz)) = draft::find_quiz(state, &page_request, id).await else {
        return not_found::show(state, page_request).await;
    };
    let refusal = match is_part {
        true => member_lesson::refuse_part(&page_request, &lesson),
        false => member_lesson::refuse(&page_request, &lesson, &address(locale, id)),
    };
    if let Some(refusal) = refusal {
        return refusal;
    }
    let viewer = page_request.viewer.as_ref();
    let quiz_state = match read_state(state, viewer, visitor, &quiz).await {
        Ok(quiz_state) => quiz_state,
        Err(cause) => return unavailable(&cause).into_response(),
    };
    let messages = state.i18n.messages(locale).clone();
    let status = outcome.failure.unwrap_or(StatusCode::OK);
    if is_part {
        return state_fragment(status, || {
            state_view(locale, &quiz, &quiz_state, outcome, &messages)
        });
    }
    let title = messages.get("quiz-label");
    let card = move || card(locale, &quiz, &quiz_state, outcome, &messages);
    let address = address(locale, id);
    card_page(state, page_request, status, &lesson, &address, title, card).await
}
