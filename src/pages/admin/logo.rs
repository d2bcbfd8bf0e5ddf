//! `POST /{lang}/admin/logo`: uploads or removes the picture beside the name of the site. Its form is on the page of settings.

use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;

use crate::content::{LOGO_SIZE_MAX, LogoError, Picture};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::admin::settings;
use crate::pages::notice;
use crate::pages::signed_in::AdminRequest;
use crate::portal::store::logo::Logo;
use crate::state::AppState;

/// The fields of the form.
#[derive(Default)]
struct LogoForm {
    file: Vec<u8>,
    is_removal: bool,
}

/// Handles `POST /{lang}/admin/logo`.
pub(super) async fn submit(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let messages = state.i18n.messages(request.page.locale).clone();
    let form = match form {
        Ok(form) => read(form).await,
        Err(rejection) => Err(rejection.status()),
    };
    let form = match form {
        Ok(form) => form,
        Err(status) => {
            let key = match status {
                StatusCode::PAYLOAD_TOO_LARGE => "logo-too-large",
                _ => "login-unreadable",
            };
            let text = messages.with(key, &[("size", &size())]);
            return settings::refused_logo(&state, request.page, status, text).await;
        }
    };
    if state.library.logo().is_some() {
        let text = messages.get("logo-fixed");
        let status = StatusCode::CONFLICT;
        return settings::refused_logo(&state, request.page, status, text).await;
    }
    let logo = match form.is_removal {
        true => None,
        false => match Picture::logo(form.file) {
            Ok(picture) => Some(Logo {
                name: picture.name,
                media_type: picture.media_type.to_owned(),
                width: picture.width,
                height: picture.height,
                bytes: picture.bytes.to_vec(),
            }),
            Err(error) => {
                let text = problem(&error, &messages);
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                return settings::refused_logo(&state, request.page, status, text).await;
            }
        },
    };
    match state.portal.change_logo(logo, &request.actor).await {
        Ok(()) => {
            let locale = request.page.locale;
            Redirect::to(&format!("/{locale}/admin/settings?done=saved")).into_response()
        }
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

/// Reads the fields of the form.
///
/// # Errors
/// The status of a form that cannot be read.
async fn read(mut parts: Multipart) -> Result<LogoForm, StatusCode> {
    let mut form = LogoForm::default();
    while let Some(field) = parts.next_field().await.map_err(|error| error.status())? {
        match field.name() {
            Some("file") => {
                let bytes = field.bytes().await.map_err(|error| error.status())?;
                form.file = bytes.to_vec();
            }
            Some("do") => {
                let action = field.text().await.map_err(|error| error.status())?;
                form.is_removal = action == "remove";
            }
            _ => {}
        }
    }
    Ok(form)
}

/// Returns the greatest size of a file, in kB.
fn size() -> String {
    (LOGO_SIZE_MAX / 1024).to_string()
}

fn problem(error: &LogoError, messages: &MessageCatalog) -> String {
    match error {
        LogoError::Size => messages.with("logo-too-large", &[("size", &size())]),
        LogoError::Format => messages.get("logo-format"),
        LogoError::Invalid(cause) => messages.with("logo-invalid", &[("cause", cause)]),
    }
}

/// Renders the logo with the form that replaces or removes it.
pub(super) fn view(
    state: &AppState,
    locale: Locale,
    problem: Option<String>,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let title = messages.get("logo-title");
    let shown = state.logo().map(|(address, width, height)| {
        let alt = messages.get("logo-alt");
        view! { <p><img class="site-logo" src=address alt=alt width=width height=height/></p> }
    });
    if state.library.logo().is_some() {
        return view! {
            <section class="portal-section">
                <h2>{title}</h2>
                {shown}
                <p class="quiet">{messages.get("logo-fixed")}</p>
            </section>
        }
        .into_any();
    }
    let remove = shown.is_some().then(|| {
        view! { <button class="button" name="do" value="remove" formnovalidate>{messages.get("logo-remove")}</button> }
    });
    let problem_id = problem.as_ref().map(|_| "logo-problem");
    let invalid = problem.as_ref().map(|_| "true");
    let described_by = ["logo-note"].into_iter().chain(problem_id);
    let described_by = described_by.collect::<Vec<_>>().join(" ");
    let problem = problem.map(|text| {
        view! { <span class="field-error" id=problem_id role="alert">{text}</span> }
    });
    let note = messages.with("logo-note", &[("size", &size())]);
    view! {
        <section class="portal-section">
            <h2>{title}</h2>
            {shown}
            <form method="post" enctype="multipart/form-data" action=format!("/{locale}/admin/logo")>
                <p class="field">
                    <label for="logo">{messages.get("logo-file")}</label>
                    <input id="logo" name="file" type="file" accept=".svg,.png,.webp" required aria-invalid=invalid aria-describedby=described_by/>
                    {problem}
                    <span class="field-note" id="logo-note">{note}</span>
                </p>
                <p class="portal-pages">
                    <button class="button primary" name="do" value="upload">{messages.get("logo-upload")}</button>
                    {remove}
                </p>
            </form>
        </section>
    }
    .into_any()
}
