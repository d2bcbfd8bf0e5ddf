//! The pages of the own account: `/{lang}/account` with its forms, and a page for each way to log in.
//!
//! A form that is accepted is answered with 303 to a page that says what was done; one that is refused with its page, status 422
//! and the reason beside the field. Recovery codes are the exception: they are shown once, in the response to their form.

mod deletion;
mod email;
mod form;
mod login_ways;
mod own_data;
mod passkeys;
mod password;
mod profile;
mod second_factor;
mod sessions;

use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, RawQuery, State};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use leptos::prelude::*;
use tower_sessions::Session;

use crate::api::ClientAddress;
use crate::model::account::Account;
use crate::model::locale::Locale;
use crate::pages::actor::AnyActor;
use crate::pages::admin::outcome_view;
use crate::pages::member_sandbox;
use crate::pages::meta::PageMeta;
use crate::pages::notice;
use crate::pages::render::render;
use crate::pages::sign_in::SignInError;
use crate::pages::signed_in::MemberRequest;
use crate::portal;
use crate::portal::store::StoreError;
use crate::portal::store::member::OwnSession;
use crate::state::{AppState, StyleSheet};

use form::{AccountOutcome, AccountRefusal, DONE, OwnAccountForm, done_address};
use login_ways::LoginWays;

/// Returns the routes of the pages of the own account.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/{lang}/account", get(show).post(submit))
        .route("/{lang}/account/data.json", get(own_data::show))
        .route(
            "/{lang}/account/email",
            get(email::show).post(email::submit),
        )
        .route(
            "/{lang}/confirm-email/{token}",
            get(email::show_confirmation).post(email::submit_confirmation),
        )
        .route(
            "/{lang}/account/second-factor",
            get(second_factor::show).post(second_factor::submit),
        )
        .route(
            "/{lang}/account/passkeys",
            get(passkeys::show).post(passkeys::submit),
        )
        .route(
            "/{lang}/account/passkeys/options",
            post(passkeys::new_options),
        )
}

/// Handles `GET /{lang}/account`.
async fn show(
    State(state): State<AppState>,
    request: MemberRequest,
    session: Session,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let done = query.strip_prefix("done=");
    let done = DONE.into_iter().find(|key| done == Some(key));
    let outcome = done.map(AccountOutcome::Done);
    account_page(&state, request, &session, outcome).await
}

