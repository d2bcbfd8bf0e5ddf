//! `/{lang}/account/email`: another address for the account; `/{lang}/confirm-email/{token}`: its confirmation.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::{Extensions, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use tower_sessions::Session;

use crate::api::ClientAddress;
use crate::model::account::Account;
use crate::model::messages::MessageCatalog;
use crate::model::user::Email;
use crate::pages::account::form::done_address;
use crate::pages::account::password::{current_password, current_password_problem};
use crate::pages::actor::AnyActor;
use crate::pages::card::{self, FormCard};
use crate::pages::form_field::Field;
use crate::pages::mail;
use crate::pages::meta::PageRequest;
use crate::pages::notice;
use crate::pages::signed_in::MemberRequest;
use crate::portal::store::StoreError;
use crate::portal::store::email_change::EmailChangeError;
use crate::portal::{self, LinkToken};
use crate::state::AppState;

/// The fields of the form. It does not implement `Debug`, because it contains a password.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct EmailForm {
    email: String,
    current: String,
}

/// Handles `GET /{lang}/account/email`, which says whether a new address is to be confirmed.
pub(super) async fn show(State(state): State<AppState>, request: MemberRequest) -> Response {
    let messages = state.i18n.messages(request.page.locale).clone();
    let store = &state.portal.store;
    let (id, now) = (request.viewer.account, state.portal.clock.now());
    let read = async {
        let has_password = store.find_password_hash(id).await?.is_some();
        Ok::<_, StoreError>((has_password, store.find_pending_email(id, now).await?))
    };
    let (has_password, pending) = match read.await {
        Ok(read) => read,
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    if !has_password {
        let card = FormCard {
            title: messages.get("email-change-title"),
            lead: messages.get("email-change-provider"),
            path: "/account/email".to_owned(),
            ..FormCard::default()
        };
        return card::show(&state, request.page, card, || ()).await;
    }
    let sent = pending.map(|email| messages.with("email-change-sent", &[("email", &email)]));
    let card = FormCard {
        done: sent,
        ..form(&state, &messages, String::new(), None, None)
    };
    card::show(&state, request.page, card, || ()).await
}

/// Handles `POST /{lang}/account/email`: sends a link to the new address, or without a mail server changes it.
pub(super) async fn submit(
    State(state): State<AppState>,
    request: MemberRequest,
    session: Session,
    extensions: Extensions,
    form_data: Result<Form<EmailForm>, FormRejection>,
) -> Response {
    let messages = state.i18n.messages(request.page.locale).clone();
    let Form(typed) = match form_data {
        Ok(form) => form,
        Err(rejection) => {
            let card = form(&state, &messages, String::new(), None, None);
            let card = card.refused(rejection.status(), messages.get("login-unreadable"));
            return card::show(&state, request.page, card, || ()).await;
        }
    };
    let account = match state
        .portal
        .store
        .find_account(request.viewer.account)
        .await
    {
        Ok(Some(account)) => account,
        Ok(None) => return Redirect::to(&format!("/{}", request.page.locale)).into_response(),
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let Some(email) = Email::parse(typed.email.trim()) else {
        let problem = Some(messages.get("join-email-invalid"));
        let card = form(&state, &messages, typed.email, problem, None);
        return card::show(&state, request.page, card, || ()).await;
    };
    let network = ClientAddress::of(&extensions).map(ClientAddress::network);
    let portal = &state.portal;
    let checked = portal.authenticate(
        account.email.as_str(),
        typed.current,
        network,
        &request.actor,
    );
    if let Err(error) = checked.await {
        let problem = Some(current_password_problem(error, &messages));
        let card = form(&state, &messages, typed.email, None, problem);
        return card::show(&state, request.page, card, || ()).await;
    }
    match change(&state, &request, &session, &account, &email).await {
        Ok(Changed::Now) => {
            let target = done_address(request.page.locale, "email-changed");
            Redirect::to(&target).into_response()
        }
        Ok(Changed::WhenConfirmed) => {
            Redirect::to(&format!("/{}/account/email", request.page.locale)).into_response()
        }
        Ok(Changed::NoMail) => {
            let card = form(&state, &messages, typed.email, None, None);
            let text = messages.get("mail-server-failed");
            let card = card.refused(StatusCode::SERVICE_UNAVAILABLE, text);
            card::show(&state, request.page, card, || ()).await
        }
        Err(EmailChangeError::EmailTaken) => {
            let problem = Some(messages.get("email-change-taken"));
            let card = form(&state, &messages, typed.email, problem, None);
            card::show(&state, request.page, card, || ()).await
        }
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

/// What became of a change.
enum Changed {
    Now,
    WhenConfirmed,
    /// The mail with the link could not be sent, so nothing was changed.
    NoMail,
}

async fn change(
    state: &AppState,
    request: &MemberRequest,
    session: &Session,
    account: &Account,
    email: &Email,
) -> Result<Changed, EmailChangeError> {
    let portal = &state.portal;
    let Some(mailer) = &state.mailer else {
        let (kept, now) = (portal::session_id_hash(session), portal.clock.now());
        let (store, actor) = (&portal.store, &request.actor);
        let changed = store.change_email(account.id, email, kept, actor, now);
        changed.await?;
        return Ok(Changed::Now);
    };
    let token = portal.create_email_change(account, email).await?;
    let mail = mail::confirm_email(state, account, email.clone(), &token);
    match mailer.send(mail).await {
        Ok(()) => Ok(Changed::WhenConfirmed),
        Err(cause) => {
            tracing::error!(%cause, "the mail with the link to confirm an address could not be sent");
            portal.withdraw_email_change(&token).await?;
            Ok(Changed::NoMail)
        }
    }
}

/// Handles `GET /{lang}/confirm-email/{token}`: asks, because programs that read mail open links too.
pub(super) async fn show_confirmation(
    State(state): State<AppState>,
    page_request: PageRequest,
    Path((_, token)): Path<(String, String)>,
) -> Response {
    let email = match LinkToken::parse(&token) {
        Some(link) => state.portal.find_email_change(&link).await,
        None => Ok(None),
    };
    match email {
        Ok(Some(email)) => {
            let messages = state.i18n.messages(page_request.locale).clone();
            let card = FormCard {
                title: messages.get("email-confirm-title"),
                lead: messages.with("email-confirm-lead", &[("email", &email)]),
                path: format!("/confirm-email/{token}"),
                submit: Some(messages.get("email-confirm-submit")),
                ..FormCard::default()
            };
            card::show(&state, page_request, card, || ()).await
        }
        Ok(None) => invalid_link(&state, page_request).await,
        Err(cause) => notice::unavailable(&state, page_request, &cause).await,
    }
}

/// Handles `POST /{lang}/confirm-email/{token}`.
pub(super) async fn submit_confirmation(
    State(state): State<AppState>,
    page_request: PageRequest,
    Path((_, token)): Path<(String, String)>,
    AnyActor(actor, _): AnyActor,
    session: Session,
) -> Response {
    let Some(link) = LinkToken::parse(&token) else {
        return invalid_link(&state, page_request).await;
    };
    let new = match state.portal.find_email_change(&link).await {
        Ok(new) => new.unwrap_or_default(),
        Err(cause) => return notice::unavailable(&state, page_request, &cause).await,
    };
    let kept = portal::session_id_hash(&session);
    match state.portal.confirm_email_change(&link, kept, &actor).await {
        Ok(before) => {
            if let Some(mailer) = &state.mailer {
                mail::send_later(mailer, mail::email_changed(&state, &before, &new));
            }
            let locale = page_request.locale;
            let target = match page_request.viewer {
                Some(_) => done_address(locale, "email-changed"),
                None => format!("/{locale}/login"),
            };
            Redirect::to(&target).into_response()
        }
        Err(EmailChangeError::Invalid) => invalid_link(&state, page_request).await,
        Err(EmailChangeError::EmailTaken) => {
            let status = StatusCode::CONFLICT;
            notice::show(&state, page_request, status, "email-taken").await
        }
        Err(cause) => notice::unavailable(&state, page_request, &cause).await,
    }
}

async fn invalid_link(state: &AppState, page_request: PageRequest) -> Response {
    notice::show(state, page_request, StatusCode::NOT_FOUND, "link-invalid").await
}

fn form(
    state: &AppState,
    messages: &MessageCatalog,
    email: String,
    problem: Option<String>,
    current_problem: Option<String>,
) -> FormCard {
    let lead = match state.mailer {
        Some(_) => "email-change-lead-mail",
        None => "email-change-lead",
    };
    let fields = vec![
        Field {
            name: "email",
            kind: "email",
            label: messages.get("email-change-new"),
            autocomplete: "email",
            value: email,
            problem,
            ..Field::default()
        },
        current_password(messages, current_problem),
    ];
    FormCard {
        title: messages.get("email-change-title"),
        lead: messages.get(lead),
        path: "/account/email".to_owned(),
        fields,
        submit: Some(messages.get("email-change-submit")),
        has_account_link: true,
        ..FormCard::default()
    }
}
