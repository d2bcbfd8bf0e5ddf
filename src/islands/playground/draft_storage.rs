//! Drafts that outlast a reload, and links that contain a draft. Neither contains a secret.
//!
//! Each tab of the browser stores the drafts of its own; a new tab begins with the last one of any tab.

use leptos::prelude::{document, window};

use crate::islands::dom::{local_storage, origin, session_storage};
use crate::model::http::{RequestDraft, draft_fragment, draft_key};

/// Returns the id of the form in the request block `id`.
pub(super) fn form_id(id: &str) -> String {
    [id, "-form"].concat()
}

fn key(id: &str) -> String {
    draft_key(&path(), &form_id(id))
}

fn path() -> String {
    window().location().pathname().unwrap_or_default()
}

/// Stores a draft; `None` removes the stored one.
pub(super) fn store(id: &str, draft: Option<RequestDraft>) {
    let key = key(id);
    let json = draft.map(|draft| draft.without_secrets().to_json());
    for storage in [session_storage(), local_storage()].into_iter().flatten() {
        // Where storage is refused or full, only the form has the draft.
        let _ = match &json {
            Some(json) => storage.set_item(&key, json),
            None => storage.remove_item(&key),
        };
    }
}

/// Returns the stored draft.
pub(super) fn find(id: &str) -> Option<RequestDraft> {
    let key = key(id);
    let mut storages = [session_storage(), local_storage()].into_iter().flatten();
    let stored = storages.find_map(|storage| storage.get_item(&key).ok().flatten());
    RequestDraft::from_json(&stored?).map(RequestDraft::without_secrets)
}

/// Returns the draft of a link. A link may be made by hand: a key in it would make the reader work in the data of somebody
/// else.
pub(super) fn decode(encoded: &str) -> Option<RequestDraft> {
    let bytes = window().atob(encoded).ok()?;
    // Each character is a byte.
    let json = String::from_utf8(bytes.chars().map(|byte| byte as u8).collect());
    RequestDraft::from_json(&json.ok()?).map(RequestDraft::without_secrets)
}

/// Returns whether the form of this request block is the first of the page.
pub(super) fn is_first(id: &str) -> bool {
    let first = document().query_selector(".request-form").ok().flatten();
    first.is_some_and(|first| first.id() == form_id(id))
}

/// Returns a link that fills the form with a draft and sends nothing.
pub(super) fn link(id: &str, draft: RequestDraft) -> String {
    let json = draft.without_secrets().to_json();
    let bytes: String = json.bytes().map(char::from).collect();
    let encoded = window().btoa(&bytes).unwrap_or_default();
    [origin(), path(), draft_fragment(id, &encoded)].concat()
}
