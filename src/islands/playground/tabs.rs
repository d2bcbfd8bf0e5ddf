//! The tabs of a request (ARIA Authoring Practices, "Tabs"). The panels are always in the form, so that all fields are
//! sent; without scripts there are no tabs, and all panels are shown with their titles.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::body::body_editor;
use super::fields::{headers, target_parts};
use super::form::{Form, first_tab, flag};
use super::session_choice::{session_choice, session_name};
use crate::components::FormParts;
use crate::islands::dom::{find, focus, listener};
use crate::islands::island_data::hydrated;
use crate::islands::server_view::{server_text, server_view};
use crate::islands::tabs::next_tab;
use crate::model::http::{RequestDraft, query_parameters};

/// The keys of the tabs.
const TABS: [&str; 4] = ["params", "headers", "body", "session"];

/// Renders the tabs with their panels.
pub(super) fn request_tabs(
    form: Form,
    example: &RequestDraft,
    parts: FormParts,
) -> impl IntoView + use<> {
    let draft = form.draft;
    let body = example.body.clone();
    let keydown = move |event: KeyboardEvent| {
        let selected = form.tab.get_untracked();
        let at = TABS.iter().position(|key| *key == selected);
        let Some(next) = at.and_then(|at| next_tab(&event.key(), at, TABS.len())) else {
            return;
        };
        event.prevent_default();
        form.tab.set(TABS[next].to_owned());
        let selector = ["[role=tab][data-key=", TABS[next], "]"].concat();
        let tab = form
            .node
            .get_untracked()
            .and_then(|form| find(&form, &selector));
        tab.iter().for_each(focus);
    };
    // Until then the page shows what the example has, and not what was typed since.
    let is_hydrated = hydrated();
    let of_example = (
        query_parameters(&example.target).len(),
        example.headers.len(),
        !example.body.is_empty(),
    );
    // What a tab shows behind its name.
    let content = move |key: &'static str| {
        let is_hydrated = is_hydrated.get();
        let count = match key {
            "params" if is_hydrated => draft.target.with(|target| query_parameters(target).len()),
            "params" => of_example.0,
            "headers" if is_hydrated => draft.headers.count(),
            "headers" => of_example.1,
            "session" => return session_name(form, is_hydrated),
            _ => 0,
        };
        match count {
            0 => String::new(),
            count => count.to_string(),
        }
    };
    let has_body = Signal::derive(move || match is_hydrated.get() {
        true => draft.body.with(|body| !body.is_empty()),
        false => of_example.2,
    });
    let tab_id = move |key: &str| form.id(&["form-tab-", key].concat());
    let panel_id = move |key: &str| form.id(&["form-panel-", key].concat());
    let tab = move |key: &'static str| {
        let is_selected = Signal::derive(move || form.tab.with(|tab| tab == key));
        let shown_content = move || {
            let content = content(key);
            (!content.is_empty()).then(|| view! { <span class="tab-content">{content}</span> })
        };
        view! {
            <button type="button" role="tab" id=server_text(|| tab_id(key)) data-key=key
                data-filled=flag(move || key == "body" && has_body.get())
                aria-controls=server_text(|| panel_id(key))
                aria-selected=move || if is_selected.get() { "true" } else { "false" }
                tabindex=move || if is_selected.get() { "0" } else { "-1" }
                on:click=listener(move |_| form.tab.set(key.to_owned()))>
                {server_view(|| view! { <span>{form.message(&["request-", key].concat())}</span> })}" "{shown_content}
            </button>
        }
    };
    let hidden = move |key: &'static str| move || form.tab.with(|tab| tab != key).then_some("");
    let title = move |key: &'static str| {
        server_view(
            || view! { <p class="panel-title">{form.message(&["request-", key].concat())}</p> },
        )
    };
    view! {
        <div class="request-tabs">
            <div role="tablist" aria-label=form.label("request-tabs") on:keydown=listener(keydown)>
                {TABS.map(tab).collect_view()}
            </div>
            <div class="request-panel" role="tabpanel" id=server_text(|| panel_id("params")) data-panel="params" aria-labelledby=server_text(|| tab_id("params")) data-hidden=hidden("params")>
                {title("params")}{target_parts(form, parts)}
            </div>
            <div class="request-panel" role="tabpanel" id=server_text(|| panel_id("headers")) data-panel="headers" aria-labelledby=server_text(|| tab_id("headers")) data-hidden=hidden("headers")>
                {title("headers")}{headers(form)}
            </div>
            <div class="request-panel" role="tabpanel" id=server_text(|| panel_id("body")) data-panel="body" aria-labelledby=server_text(|| tab_id("body")) data-hidden=hidden("body")>
                {title("body")}{body_editor(form, body)}
            </div>
            <div class="request-panel" role="tabpanel" id=server_text(|| panel_id("session")) data-panel="session" aria-labelledby=server_text(|| tab_id("session")) data-hidden=hidden("session")>
                {title("session")}{session_choice(form)}
            </div>
        </div>
    }
}

impl Form {
    /// Selects the tab with what a draft has and another has not.
    pub(super) fn show_difference(self, draft: &RequestDraft, other: &RequestDraft) {
        let tab = if draft.body != other.body {
            "body"
        } else if draft.headers != other.headers {
            "headers"
        } else if draft.target == other.target {
            first_tab(draft)
        } else {
            return;
        };
        self.tab.set(tab.to_owned());
    }
}
