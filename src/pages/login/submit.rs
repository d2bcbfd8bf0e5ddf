//! `POST /{lang}/login`: checks the password and creates a session.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::Response;
use serde::Deserialize;

use crate::pages::login::view::{self, LoginFormState, LoginProblem};
use crate::pages::meta::PageRequest;
use crate::pages::sign_in::{SignIn, SignInError};
use crate::portal::{AuthenticationError, LogInError};
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
    sign_in: SignIn,
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
    match log_in(&state, &sign_in, &page_request, &email, password, &next).await {
        Ok(response) => response,
        Err(problem) => {
            let form = LoginFormState {
                problem: Some(problem),
                email,
                next,
            };
            view::page(&state, page_request, form).await
        }
    }
}

/// Checks the password and continues the login.
///
/// # Errors
/// The [`LoginProblem`] to show.
async fn log_in(
    state: &AppState,
    sign_in: &SignIn,
    page_request: &PageRequest,
    email: &str,
    password: String,
    next: &str,
) -> Result<Response, LoginProblem> {
    if email.trim().is_empty() || password.is_empty() {
        return Err(LoginProblem::Missing);
    }
    let account = state
        .portal
        .authenticate(email, password, sign_in.network, &sign_in.actor)
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
    sign_in
        .after_password(state, page_request.locale, &account, next)
        .await
        .map_err(|error| match error {
            // The password is not the right one any more, or the account is disabled.
            SignInError::LogIn(LogInError::Ended) => LoginProblem::Refused,
            cause => {
                tracing::error!(%cause, "a session cannot be created");
                LoginProblem::Unavailable
            }
        })
}
