//! `POST /{lang}/logout`: ends the session.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use tower_sessions::Session;

use crate::pages::meta::PageRequest;
use crate::pages::{login, member_sandbox};
use crate::portal::{self, RedirectPath};
use crate::state::AppState;

/// The header by which a browser deletes what it keeps of the site (Clear Site Data, W3C).
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// The form of a logout.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct LogoutForm {
    /// The page that follows; empty for the front page.
    next: String,
}

/// Handles `POST /{lang}/logout`: ends the session and redirects to the page of the form or to the front page, also when no session
/// exists.
pub(in crate::pages) async fn submit(
    State(state): State<AppState>,
    page_request: PageRequest,
    session: Session,
    headers: HeaderMap,
    form: Result<Form<LogoutForm>, FormRejection>,
) -> Response {
    let Form(form) = form.unwrap_or_default();
    let next = RedirectPath::parse(&form.next);
    let id_token = portal::provider_id_token(&session).await;
    let id_token = id_token.unwrap_or_default();
    match portal::log_out(&session).await {
        Ok(()) => {
            let viewer = page_request.viewer.clone();
            let mut response = after_logout(&state, page_request, id_token, next).await;
            // What the browser has kept of pages is gone too; cookies and storage are left, which hold more than the session.
            let cache = HeaderValue::from_static("\"cache\"");
            response.headers_mut().insert(CLEAR_SITE_DATA, cache);
            if let Some(viewer) = viewer {
                member_sandbox::keep(&state, &headers, viewer.account, &mut response).await;
            }
            response
        }
        // The session still exists, so the response must not look like a successful logout.
        Err(cause) => {
            tracing::error!(%cause, "a session cannot be ended");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Returns the page that follows or the front page, or the page that leads to the logout of the identity provider with which the session began.
async fn after_logout(
    state: &AppState,
    page_request: PageRequest,
    id_token: Option<String>,
    next: Option<RedirectPath>,
) -> Response {
    if let (Some(provider), Some(id_token)) = (&state.single_sign_on, id_token)
        && let Some(address) = provider.logout_address(&id_token).await
    {
        let request = PageRequest {
            viewer: None,
            ..page_request
        };
        return login::go_to_provider(state, request, provider, address).await;
    }
    match next {
        Some(next) => Redirect::to(next.as_str()).into_response(),
        None => Redirect::to(&format!("/{}", page_request.locale)).into_response(),
    }
}
