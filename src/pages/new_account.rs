//! The pages behind links that are sent to people: `/{lang}/join/{token}` creates an account with an invitation,
//! `/{lang}/reset/{token}` sets a new password.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use leptos::prelude::*;
use serde::Deserialize;

use crate::model::account::{AccountId, DisplayName, TeamRole};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::user::Email;
use crate::pages::form_field::{Field, field};
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::notice;
use crate::pages::render::render;
use crate::pages::sign_in::SignIn;
use crate::portal::store::account::NewAccount;
use crate::portal::store::invitation::Invitation;
use crate::portal::{
    self, AuthenticationError, HashingError, LinkToken, Password, PasswordError, PeopleError,
};
use crate::state::AppState;

/// The fields of both forms. It does not implement `Debug`, because it contains a password.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct NewAccountForm {
    name: String,
    email: String,
    password: String,
}

/// Why a form was refused: the name of a field and a message, or a message about the whole form.
#[derive(Clone, Debug, Default)]
struct Problems {
    name: Option<String>,
    email: Option<String>,
    password: Option<String>,
    form: Option<(StatusCode, String)>,
}

impl Problems {
    fn is_empty(&self) -> bool {
        let fields = [&self.name, &self.email, &self.password];
        fields.iter().all(|field| field.is_none()) && self.form.is_none()
    }

