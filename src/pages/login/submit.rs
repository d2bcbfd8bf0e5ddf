//! `POST /{lang}/login`: checks the password and creates a session.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{Extensions, HeaderMap};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use tower_sessions::Session;

use crate::api::ClientAddress;
use crate::model::account::Account;
use crate::model::user::Email;
use crate::pages::actor::AnyActor;
use crate::pages::login::view::{self, LoginFormState, LoginProblem};
use crate::pages::member_sandbox;
use crate::pages::meta::PageRequest;
use crate::portal;
use crate::portal::store::audit::{Actor, AuditAction};
use crate::portal::{AuthenticationError, LoginClient, RedirectPath};
use crate::state::AppState;

/// The fields of the login form. It does not implement `Debug`, because it contains a password.
#[derive(Deserialize)]
pub(in crate::pages) struct LoginForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// Handles `POST /{lang}/login`: creates a session and redirects to `next`, or renders the form again with an error message and the
/// typed email address.
pub(in crate::pages) async fn submit(
    State(state): State<AppState>,
    page_request: PageRequest,
    AnyActor(actor, client): AnyActor,
    session: Session,
    headers: HeaderMap,
    extensions: Extensions,
    form: Result<Form<LoginForm>, FormRejection>,
) -> Response {
    let Form(LoginForm {
        email,
        password,
        next,
    }) = match form {
        Ok(form) => form,
        Err(rejection) => {
            let form = LoginFormState::problem(LoginProblem::Unreadable(rejection.status()));
            return view::page(&state, page_request, form).await;
        }
    };
    let address = ClientAddress::of(&extensions);
    match log_in(&state, &session, &email, password, address, client).await {
        Ok(account) => {
            let actor = Actor {
                account: Some((account.id, account.name)),
                ..actor
            };
            let email = account.email.as_str();
            state
                .portal
                .record_audit(&actor, AuditAction::LogIn, email)
                .await;
            let next = RedirectPath::parse(&next).map(|next| next.as_str().to_owned());
            let home = || format!("/{}", account.language);
            let mut response = Redirect::to(&next.unwrap_or_else(home)).into_response();
            member_sandbox::restore(&state, &headers, account.id, &mut response).await;
            response
        }
        Err(problem) => {
            if matches!(problem, LoginProblem::Refused | LoginProblem::Disabled) {
                // What is not an address may be a password that was typed into the wrong field.
                let typed = Email::parse(email.trim());
                let typed = typed.as_ref().map_or("", Email::as_str);
                let action = AuditAction::LogInFailed;
                state.portal.record_audit(&actor, action, typed).await;
            }
            let form = LoginFormState {
                problem: Some(problem),
                email,
                next,
            };
            view::page(&state, page_request, form).await
        }
    }
}

/// Checks the password and creates a session.
///
/// # Errors
/// The [`LoginProblem`] to show.
async fn log_in(
    state: &AppState,
    session: &Session,
    email: &str,
    password: String,
    address: Option<ClientAddress>,
    client: LoginClient,
) -> Result<Account, LoginProblem> {
    if email.trim().is_empty() || password.is_empty() {
        return Err(LoginProblem::Missing);
    }
    let network = address.map(ClientAddress::network);
    let account = state
        .portal
        .authenticate(email, password, network)
        .await
        .map_err(|error| match error {
            AuthenticationError::WrongCredentials => LoginProblem::Refused,
            AuthenticationError::Disabled => LoginProblem::Disabled,
            AuthenticationError::Throttled { seconds } => LoginProblem::Throttled(seconds),
            AuthenticationError::Busy => LoginProblem::Busy,
            AuthenticationError::Failed(cause) => {
                tracing::error!(%cause, "a password cannot be checked");
                LoginProblem::Unavailable
            }
        })?;
    portal::log_in(session, account.id, client)
        .await
        .map_err(|cause| {
            tracing::error!(%cause, "a session cannot be created");
            LoginProblem::Unavailable
        })?;
    Ok(account)
}
