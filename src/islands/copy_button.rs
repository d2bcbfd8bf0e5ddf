//! Copies the code that stands beside it.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event};

use super::api_client::copy;
use super::dom::{after, find, target};
use crate::model::messages::MessageCatalog;

/// Milliseconds for which the button shows that it has copied.
const MESSAGE_TIME: i32 = 2000;

/// A button that copies the text of the `<pre>` before it; there only where scripts run.
#[component]
pub fn CopyButton(
    /// The messages with the prefix `copy-`.
    words: MessageCatalog,
) -> impl IntoView {
    let (copy, done) = (words.get("copy-code"), words.get("copy-done"));
    let label = copy.clone();
    view! {
        <button type="button" class="copy-code" data-island="" data-copy=copy data-done=done>
            <span role="status">{label}</span>
        </button>
    }
}

/// Copies, if its button was clicked.
pub(super) fn click(event: &Event) -> bool {
    let Some(button) = target(event, ".copy-code") else {
        return false;
    };
    let block = button.closest(".code-block").ok().flatten();
    let code = block.and_then(|block| find::<Element>(&block, "pre"));
    let text = code
        .and_then(|code| code.text_content())
        .unwrap_or_default();
    spawn_local(async move {
        if copy(&text).await {
            show_message(&button, "data-done");
            after(MESSAGE_TIME, move || show_message(&button, "data-copy"));
        }
    });
    true
}

fn show_message(button: &Element, name: &str) {
    if let Some(label) = find::<Element>(button, "span") {
        label.set_text_content(button.get_attribute(name).as_deref());
    }
}
