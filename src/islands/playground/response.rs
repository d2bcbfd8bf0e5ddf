//! The response to a request: status and body at once, then the record of the server.

use std::sync::Arc;

use leptos::either::Either;
use leptos::html;
use leptos::mount::mount_to;
use leptos::prelude::*;
use web_sys::Element;

use crate::components::unhydrated::unhydrated;
use crate::components::{HeaderTable, ResponseBody, comparison_view};
use crate::islands::api_client::{self, SendError};
use crate::islands::browser_value::BrowserValue;
use crate::islands::dom::{all, bring_into_view, effect, find};
use crate::islands::island_data::use_messages;
use crate::model::http::{HttpResponse, reason_phrase};
use crate::model::messages::MessageCatalog;

/// The result of sending a request.
#[derive(Clone)]
pub(super) enum Outcome {
    /// Nothing was sent.
    None,
    /// There is no response.
    Failed(SendError),
    /// There is a response, with what the server has recorded of it.
    Received(Arc<HttpResponse>, Record),
}

/// The record of a response.
#[derive(Clone)]
pub(super) enum Record {
    /// It is being fetched.
    Pending,
    /// An HTML fragment of the server.
    Fragment(String),
    /// There is none; the key of the message that says why.
    Missing(&'static str),
}

/// Scrolls the response into view when it is outside of the window. The focus stays where it is.
pub(super) fn bring_response_into_view(form: NodeRef<html::Form>) {
    // The response is rendered before the next frame.
    request_animation_frame(move || {
        let playground = form.get_untracked();
        let playground = playground.and_then(|form| form.closest(".playground").ok()?);
        let line = playground.and_then(|playground| {
            let line = ".response:not(.sample-response) :is(.response-status, .response-error)";
            find::<Element>(&playground, line)
        });
        if let Some(line) = line {
            bring_into_view(&line);
        }
    });
}

/// Renders the response to the last request.
pub(super) fn response_view(
    outcome: RwSignal<Outcome>,
    is_sending: RwSignal<bool>,
) -> impl IntoView {
    let messages = use_messages();
    let announcement = announcement(outcome, is_sending);
    let shown = StoredValue::new(ShownResponses::default());
    let content = move || match outcome.get() {
        Outcome::None => None,
        Outcome::Failed(error) => Some(unhydrated(
            view! { <p class="response-error">{messages.get(error.key())}</p> },
        )),
        Outcome::Received(response, Record::Fragment(html)) => {
            let earlier = earlier_response(shown, &response);
            Some(unhydrated(
                view! { <RecordView html=html response=response earlier=earlier messages=messages.clone()/> },
            ))
        }
        Outcome::Received(response, record) => {
            let earlier = earlier_response(shown, &response);
            let missing = match record {
                Record::Missing(key) => Some(view! {
                    <HeaderTable headers=response.headers.clone() caption=headers_caption(&response, &messages)/>
                    <p class="quiet">{messages.get(key)}</p>
                }),
                _ => None,
            };
            Some(unhydrated(view! {
                <div class="response-parts response-new">
                    <div class="response-status">
                        {status_view(&response).map(|status| view! { <span class="line-part">{status}</span>" " })}
                        <span class="line-part line-cost">{response.cost()}</span>
                    </div>
                    {body_view(&response, &messages)}
                    {earlier.map(|earlier| comparison_view(&earlier, &response, &messages))}
                    {missing}
                </div>
            }))
        }
    };
    view! {
        <p class="visually-hidden response-announcement" role="status">{announcement}</p>
        <div class="response" aria-busy=move || if is_sending.get() { "true" } else { "false" }>{content}</div>
    }
}

/// The response that is shown, and the one before it.
#[derive(Clone, Default)]
struct ShownResponses {
    current: Option<Arc<HttpResponse>>,
    earlier: Option<Arc<HttpResponse>>,
}

/// Returns the response that was shown before this one.
fn earlier_response(
    shown: StoredValue<ShownResponses>,
    response: &Arc<HttpResponse>,
) -> Option<Arc<HttpResponse>> {
    let earlier = shown.try_update_value(|shown| {
        let is_current = |current: &Arc<HttpResponse>| Arc::ptr_eq(current, response);
        if !shown.current.as_ref().is_some_and(is_current) {
            shown.earlier = shown.current.replace(response.clone());
        }
        shown.earlier.clone()
    });
    earlier.flatten()
}

/// Returns what a screen reader says of a response: once when it arrives, not again with its record.
fn announcement(outcome: RwSignal<Outcome>, is_sending: RwSignal<bool>) -> RwSignal<String> {
    let messages = use_messages();
    let text = RwSignal::new(String::new());
    // The same text after another send is another announcement.
    effect(move || {
        if is_sending.get() {
            text.set(String::new());
        }
    });
    effect(move || {
        text.set(match outcome.get() {
            Outcome::None => String::new(),
            Outcome::Failed(error) => messages.get(error.key()),
            Outcome::Received(response, _) => {
                let status = response.status.to_string();
                let phrase = reason_phrase(response.status);
                [&status, " ", phrase, " · ", &response.cost()].concat()
            }
        });
    });
    text
}

/// Renders the status of a response; nothing for a redirection that the browser did not follow and hides.
fn status_view(response: &HttpResponse) -> Option<impl IntoView + use<>> {
    let status = response.status;
    (status != 0).then(|| {
        let class = format!("status status-{}xx", status / 100);
        view! { <span class=class><b>{status}</b>" "{reason_phrase(status)}</span> }
    })
}

/// The record of the server, with body and duration as the browser received them: the record has only the
/// beginning of a long body, and no secrets.
#[component]
fn RecordView(
    html: String,
    response: Arc<HttpResponse>,
    earlier: Option<Arc<HttpResponse>>,
    messages: MessageCatalog,
) -> impl IntoView {
    let container = NodeRef::<html::Div>::new();
    let mounted = BrowserValue::empty();
    container.on_load(move |container| {
        // The browser hides a redirection that it did not follow; the server shows it.
        if response.status == 0 {
            return;
        }
        if let Some(cost) = find::<Element>(&container, ".response-status > [data-cost]") {
            cost.set_text_content(Some(&response.cost()));
        }
        // The last exchange is the one whose response the browser has.
        let body = all(&container, "[data-response-body]").pop();
        let Some(body) = body else { return };
        body.set_inner_html("");
        mounted.set(mount_to(body, move || {
            let download = download_view(&response, &messages);
            let comparison = earlier.map(|earlier| comparison_view(&earlier, &response, &messages));
            unhydrated(view! { {body_view(&response, &messages)} {download} {comparison} })
        }));
    });
    view! { <div class="response-parts" inner_html=html node_ref=container></div> }
}

fn headers_caption(response: &HttpResponse, messages: &MessageCatalog) -> String {
    let count = response.headers.len().to_string();
    messages.with("response-headers", &[("count", &count)])
}

fn body_view(response: &HttpResponse, messages: &MessageCatalog) -> impl IntoView + use<> {
    let messages = messages.clone();
    match response.body.text() {
        Some(text) => {
            let text = text.to_owned();
            let content_type = response
                .header("content-type")
                .unwrap_or_default()
                .to_owned();
            Either::Left(
                view! { <ResponseBody text=text content_type=content_type messages=messages/> },
            )
        }
        None => Either::Right(view! { <p class="quiet">{messages.get("response-binary")}</p> }),
    }
}

/// A link to a whole body that is shown only in part.
fn download_view(
    response: &HttpResponse,
    messages: &MessageCatalog,
) -> Option<impl IntoView + use<>> {
    /// The most bytes of a body that need no link.
    const SHOWN: usize = 64 * 1024;
    if response.size <= SHOWN {
        return None;
    }
    let url = api_client::object_url(response)?;
    let link = url.clone();
    on_cleanup(move || api_client::revoke_object_url(&url));
    Some(view! { <p><a href=link download="response">{messages.get("response-download")}</a></p> })
}
