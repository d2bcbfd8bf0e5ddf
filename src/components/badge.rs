//! Methods and statuses, the same everywhere: always with their text, never by colour alone.

use leptos::prelude::*;

use crate::model::http::{StatusFamily, reason_phrase};

/// A method in its own colour.
#[component]
pub fn MethodBadge(
    /// The method, as written.
    #[prop(into)]
    method: String,
) -> impl IntoView {
    let class = format!("method method-{}", method.to_ascii_lowercase());
    view! { <span class=class>{method}</span> }
}

/// A status code with its phrase, in the colour of its family.
#[component]
pub fn StatusLine(
    /// 100–599.
    status: u16,
) -> impl IntoView {
    let family = match StatusFamily::of(status) {
        Some(StatusFamily::Informational | StatusFamily::Redirection) => "status-3xx",
        Some(StatusFamily::Successful) => "status-2xx",
        Some(StatusFamily::ClientError) => "status-4xx",
        _ => "status-5xx",
    };
    view! {
        <span class=format!("status {family}")>
            <b>{status}</b> " " {reason_phrase(status)}
        </span>
    }
}
