//! What the pages of exercises and quizzes have in common: their queries, the sandbox that their forms need, and the
//! page around a card.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, Method, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use leptos::prelude::*;

use crate::components::HeaderNames;
use crate::content::LessonPage;
use crate::model::behaviors::Behaviors;
use crate::model::messages::MessageCatalog;
use crate::pages::api_client::ApiClient;
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::render::{fragment, render};
use crate::sandbox::{DatabaseError, SandboxId};
use crate::state::{AppState, StyleSheet};

/// What of a card is requested, by its query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CardPart {
    /// The page of the card.
    Page,
    /// The state alone, for the page of the card (`?part=page`).
    OnPage,
    /// The state alone, for the lesson (`?part`).
    InLesson,
}

impl CardPart {
    /// Returns the part that a query asks for.
    pub(super) fn of_query(query: Option<&str>) -> CardPart {
        let mut pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        match pairs.find(|(name, _)| name == "part") {
            None => CardPart::Page,
            Some((_, value)) if value == "page" => CardPart::OnPage,
            Some(_) => CardPart::InLesson,
        }
    }
}

/// Returns whether only the state of a card is requested, and not a page.
pub(super) fn is_fragment(query: Option<&str>) -> bool {
    CardPart::of_query(query) != CardPart::Page
}

/// Opens the sandbox of a visitor, after creating it when there is none. Each form of a card does so, so that the rate
/// limits of the API apply to it.
///
/// # Errors
/// The status with which the API refuses.
pub(super) async fn open_sandbox(client: &mut ApiClient<'_>) -> Result<SandboxId, StatusCode> {
    send(client, Method::POST, Bytes::new()).await?;
    let visitor = client
        .visitor()
        .await
        .map_err(|cause| unavailable(&cause))?;
    visitor.sandbox_id().ok_or(StatusCode::SERVICE_UNAVAILABLE)
}

/// Sets the behaviors of the sandbox of a visitor.
///
/// # Errors
/// The status with which the API refuses.
pub(super) async fn set_behaviors(
    client: &mut ApiClient<'_>,
    behaviors: Behaviors,
) -> Result<(), StatusCode> {
    let patch = serde_json::to_vec(&behaviors).expect("switches are JSON");
    send(client, Method::PATCH, patch.into()).await
}

/// Sends a request to `/api/sandbox`.
async fn send(client: &mut ApiClient<'_>, method: Method, body: Bytes) -> Result<(), StatusCode> {
    let request = Request::builder()
        .method(method)
        .uri("/api/sandbox")
        .header(CONTENT_TYPE, "application/merge-patch+json")
        .body(body)
        .expect("the method, target and header are valid");
    match client.send(request).await.status() {
        status if status.is_success() => Ok(()),
        status => Err(status),
    }
}

/// Logs a failure of the database and returns the status of the page.
pub(super) fn unavailable(cause: &DatabaseError) -> StatusCode {
    tracing::error!(%cause, "the progress of a visitor cannot be read or written");
    StatusCode::SERVICE_UNAVAILABLE
}

/// Returns the redirect to the page of a card after its form was sent without scripts.
pub(super) fn redirect(address: &str, id: &str) -> Response {
    (
        StatusCode::SEE_OTHER,
        [(LOCATION, format!("{address}#{id}"))],
    )
        .into_response()
}

/// Renders the state of a card as a fragment.
pub(super) fn state_fragment<V: IntoView + 'static>(
    status: StatusCode,
    content: impl FnOnce() -> V,
) -> Response {
    without_storage(fragment(status, content))
}

/// Renders, for a visitor without scripts, the link from the card in a lesson to its own page: the lesson is the same for
/// everybody, so only that page shows what was done.
pub(super) fn own_page_link(address: String, messages: &MessageCatalog) -> impl IntoView + use<> {
    view! { <noscript><p class="quiet"><a href=address>{messages.get("assessment-continue")}</a></p></noscript> }
}

/// Renders the page of a card, which leads back to its lesson. The page is for browsers without scripts, because the page
/// of the lesson is the same for everybody.
pub(super) async fn card_page(
    state: &AppState,
    page_request: PageRequest,
    status: StatusCode,
    lesson: &LessonPage,
    address: &str,
    title: String,
    card: impl Fn() -> AnyView + Clone + Send + Sync + 'static,
) -> Response {
    let messages = state.i18n.messages(page_request.locale).clone();
    let path = address.strip_prefix(&format!("/{}", page_request.locale));
    let meta = PageMeta {
        status,
        styles: &[StyleSheet::Response],
        ..PageMeta::new(page_request, title.clone(), path.unwrap_or_default())
    };
    let (href, lesson) = (lesson.href(), lesson.front.title.clone());
    let page = move || {
        let back = format!("{}: {lesson}", messages.get("assessment-back"));
        view! {
            <main id="content" class="lesson" tabindex="-1">
                <h1>{title.clone()}</h1>
                <p><a href=href.clone()>{back}</a></p>
                <div class="prose">{card()}</div>
                <HeaderNames/>
            </main>
        }
    };
    without_storage(render(state, meta, page).await)
}

/// Marks a response that belongs to one visitor.
fn without_storage(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}
