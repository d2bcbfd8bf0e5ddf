//! A button that copies the code beside it.

use std::time::Duration;

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::Element;

use super::api_client::copy;
use super::dom::{find, listener};
use super::island_data::use_messages;

/// How long the button shows that the code is copied.
const CONFIRMATION: Duration = Duration::from_secs(2);

/// A button that copies the text of the `<pre>` in its `.code-block`; hidden without scripts.
#[island]
pub fn CopyButton() -> impl IntoView {
    let messages = use_messages();
    let button = NodeRef::<html::Button>::new();
    let is_copied = RwSignal::new(false);
    let copy_code = move |_| {
        let block = button
            .get_untracked()
            .and_then(|button| button.closest(".code-block").ok()?);
        let code = block.and_then(|block| find::<Element>(&block, "pre")?.text_content());
        spawn_local(async move {
            if copy(&code.unwrap_or_default()).await {
                is_copied.set(true);
                set_timeout(move || is_copied.set(false), CONFIRMATION);
            }
        });
    };
    let label = move || {
        messages.get(if is_copied.get() {
            "copy-done"
        } else {
            "copy-code"
        })
    };
    view! {
        <button type="button" class="copy-code" node_ref=button on:click=listener(copy_code)>
            <span role="status">{label}</span>
        </button>
    }
}
