//! Drafts that outlive a reload, and links that hold one. Neither ever holds a secret.

use leptos::prelude::window;
use web_sys::HtmlFormElement;

use super::{fields, form, origin};
use crate::islands::dom::storage;
use crate::model::http::RequestDraft;

/// Where the draft of a form is kept.
fn container(form: &HtmlFormElement) -> String {
    let path = window().location().pathname().unwrap_or_default();
    ["draft:", &path, "#", &form.id()].concat()
}

/// Keeps what the form holds.
pub(super) fn store(form: &HtmlFormElement) {
    let draft = fields::read(form).without_secrets();
    if let Some(storage) = storage() {
        // A full storage keeps nothing; the form still has it.
        let _ = storage.set_item(&container(form), &draft.to_json());
    }
}

/// Forgets what was kept.
pub(super) fn forget(form: &HtmlFormElement) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&container(form));
    }
}

/// Puts the draft of a link, or else what was kept, into the form.
pub(super) fn restore(form: &HtmlFormElement) {
    let kept = || storage()?.get_item(&container(form)).ok().flatten();
    let Some(text) = linked(form).or_else(kept) else {
        return;
    };
    if let Some(draft) = RequestDraft::from_json(&text) {
        form::write(form, &draft);
    }
}

/// The draft in the address, if it is for this form: `#ID&try=…`, or `#try=…` for the first.
fn linked(form: &HtmlFormElement) -> Option<String> {
    let hash = window().location().hash().ok()?;
    let (id, text) = hash.strip_prefix('#')?.split_once("try=")?;
    let id = id.trim_end_matches('&');
    if !id.is_empty() && id != form.id().trim_end_matches("-form") {
        return None;
    }
    if id.is_empty() {
        let first = leptos::prelude::document()
            .query_selector(".request-form")
            .ok()
            .flatten()?;
        if first.id() != form.id() {
            return None;
        }
    }
    let text = text.replace('-', "+").replace('_', "/");
    let bytes = window().atob(&text).ok()?;
    // Each character of it is a byte.
    String::from_utf8(bytes.chars().map(|byte| byte as u8).collect()).ok()
}

/// A link that fills the form with what it holds now, and sends nothing.
pub(super) fn link(form: &HtmlFormElement) -> String {
    let draft = fields::read(form).without_secrets();
    let bytes: String = draft.to_json().bytes().map(char::from).collect();
    let text = window().btoa(&bytes).unwrap_or_default();
    let text = text.replace('+', "-").replace('/', "_");
    let path = window().location().pathname().unwrap_or_default();
    let id = form.id();
    let id = id.trim_end_matches("-form");
    [
        &origin(),
        &path,
        "#",
        id,
        "&try=",
        text.trim_end_matches('='),
    ]
    .concat()
}
