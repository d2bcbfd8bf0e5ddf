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
use crate::pages::assessment::{card_page, is_fragment, state_fragment, unavailable};
use crate::pages::member_progress;
use crate::pages::meta::PageRequest;
use crate::pages::not_found;
use crate::pages::visitor::PageVisitor;
use crate::state::AppState;

use view::{address, card, state_view};

pub(super) use submit::submit;

/// Handles `GET /{lang}/quizzes/{id}`; `?part` requests the state of the card alone.
pub(super) async fn show(
    State(state): State<AppState>,
    page_request: PageRequest,
    visitor: PageVisitor,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let is_part = is_fragment(query.as_deref());
    page(&state, page_request, &visitor, &id, is_part, None).await
}

/// Renders the card in its lesson, before a question was answered.
pub(super) fn lesson_card(locale: Locale, quiz: &Quiz, messages: &MessageCatalog) -> AnyView {
    card(locale, quiz, &[], None, messages)
}

/// Renders the page of a card or, with `is_part`, its state alone. `failure` is the status with which a form was refused.
async fn page(
    state: &AppState,
    page_request: PageRequest,
    visitor: &PageVisitor,
    id: &str,
    is_part: bool,
    failure: Option<StatusCode>,
) -> Response {
    let locale = page_request.locale;
    let Some((lesson, quiz)) = state.library.quiz(locale, id) else {
        return not_found::show(state, page_request).await;
    };
    let (lesson, quiz) = (lesson.clone(), quiz.clone());
    let answers = match visitor.sandbox_id() {
        Some(sandbox) => state.sandboxes.quiz_answers(sandbox, id).await,
        None => Ok(Vec::new()),
    };
    let answers = match answers {
        Ok(answers) => answers,
        Err(cause) => return unavailable(&cause).into_response(),
    };
    let viewer = page_request.viewer.as_ref();
    let answers = member_progress::keep_quiz(state, viewer, visitor, &quiz, answers).await;
    let messages = state.i18n.messages(locale).clone();
    let status = failure.unwrap_or(StatusCode::OK);
    if is_part {
        return state_fragment(status, || {
            state_view(locale, &quiz, &answers, failure, &messages)
        });
    }
    let title = messages.get("quiz-label");
    let card = move || card(locale, &quiz, &answers, failure, &messages);
    let address = address(locale, id);
    card_page(state, page_request, status, &lesson, &address, title, card).await
}
