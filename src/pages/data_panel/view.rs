//! Renders the data panel, as a complete page or as a fragment.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;

use crate::components::{DataPanelExchange, DataPanelView};
use crate::content::LessonPage;
use crate::islands::data_panel::DataPanelPage;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::data_panel::parts::{OpenedExchange, lesson_data, panel_parts, read_exchange};
use crate::pages::data_panel::query::{DataPanelQuery, lesson};
use crate::pages::draft_link::draft_link;
use crate::pages::exchange::earlier::earlier_view;
use crate::pages::exchange::view::{exchange_view, request_view};
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::render::{fragment, render};
use crate::pages::visitor::PageVisitor;
use crate::state::{AppState, StyleSheet};

/// Handles `GET /{lang}/data`.
pub(in crate::pages) async fn show(
    State(state): State<AppState>,
    page_request: PageRequest,
    visitor: PageVisitor,
    RawQuery(query): RawQuery,
) -> Response {
    let query = DataPanelQuery::parse(query.as_deref());
    page(&state, page_request, &visitor, query, None).await
}

/// Renders the data panel. `failure` is the message key and the status of a form that was refused.
pub(super) async fn page(
    state: &AppState,
    page_request: PageRequest,
    visitor: &PageVisitor,
    query: DataPanelQuery,
    failure: Option<(&'static str, StatusCode)>,
) -> Response {
    let from = lesson(state, &page_request, &query);
    let opened = match &query.open {
        Some(id) => read_exchange(state, visitor, page_request.locale, id)
            .await
            .map(Some),
        None => Ok(None),
    };
    let parts = panel_parts(state, page_request.locale, visitor, &query).await;
    let (opened, mut parts) = match opened.and_then(|opened| Ok((opened, parts?))) {
        Ok(found) => found,
        Err(cause) => {
            tracing::error!(%cause, "the data panel cannot be read");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    if let Some(page) = &from {
        parts.from = format!("/{}", page.path);
        parts.lesson = Some(lesson_data(state, page, visitor, &parts));
    }
    parts.problem = failure.map(|(key, _)| key);
    let mut status = failure.map_or(StatusCode::OK, |(_, status)| status);
    if let Some(None) = &opened {
        (parts.problem, status) = (Some("data-panel-gone"), StatusCode::NOT_FOUND);
    }
    let messages = state.i18n.messages(page_request.locale).clone();
    let locale = page_request.locale;
    let content = move || match opened.clone().flatten() {
        Some(opened) => opened_view(locale, opened, &messages).into_any(),
        None => view! { <DataPanelView parts=parts.clone() words=messages.clone()/> }.into_any(),
    };
    let mut response = match query.is_fragment {
        true => fragment(status, content),
        false => complete_page(state, page_request, status, from, content).await,
    };
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

/// Renders one exchange, with its comparison with the one before.
fn opened_view(
    locale: Locale,
    opened: OpenedExchange,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let OpenedExchange { parts, earlier } = opened;
    let exchange = parts.exchange.clone();
    let draft = exchange.draft().map(|draft| draft_link(locale, &draft));
    let (id, messages) = (exchange.id.clone(), messages.clone());
    view! {
        <DataPanelExchange locale=locale id=id draft=draft words=messages.clone()>
            {request_view(locale, &exchange, &messages)}
            {exchange_view("data-panel-exchange", vec![parts], &messages)}
            {earlier_view(earlier.as_deref(), &exchange, &messages)}
        </DataPanelExchange>
    }
}

/// Renders the complete page around the data panel.
async fn complete_page(
    state: &AppState,
    page_request: PageRequest,
    status: StatusCode,
    from: Option<Arc<LessonPage>>,
    content: impl Fn() -> AnyView + Clone + Send + Sync + 'static,
) -> Response {
    let messages = state.i18n.messages(page_request.locale).clone();
    let locale = page_request.locale;
    let meta = PageMeta {
        status,
        styles: &[StyleSheet::Response],
        ..PageMeta::new(page_request, messages.get("data-panel-title"), "/data")
    };
    let page = move || {
        let (content, messages) = (content.clone(), messages.clone());
        let path = from.as_ref().map(|page| format!("/{}", page.path));
        let back = from.as_ref().map(|page| {
            view! { <p><a href=page.href()>{messages.get("data-panel-back-to")}": "{page.front.title.clone()}</a></p> }
        });
        view! {
            <main id="content" class="lesson data-panel-page" tabindex="-1">
                <h1>{messages.get("data-panel-title")}</h1>
                <p class="lead">{messages.get("data-panel-lead")}</p>
                {back}
                <DataPanelPage locale=locale from=path.unwrap_or_default() words=messages.clone()>{content()}</DataPanelPage>
            </main>
        }
    };
    render(state, meta, page).await
}
