//! Copies the code that stands beside it.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::islands::api_client::copy;
use crate::ui::words;

/// A button that copies the text of the `<pre>` before it. It is there only once it works.
#[island]
pub fn CopyButton() -> impl IntoView {
    let words = words();
    let button = NodeRef::<leptos::html::Button>::new();
    let copied = RwSignal::new(false);
    let ready = RwSignal::new(false);
    Effect::new(move |_| ready.set(true));
    let click = move |_| {
        let code = button
            .get_untracked()
            .and_then(|button| button.closest(".code-block").ok().flatten());
        let text = code
            .and_then(|block| block.query_selector("pre").ok().flatten())
            .and_then(|pre| pre.text_content());
        spawn_local(async move {
            if copy(&text.unwrap_or_default()).await {
                copied.set(true);
                set_timeout(move || copied.set(false), std::time::Duration::from_secs(2));
            }
        });
    };
    let label = move || {
        words.get(if copied.get() {
            "copy-done"
        } else {
            "copy-code"
        })
    };
    view! {
        <button node_ref=button type="button" class="copy-code" on:click=click hidden=move || !ready.get()>
            <span role="status">{label}</span>
        </button>
    }
}
