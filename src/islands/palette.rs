//! The command palette: a dialog that finds lessons, endpoints, actions and saved requests by words, and below them the
//! passages of the lessons that the server finds.
//!
//! Ctrl+K or ⌘K opens it on every page; the loader clicks the button. The entries are requested when it
//! is opened for the first time. The field and the list are a combobox with a listbox (ARIA Authoring
//! Practices Guide).

use js_sys::Reflect;
use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition};

use super::api_client;
use super::dom::{attribute, effect, find, language, listener, root, target};
use super::island_data::{hydrated, use_messages};
use super::passage_options::{self, PassageOptions};
use super::saved_requests::SavedStore;
use super::server_view::{server_text, server_view};
use super::theme_toggle;
use crate::components::MethodBadge;
use crate::components::icon::{Icon, SEARCH};
use crate::components::unhydrated::unhydrated;
use crate::model::http::saved_fragment;
use crate::model::palette::{PaletteEntry, passage_option_id};

/// The id of the list; an option has this id with its number.
const LIST: &str = "palette-list";

/// The button in the header, and the dialog that it opens.
#[island]
pub fn Palette() -> impl IntoView {
    let messages = use_messages();
    let dialog = NodeRef::<html::Dialog>::new();
    let field = NodeRef::<html::Input>::new();
    let query = RwSignal::new(String::new());
    let entries = RwSignal::new(Vec::<PaletteEntry>::new());
    let has_failed = RwSignal::new(false);
    let selected = RwSignal::new(0_usize);
    let passages = PassageOptions::new();
    let saved = use_context().unwrap_or_else(SavedStore::empty);
    let saved_group = StoredValue::new(messages.get("palette-saved"));
    let is_hydrated = hydrated();
    let found = move || -> Vec<PaletteEntry> {
        let query = query.get();
        let saved = match is_hydrated.get() {
            true => saved_entries(saved, &saved_group.get_value()),
            false => Vec::new(),
        };
        let matches = |entry: &&PaletteEntry| entry.matches(&query);
        entries.with(|entries| {
            let all = saved.iter().chain(entries);
            all.filter(matches).cloned().collect()
        })
    };

    let open = move |_| {
        query.set(String::new());
        passages.search("");
        selected.set(0);
        if let Some(dialog) = dialog.get_untracked().filter(|dialog| !dialog.open()) {
            // Refused only for a dialog that is open or not in the page.
            let _ = dialog.show_modal();
        }
        if entries.with_untracked(Vec::is_empty) {
            spawn_local(async move {
                let json = api_client::json(&["/", &language(), "/palette"].concat()).await;
                has_failed.set(json.is_none());
                entries.set(
                    json.as_ref()
                        .map(PaletteEntry::list_from_json)
                        .unwrap_or_default(),
                );
            });
        }
    };
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let choose = move |href: &str| {
        close();
        run(href);
    };
    // The passages come after the entries.
    let id_of = move |at: usize| match at.checked_sub(found().len()) {
        Some(passage) => passage_option_id(passage),
        None => option_id(at),
    };
    let select = move |at: usize| {
        selected.set(at);
        let list = field
            .get_untracked()
            .and_then(|field| field.closest("dialog").ok()?);
        let option =
            list.and_then(|list| find::<Element>(&list, &attribute("id", &untrack(|| id_of(at)))));
        if let Some(option) = option {
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Nearest);
            option.scroll_into_view_with_scroll_into_view_options(&options);
        }
    };
    let keydown = move |event: KeyboardEvent| {
        if is_composing(&event) {
            return;
        }
        let found = untrack(found);
        let count = found.len() + passages.count.get_untracked();
        let (at, last) = (selected.get_untracked(), count.saturating_sub(1));
        match event.key().as_str() {
            "ArrowDown" => select(if at < last { at + 1 } else { 0 }),
            "ArrowUp" => select(if at > 0 { at - 1 } else { last }),
            "Enter" => {
                let passage = || passages.href(at.checked_sub(found.len())?);
                let href = found.get(at).map(|entry| entry.href.clone());
                href.or_else(passage).iter().for_each(|href| choose(href));
            }
            _ => return,
        }
        event.prevent_default();
    };
    let search = move |text: String| {
        passages.search(&text);
        query.set(text);
        select(0);
    };
    let click = move |event: MouseEvent| {
        let option = target(&event, "[role=option]");
        let href = option.and_then(|option| passage_options::href(&option));
        href.iter().for_each(|href| choose(href));
    };
    effect(move || {
        passages.count.track();
        passages.select(selected.get().checked_sub(found().len()));
    });

    let options = move || {
        let mut group = String::new();
        let found = found().into_iter().enumerate();
        found
            .map(|(at, entry)| {
                let heading = (entry.group != group).then(|| {
                    group.clone_from(&entry.group);
                    view! { <li class="palette-group" role="presentation">{group.clone()}</li> }
                });
                let method = (!entry.method.is_empty()).then(|| view! { <MethodBadge method=entry.method.clone()/> });
                let (title, detail) = (entry.title.clone(), entry.detail.clone());
                view! {
                    {heading}
                    <li id=option_id(at) role="option" class="palette-option" on:click=listener(move |_| choose(&entry.href))
                        aria-selected=move || if selected.get() == at { "true" } else { "false" }>
                        {method}<span class="palette-title">{title}</span><span class="palette-detail">{detail}</span>
                    </li>
                }
            })
            .collect::<Vec<_>>()
    };
    let list = move || {
        let options = options();
        (!options.is_empty()).then(|| unhydrated(options))
    };
    let none = messages.clone();
    let status = move || {
        if has_failed.get() {
            return none.get("palette-failed");
        }
        let has_passages = passages.is_pending.get() || passages.count.get() > 0;
        let is_loaded = entries.with(|entries| !entries.is_empty());
        let is_missing = is_loaded && !has_passages && found().is_empty();
        match is_missing {
            true => none.get("palette-none"),
            false => String::new(),
        }
    };
    let label = || messages.get("palette-label");
    view! {
        <div class="palette">
            <button type="button" class="palette-open" aria-haspopup="dialog" aria-keyshortcuts="Control+K Meta+K" on:click=listener(open)>
                {server_view(|| {
                    view! {
                        <Icon shapes=SEARCH/>
                        <span class="palette-label">{messages.get("palette-open")}</span>
                        <kbd class="key-control" aria-hidden="true">"Ctrl K"</kbd><kbd class="key-command" aria-hidden="true">"⌘K"</kbd>
                    }
                })}
            </button>
            <dialog class="palette-dialog" aria-label=server_text(|| messages.get("palette-open")) node_ref=dialog
                on:click=listener(move |event| if is_backdrop(&event, dialog) { close() })>
                <div class="palette-box">
                    <div class="palette-field">
                        {server_view(|| view! { <Icon shapes=SEARCH/> })}
                        <input type="text" role="combobox" node_ref=field aria-expanded="true" aria-controls=LIST aria-autocomplete="list"
                            aria-activedescendant=move || id_of(selected.get())
                            aria-label=server_text(label) placeholder=server_text(label)
                            autocomplete="off" autocapitalize="off" spellcheck="false" prop:value=query
                            on:input=listener(move |event| if !is_composing(&event) { search(event_target_value(&event)) })
                            on:compositionend=listener(move |event| search(event_target_value(&event))) on:keydown=listener(keydown)/>
                        <button type="button" class="palette-close" on:click=listener(move |_| close())>
                            {server_view(|| view! { <kbd aria-hidden="true">"Esc"</kbd><span class="visually-hidden">{messages.get("palette-close")}</span> })}
                        </button>
                    </div>
                    <div id=LIST class="palette-list" role="listbox" aria-label=server_text(label)>
                        <ul role="presentation">{list}</ul>
                        <ul role="presentation" node_ref=passages.list on:click=listener(click)></ul>
                    </div>
                    <p class="palette-status" role="status">{status}</p>
                </div>
            </dialog>
        </div>
    }
}

