//! `/{lang}/register`: sends a link to create an account to an email address of a domain that the admins have chosen.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, RawQuery, State};
use axum::http::{Extensions, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::user::Email;
use crate::pages::actor::AnyActor;
use crate::pages::card::{self, FormCard};
use crate::pages::email_form::{LinkRequestForm, email_field, read_email};
use crate::pages::mail;
use crate::pages::meta::PageRequest;
use crate::portal::store::audit::Actor;
use crate::portal::{Mailer, RegisterOutcome, Registration};
use crate::state::AppState;

/// Returns the server by which links are sent, and the domains, if people can register with an address.
pub(super) fn open_registration(state: &AppState) -> Option<(Mailer, Vec<String>)> {
    let settings = state.portal.settings.get();
    let is_open = settings.registration == Registration::Domains;
    let mailer = state.mailer.clone().filter(|_| is_open)?;
    Some((mailer, settings.registration_domains.clone()))
}

/// Handles `GET /{lang}/register`.
pub(super) async fn show(
    State(state): State<AppState>,
    page_request: PageRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let messages = state.i18n.messages(page_request.locale);
    let mut card = form(&state, messages, String::new(), None);
    if query.as_deref() == Some("sent") && card.submit.is_some() {
        card = FormCard {
            lead: String::new(),
            done: Some(messages.get("register-sent")),
            fields: Vec::new(),
            submit: None,
            ..card
        };
    }
    card::show(&state, page_request, card, || ()).await
}

/// Handles `POST /{lang}/register`. The response and its duration are the same whether there is an account with the address or
/// not; the mail says it.
pub(super) async fn submit(
    State(state): State<AppState>,
    page_request: PageRequest,
    AnyActor(actor, _): AnyActor,
    extensions: Extensions,
    form_data: Result<Form<LinkRequestForm>, FormRejection>,
) -> Response {
    let locale = page_request.locale;
    let messages = state.i18n.messages(locale);
    let Some((mailer, domains)) = open_registration(&state) else {
        let card = form(&state, messages, String::new(), None);
        let card = card.refused(StatusCode::FORBIDDEN, messages.get("register-closed"));
        return card::show(&state, page_request, card, || ()).await;
    };
    let parse = |typed: &str| match Email::parse(typed) {
        Some(email) if state.portal.settings.get().is_open_to(&email) => Ok(email),
        Some(_) => {
            let domains = domains.join(", ");
            Err(messages.with("register-other-domain", &[("domains", &domains)]))
        }
        None => Err(messages.get("join-email-invalid")),
    };
    let card = |typed, problem| form(&state, messages, typed, problem);
    let read = read_email(&state, page_request, &extensions, form_data, parse, card);
    let email = match read.await {
        Ok(email) => email,
        Err(refusal) => return refusal,
    };
    tokio::spawn(send_link(state.clone(), mailer, locale, email, actor));
    Redirect::to(&format!("/{locale}/register?sent")).into_response()
}

/// Sends the link to create an account, or says by mail why none is needed.
async fn send_link(state: AppState, mailer: Mailer, locale: Locale, email: Email, actor: Actor) {
    match state.portal.invite_to_register(&email, &actor).await {
        Ok(RegisterOutcome::Created(token)) => {
            mail::send_later(&mailer, mail::register(&state, locale, email, &token));
        }
        Ok(RegisterOutcome::HasAccount) => {
            mail::send_later(&mailer, mail::registered(&state, locale, email));
        }
        Ok(RegisterOutcome::Invited) => {
            mail::send_later(&mailer, mail::invited(&state, locale, email));
        }
        Err(cause) => tracing::error!(%cause, "a link to create an account could not be created"),
    }
}

fn form(
    state: &AppState,
    messages: &MessageCatalog,
    email: String,
    problem: Option<String>,
) -> FormCard {
    let title = messages.get("register-title");
    let path = "/register".to_owned();
    let Some((_, domains)) = open_registration(state) else {
        return FormCard {
            title,
            lead: messages.get("register-ask"),
            path,
            ..FormCard::default()
        };
    };
    FormCard {
        title,
        lead: messages.with("register-lead", &[("domains", &domains.join(", "))]),
        path,
        fields: vec![email_field(messages, email, problem)],
        submit: Some(messages.get("register-submit")),
        ..FormCard::default()
    }
}
