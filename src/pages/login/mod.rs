//! The login page: a form that works without scripts. After a failed attempt it shows an error message
//! and keeps the typed email address.
//!
//! `submit` checks the password.

mod submit;

use axum::extract::{RawQuery, State};
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use leptos::prelude::*;

use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::{PageMeta, PageRequest, render};
use crate::state::AppState;

pub(super) use submit::submit;

/// The reason why a login failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginProblem {
    /// The address is unknown or the password is wrong.
    Refused,
    /// A field is empty.
    Missing,
    /// Too many attempts failed; the next attempt is allowed after this number of seconds.
    Throttled(i64),
    /// Too many logins are being processed at the same time.
    Busy,
    /// The database or the password hashing failed.
    Unavailable,
    /// The body is not the login form; the response has this status.
    Unreadable(StatusCode),
}

/// The state of the login form, without the password.
#[derive(Clone, Debug, Default)]
pub struct LoginOutcome {
    /// The reason why the last attempt failed, if any.
    pub problem: Option<LoginProblem>,
    /// The email address as it was typed.
    pub email: String,
    /// The requested redirect path after login, not validated; it is validated before it is used.
    pub next: String,
}

impl LoginOutcome {
    /// Creates an empty form with an error.
    #[must_use]
    pub fn problem(problem: LoginProblem) -> LoginOutcome {
        LoginOutcome {
            problem: Some(problem),
            ..LoginOutcome::default()
        }
    }
}

impl LoginProblem {
    fn status(self) -> StatusCode {
        match self {
            LoginProblem::Refused => StatusCode::UNAUTHORIZED,
            LoginProblem::Missing => StatusCode::UNPROCESSABLE_ENTITY,
            LoginProblem::Throttled(_) => StatusCode::TOO_MANY_REQUESTS,
            LoginProblem::Busy | LoginProblem::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            LoginProblem::Unreadable(status) => status,
        }
    }

    fn text(self, words: &MessageCatalog) -> String {
        let seconds = match self {
            LoginProblem::Throttled(seconds) => seconds.to_string(),
            _ => String::new(),
        };
        let key = match self {
            LoginProblem::Throttled(_) => "login-throttled",
            LoginProblem::Refused => "login-wrong",
            LoginProblem::Busy => "login-busy",
            LoginProblem::Missing => "login-required",
            LoginProblem::Unavailable => "login-unavailable",
            LoginProblem::Unreadable(_) => "login-unreadable",
        };
        words.with(key, &[("seconds", &seconds)])
    }
}

/// Handles `GET /{lang}/login?next=…`.
pub(super) async fn show(
    State(state): State<AppState>,
    reader: PageRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let next = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "next");
    let next = next.map(|(_, next)| next.into_owned()).unwrap_or_default();
    page(
        &state,
        reader,
        LoginOutcome {
            next,
            ..LoginOutcome::default()
        },
    )
    .await
}

/// Renders the login page, before or after an attempt.
pub async fn page(state: &AppState, reader: PageRequest, outcome: LoginOutcome) -> Response {
    let locale = reader.locale;
    let words = state.i18n.words(locale).clone();
    let problem = outcome.problem;
    let mut meta = PageMeta::new(reader, words.get("login-title"), "/login");
    meta.status = problem.map_or(StatusCode::OK, LoginProblem::status);
    if problem.is_none() && outcome.next.is_empty() && outcome.email.is_empty() {
        meta.share();
    }
    let view = move || content(locale, &words, &outcome);
    let mut response = render(state, meta, view).await;
    let headers = response.headers_mut();
    if problem.is_some() {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    match problem {
        // RFC 9110, section 11.6.1, requires a challenge with every 401. Browsers do not open a dialog for this
        // scheme.
        Some(LoginProblem::Refused) => {
            headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Cookie realm=\"routebook\""),
            );
        }
        Some(LoginProblem::Throttled(seconds)) => {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        Some(LoginProblem::Busy) => {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    response
}

fn content(
    locale: Locale,
    words: &MessageCatalog,
    outcome: &LoginOutcome,
) -> impl IntoView + use<> {
    let wrong = matches!(
        outcome.problem,
        Some(LoginProblem::Refused | LoginProblem::Missing)
    );
    let invalid = wrong.then_some("true");
    let described = outcome.problem.map(|_| "login-problem");
    let problem = outcome.problem.map(|problem| {
        view! { <p id="login-problem" class="field-error" role="alert">{problem.text(words)}</p> }
    });
    view! {
        <main id="content" class="home" tabindex="-1">
            <h1>{words.get("login-title")}</h1>
            <p class="lead">{words.get("login-lead")}</p>
            <form class="login-form" method="post" action=format!("/{locale}/login")>
                <input type="hidden" name="next" value=outcome.next.clone()/>
                {problem}
                <p class="field">
                    <label for="login-email">{words.get("login-email")}</label>
                    <input id="login-email" name="email" type="email" autocomplete="username" required
                        value=outcome.email.clone() aria-invalid=invalid aria-describedby=described/>
                </p>
                <p class="field">
                    <label for="login-password">{words.get("login-password")}</label>
                    <input id="login-password" name="password" type="password" autocomplete="current-password" required
                        aria-invalid=invalid aria-describedby=described/>
                </p>
                <p><button type="submit" class="button primary">{words.get("login")}</button></p>
            </form>
        </main>
    }
}
