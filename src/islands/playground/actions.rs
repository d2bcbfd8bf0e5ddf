//! What can be done with a request besides sending it.

use leptos::ev::Event;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::form::{Form, Notice, write_to};
use crate::islands::api_client;
use crate::islands::dom::origin;
use crate::snippet::{self, SnippetLanguage};

/// Renders the notice.
pub(super) fn notice_view(notice: RwSignal<Option<Notice>>) -> impl IntoView {
    let message = move || notice.get().map(|notice| notice.message);
    let text = move || {
        let text = notice.get().and_then(|notice| notice.text);
        text.map(|text| view! { <pre class="code" tabindex="0"><code>{text}</code></pre> })
    };
    view! {
        <div class="request-message">
            <p role="status" class="quiet">{message}</p>
            {text}
        </div>
    }
}

/// Copies a text, or says that it is to be copied by hand; `copied` is the key of the message on success.
pub(super) async fn copy(form: Form, text: String, is_shown: bool, copied: &str) {
    let is_copied = api_client::copy(&text).await;
    form.notice.set(Some(Notice {
        message: form.message(if is_copied {
            copied
        } else {
            "request-curl-shown"
        }),
        text: is_shown.then_some(text),
    }));
}

/// Renders the request as code in the chosen language, once it is opened.
pub(super) fn snippets(form: Form) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let language = RwSignal::new(SnippetLanguage::Curl.slug().to_owned());
    let key = RwSignal::new(None::<String>);
    let code = move || {
        let language = SnippetLanguage::from_slug(&language.get()).filter(|_| is_open.get())?;
        let (request, key) = (form.shown_request(), key.get());
        Some(snippet::code(language, &request, &origin(), key.as_deref()))
    };
    let toggle = move |event: Event| {
        let details = event.target();
        let details = details.and_then(|details| details.dyn_into::<Element>().ok());
        is_open.set(details.is_some_and(|details| details.has_attribute("open")));
        if is_open.get_untracked() {
            // So that a terminal uses the data of this page.
            spawn_local(async move { key.set(api_client::sandbox_key().await.ok()) });
        }
    };
    let copy_code = move |_| {
        let code = untrack(code).unwrap_or_default();
        spawn_local(copy(form, code, false, "request-curl-copied"));
    };
    let languages = SnippetLanguage::ALL
        .map(|language| view! { <option value=language.slug()>{language.name()}</option> })
        .collect_view();
    view! {
        <details class="request-code script-only" on:toggle=toggle>
            <summary>{form.message("request-code")}</summary>
            <select class="code-form" aria-label=form.message("request-code-form") prop:value=language on:change=write_to(language)>{languages}</select>
            <button type="button" class="link-button" on:click=copy_code>{form.message("copy-code")}</button>
            <pre class="code" tabindex="0"><code>{code}</code></pre>
        </details>
    }
}
