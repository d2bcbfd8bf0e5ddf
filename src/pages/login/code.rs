//! `/{lang}/login/code`: the code of the second factor, after the password. Only then the session begins.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use crate::model::account::Account;
use crate::model::messages::MessageCatalog;
use crate::pages::card::{self, FormCard};
use crate::pages::form_field::Field;
use crate::pages::meta::PageRequest;
use crate::pages::pending_login::CodeLoginData;
use crate::pages::sign_in::{SignIn, SignInError};
use crate::pages::{notice, pending_login};
use crate::portal::LinkToken;
use crate::portal::store::audit::AuditAction;
use crate::portal::store::pending_login::PendingStep;
use crate::portal::store::second_factor::CodeOutcome;
use crate::state::AppState;

/// The fields of the form. It does not implement `Debug`, because the code is a secret.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct CodeForm {
    code: String,
}

/// A login whose password was correct.
struct CodeLogin {
    token: LinkToken,
    account: Account,
    next: String,
}

/// Handles `GET /{lang}/login/code`.
pub(in crate::pages) async fn show(
    State(state): State<AppState>,
    page_request: PageRequest,
    headers: HeaderMap,
) -> Response {
    match find(&state, &headers).await {
        Ok(Some(_)) => {
            let messages = state.i18n.messages(page_request.locale).clone();
            card::show(&state, page_request, form(&messages, None), || ()).await
        }
        Ok(None) => to_login(&page_request),
        Err(cause) => notice::unavailable(&state, page_request, &cause).await,
    }
}

/// Handles `POST /{lang}/login/code`.
pub(in crate::pages) async fn submit(
    State(state): State<AppState>,
    page_request: PageRequest,
    sign_in: SignIn,
    form_data: Result<Form<CodeForm>, FormRejection>,
) -> Response {
    let login = match find(&state, &sign_in.headers).await {
        Ok(Some(login)) => login,
        Ok(None) => return to_login(&page_request),
        Err(cause) => return notice::unavailable(&state, page_request, &cause).await,
    };
    let messages = state.i18n.messages(page_request.locale).clone();
    let code = form_data.map(|Form(form)| form.code).unwrap_or_default();
    match check(&state, &sign_in, &login, &code).await {
        Ok(Checked::Begun(mut response)) => {
            pending_login::delete(&state, response.headers_mut());
            response
        }
        Ok(Checked::Wrong) => {
            let problem = Some(messages.get("code-wrong"));
            let card = form(&messages, problem);
            card::show(&state, page_request, card, || ()).await
        }
        Ok(Checked::Throttled(seconds)) => {
            let text = messages.with("login-throttled", &[("seconds", &seconds.to_string())]);
            let card = form(&messages, None).refused(StatusCode::TOO_MANY_REQUESTS, text);
            let mut response = card::show(&state, page_request, card, || ()).await;
            let seconds = HeaderValue::from(seconds);
            response.headers_mut().insert(RETRY_AFTER, seconds);
            response
        }
        Ok(Checked::Ended) => to_login(&page_request),
        Err(error) => error.page(&state, page_request).await,
    }
}

/// What became of a code.
enum Checked {
    Begun(Response),
    Wrong,
    Throttled(i64),
    /// Another request has finished the login.
    Ended,
}

async fn check(
    state: &AppState,
    sign_in: &SignIn,
    login: &CodeLogin,
    code: &str,
) -> Result<Checked, SignInError> {
    let (portal, account) = (&state.portal, &login.account);
    let actor = sign_in.actor_of(account);
    match portal.use_code(account, code, &actor).await? {
        CodeOutcome::Accepted => {}
        CodeOutcome::Wrong => {
            let (action, email) = (AuditAction::LogInFailed, account.email.as_str());
            portal.record_audit(&sign_in.actor, action, email).await;
            return Ok(Checked::Wrong);
        }
        CodeOutcome::Throttled(seconds) => return Ok(Checked::Throttled(seconds)),
    }
    if !portal.end_login(&login.token).await? {
        return Ok(Checked::Ended);
    }
    let begun = sign_in.log_in(state, account, &login.next).await?;
    Ok(Checked::Begun(begun))
}

/// Finds the login of the cookie, if its account can still log in.
async fn find(
    state: &AppState,
    headers: &HeaderMap,
) -> Result<Option<CodeLogin>, crate::portal::store::StoreError> {
    let Some(token) = pending_login::find(state, headers) else {
        return Ok(None);
    };
    let Some(login) = state.portal.find_login(&token, PendingStep::Code).await? else {
        return Ok(None);
    };
    let account = match login.account {
        Some(id) => state.portal.store.find_account(id).await?,
        None => None,
    };
    let data = serde_json::from_str::<CodeLoginData>(&login.data).ok();
    // After the password was checked, the account may have got another one.
    let proved = account.zip(data).filter(|(account, data)| {
        !account.is_disabled && account.access_version == data.access_version
    });
    Ok(proved.map(|(account, data)| CodeLogin {
        token,
        account,
        next: data.next,
    }))
}

fn to_login(page_request: &PageRequest) -> Response {
    Redirect::to(&format!("/{}/login", page_request.locale)).into_response()
}

fn form(messages: &MessageCatalog, problem: Option<String>) -> FormCard {
    FormCard {
        title: messages.get("code-title"),
        lead: messages.get("code-lead"),
        path: "/login/code".to_owned(),
        fields: vec![Field {
            name: "code",
            kind: "text",
            label: messages.get("code-label"),
            autocomplete: "one-time-code",
            note: Some(messages.get("code-note")),
            problem,
            ..Field::default()
        }],
        submit: Some(messages.get("login")),
        ..FormCard::default()
    }
}
