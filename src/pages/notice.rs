//! A page that says one thing: a link that is no longer valid, a page that is not for this account.

use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::Response;
use leptos::prelude::*;

use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::render::render;
use crate::state::AppState;

/// Renders the page with a status and the messages `KEY-title` and `KEY-text`.
pub(super) async fn show(
    state: &AppState,
    page_request: PageRequest,
    status: StatusCode,
    key: &'static str,
) -> Response {
    let messages = state.i18n.messages(page_request.locale).clone();
    let home = format!("/{}", page_request.locale);
    let title = messages.get(&format!("{key}-title"));
    let meta = PageMeta {
        status,
        has_navigation: false,
        is_indexed: false,
        path: None,
        ..PageMeta::new(page_request, title.clone(), "")
    };
    let view = move || {
        view! {
            <main id="content" class="card-page" tabindex="-1"><div class="card">
                <h1>{title.clone()}</h1>
                <p class="lead">{messages.get(&format!("{key}-text"))}</p>
                <p class="card-links"><a class="button primary" href=home.clone()>{messages.get("to-home")}</a></p>
            </div></main>
        }
    };
    let mut response = render(state, meta, view).await;
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

/// Renders the page for a failure of the database.
pub(super) async fn unavailable(
    state: &AppState,
    page_request: PageRequest,
    cause: &(dyn std::error::Error + Send + Sync),
) -> Response {
    tracing::error!(%cause, "the portal's database failed");
    let status = StatusCode::SERVICE_UNAVAILABLE;
    show(state, page_request, status, "unavailable").await
}
