//! `/{lang}/forgot`: sends a link to set a forgotten password, or says whom to ask when no mail can be sent.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, RawQuery, State};
use axum::http::Extensions;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::model::messages::MessageCatalog;
use crate::model::user::Email;
use crate::pages::actor::AnyActor;
use crate::pages::card::{self, FormCard};
use crate::pages::email_form::{LinkRequestForm, email_field, read_email};
use crate::pages::mail;
use crate::pages::meta::PageRequest;
use crate::portal::Mailer;
use crate::portal::store::audit::Actor;
use crate::state::AppState;

/// Handles `GET /{lang}/forgot`.
pub(super) async fn show(
    State(state): State<AppState>,
    page_request: PageRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let messages = state.i18n.messages(page_request.locale).clone();
    let mut card = form(&state, &messages, String::new(), None);
    if query.as_deref() == Some("sent") && state.mailer.is_some() {
        card = FormCard {
            lead: String::new(),
            done: Some(messages.get("forgot-sent")),
            fields: Vec::new(),
            submit: None,
            ..card
        };
    }
    card::show(&state, page_request, card, || ()).await
}

/// Handles `POST /{lang}/forgot`. The response and its duration are the same whether there is an account with the address or
/// not.
pub(super) async fn submit(
    State(state): State<AppState>,
    page_request: PageRequest,
    AnyActor(actor, _): AnyActor,
    extensions: Extensions,
    form_data: Result<Form<LinkRequestForm>, FormRejection>,
) -> Response {
    let messages = state.i18n.messages(page_request.locale).clone();
    let Some(mailer) = state.mailer.clone() else {
        let card = form(&state, &messages, String::new(), None);
        return card::show(&state, page_request, card, || ()).await;
    };
    let locale = page_request.locale;
    let parse = |typed: &str| Email::parse(typed).ok_or_else(|| messages.get("join-email-invalid"));
    let card = |typed, problem| form(&state, &messages, typed, problem);
    let read = read_email(&state, page_request, &extensions, form_data, parse, card);
    let email = match read.await {
        Ok(email) => email,
        Err(refusal) => return refusal,
    };
    tokio::spawn(send_link(state, mailer, email, actor));
    Redirect::to(&format!("/{locale}/forgot?sent")).into_response()
}

/// Sends the link if there is an account with the address.
async fn send_link(state: AppState, mailer: Mailer, email: Email, actor: Actor) {
    match state.portal.forgotten_password(&email, &actor).await {
        Ok(Some((account, token))) => {
            mail::send_later(&mailer, mail::reset(&state, &account, &token));
        }
        Ok(None) => {}
        Err(cause) => tracing::error!(%cause, "a link to set a password could not be created"),
    }
}

fn form(
    state: &AppState,
    messages: &MessageCatalog,
    email: String,
    problem: Option<String>,
) -> FormCard {
    let title = messages.get("forgot-title");
    let path = "/forgot".to_owned();
    if state.mailer.is_none() {
        return FormCard {
            title,
            lead: messages.get("forgot-ask"),
            path,
            ..FormCard::default()
        };
    }
    FormCard {
        title,
        lead: messages.get("forgot-lead"),
        path,
        fields: vec![email_field(messages, email, problem)],
        submit: Some(messages.get("forgot-submit")),
        ..FormCard::default()
    }
}
