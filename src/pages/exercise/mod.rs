//! The card of an exercise: in its lesson, on a page of its own, and as the fragment that an island puts into either.

mod state;
mod submit;
mod view;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;

use crate::content::{Exercise, LessonPage};
use crate::model::messages::MessageCatalog;
use crate::pages::assessment::{card_page, is_fragment, state_fragment, unavailable};
use crate::pages::meta::PageRequest;
use crate::pages::not_found;
use crate::pages::visitor::PageVisitor;
use crate::state::AppState;

use state::{CardState, HelpState, read_state};
use view::{address, card, state_view};

pub(super) use submit::submit;

/// Handles `GET /{lang}/exercises/{id}`; `?part` requests the state of the card alone.
pub(super) async fn show(
    State(state): State<AppState>,
    page_request: PageRequest,
    visitor: PageVisitor,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let is_part = is_fragment(query.as_deref());
    let outcome = FormOutcome::default();
    page(&state, page_request, &visitor, &id, is_part, outcome).await
}

/// Renders the card in its lesson, before anything was done.
pub(super) fn lesson_card(
    page: &LessonPage,
    exercise: &Exercise,
    messages: &MessageCatalog,
) -> AnyView {
    card(page, exercise, &CardState::default(), messages)
}

/// What became of a form of the card.
#[derive(Clone, Debug, Default)]
struct FormOutcome {
    /// The status with which it was refused.
    failure: Option<StatusCode>,
    /// The question to the mentors that was typed and not sent.
    question: String,
    /// The key of the message why the question was refused.
    question_problem: Option<&'static str>,
}

/// Renders the page of a card or, with `is_part`, its state alone.
async fn page(
    state: &AppState,
    page_request: PageRequest,
    visitor: &PageVisitor,
    id: &str,
    is_part: bool,
    outcome: FormOutcome,
) -> Response {
    let locale = page_request.locale;
    let Some((lesson, exercise)) = state.library.exercise(locale, id) else {
        return not_found::show(state, page_request).await;
    };
    let (lesson, exercise) = (lesson.clone(), exercise.clone());
    let card_state = match read_state(state, page_request.viewer.as_ref(), visitor, &exercise).await
    {
        Ok(card_state) => CardState {
            is_refused: outcome.failure.is_some() && outcome.question_problem.is_none(),
            help: card_state.help.map(|help| HelpState {
                question: outcome.question,
                problem: outcome.question_problem,
                ..help
            }),
            ..card_state
        },
        Err(cause) => return unavailable(&cause).into_response(),
    };
    let messages = state.i18n.messages(locale).clone();
    let status = outcome.failure.unwrap_or(StatusCode::OK);
    if is_part {
        return state_fragment(status, || {
            state_view(locale, &exercise, &card_state, &messages)
        });
    }
    let title = exercise.title.get(locale).to_owned();
    let page = lesson.clone();
    let card = move || card(&page, &exercise, &card_state, &messages);
    let address = address(locale, id);
    card_page(state, page_request, status, &lesson, &address, title, card).await
}
