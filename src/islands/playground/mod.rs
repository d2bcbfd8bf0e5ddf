//! A request in a page: sends what the form holds, and shows what came of it.
//!
//! The form is server HTML (`ui::request_form`) that is never rendered again: its fields are read when
//! it is submitted. Status and body of the response are shown as soon as they are there; all else that the
//! server knows of the exchange comes as HTML from the server (`pages::exchange`). Without scripts the
//! form goes to the server, which answers with a page that shows the same.

mod editor;
mod fields;
mod form;
mod keep;
mod parts;
mod rows;
mod send;
mod values;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, HtmlElement, HtmlFormElement, KeyboardEvent, SubmitEvent};

use super::api_client;
use super::dom::{after, all, find, root, set, target, words};
use crate::model::html::escape;
use crate::model::http::Mutation;
use crate::snippet::to_curl;

/// A request form that sends from the page.
#[component]
pub fn Playground(
    /// The form: `ui::RequestForm`.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="playground" data-island="">
            {children()}
            <div class="field-error" role="alert"></div>
            <div class="request-message"></div>
            <div class="response">
                <div class="response-live" role="status"></div>
                <div class="response-parts"></div>
            </div>
        </div>
    }
}

/// Puts drafts back into their forms.
pub(super) fn hydrate() {
    for container in all(&root(), ".playground[data-island]") {
        if let Some(form) = form_in(&container) {
            keep::restore(&form);
            editor::paint(&form);
        }
        set(&container, "data-ready", "");
    }
}

fn container_of(event: &Event) -> Option<(Element, HtmlFormElement)> {
    let container: Element = target(event, ".playground")?.into();
    let form = form_in(&container)?;
    Some((container, form))
}

fn form_in(container: &Element) -> Option<HtmlFormElement> {
    find(container, ".request-form")
}

pub(super) fn submit(event: &SubmitEvent) {
    let Some((container, form)) = container_of(event) else {
        return;
    };
    event.prevent_default();
    let button = event
        .submitter()
        .and_then(|button| button.get_attribute("value"));
    let mutation = button.as_deref().and_then(Mutation::parse);
    // The button that sends takes a request under way back.
    if send::cancel(&form.id()) {
        return;
    }
    spawn_local(send::submit(container, form, mutation));
}

pub(super) fn keydown(event: &KeyboardEvent) -> bool {
    let Some((_, form)) = container_of(event) else {
        return false;
    };
    match event.key().as_str() {
        "Enter" if event.ctrl_key() || event.meta_key() => {
            event.prevent_default();
            if !send::is_running(&form.id()) {
                // Refused only for a form that is no longer in the page.
                let _ = form.request_submit();
            }
        }
        "Escape" => _ = send::cancel(&form.id()),
        _ => return false,
    }
    true
}

pub(super) fn input(event: &Event) {
    if let Some((_, form)) = container_of(event) {
        if target(event, ".target-input").is_some() {
            parts::show(&form);
        } else if let Some(input) = target(event, ".request-parts input") {
            parts::edit(&form, &input);
        }
        form::paint(&form);
        keep::store(&form);
        form::write_code(&form);
    }
}

pub(super) fn scroll(event: &Event) {
    editor::scroll(event);
}

pub(super) fn change(event: &Event) {
    if let Some((_, form)) = container_of(event) {
        editor::check(&form, &words());
        form::write_code(&form);
    }
}

pub(super) fn click(event: &Event) -> bool {
    let Some((container, form)) = container_of(event) else {
        return false;
    };
    if let Some(row) = target(event, "[data-remove]").and_then(|_| target(event, ".field-row"))
        && let Some(part) = target(event, "details")
    {
        rows::remove(&part, &row);
        parts::edit(&form, &part);
        keep::store(&form);
        return true;
    }
    if target(event, ".request-code > summary").is_some() {
        // It opens once the click has been dealt with.
        after(0, move || form::write_code(&form));
        return true;
    }
    let Some(action) =
        target(event, "[data-do]").and_then(|target| target.get_attribute("data-do"))
    else {
        return false;
    };
    match action.as_str() {
        "add-row" => target(event, "details")
            .iter()
            .for_each(|part| rows::add(part)),
        "reset" => {
            keep::forget(&form);
            form::reset(&form);
            set_inner_html(&container, ".field-error", "");
            set_inner_html(&container, ".request-message", "");
        }
        "code" => {
            let text =
                find::<Element>(&form, ".request-code code").and_then(|code| code.text_content());
            spawn_local(async move {
                let text = text.unwrap_or_default();
                if api_client::copy(&text).await {
                    show_message(&container, "request-curl-copied");
                } else {
                    show_message(&container, "request-curl-shown");
                }
            });
        }
        "format" => {
            editor::format(&form, &words());
            keep::store(&form);
        }
        "link" => spawn_local(async move {
            let link = keep::link(&form);
            show_copied(
                &container,
                &link,
                api_client::copy(&link).await,
                "request-link-copied",
            );
        }),
        _ => spawn_local(async move {
            let key = api_client::sandbox_key().await.ok();
            let command = to_curl(&values::known(&form), &origin(), key.as_deref());
            show_copied(
                &container,
                &command,
                api_client::copy(&command).await,
                "request-curl-copied",
            );
        }),
    }
    true
}

/// Shows a text that was copied, or that has to be copied by hand.
fn show_copied(container: &Element, text: &str, copied: bool, key: &str) {
    let words = words();
    let key = if copied { key } else { "request-curl-shown" };
    let html = format!(
        "<p role=\"status\" class=\"quiet\">{}</p><pre class=\"code\" tabindex=\"0\"><code>{}</code></pre>",
        escape(&words.get(key)),
        escape(text),
    );
    set_inner_html(container, ".request-message", &html);
}

/// Shows a message about what was copied.
fn show_message(container: &Element, key: &str) {
    let text = escape(&words().get(key));
    set_inner_html(
        container,
        ".request-message",
        &format!("<p role=\"status\" class=\"quiet\">{text}</p>"),
    );
}

/// Puts HTML into a part of the playground.
fn set_inner_html(container: &Element, selector: &str, html: &str) {
    if let Some(part) = find::<HtmlElement>(container, selector) {
        part.set_inner_html(html);
    }
}

fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// What a part of the form says of its request to the script: `data-NAME` of the form.
fn data(form: &HtmlFormElement, name: &str) -> Option<String> {
    form.unchecked_ref::<Element>()
        .get_attribute(&["data-", name].concat())
}
