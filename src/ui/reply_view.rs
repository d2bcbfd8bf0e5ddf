//! A reply: status, time and size, body, headers.

use leptos::prelude::*;

use crate::model::http::Reply;
use crate::model::json::Json;
use crate::model::words::Words;
use crate::ui::{HeaderTable, StatusLine};

/// Status, time and size in one line.
#[component]
pub fn ReplyStatus(
    /// What came back.
    reply: Reply,
    /// Words under `reply-`.
    words: Words,
) -> impl IntoView {
    let cost = [
        ("ms", reply.milliseconds.to_string()),
        ("bytes", reply.size.to_string()),
    ];
    let cost = cost.each_ref().map(|(name, value)| (*name, value.as_str()));
    view! {
        <p class="reply-status">
            <StatusLine status=reply.status/> " "
            <span class="quiet">{words.with("reply-cost", &cost)}</span>
        </p>
    }
}

/// Body and headers of a reply. The body is text, never HTML in the page.
#[component]
pub fn ReplyView(
    /// What came back.
    reply: Reply,
    /// Words under `reply-`.
    words: Words,
) -> impl IntoView {
    let body = match reply.body.text() {
        Some(text) if reply.is_json() => match Json::parse(text.as_bytes()) {
            Ok(json) => json.pretty(),
            Err(_) => text.to_owned(),
        },
        Some(text) => text.to_owned(),
        None => words.get("reply-binary"),
    };
    let empty = body
        .is_empty()
        .then(|| view! { <p class="quiet">{words.get("reply-no-body")}</p> });
    let body = (!body.is_empty()).then(|| {
        view! {
            <pre class="code reply-body" tabindex="0" role="group" aria-label=words.get("reply-body")><code>{body}</code></pre>
        }
    });
    let headers = words.with(
        "reply-headers",
        &[("count", &reply.headers.len().to_string())],
    );
    view! {
        {empty}
        {body}
        <details class="reply-headers">
            <summary>{headers.clone()}</summary>
            <HeaderTable headers=reply.headers caption=headers/>
        </details>
    }
}
