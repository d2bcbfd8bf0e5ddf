//! The saved requests above the endpoints: each opens in a form, can be renamed, and can be deleted and restored.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::HtmlInputElement;

use crate::components::MethodBadge;
use crate::components::icon::{Icon, PENCIL, REMOVE};
use crate::islands::browser_value::BrowserValue;
use crate::islands::dom::{attribute, find, focus, language, listener, target};
use crate::islands::island_data::{hydrated, use_messages};
use crate::islands::saved_requests::SavedStore;
use crate::islands::server_view::server_view;
use crate::model::http::saved_fragment;
use crate::model::messages::MessageCatalog;
use crate::model::saved_requests::{NAME_MAX, SaveError, SavedRequest};

/// The group of the saved requests, folded.
#[island]
pub fn SavedRequestList() -> impl IntoView {
    let messages = use_messages();
    let list = SavedList::new(&messages);
    let is_hydrated = hydrated();
    let requests = move || match is_hydrated.get() {
        true => list.store.get().list().to_vec(),
        false => Vec::new(),
    };
    let count = move || requests().len().to_string();
    let is_empty = move || requests().is_empty();
    view! {
        <details class="nav-section saved-requests script-only" node_ref=list.container>
            <summary>{server_view(|| view! { <span>{messages.get("workspace-saved-title")}</span> })}" "<span class="nav-count">{count}</span></summary>
            <ul><For each=requests key=key children=move |request| row(list, request)/></ul>
            <p class="nav-note" hidden=move || !is_empty()>{server_view(|| messages.get("workspace-saved-none"))}</p>
            <div class="nav-note">
                <span role="status">{list.status}</span>" "
                <button type="button" class="tool-button" hidden=move || !list.is_deleted.get()
                    on:click=listener(move |_| list.restore())>{server_view(|| messages.get("workspace-undo"))}</button>
            </div>
        </details>
    }
}

/// Returns what a row shows: rows with another key are rendered anew.
fn key(request: &SavedRequest) -> String {
    [&request.draft.method, " ", &request.name].concat()
}

/// The state of the list.
#[derive(Clone, Copy)]
struct SavedList {
    store: SavedStore,
    /// The name of the request that is being renamed; empty for none.
    renamed: RwSignal<String>,
    /// What happened last.
    status: RwSignal<String>,
    /// Whether the last change was a deletion, which can be undone.
    is_deleted: RwSignal<bool>,
    deleted: BrowserValue<(usize, SavedRequest)>,
    container: NodeRef<html::Details>,
    messages: StoredValue<MessageCatalog>,
}

/// Renders a request: a link that opens it, and the buttons that rename and delete it. In their place stands the field for
/// its new name while it is being renamed.
fn row(list: SavedList, request: SavedRequest) -> impl IntoView {
    let SavedRequest { name, draft } = request;
    let href = ["/", &language(), "/playground", &saved_fragment(&name)].concat();
    let label = |key: &str| list.message_with(key, &name);
    let (rename_label, delete_label) = (label("workspace-rename"), label("workspace-delete"));
    let name_label = label("workspace-new-name");
    // A suggested name begins with the method, which the badge shows.
    let shown = name
        .strip_prefix(&draft.method)
        .unwrap_or(&name)
        .trim_start();
    let shown = if shown.is_empty() { &name } else { shown }.to_owned();
    let name = StoredValue::new(name);
    let is_renamed = Signal::derive(move || {
        name.with_value(|name| list.renamed.with(|renamed| renamed == name))
    });
    let keydown = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            list.end_renaming(&name.get_value());
        }
    };
    view! {
        <li data-name=name.get_value()>
            <div class="saved-row" hidden=is_renamed>
                <a href=href><MethodBadge method=draft.method/>" "<span>{shown}</span></a>
                <button type="button" class="icon-button" aria-label=rename_label
                    on:click=listener(move |_| list.begin_renaming(&name.get_value()))><Icon shapes=PENCIL/></button>
                <button type="button" class="icon-button" aria-label=delete_label
                    on:click=listener(move |_| list.delete(&name.get_value()))><Icon shapes=REMOVE/></button>
            </div>
            <form class="saved-rename" hidden=move || !is_renamed.get() on:submit=listener(move |event| list.rename(&event, &name.get_value()))>
                <input aria-label=name_label maxlength=NAME_MAX value=name.get_value()
                    autocomplete="off" spellcheck="false" on:keydown=listener(keydown)/>
                <button type="submit" class="button">{list.message("workspace-save")}</button>
            </form>
        </li>
    }
}