/// Handles `POST /{lang}/account`.
async fn submit(
    State(state): State<AppState>,
    request: MemberRequest,
    AnyActor(_, client): AnyActor,
    session: Session,
    (headers, extensions): (HeaderMap, Extensions),
    form: Result<Form<OwnAccountForm>, FormRejection>,
) -> Response {
    let messages = state.i18n.messages(request.page.locale).clone();
    let form = form.map(|Form(form)| form).unwrap_or_default();
    let address = ClientAddress::of(&extensions);
    let mut locale = request.page.locale;
    let result = match form.action.as_str() {
        "profile" => {
            let saved = profile::update(&state, &request, &form, &messages).await;
            // The page follows in the new language.
            if matches!(saved, Ok(AccountOutcome::Done(_))) {
                locale = Locale::parse(&form.language).unwrap_or(locale);
            }
            saved
        }
        "password" => match password::change(&state, &request, &form, address, &messages).await {
            Ok(Ok(account)) => {
                // All sessions have ended, this one begins again.
                if let Err(cause) = portal::log_in(&session, &account, client).await {
                    return SignInError::from(cause).page(&state, request.page).await;
                }
                Ok(AccountOutcome::Done("password-changed"))
            }
            Ok(Err(refused)) => Ok(refused),
            Err(error) => Err(error),
        },
        "end-session" => sessions::end_one(&state, &request, &form, &messages).await,
        "end-others" => sessions::end_others(&state, &request, (&session, &form), &messages).await,
        "delete" => {
            match deletion::delete(&state, &request, &form, (address, &headers), &messages).await {
                Ok(None) => {
                    return match portal::log_out(&session).await {
                        Ok(()) => {
                            member_sandbox::try_delete_left_sandboxes(&state).await;
                            let home = format!("/{locale}");
                            let mut response = Redirect::to(&home).into_response();
                            member_sandbox::forget(&state, &mut response);
                            response
                        }
                        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
                    };
                }
                Ok(Some(refusal)) => Ok(AccountOutcome::Refused(refusal)),
                Err(error) => Err(error),
            }
        }
        _ => Ok(AccountOutcome::refused(messages.get("login-unreadable"))),
    };
    match result {
        Ok(AccountOutcome::Done(done)) => Redirect::to(&done_address(locale, done)).into_response(),
        Ok(outcome) => account_page(&state, request, &session, Some(outcome)).await,
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

/// What the page shows of an account.
#[derive(Clone)]
struct AccountRecord {
    account: Account,
    has_password: bool,
    ways: LoginWays,
    sessions: Vec<OwnSession>,
}

/// Reads what the page shows; `None` when the account was deleted since the session was read.
async fn load(
    state: &AppState,
    request: &MemberRequest,
) -> Result<Option<AccountRecord>, StoreError> {
    let (id, now) = (request.viewer.account, state.portal.clock.now());
    let store = &state.portal.store;
    let Some(account) = store.find_account(id).await? else {
        return Ok(None);
    };
    Ok(Some(AccountRecord {
        account,
        has_password: store.find_password_hash(id).await?.is_some(),
        ways: LoginWays::of(state, id).await?,
        sessions: store.list_sessions(id, now).await?,
    }))
}

async fn account_page(
    state: &AppState,
    request: MemberRequest,
    session: &Session,
    outcome: Option<AccountOutcome>,
) -> Response {
    let record = match load(state, &request).await {
        Ok(Some(record)) => record,
        Ok(None) => return Redirect::to(&format!("/{}", request.page.locale)).into_response(),
        Err(cause) => return notice::unavailable(state, request.page, &cause).await,
    };
    let own = portal::session_id_hash(session);
    let locale = request.page.locale;
    let messages = state.i18n.messages(locale).clone();
    let is_asked = matches!(outcome, Some(AccountOutcome::AskEndOthers));
    let (status, message, refusal) = match outcome {
        None | Some(AccountOutcome::AskEndOthers) => {
            (StatusCode::OK, None, AccountRefusal::default())
        }
        Some(AccountOutcome::Done(done)) => {
            let text = messages.get(&format!("account-{done}"));
            (
                StatusCode::OK,
                Some((true, text)),
                AccountRefusal::default(),
            )
        }
        Some(AccountOutcome::Refused(refusal)) => {
            let message = refusal.message.clone().map(|text| (false, text));
            (StatusCode::UNPROCESSABLE_ENTITY, message, refusal)
        }
    };
    let meta = PageMeta {
        has_navigation: false,
        is_indexed: false,
        styles: &[StyleSheet::Portal],
        status,
        ..PageMeta::new(request.page, messages.get("account-title"), "/account")
    };
    let locales = state.locales();
    let settings = state.portal.settings.get();
    let view = move || {
        let action = format!("/{locale}/account");
        let AccountRecord {
            account,
            has_password,
            ways,
            sessions,
        } = &record;
        let role = messages.get(&format!("role-{}", account.role));
        let values = [("email", account.email.as_str()), ("role", &role)];
        let lead = messages.with("account-lead", &values);
        // Who logs in with the identity provider has no password.
        let password = has_password.then(|| password::form_view(&action, &refusal, &messages));
        let question = is_asked.then(|| sessions::question(&action, &messages));
        view! {
            <main id="content" class="portal-page" tabindex="-1">
                <h1>{messages.get("account-title")}</h1>
                <p class="lead">{lead}</p>
                {outcome_view(message.clone())}
                {question}
                {profile::form_view(&action, account, &locales, &refusal, &messages)}
                {password}
                {login_ways::section(&action, *ways, &messages)}
                {sessions::section(&action, sessions, own, &messages)}
                {own_data::section(&action, &settings, &messages)}
                {deletion::form_view(&action, (*has_password, settings.audit_days), &refusal, &messages)}
            </main>
        }
    };
    render(state, meta, view).await
}
