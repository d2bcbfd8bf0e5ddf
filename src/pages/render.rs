//! Renders a view into a complete HTML page.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, VARY};
use axum::http::{HeaderValue, Request, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use hydration_context::{SharedContext, SsrSharedContext};
use leptos::nonce::Nonce;
use leptos::prelude::*;
use leptos::reactive::owner::take_context;

use crate::model::html::FRAGMENT_FIELD;
use crate::pages::layout::layout;
use crate::pages::learner::LearnerProgress;
use crate::pages::meta::PageMeta;
use crate::pages::shell::shell;
use crate::state::AppState;

/// Registers tokio as the executor of Leptos. Called once at start; further calls have no effect.
pub fn initialize() {
    // The only error is that an executor is already registered.
    let _ = any_spawner::Executor::init_tokio();
}

/// Renders an HTML fragment, whose islands are hydrated like those of a page. A header marks the response as
/// a fragment for the script that inserts it into a page.
pub(super) fn fragment<V: IntoView + 'static>(
    status: StatusCode,
    content: impl FnOnce() -> V,
) -> Response {
    let context = Arc::new(SsrSharedContext::new_islands());
    let owner = Owner::new_root(Some(context.clone()));
    let html = owner.with(|| {
        // Only islands are hydrated, not the views around them.
        context.set_is_hydrating(false);
        content().into_view().to_html()
    });
    let mark = [(FRAGMENT_FIELD, "1")];
    (status, mark, Html(html)).into_response()
}

/// Renders a page with `content` inside the layout.
pub(super) async fn render<V: IntoView + 'static>(
    state: &AppState,
    mut meta: PageMeta,
    content: impl Fn() -> V + Clone + Send + Sync + 'static,
) -> Response {
    if let (Some(viewer), None, true) = (&meta.request.viewer, &meta.progress, meta.has_navigation)
    {
        meta.progress = LearnerProgress::load_or_log(state, viewer.account).await;
    }
    if let Some(viewer) = &meta.request.viewer {
        let count = state.portal.store.count_new_answers(viewer.account).await;
        meta.new_answers = count.unwrap_or_else(|cause| {
            tracing::error!(%cause, "the answers to a member cannot be counted");
            0
        });
    }
    let progress = meta.progress.clone();
    let status = meta.status;
    let is_anonymous = meta.request.viewer.is_none();
    let messages = state.i18n.messages(meta.request.locale).clone();
    let shared = meta.shared.clone().filter(|_| is_anonymous);
    let context = move || {
        provide_context(messages.clone());
        if let Some(progress) = progress.clone() {
            provide_context(progress);
        }
        // The nonce is removed, because the content security policy lists scripts by hash and a nonce would make
        // every copy of a page differ.
        take_context::<Nonce>();
    };
    let state = state.clone();
    let app = move || {
        let page = layout(&state, &meta, content().into_any());
        shell(&state, &meta, page.into_any())
    };
    let handler = leptos_axum::render_app_async_with_context(context, app);
    let mut response = handler(Request::new(Body::empty())).await;
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let cache = headers.entry(CACHE_CONTROL);
    cache.or_insert(HeaderValue::from_static("private, no-cache"));
    headers.append(VARY, HeaderValue::from_static("Cookie"));
    if let Some(shared) = shared {
        response.extensions_mut().insert(shared);
    }
    response
}
