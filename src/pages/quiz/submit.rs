//! `POST /{lang}/quizzes/{id}`: stores the answers of the form, or begins the quiz again. The first answer to a question counts.

use axum::extract::{Path, RawQuery, State};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;

use crate::content::Quiz;
use crate::pages::api_client::ApiClient;
use crate::pages::assessment::{is_fragment, open_sandbox, redirect, unavailable};
use crate::pages::member_progress;
use crate::pages::meta::PageRequest;
use crate::pages::quiz::page;
use crate::pages::quiz::view::{address, card_id, practice_address};
use crate::pages::quiz_state::QuizOutcome;
use crate::pages::{draft, login, member_lesson, not_found};
use crate::portal::Viewer;
use crate::state::AppState;

/// The id of a question, and the ids of the chosen options.
type Answer = (String, Vec<String>);

/// Stores the answers, then redirects to the page of the card or renders its state.
pub(in crate::pages) async fn submit(
    State(state): State<AppState>,
    page_request: PageRequest,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    extensions: Extensions,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let locale = page_request.locale;
    let Some((lesson, quiz)) = draft::find_quiz(&state, &page_request, &id).await else {
        return not_found::show(&state, page_request).await;
    };
    if !member_lesson::is_open(&page_request, &lesson) {
        return login::required(&state, page_request).await;
    }
    let QuizOutcome { is_practice, .. } = QuizOutcome::of_query(query.as_deref());
    let mut client = ApiClient::new(&state, &headers, &extensions);
    client.withhold_session();
    let is_part = is_fragment(query.as_deref());
    let (outcome, target) = match (is_beginning_again(&body), answers(&quiz, &body)) {
        (true, _) => {
            let outcome = QuizOutcome {
                is_practice: true,
                failure: None,
            };
            (outcome, practice_address(locale, &id))
        }
        (false, Some(answers)) => {
            let viewer = page_request.viewer.as_ref();
            let stored = store(&state, &mut client, viewer, &quiz, &answers);
            let failure = stored.await.err();
            // Who has practised sees the results.
            let is_practice = failure.is_some() && is_practice;
            let outcome = QuizOutcome {
                is_practice,
                failure,
            };
            (outcome, address(locale, &id))
        }
        (false, None) => {
            let outcome = QuizOutcome {
                is_practice,
                failure: Some(StatusCode::UNPROCESSABLE_ENTITY),
            };
            (outcome, address(locale, &id))
        }
    };
    let is_done = outcome.failure.is_none() && !is_part;
    let redirect = is_done.then(|| redirect(&target, &card_id(&id)));
    let (state, id) = (&state, &id);
    let page =
        |visitor| async move { page(state, page_request, &visitor, id, is_part, outcome).await };
    client.respond(redirect, page).await
}

/// Returns whether a form asks for the quiz without the answers so far.
fn is_beginning_again(body: &[u8]) -> bool {
    let mut fields = form_urlencoded::parse(body);
    fields.any(|(name, value)| name == "do" && value == "again")
}

/// Returns the answers of a form; `None` when no question is answered, or one in a way that the form does not allow.
fn answers(quiz: &Quiz, body: &[u8]) -> Option<Vec<Answer>> {
    let fields: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    let mut answers = Vec::new();
    for question in &quiz.questions {
        let chosen = fields.iter().filter(|(name, _)| *name == question.id);
        let chosen: Vec<String> = chosen.map(|(_, option)| option.clone()).collect();
        if chosen.is_empty() {
            continue;
        }
        if !question.accepts(&chosen) {
            return None;
        }
        answers.push((question.id.clone(), chosen));
    }
    (!answers.is_empty()).then_some(answers)
}

async fn store(
    state: &AppState,
    client: &mut ApiClient<'_>,
    viewer: Option<&Viewer>,
    quiz: &Quiz,
    answers: &[Answer],
) -> Result<(), StatusCode> {
    let sandbox = open_sandbox(client).await?;
    for (question, chosen) in answers {
        let stored = state
            .sandboxes
            .answer_question(sandbox, &quiz.id, question, chosen);
        stored.await.map_err(|cause| unavailable(&cause))?;
    }
    if viewer.is_some() {
        let read = async {
            let visitor = client.visitor().await?;
            let answers = state.sandboxes.quiz_answers(sandbox, &quiz.id).await?;
            Ok((visitor, answers))
        };
        let (visitor, answers) = read.await.map_err(|cause| unavailable(&cause))?;
        member_progress::keep_quiz(state, viewer, &visitor, quiz, answers).await;
    }
    Ok(())
}