impl SavedList {
    fn new(messages: &MessageCatalog) -> SavedList {
        SavedList {
            store: use_context().unwrap_or_else(SavedStore::empty),
            renamed: RwSignal::new(String::new()),
            status: RwSignal::new(String::new()),
            is_deleted: RwSignal::new(false),
            deleted: BrowserValue::empty(),
            container: NodeRef::new(),
            messages: StoredValue::new(messages.clone()),
        }
    }

    fn message(self, key: &str) -> String {
        self.message_with(key, "")
    }

    fn message_with(self, key: &str, name: &str) -> String {
        self.messages
            .with_value(|messages| messages.with(key, &[("name", name)]))
    }

    /// Moves the focus to the first element that a selector fits, once the list shows what has changed.
    fn focus_soon(self, selector: String) {
        spawn_local(async move {
            let list = self.container.get_untracked();
            let element = list.and_then(|list| find(&list, &selector));
            element.iter().for_each(focus);
        });
    }

    fn begin_renaming(self, name: &str) {
        self.show("", "");
        self.renamed.set(name.to_owned());
        let field = [&attribute("data-name", name), " input"].concat();
        let list = self.container.get_untracked();
        if let Some(field) = list.and_then(|list| find::<HtmlInputElement>(&list, &field)) {
            field.set_value(name);
        }
        self.focus_soon(field);
    }

    /// Shows the request with this name again.
    fn end_renaming(self, name: &str) {
        self.renamed.set(String::new());
        self.focus_soon([&attribute("data-name", name), " a"].concat());
    }

    fn rename(self, event: &SubmitEvent, name: &str) {
        event.prevent_default();
        let form = target(event, "form");
        let field = form.and_then(|form| find::<HtmlInputElement>(&form, "input"));
        let new = field.map(|field| field.value()).unwrap_or_default();
        match self.store.change(|requests| requests.rename(name, &new)) {
            Ok(()) => {
                self.show("workspace-renamed", new.trim());
                self.end_renaming(new.trim());
            }
            Err(error) => self.show(error.key(), new.trim()),
        }
    }

    fn delete(self, name: &str) {
        let deleted = self
            .store
            .change(|requests| requests.remove(name).ok_or(SaveError::Gone));
        match deleted {
            Ok(deleted) => {
                self.deleted.set(deleted);
                self.show("workspace-deleted", name);
                self.is_deleted.set(true);
                self.focus_soon(".nav-note button".to_owned());
            }
            Err(error) => self.show(error.key(), name),
        }
    }

    /// Restores the request that was deleted last.
    fn restore(self) {
        let Some((index, request)) = self.deleted.take() else {
            return;
        };
        let name = request.name.clone();
        match self
            .store
            .change(|requests| requests.insert(index, request))
        {
            Ok(()) => {
                self.show("workspace-restored", &name);
                self.focus_soon([&attribute("data-name", &name), " a"].concat());
            }
            Err(error) => self.show(error.key(), &name),
        }
    }

    /// Shows what happened; nothing for an empty key.
    fn show(self, key: &str, name: &str) {
        self.is_deleted.set(false);
        self.status.set(match key {
            "" => String::new(),
            key => self.message_with(key, name),
        });
    }
}
