//! `POST /{lang}/admin/logo`: uploads or removes the picture beside the name of the site. Its form is on the page of settings.

use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::content::{LogoError, Picture};
use crate::model::messages::MessageCatalog;
use crate::pages::admin::logo_form::size_max;
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
    /// Whether the question before the removal was answered.
    is_confirmed: bool,
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
            let text = messages.with(key, &[("size", &size_max())]);
            return settings::refused_logo(&state, request.page, status, text).await;
        }
    };
    if state.library.logo().is_some() {
        let text = messages.get("logo-fixed");
        let status = StatusCode::CONFLICT;
        return settings::refused_logo(&state, request.page, status, text).await;
    }
    if form.is_removal && !form.is_confirmed {
        return settings::ask_logo_removal(&state, request.page).await;
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
            Some("confirm") => {
                let answer = field.text().await.map_err(|error| error.status())?;
                form.is_confirmed = answer == "yes";
            }
            _ => {}
        }
    }
    Ok(form)
}

fn problem(error: &LogoError, messages: &MessageCatalog) -> String {
    match error {
        LogoError::Size => messages.with("logo-too-large", &[("size", &size_max())]),
        LogoError::Format => messages.get("logo-format"),
        LogoError::Invalid(cause) => messages.with("logo-invalid", &[("cause", cause)]),
    }
}
