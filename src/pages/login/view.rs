//! Renders the login form, with an error message after a failed attempt.

use axum::extract::{RawQuery, State};
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;

use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::passkey;
use crate::pages::register::open_registration;
use crate::pages::render::render;
use crate::portal::RedirectPath;
use crate::state::AppState;

/// The reason why a login failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LoginProblem {
    /// The address is unknown or the password is wrong.
    Refused,
    /// The password is correct, but an admin has disabled the account.
    Disabled,
    /// Nobody is logged in, and the request needs an account.
    Required,
    /// A login has just succeeded, but the browser has not sent its cookie.
    NoCookie,
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
#[derive(Clone, Default)]
pub(super) struct LoginFormState {
    /// The reason why the last attempt failed, if any.
    pub(super) problem: Option<LoginProblem>,
    /// The email address as it was typed.
    pub(super) email: String,
    /// The requested redirect path after login, not validated; it is validated before it is used.
    pub(super) next: String,
}

impl LoginFormState {
    /// Creates an empty form with an error.
    #[must_use]
    pub(super) fn problem(problem: LoginProblem) -> LoginFormState {
        LoginFormState {
            problem: Some(problem),
            ..LoginFormState::default()
        }
    }
}

impl LoginProblem {
    fn status(self) -> StatusCode {
        match self {
            LoginProblem::NoCookie => StatusCode::OK,
            LoginProblem::Refused | LoginProblem::Required => StatusCode::UNAUTHORIZED,
            LoginProblem::Disabled => StatusCode::FORBIDDEN,
            LoginProblem::Missing => StatusCode::UNPROCESSABLE_ENTITY,
            LoginProblem::Throttled(_) => StatusCode::TOO_MANY_REQUESTS,
            LoginProblem::Busy | LoginProblem::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            LoginProblem::Unreadable(status) => status,
        }
    }

    fn text(self, messages: &MessageCatalog) -> String {
        let seconds = match self {
            LoginProblem::Throttled(seconds) => seconds.to_string(),
            _ => String::new(),
        };
        let key = match self {
            LoginProblem::Throttled(_) => "login-throttled",
            LoginProblem::Refused => "login-wrong",
            LoginProblem::Disabled => "login-disabled",
            LoginProblem::Required => "login-first",
            LoginProblem::NoCookie => "login-no-cookie",
            LoginProblem::Busy => "login-busy",
            LoginProblem::Missing => "login-required",
            LoginProblem::Unavailable => "login-unavailable",
            LoginProblem::Unreadable(_) => "login-unreadable",
        };
        messages.with(key, &[("seconds", &seconds)])
    }
}

/// How long a login may be ago whose cookie is missed, in milliseconds: the address may be opened again later.
const BEGUN_LIFETIME: i64 = 60_000;

/// Handles `GET /{lang}/login?next=…`, also with `begun` after a login (`pages::sign_in`).
pub(in crate::pages) async fn show(
    State(state): State<AppState>,
    page_request: PageRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let parameter = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value)
    };
    let begun = parameter("begun");
    if begun.is_some() && page_request.viewer.is_some() {
        let next = RedirectPath::parse(&parameter("next").unwrap_or_default());
        let home = || format!("/{}", page_request.locale);
        let target = next.map_or_else(home, |next| next.as_str().to_owned());
        return Redirect::to(&target).into_response();
    }
    let now = state.portal.clock.now();
    let begun = begun.and_then(|time| time.parse::<i64>().ok());
    let is_recent =
        begun.is_some_and(|time| (0..BEGUN_LIFETIME).contains(&now.saturating_sub(time)));
    let next = parameter("next").map(|next| in_locale(&next, page_request.locale));
    let form = LoginFormState {
        problem: is_recent.then_some(LoginProblem::NoCookie),
        next: next.unwrap_or_default(),
        ..LoginFormState::default()
    };
    page(&state, page_request, form).await
}

/// Returns a path of the site in another language, which is chosen on the login page like on every other one.
fn in_locale(path: &str, locale: Locale) -> String {
    let rest = path.strip_prefix('/').unwrap_or_default();
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    match Locale::parse(&rest[..end]) {
        Some(_) => format!("/{locale}{}", &rest[end..]),
        None => path.to_owned(),
    }
}

/// Renders the login page with status 401 for a request that needs an account and must be sent again after the login.
pub(in crate::pages) async fn required(state: &AppState, page_request: PageRequest) -> Response {
    page(
        state,
        page_request,
        LoginFormState::problem(LoginProblem::Required),
    )
    .await
}

