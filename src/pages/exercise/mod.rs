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
use crate::pages::assessment::{CardPart, card_page, own_page_link, state_fragment, unavailable};
use crate::pages::meta::PageRequest;
use crate::pages::visitor::PageVisitor;
use crate::pages::{draft, member_lesson, not_found};
use crate::portal::Viewer;
use crate::state::AppState;

use state::{AfterPassing, HelpState, read_state};
use view::{CardPage, address, card, state_view};

pub(super) use state::CardState;
pub(super) use submit::submit;

/// Handles `GET /{lang}/exercises/{id}`; `?part` requests the state of the card alone.
pub(super) async fn show(
    State(state): State<AppState>,
    page_request: PageRequest,
    visitor: PageVisitor,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let part = CardPart::of_query(query.as_deref());
    let outcome = FormOutcome::default();
    page(&state, page_request, &visitor, &id, part, outcome).await
}

/// Reads the state of the card for the lesson of a member. A failure is logged only: the card is as before anything was done.
pub(super) async fn lesson_state(
    state: &AppState,
    viewer: &Viewer,
    visitor: &PageVisitor,
    (page, exercise): (&LessonPage, &Exercise),
) -> Option<CardState> {
    let card_state = read_state(state, Some(viewer), visitor, exercise).await;
    let card_state = card_state.map_err(|cause| unavailable(&cause)).ok()?;
    Some(CardState {
        after: AfterPassing::of(state, page, false),
        ..card_state
    })
}

/// Renders the card in its lesson; without a state, as before anything was done.
pub(super) fn lesson_card(
    page: &LessonPage,
    exercise: &Exercise,
    state: Option<&CardState>,
    messages: &MessageCatalog,
) -> AnyView {
    let initial = CardState::default();
    let link = state.is_none();
    let link = link.then(|| own_page_link(address(page.locale, &exercise.id), messages));
    view! {
        {card((page, CardPage::Lesson), exercise, state.unwrap_or(&initial), messages)}
        {link}
    }
    .into_any()
}

/// What became of a form of the card.
#[derive(Clone, Default)]
struct FormOutcome {
    /// The status with which it was refused.
    failure: Option<StatusCode>,
    /// The question to the mentors that was typed and not sent.
    question: String,
    /// The key of the message why the question was refused.
    question_problem: Option<&'static str>,
}

/// Renders the page of a card or its state alone.
async fn page(
    state: &AppState,
    page_request: PageRequest,
    visitor: &PageVisitor,
    id: &str,
    part: CardPart,
    outcome: FormOutcome,
) -> Response {
    let locale = page_request.locale;
    let Some((lesson, exercise)) = draft::find_exercise(state, &page_request, id).await else {
        return not_found::show(state, page_request).await;
    };
    let refusal = match part != CardPart::Page {
        true => member_lesson::refuse_part(&page_request, &lesson),
        false => member_lesson::refuse(&page_request, &lesson, &address(locale, id)),
    };
    if let Some(refusal) = refusal {
        return refusal;
    }
    let card_state = match read_state(state, page_request.viewer.as_ref(), visitor, &exercise).await
    {
        Ok(card_state) => CardState {
            is_refused: outcome.failure.is_some() && outcome.question_problem.is_none(),
            help: card_state.help.map(|help| HelpState {
                question: outcome.question,
                problem: outcome.question_problem,
                ..help
            }),
            after: AfterPassing::of(state, &lesson, part != CardPart::InLesson),
            is_own_page: part != CardPart::InLesson,
            ..card_state
        },
        Err(cause) => return unavailable(&cause).into_response(),
    };
    let messages = state.i18n.messages(locale).clone();
    let status = outcome.failure.unwrap_or(StatusCode::OK);
    if part != CardPart::Page {
        return state_fragment(status, || {
            state_view(locale, &exercise, &card_state, &messages)
        });
    }
    let title = exercise.title.get(locale).to_owned();
    let page = lesson.clone();
    let card = move || {
        card(
            (&page, CardPage::OwnPage),
            &exercise,
            &card_state,
            &messages,
        )
    };
    let address = address(locale, id);
    card_page(state, page_request, status, &lesson, &address, title, card).await
}