/// Returns the saved requests as entries of a group.
fn saved_entries(saved: SavedStore, group: &str) -> Vec<PaletteEntry> {
    let saved = saved.get();
    let entries = saved.list().iter().map(|request| PaletteEntry {
        group: group.to_owned(),
        title: request.name.clone(),
        detail: request.draft.path().to_owned(),
        method: request.draft.method.clone(),
        href: [
            "/",
            &language(),
            "/playground",
            &saved_fragment(&request.name),
        ]
        .concat(),
    });
    entries.collect()
}

fn option_id(at: usize) -> String {
    [LIST, "-", &at.to_string()].concat()
}

/// Whether a click is on the backdrop of a dialog, which has no element of its own: all of the dialog is
/// covered by its child.
fn is_backdrop(event: &MouseEvent, dialog: NodeRef<html::Dialog>) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    let dialog = dialog.get_untracked();
    target
        .zip(dialog)
        .is_some_and(|(target, dialog)| target.is_same_node(Some(&dialog)))
}

/// Whether a key or a change belongs to a text that an input method editor is still composing.
fn is_composing(event: &Event) -> bool {
    let is_composing = Reflect::get(event, &"isComposing".into());
    is_composing.is_ok_and(|value| value.is_truthy())
}

/// Opens an address, or carries out an action.
fn run(href: &str) {
    if let Some(theme) = href.strip_prefix("theme:") {
        return theme_toggle::choose(theme);
    }
    if let Some(language) = href.strip_prefix("language:") {
        let link = find::<HtmlElement>(
            &root(),
            &["a", &attribute("data-language", language)].concat(),
        );
        return link.iter().for_each(HtmlElement::click);
    }
    // Refused only for an address that cannot be parsed.
    let _ = window().location().assign(href);
}