/// Does the same for a request that no route has read.
pub async fn login_required(state: &AppState, locale: Locale) -> Response {
    let page_request = PageRequest {
        locale,
        viewer: None,
    };
    required(state, page_request).await
}

/// Renders the login page, before or after an attempt.
pub(super) async fn page(
    state: &AppState,
    page_request: PageRequest,
    form: LoginFormState,
) -> Response {
    let locale = page_request.locale;
    let messages = state.i18n.messages(locale).clone();
    let problem = form.problem;
    let mut meta = PageMeta::new(page_request, messages.get("login-title"), "/login");
    meta.has_navigation = false;
    meta.status = problem.map_or(StatusCode::OK, LoginProblem::status);
    if problem.is_none() && form.next.is_empty() && form.email.is_empty() {
        meta.share();
    }
    let lead = match state.is_members_only() {
        true => messages.get("login-lead-members"),
        false => messages.get("login-lead"),
    };
    if !form.next.is_empty() {
        let next: String = form_urlencoded::byte_serialize(form.next.as_bytes()).collect();
        meta.query = format!("?next={next}");
    }
    let provider = state.single_sign_on.as_ref();
    let provider = provider.map(|provider| provider.settings().name.clone());
    let can_register = open_registration(state).is_some();
    let this_state = state.clone();
    let view = move || {
        let passkey = passkey::login_form(&this_state, locale, &form.next, &messages).into_any();
        let others = OtherLogins {
            provider: provider.clone(),
            passkey,
            can_register,
        };
        content(locale, lead.clone(), others, &messages, &form)
    };
    let mut response = render(state, meta, view).await;
    let headers = response.headers_mut();
    if problem.is_some() {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    match problem {
        // RFC 9110, section 11.6.1, requires a challenge with every 401. Browsers do not open a dialog for this
        // scheme.
        Some(LoginProblem::Refused | LoginProblem::Required) => {
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

/// The other ways to log in or to get an account.
struct OtherLogins {
    /// The name of the identity provider.
    provider: Option<String>,
    /// The form for passkeys.
    passkey: AnyView,
    /// Whether people can register with an address.
    can_register: bool,
}

/// Renders the form.
fn content(
    locale: Locale,
    lead: String,
    others: OtherLogins,
    messages: &MessageCatalog,
    form: &LoginFormState,
) -> impl IntoView + use<> {
    let OtherLogins {
        provider,
        passkey,
        can_register,
    } = others;
    let provider = provider.map(|name| {
        let text = messages.with("provider-log-in", &[("name", &name)]);
        view! {
            <form class="login-form" method="post" action=format!("/{locale}/login/provider")>
                <input type="hidden" name="next" value=form.next.clone()/>
                <p><button type="submit" class="button">{text}</button></p>
            </form>
        }
    });
    let is_wrong = matches!(
        form.problem,
        Some(LoginProblem::Refused | LoginProblem::Missing)
    );
    let invalid = is_wrong.then_some("true");
    let described_by = form.problem.map(|_| "login-problem");
    let problem = form.problem.map(|problem| {
        view! { <p id="login-problem" class="field-error" role="alert">{problem.text(messages)}</p> }
    });
    let register = can_register.then(|| {
        view! { <p class="quiet"><a href=format!("/{locale}/register")>{messages.get("login-register")}</a></p> }
    });
    view! {
        <main id="content" class="card-page" tabindex="-1"><div class="card">
            <h1>{messages.get("login-title")}</h1>
            <p class="lead">{lead}</p>
            <form class="login-form" method="post" action=format!("/{locale}/login")>
                <input type="hidden" name="next" value=form.next.clone()/>
                {problem}
                <p class="field">
                    <label for="login-email">{messages.get("login-email")}</label>
                    <input id="login-email" name="email" type="email" autocomplete="username" required
                        value=form.email.clone() aria-invalid=invalid aria-describedby=described_by/>
                </p>
                <p class="field">
                    <label for="login-password">{messages.get("login-password")}</label>
                    <input id="login-password" name="password" type="password" autocomplete="current-password" required
                        aria-invalid=invalid aria-describedby=described_by/>
                </p>
                <p><button type="submit" class="button primary">{messages.get("login")}</button></p>
            </form>
            {passkey}
            {provider}
            {register}
            <p class="quiet"><a href=format!("/{locale}/forgot")>{messages.get("forgot-title")}</a></p>
        </div></main>
    }
}
