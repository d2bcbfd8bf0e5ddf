//! `/{lang}/login/passkey` logs in with a passkey, and what its form and that of a new passkey have in common. The script that
//! speaks with the browser is a file with the hash of its text in its address. The page of passkeys is `account::passkeys`.

use std::sync::LazyLock;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use leptos::prelude::*;
use serde::Deserialize;

use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::meta::PageRequest;
use crate::pages::script_file::ScriptFile;
use crate::pages::sign_in::SignIn;
use crate::pages::{notice, pending_login};
use crate::portal::store::audit::AuditAction;
use crate::portal::{PasskeyError, PasskeyOptions, PasskeySite};
use crate::state::AppState;

/// The script of the forms.
static SCRIPT: LazyLock<ScriptFile> =
    LazyLock::new(|| ScriptFile::new("passkey.js", include_str!("passkey.js")));

/// The fields of all forms. It does not implement `Debug`, because it contains a password.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct PasskeyForm {
    #[serde(rename = "do")]
    pub(super) action: String,
    /// The response of the browser, as JSON.
    pub(super) credential: String,
    pub(super) name: String,
    pub(super) current: String,
    pub(super) id: i64,
    pub(super) confirm: String,
    pub(super) next: String,
}

/// Handles `GET /scripts/{hash}/passkey.js`.
pub(super) async fn script(Path(hash): Path<String>) -> Response {
    SCRIPT.respond(&hash)
}

/// Handles `POST /{lang}/login/passkey/options`.
pub(super) async fn login_options(
    State(state): State<AppState>,
    page_request: PageRequest,
) -> Response {
    let Some(site) = site(&state) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let begun = state.portal.begin_passkey_login(&site).await;
    options(&state, page_request, begun).await
}

/// Returns the options of a ceremony to the script.
pub(super) async fn options(
    state: &AppState,
    page_request: PageRequest,
    begun: Result<PasskeyOptions, PasskeyError>,
) -> Response {
    match begun {
        Ok(PasskeyOptions { json, token }) => {
            let headers = [
                (CONTENT_TYPE, HeaderValue::from_static("application/json")),
                (CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            let mut response = (headers, json).into_response();
            pending_login::set(state, response.headers_mut(), &token);
            response
        }
        Err(cause) => notice::unavailable(state, page_request, &cause).await,
    }
}

/// Handles `POST /{lang}/login/passkey`.
pub(super) async fn log_in(
    State(state): State<AppState>,
    page_request: PageRequest,
    sign_in: SignIn,
    form: Result<Form<PasskeyForm>, FormRejection>,
) -> Response {
    let form = form.map(|Form(form)| form).unwrap_or_default();
    let token = pending_login::find(&state, &sign_in.headers);
    let (Some(site), Some(token)) = (site(&state), token) else {
        let status = StatusCode::BAD_REQUEST;
        return notice::show(&state, page_request, status, "passkey-failed").await;
    };
    let portal = &state.portal;
    let account = match portal.check_passkey(&site, &token, &form.credential).await {
        Ok(account) => account,
        Err(PasskeyError::Store(cause)) => {
            return notice::unavailable(&state, page_request, &cause).await;
        }
        Err(error) => {
            tracing::info!(%error, "a login with a passkey failed");
            let action = AuditAction::LogInFailed;
            portal.record_audit(&sign_in.actor, action, "").await;
            let (status, key) = match error {
                PasskeyError::Disabled => (StatusCode::FORBIDDEN, "provider-disabled"),
                PasskeyError::Unknown => (StatusCode::UNAUTHORIZED, "passkey-unknown"),
                _ => (StatusCode::BAD_REQUEST, "passkey-failed"),
            };
            return notice::show(&state, page_request, status, key).await;
        }
    };
    match sign_in.log_in(&state, &account, &form.next).await {
        Ok(mut response) => {
            pending_login::delete(&state, response.headers_mut());
            response
        }
        Err(error) => error.page(&state, page_request).await,
    }
}

/// Renders the form with which a passkey logs in, if the site can have passkeys.
pub(super) fn login_form(
    state: &AppState,
    locale: Locale,
    next: &str,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let action = format!("/{locale}/login/passkey");
    let options = format!("{action}/options");
    site(state).map(|_| {
        view! {
            <form class="login-form" method="post" action=action data-passkey="get" data-options=options>
                <input type="hidden" name="credential"/>
                <input type="hidden" name="next" value=next.to_owned()/>
                {message(messages)}
                <p><button type="submit" class="button">{messages.get("passkey-log-in")}</button></p>
            </form>
            {script_element(messages)}
        }
    })
}

/// Renders the paragraph in which the script says what went wrong.
pub(super) fn message(messages: &MessageCatalog) -> impl IntoView + use<> {
    view! {
        <p class="field-error" role="alert" hidden data-message=""
            data-none=messages.get("passkey-none") data-cancelled=messages.get("passkey-cancelled")
            data-known=messages.get("passkey-known") data-failed=messages.get("passkey-failed-text")></p>
    }
}

pub(super) fn script_element(messages: &MessageCatalog) -> impl IntoView + use<> {
    view! {
        <noscript><p class="quiet">{messages.get("passkey-no-script")}</p></noscript>
        <script src=SCRIPT.address.as_str() defer></script>
    }
}

pub(super) fn site(state: &AppState) -> Option<PasskeySite> {
    PasskeySite::of_origin(&state.config.origin())
}