    fn status(&self) -> StatusCode {
        match &self.form {
            Some((status, _)) => *status,
            None if self.is_empty() => StatusCode::OK,
            None => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

/// Returns the message for a password that is refused.
pub(super) fn password_problem(error: PasswordError, messages: &MessageCatalog) -> String {
    messages.get(match error {
        PasswordError::TooShort => "password-too-short",
        PasswordError::TooLong => "password-too-long",
        PasswordError::Common => "password-common",
    })
}

/// Handles `GET /{lang}/join/{token}`.
pub(super) async fn show_join(
    State(state): State<AppState>,
    page_request: PageRequest,
    Path((_, token)): Path<(String, String)>,
) -> Response {
    match find_invitation(&state, &token).await {
        Ok(Some((_, invitation))) if state.portal.is_closed_for(&invitation) => {
            let status = StatusCode::FORBIDDEN;
            notice::show(&state, page_request, status, "registration-closed").await
        }
        Ok(Some((_, invitation))) => {
            let form = NewAccountForm::default();
            join_page(
                &state,
                page_request,
                &token,
                &invitation,
                form,
                Problems::default(),
            )
            .await
        }
        Ok(None) => invalid_link(&state, page_request).await,
        Err(cause) => notice::unavailable(&state, page_request, &cause).await,
    }
}

/// Handles `POST /{lang}/join/{token}`: creates the account, begins a session, and redirects to what comes next.
pub(super) async fn submit_join(
    State(state): State<AppState>,
    page_request: PageRequest,
    Path((_, token)): Path<(String, String)>,
    sign_in: SignIn,
    form: Result<Form<NewAccountForm>, FormRejection>,
) -> Response {
    let (link, invitation) = match find_invitation(&state, &token).await {
        Ok(Some(found)) => found,
        Ok(None) => return invalid_link(&state, page_request).await,
        Err(cause) => return notice::unavailable(&state, page_request, &cause).await,
    };
    let locale = page_request.locale;
    let messages = state.i18n.messages(locale);
    let Form(form) = match form {
        Ok(form) => form,
        Err(rejection) => {
            let problems = unreadable(rejection.status(), messages);
            let form = NewAccountForm::default();
            return join_page(&state, page_request, &token, &invitation, form, problems).await;
        }
    };
    let (name, email) = (
        DisplayName::parse(&form.name),
        Email::parse(form.email.trim()),
    );
    let password = Password::parse(&form.password);
    let mut problems = Problems {
        name: name.is_none().then(|| messages.get("join-name-invalid")),
        email: email.is_none().then(|| messages.get("join-email-invalid")),
        password: password
            .as_ref()
            .err()
            .map(|error| password_problem(*error, messages)),
        form: None,
    };
    if let (Some(name), Some(email), Ok(password)) = (name, email, password) {
        let account = NewAccount {
            email,
            name,
            language: locale,
            // The invitation decides.
            role: invitation.role,
        };
        match state
            .portal
            .join(&link, account, password, sign_in.actor.clone())
            .await
        {
            Ok(id) => {
                return begin(&state, page_request, &sign_in, id, true).await;
            }
            Err(PeopleError::InvalidLink) => return invalid_link(&state, page_request).await,
            Err(PeopleError::Closed) => {
                let status = StatusCode::FORBIDDEN;
                return notice::show(&state, page_request, status, "registration-closed").await;
            }
            Err(PeopleError::OtherAddress) => {
                problems.email = Some(messages.get("join-other-address"));
            }
            Err(PeopleError::EmailTaken) => problems.email = Some(messages.get("join-email-taken")),
            Err(error) => problems = failed(&error, messages),
        }
    }
    join_page(&state, page_request, &token, &invitation, form, problems).await
}

/// Handles `GET /{lang}/reset/{token}`.
pub(super) async fn show_reset(
    State(state): State<AppState>,
    page_request: PageRequest,
    Path((_, token)): Path<(String, String)>,
) -> Response {
    let account = match LinkToken::parse(&token) {
        Some(link) => state.portal.find_reset(&link).await,
        None => Ok(None),
    };
    match account {
        Ok(Some(account)) => {
            let email = account.email.as_str().to_owned();
            reset_page(&state, page_request, &token, email, Problems::default()).await
        }
        Ok(None) => invalid_link(&state, page_request).await,
        Err(cause) => notice::unavailable(&state, page_request, &cause).await,
    }
}

/// Handles `POST /{lang}/reset/{token}`: sets the password, begins a session, and redirects to the front page.
pub(super) async fn submit_reset(
    State(state): State<AppState>,
    page_request: PageRequest,
    Path((_, token)): Path<(String, String)>,
    sign_in: SignIn,
    form: Result<Form<NewAccountForm>, FormRejection>,
) -> Response {
    let Some(link) = LinkToken::parse(&token) else {
        return invalid_link(&state, page_request).await;
    };
    let account = match state.portal.find_reset(&link).await {
        Ok(Some(account)) => account,
        Ok(None) => return invalid_link(&state, page_request).await,
        Err(cause) => return notice::unavailable(&state, page_request, &cause).await,
    };
    let messages = state.i18n.messages(page_request.locale);
    let password = form.map(|Form(form)| Password::parse(&form.password));
    let problems = match password {
        Err(rejection) => unreadable(rejection.status(), messages),
        Ok(Err(error)) => Problems {
            password: Some(password_problem(error, messages)),
            ..Problems::default()
        },
        Ok(Ok(password)) => match state
            .portal
            .reset_password(&link, password, &sign_in.actor)
            .await
        {
            Ok(id) => {
                return begin(&state, page_request, &sign_in, id, false).await;
            }
            Err(PeopleError::InvalidLink) => return invalid_link(&state, page_request).await,
            Err(error) => failed(&error, messages),
        },
    };
    let email = account.email.as_str().to_owned();
    reset_page(&state, page_request, &token, email, problems).await
}

/// Begins the session of an account that was just created or has a new password.
async fn begin(
    state: &AppState,
    page_request: PageRequest,
    sign_in: &SignIn,
    account: AccountId,
    is_new: bool,
) -> Response {
    let account = match state.portal.store.find_account(account).await {
        Ok(Some(account)) => account,
        Ok(None) => return invalid_link(state, page_request).await,
        Err(cause) => return notice::unavailable(state, page_request, &cause).await,
    };
    let home = match (is_new, account.role) {
        // Who sets a site up invites the team next.
        (true, TeamRole::Admin) => format!("/{}/admin/invitations", page_request.locale),
        (true, _) => format!("/{}/learn", page_request.locale),
        (false, _) => format!("/{}", page_request.locale),
    };
    let begun = match is_new {
        true => sign_in.begin(state, &account, &home, None).await,
        false => {
            let locale = page_request.locale;
            sign_in.after_password(state, locale, &account, &home).await
        }
    };
    match begun {
        Ok(response) => response,
        Err(error) => error.page(state, page_request).await,
    }
}

async fn find_invitation(
    state: &AppState,
    token: &str,
) -> Result<Option<(LinkToken, Invitation)>, portal::store::StoreError> {
    let Some(link) = LinkToken::parse(token) else {
        return Ok(None);
    };
    let invitation = state.portal.find_invitation(&link).await?;
    Ok(invitation.map(|invitation| (link, invitation)))
}

async fn invalid_link(state: &AppState, page_request: PageRequest) -> Response {
    notice::show(state, page_request, StatusCode::NOT_FOUND, "link-invalid").await
}

fn unreadable(status: StatusCode, messages: &MessageCatalog) -> Problems {
    Problems {
        form: Some((status, messages.get("login-unreadable"))),
        ..Problems::default()
    }
}

/// Returns the message for a failure that is not the fault of what was typed.
fn failed(error: &PeopleError, messages: &MessageCatalog) -> Problems {
    let key = match error {
        PeopleError::Hashing(HashingError::Busy)
        | PeopleError::Authentication(AuthenticationError::Busy) => "login-busy",
        other => {
            tracing::error!(cause = %other, "an account could not be changed");
            "account-unavailable"
        }
    };
    Problems {
        form: Some((StatusCode::SERVICE_UNAVAILABLE, messages.get(key))),
        ..Problems::default()
    }
}

async fn join_page(
    state: &AppState,
    page_request: PageRequest,
    token: &str,
    invitation: &Invitation,
    form: NewAccountForm,
    problems: Problems,
) -> Response {
    let messages = state.i18n.messages(page_request.locale).clone();
    let role = messages.get(&format!("role-{}", invitation.role));
    let lead = match &invitation.creator {
        Some(creator) => messages.with("join-lead", &[("name", creator), ("role", &role)]),
        None if invitation.is_for_first_admin() => messages.get("join-lead-first"),
        None => messages.get("join-lead-register"),
    };
    let fixed = invitation
        .email
        .as_ref()
        .map(|email| email.as_str().to_owned());
    let fields = vec![
        Field {
            name: "name",
            kind: "text",
            label: messages.get("join-name"),
            autocomplete: "name",
            value: form.name,
            problem: problems.name.clone(),
            note: Some(messages.get("join-name-note")),
            ..Field::default()
        },
        Field {
            name: "email",
            kind: "email",
            label: messages.get("login-email"),
            autocomplete: "username",
            is_read_only: fixed.is_some(),
            value: fixed.unwrap_or(form.email),
            problem: problems.email.clone(),
            ..Field::default()
        },
        new_password(&messages, problems.password.clone()),
    ];
    let action = format!("/{}/join/{token}", page_request.locale);
    let path = format!("/join/{token}");
    let texts = Texts {
        title: messages.get("join-title"),
        lead,
        submit: messages.get("join-submit"),
        logged_in: page_request
            .viewer
            .as_ref()
            .map(|viewer| viewer.name.to_string()),
    };
    form_page(state, page_request, path, action, texts, fields, problems).await
}

async fn reset_page(
    state: &AppState,
    page_request: PageRequest,
    token: &str,
    email: String,
    problems: Problems,
) -> Response {
    let messages = state.i18n.messages(page_request.locale).clone();
    let fields = vec![
        Field {
            name: "email",
            kind: "email",
            label: messages.get("login-email"),
            autocomplete: "username",
            value: email,
            is_read_only: true,
            ..Field::default()
        },
        new_password(&messages, problems.password.clone()),
    ];
    let action = format!("/{}/reset/{token}", page_request.locale);
    let path = format!("/reset/{token}");
    let texts = Texts {
        title: messages.get("reset-title"),
        lead: messages.get("reset-lead"),
        submit: messages.get("reset-submit"),
        logged_in: None,
    };
    form_page(state, page_request, path, action, texts, fields, problems).await
}

/// Returns the field for a new password.
pub(super) fn new_password(messages: &MessageCatalog, problem: Option<String>) -> Field {
    Field {
        name: "password",
        kind: "password",
        label: messages.get("new-password"),
        autocomplete: "new-password",
        note: Some(messages.get("new-password-note")),
        problem,
        ..Field::default()
    }
}

/// The texts around a form.
#[derive(Clone)]
struct Texts {
    title: String,
    lead: String,
    submit: String,
    /// The name of who is logged in, when the form creates another account.
    logged_in: Option<String>,
}

/// Renders as whom somebody is logged in who opens a link for another account, with a button that logs out and opens the link again.
fn logged_in_view(
    locale: Locale,
    name: &str,
    link: &str,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let text = messages.with("join-logged-in", &[("name", name)]);
    view! {
        <p>{text}</p>
        <form method="post" action=format!("/{locale}/logout")>
            <input type="hidden" name="next" value=link.to_owned()/>
            <button class="button">{messages.get("logout")}</button>
        </form>
    }
}

async fn form_page(
    state: &AppState,
    page_request: PageRequest,
    path: String,
    action: String,
    texts: Texts,
    fields: Vec<Field>,
    problems: Problems,
) -> Response {
    let locale = page_request.locale;
    let meta = PageMeta {
        status: problems.status(),
        has_navigation: false,
        is_indexed: false,
        ..PageMeta::new(page_request, texts.title.clone(), path)
    };
    let problem = problems.form.map(|(_, text)| text);
    let messages = state.i18n.messages(locale).clone();
    let view = move || {
        let logged_in = texts.logged_in.as_ref();
        let logged_in = logged_in.map(|name| logged_in_view(locale, name, &action, &messages));
        let fields = fields.clone().into_iter().map(field).collect_view();
        let problem = problem
            .clone()
            .map(|text| view! { <p class="field-error" role="alert">{text}</p> });
        view! {
            <main id="content" class="card-page" tabindex="-1"><div class="card">
                <h1>{texts.title.clone()}</h1>
                <p class="lead">{texts.lead.clone()}</p>
                {logged_in}
                <form class="login-form" method="post" action=action.clone()>
                    {problem}
                    {fields}
                    <p><button type="submit" class="button primary">{texts.submit.clone()}</button></p>
                </form>
            </div></main>
        }
    };
    let is_busy = meta.status == StatusCode::SERVICE_UNAVAILABLE;
    let mut response = render(state, meta, view).await;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if is_busy {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}
