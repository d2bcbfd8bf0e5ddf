//! The front page: one sentence, a request form with a sample response, and the list of lessons.

use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use bytes::Bytes;
use leptos::prelude::*;

use crate::components::{HeaderNames, ResponseBody, StatusLine};
use crate::islands::playground::Playground;
use crate::model::http::{Header, HttpResponse, RequestDraft};
use crate::model::locale::Locale;
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::render::render;
use crate::state::AppState;

/// Handles `GET /{lang}`.
pub(super) async fn show(State(state): State<AppState>, page_request: PageRequest) -> Response {
    let locale = page_request.locale;
    let mut meta = PageMeta::new(page_request, state.library.site.title.clone(), "");
    meta.description = state.i18n.messages(locale).get("home-lead");
    let response = sample_response(&state).await;
    // A page that shows an error of the API is not shared with other visitors.
    if response.status == 200 {
        meta.share_for_any_query();
    }
    let library = state.clone();
    render(&state, meta, move || content(&library, locale, &response)).await
}

/// Returns the request that the front page offers.
fn draft() -> RequestDraft {
    RequestDraft {
        method: "GET".to_owned(),
        target: "/api/users?per_page=2".to_owned(),
        ..RequestDraft::default()
    }
}

/// Returns the response of the API to that request for a visitor without cookies.
async fn sample_response(state: &AppState) -> HttpResponse {
    let request = Request::get(draft().target)
        .body(Bytes::new())
        .expect("the target is valid");
    let (parts, body) = state.api.send(request, None).await.into_parts();
    let names = ["content-type", "total-count", "link"];
    let headers = parts
        .headers
        .iter()
        .filter(|(name, _)| names.contains(&name.as_str()));
    let headers =
        headers.map(|(name, value)| Header::new(name.as_str(), value.to_str().unwrap_or_default()));
    HttpResponse::new(parts.status.as_u16(), headers.collect(), body.to_vec(), 0)
}

/// Renders the front page with the sample response.
fn content(state: &AppState, locale: Locale, response: &HttpResponse) -> impl IntoView + use<> {
    let messages = state.i18n.messages(locale).clone();
    let lessons = state
        .library
        .in_order(locale)
        .map(|page| {
            view! {
                <li>
                    <a href=page.href()>{page.front.title.clone()}</a>
                    <p>{page.front.description.clone()}</p>
                </li>
            }
        })
        .collect_view();
    let title = messages.get("home-request");
    let status = response.status;
    let content_type = response.header("content-type").unwrap_or_default();
    let (content_type, text) = (content_type.to_owned(), response.body.text());
    let text = text.unwrap_or_default().to_owned();
    let body_messages = messages.clone();
    view! {
        <main id="content" class="home" tabindex="-1">
            <h1>{messages.get("home-title")}</h1>
            <p class="lead">{messages.get("home-lead")}</p>
            <Playground id="first-request" title=title draft=draft() action=format!("/{locale}/try")>
                <div class="response sample-response">
                    <p class="response-status"><StatusLine status=status/></p>
                    <div><ResponseBody text=text content_type=content_type messages=body_messages/></div>
                </div>
            </Playground>
            <HeaderNames/>
            <h2>{messages.get("home-path")}</h2>
            <ol class="lesson-path">{lessons}</ol>
        </main>
    }
}
