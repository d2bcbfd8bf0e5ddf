//! The response to a request: status and body at once, then the record of the server.

use std::sync::Arc;

use leptos::either::Either;
use leptos::html;
use leptos::mount::mount_to;
use leptos::prelude::*;
use web_sys::HtmlElement;

use crate::components::{HeaderTable, ResponseBody};
use crate::islands::api_client::{self, SendError};
use crate::islands::browser_value::BrowserValue;
use crate::islands::dom::{all, find};
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

impl Outcome {
    pub(super) fn response(&self) -> Option<&Arc<HttpResponse>> {
        match self {
            Outcome::Received(response, _) => Some(response),
            _ => None,
        }
    }
}

/// The status of a response; nothing for a redirection that the browser did not follow and hides.
pub(super) fn status_view(response: &HttpResponse) -> Option<impl IntoView + use<>> {
    let status = response.status;
    (status != 0).then(|| {
        let class = format!("status status-{}xx", status / 100);
        view! { <span class=class><b>{status}</b>" "{reason_phrase(status)}</span>" " }
    })
}

/// Renders the response to the last request.
pub(super) fn response_view(
    outcome: RwSignal<Outcome>,
    is_sending: RwSignal<bool>,
) -> impl IntoView {
    let messages = use_messages();
    let live = {
        let messages = messages.clone();
        move || match outcome.get() {
            Outcome::None => None,
            Outcome::Failed(error) => Some(Either::Left(
                view! { <p class="response-error">{messages.get(error.key())}</p> },
            )),
            Outcome::Received(response, _) => Some(Either::Right(view! {
                <p class="response-status">{status_view(&response)}{cost_view(&response, &messages)}</p>
            })),
        }
    };
    let parts = move || {
        let Outcome::Received(response, record) = outcome.get() else {
            return None;
        };
        let missing = match record {
            Record::Fragment(html) => {
                let messages = messages.clone();
                return Some(Either::Left(
                    view! { <RecordView html=html response=response messages=messages/> },
                ));
            }
            Record::Pending => None,
            Record::Missing(key) => Some(view! {
                <HeaderTable headers=response.headers.clone() caption=headers_caption(&response, &messages)/>
                <p class="quiet">{messages.get(key)}</p>
            }),
        };
        Some(Either::Right(view! {
            <div class="response-parts">{body_view(&response, &messages)}{missing}</div>
        }))
    };
    view! {
        <div class="response" aria-busy=move || if is_sending.get() { "true" } else { "false" }>
            <div class="response-live" role="status">{live}</div>
            {parts}
        </div>
    }
}

/// The record of the server, with body and duration as the browser received them: the record has only the
/// beginning of a long body, and no secrets.
#[component]
fn RecordView(
    html: String,
    response: Arc<HttpResponse>,
    messages: MessageCatalog,
) -> impl IntoView {
    let container = NodeRef::<html::Div>::new();
    let mounted = BrowserValue::empty();
    container.on_load(move |container| {
        let exchange = all(&container, ".exchange").pop();
        let Some(exchange) = exchange else { return };
        let line = find::<HtmlElement>(&exchange, ".exchange-line");
        let panel = find::<HtmlElement>(&exchange, "[data-tab=body]");
        let panel = panel.filter(|_| response.status != 0);
        let mut handles = Vec::new();
        if let Some(line) = line {
            let cost = cost_view(&response, &messages).into_any();
            handles.push(mount_to(line, || cost));
        }
        if let Some(panel) = panel {
            panel.set_inner_html("");
            handles.push(mount_to(panel, move || {
                let download = download_view(&response, &messages);
                view! { {body_view(&response, &messages)} {download} }.into_any()
            }));
        }
        mounted.set(handles);
    });
    view! { <div class="response-parts" inner_html=html node_ref=container></div> }
}

fn headers_caption(response: &HttpResponse, messages: &MessageCatalog) -> String {
    let count = response.headers.len().to_string();
    messages.with("response-headers", &[("count", &count)])
}

/// How long the response took and how large it is.
fn cost_view(response: &HttpResponse, messages: &MessageCatalog) -> impl IntoView + use<> {
    let (milliseconds, bytes) = (response.milliseconds.to_string(), response.size.to_string());
    let values = [("ms", milliseconds.as_str()), ("bytes", &bytes)];
    view! { <span class="quiet">{messages.with("response-cost", &values)}</span> }
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
