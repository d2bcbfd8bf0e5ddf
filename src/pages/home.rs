//! The front page: what the site is, a request to try, the lessons by section, and what the site is for
//! teams and authors.

mod illustration;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use bytes::Bytes;

use crate::model::http::{Header, HttpResponse, RequestDraft};
use crate::model::locale::Locale;
use crate::pages::learner::LearnerProgress;
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::render::render;
use crate::state::{AppState, StyleSheet};

/// Handles `GET /{lang}`.
pub(super) async fn show(State(state): State<AppState>, page_request: PageRequest) -> Response {
    let locale = page_request.locale;
    let mut meta = PageMeta::new(page_request, state.site_title(), "");
    meta.description = home_lead(&state, locale);
    meta.has_navigation = false;
    if let Some(viewer) = &meta.request.viewer {
        meta.progress = LearnerProgress::load_or_log(&state, viewer.account).await;
    }
    meta.styles = &[StyleSheet::Home, StyleSheet::Response];
    let member = match (&meta.request.viewer, &meta.progress) {
        (Some(viewer), Some(progress)) => {
            let answers = state.portal.store.count_new_answers(viewer.account).await;
            Some(HomeMember {
                name: viewer.name.to_string(),
                progress: progress.clone(),
                // `render` logs why they cannot be counted.
                new_answers: answers.unwrap_or_default(),
            })
        }
        _ => None,
    };
    let response = sample_response(&state).await;
    // A page that shows an error of the API is not shared with other visitors.
    if response.status == 200 {
        meta.share_for_any_query();
    }
    let library = state.clone();
    let content = move || view::content(&library, locale, member.as_ref(), &response);
    render(&state, meta, content).await
}

/// The member for whom the page is.
#[derive(Clone)]
struct HomeMember {
    name: String,
    progress: Arc<LearnerProgress>,
    new_answers: i64,
}

/// Returns the introduction of the site, which its content folder may set.
pub(super) fn home_lead(state: &AppState, locale: Locale) -> String {
    home_text(state, locale, "home-lead", &state.library.site.home.lead)
}

/// Returns the text that the content folder sets, or the message with a key.
fn home_text(
    state: &AppState,
    locale: Locale,
    key: &str,
    own: &BTreeMap<Locale, String>,
) -> String {
    let message = || state.i18n.messages(locale).get(key);
    own.get(&locale).cloned().unwrap_or_else(message)
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
