//! `POST /{lang}/exercises/{id}`: start, check, show a hint, show the solution, ask the mentors.

use axum::extract::{Path, RawQuery, State};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;

use crate::content::Exercise;
use crate::model::behaviors::Behaviors;
use crate::pages::actor::actor;
use crate::pages::api_client::ApiClient;
use crate::pages::assessment::{CardPart, open_sandbox, redirect, set_behaviors, unavailable};
use crate::pages::exercise::state::read_state;
use crate::pages::exercise::view::{address, card_id};
use crate::pages::exercise::{FormOutcome, page};
use crate::pages::meta::PageRequest;
use crate::pages::{draft, login, member_lesson, not_found};
use crate::portal::Viewer;
use crate::portal::store::audit::Actor;
use crate::portal::store::help::{AskOutcome, parse_help_text};
use crate::state::AppState;

/// The actions of the form. After `default-behaviors` the switches of the sandbox are off.
const ACTIONS: [&str; 7] = [
    "start",
    "restart",
    "check",
    "hint",
    "solution",
    "ask",
    "default-behaviors",
];

/// Performs the action of the form, then redirects to the page of the card or renders its state.
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
    let Some((lesson, exercise)) = draft::find_exercise(&state, &page_request, &id).await else {
        return not_found::show(&state, page_request).await;
    };
    if !member_lesson::is_open(&page_request, &lesson) {
        return login::required(&state, page_request).await;
    }
    let mut client = ApiClient::new(&state, &headers, &extensions);
    // The actions need only the sandbox cookie.
    client.withhold_session();
    let part = CardPart::of_query(query.as_deref());
    let field = |name: &str| {
        let mut fields = form_urlencoded::parse(&body);
        let found = fields.find(|(field, _)| field == name);
        found
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    let (action, question) = (field("do"), field("question"));
    let viewer = page_request.viewer.as_ref();
    let performed = perform(&state, &mut client, viewer, &exercise, &action);
    let mut outcome = FormOutcome {
        failure: performed.await.err(),
        question,
        question_problem: None,
    };
    if action == "ask" && outcome.failure.is_none() {
        let actor = actor(&extensions, viewer);
        outcome = ask(&state, &actor, &exercise, outcome.question).await;
    }
    let redirect = (outcome.failure.is_none() && part == CardPart::Page)
        .then(|| redirect(&address(locale, &id), &card_id(&id)));
    let (state, id) = (&state, &id);
    let page =
        |visitor| async move { page(state, page_request, &visitor, id, part, outcome).await };
    client.respond(redirect, page).await
}

/// Asks the mentors about the last attempt.
async fn ask(
    state: &AppState,
    actor: &Actor,
    exercise: &Exercise,
    question: String,
) -> FormOutcome {
    let refused = |status, problem, question| FormOutcome {
        failure: Some(status),
        question,
        question_problem: problem,
    };
    let Some((account, _)) = &actor.account else {
        return refused(StatusCode::UNAUTHORIZED, None, question);
    };
    let Some(text) = parse_help_text(&question) else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return refused(status, Some("help-invalid"), question);
    };
    let (store, now) = (&state.portal.store, state.portal.clock.now());
    let asked = store.ask_for_help(*account, &exercise.id, text, actor, now);
    match asked.await {
        Ok(AskOutcome::Asked) => FormOutcome::default(),
        Ok(AskOutcome::NoAttempt) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            refused(status, Some("help-no-attempt"), question)
        }
        Ok(AskOutcome::TooMany) => {
            let status = StatusCode::TOO_MANY_REQUESTS;
            refused(status, Some("help-too-many"), question)
        }
        Err(cause) => refused(unavailable(&cause), None, question),
    }
}

/// Performs an action in the sandbox of the visitor.
async fn perform(
    state: &AppState,
    client: &mut ApiClient<'_>,
    viewer: Option<&Viewer>,
    exercise: &Exercise,
    action: &str,
) -> Result<(), StatusCode> {
    if !ACTIONS.contains(&action) {
        return Err(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let sandbox = open_sandbox(client).await?;
    if viewer.is_some() {
        // So that what was sent since the last grading is kept, before a new attempt begins or another page follows.
        keep(state, client, viewer, exercise).await?;
    }
    let (sandboxes, id) = (&state.sandboxes, exercise.id.as_str());
    let progress = sandboxes.exercise_progress(sandbox, id).await;
    let progress = progress.map_err(|cause| unavailable(&cause))?;
    let is_started = progress.started_at.is_some();
    let stored = match action {
        // The form of a lesson does not know that the exercise is in progress.
        "start" if is_started => Ok(()),
        "start" | "restart" => {
            set_behaviors(client, exercise.behaviors).await?;
            sandboxes.start_exercise(sandbox, id).await
        }
        "hint" => sandboxes.show_hint(sandbox, id, exercise.hints.len()).await,
        "default-behaviors" => {
            set_behaviors(client, Behaviors::default()).await?;
            Ok(())
        }
        "solution" => sandboxes.show_solution(sandbox, id).await,
        // The page grades what is recorded.
        _ => Ok(()),
    };
    stored.map_err(|cause| unavailable(&cause))?;
    if viewer.is_some() {
        keep(state, client, viewer, exercise).await?;
    }
    Ok(())
}

/// Grades the exercise, which keeps the grade with the account.
async fn keep(
    state: &AppState,
    client: &ApiClient<'_>,
    viewer: Option<&Viewer>,
    exercise: &Exercise,
) -> Result<(), StatusCode> {
    let visitor = client.visitor().await;
    let visitor = visitor.map_err(|cause| unavailable(&cause))?;
    let graded = read_state(state, viewer, &visitor, exercise).await;
    graded.map(drop).map_err(|cause| unavailable(&cause))
}
