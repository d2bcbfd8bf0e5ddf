//! A request in a page: a form that sends it, and the response.
//!
//! Status and body are shown at once; the record that the server has of the request comes as an HTML
//! fragment (`pages::exchange`). Without scripts the form is sent to the server, which answers with a page
//! that shows the same.

mod body;
mod data;
mod draft_storage;
mod errors;
mod exported;
mod fields;
mod footer;
mod form;
mod opened;
pub(crate) mod page_session;
mod paste;
pub(crate) mod placeholders;
mod response;
mod save;
mod send;
mod session_choice;
mod state;
mod tabs;
mod typed;

use leptos::context::Provider;
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::AbortController;

use self::data::PlaygroundData;
use self::errors::{field_errors, form_errors};
pub(super) use self::exported::requests_in_page;
use self::fields::{method_select, prediction, prompts};
use self::footer::footer;
use self::form::{Form, flag, own_credentials_of};
use self::response::{Outcome, Record, bring_response_into_view, response_view};
use self::send::{RecordQuery, RequestToSend};
use self::tabs::request_tabs;
use super::api_client;
use super::dom::{dispatch, effect, listener};
use super::island_data::{data_attribute, island_data};
use super::server_view::{server_text, server_view};
use crate::components::FormExtras;
use crate::model::http::{DraftField, Mutation, RequestDraft};

/// A request form that sends from the page.
#[component]
pub fn Playground(
    /// Unique on the page; the fragment that leads to the form.
    #[prop(into)]
    id: String,
    /// The name of the form; unique on the page.
    title: String,
    /// The example of the author.
    draft: RequestDraft,
    /// Where the form is sent without scripts.
    action: String,
    /// What the form has besides the request.
    #[prop(optional)]
    extras: FormExtras,
    /// Shown until there is a response.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let data = PlaygroundData {
        id,
        draft,
        extras,
        title,
        action,
    };
    let children = children.map(|children| children());
    view! { <Provider value=data><PlaygroundIsland>{children}</PlaygroundIsland></Provider> }
}

/// The island of [`Playground`].
#[island]
pub fn PlaygroundIsland(
    /// Shown until there is a response.
    children: Children,
) -> impl IntoView {
    let data = island_data::<PlaygroundData>();
    let attribute = data_attribute(&data);
    let form = Form::new(&data);
    let PlaygroundData {
        id,
        draft: example,
        extras,
        title,
        action,
    } = data;
    let Form {
        draft,
        outcome,
        is_sending,
        ..
    } = form;

    // The page is hydrated as the server rendered it, and then follows what is stored and was typed.
    effect(move || {
        form.restore();
        form.follow_address();
    });
    Effect::new(move |before: Option<()>| {
        let current = draft.read();
        if before.is_some() {
            form.store(current);
        }
    });

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let button = event.submitter();
        let button = button.and_then(|button| button.get_attribute("value"));
        form.submit(button.as_deref().and_then(Mutation::parse));
    };
    let send_label = move || {
        form.message(if is_sending.get() {
            "request-cancel"
        } else {
            "request-send"
        })
    };
    let notes = extras
        .notes
        .iter()
        .map(|note| server_view(|| view! { <p class="request-note">{note.clone()}</p> }))
        .collect_view();
    // Without scripts, the server reads from them what the form has besides the request.
    let lines = extras.lines.iter();
    let lines = lines.map(|line| {
        server_view(|| view! { <input type="hidden" name="line" value=line.clone()/> })
    });
    let lines = lines.collect_view();
    let address_hint = form
        .can_save()
        .then(|| form.label("workspace-address-hint"));
    let parts = extras.parts.clone().unwrap_or_default();
    let prediction = extras.predict.then(|| prediction(form));
    let is_of_line = |field| matches!(field, DraftField::Method | DraftField::Target);
    view! {
        <div class="playground" data-island=attribute on:keydown=listener(move |event| form.keydown(&event))>
            <section id=server_text(|| id) aria-labelledby=form.fixed_id("title")>
                {server_view(|| view! { <p class="visually-hidden" id=form.id("title")>{title}</p> })}
                <form class="request-form" id=form.fixed_id("form") method="post" action=server_text(|| action) node_ref=form.node on:submit=listener(submit)>
                    {lines}
                    {notes}
                    {prompts(form)}
                    {prediction}
                    <div class="request-line">
                        <div class="request-address">
                            {method_select(form, example.method.clone())}
                            <input name="target" class="target-input" value=server_text(|| example.target.clone()) aria-label=form.label("request-target") placeholder=address_hint
                                aria-invalid=flag(move || form.is_invalid(DraftField::Target)) aria-errormessage=form.fixed_id("error")
                                spellcheck="false" autocapitalize="off" autocomplete="off"
                                prop:value=draft.target on:input=listener(move |event| draft.write_target(event_target_value(&event)))
                                on:paste=listener(move |event| form.paste(&event))/>
                        </div>
                        <button type="submit" class="button primary send" aria-keyshortcuts="Control+Enter Meta+Enter">
                            {send_label}
                            <kbd class="shortcut script-only" aria-hidden="true"><span class="key-control">"Ctrl"</span><span class="key-command">"⌘"</span>"↵"</kbd>
                        </button>
                        {server_view(|| {
                            view! { <a class="skip-response" href=["#", &form.id("response")].concat()>{form.message("request-to-response")}</a> }
                        })}
                    </div>
                    {field_errors(form, form.id("error"), is_of_line)}
                    {form_errors(form)}
                    {request_tabs(form, &example, parts)}
                    {footer(form, &example)}
                </form>
                {server_view(|| view! { <div id=form.id("response") tabindex="-1"></div> })}
            </section>
            {children()}
            {response_view(outcome, is_sending)}
        </div>
    }
}

impl Form {
    /// Replaces the draft, and shows what is new in it.
    fn write(self, draft: &RequestDraft) {
        let previous = untrack(|| self.draft.read());
        self.draft.write(draft);
        self.show_difference(draft, &previous);
    }

    fn reset(self) {
        self.constants.with_value(|constants| {
            self.draft.write(&constants.example);
            self.tab.set(form::first_tab(&constants.example).to_owned());
            let own = own_credentials_of(&constants.extras);
            self.own_credentials.set(own.to_owned());
            for prompt in &constants.prompts {
                prompt.value.set(String::new());
            }
        });
        self.errors.set(None);
        self.json_problem.set(None);
        self.notice.set(None);
        self.tool.set(String::new());
        self.outcome.set(Outcome::None);
        self.opened_name.set(String::new());
    }

    fn keydown(self, event: &KeyboardEvent) {
        match event.key().as_str() {
            "Enter" if event.ctrl_key() || event.meta_key() => {
                event.prevent_default();
                if !self.is_sending.get_untracked() {
                    self.send(None);
                }
            }
            "Escape" => _ = self.cancel(),
            _ => {}
        }
    }

    /// Sends the request, or cancels the one that is being sent.
    fn submit(self, mutation: Option<Mutation>) {
        if !self.cancel() {
            self.send(mutation);
        }
    }

    /// Cancels the request that is being sent; returns whether there is one.
    fn cancel(self) -> bool {
        self.running
            .take()
            .inspect(AbortController::abort)
            .is_some()
    }

    fn send(self, mutation: Option<Mutation>) {
        let mut draft = untrack(|| self.draft.read());
        let mut unbroken = draft.clone();
        if let Some(mutation) = mutation {
            unbroken = self.sends.with_value(|sends| sends.unbroken(&draft));
            let mutated = mutation.apply(&unbroken);
            let mutated = mutated.unwrap_or_else(|| unbroken.clone());
            if mutated != draft {
                self.write(&mutated);
            }
            draft = mutated;
        }
        let sent_as = self
            .sends
            .try_update_value(|sends| sends.mutation_of(mutation, &unbroken, &draft));
        let sent_as = sent_as.flatten();
        let own_headers = draft.headers.iter();
        let own_headers = own_headers.map(|header| header.name.to_ascii_lowercase());
        let own_headers = own_headers.collect();
        let prepared = match untrack(|| self.sendable(&draft)) {
            Ok(prepared) => prepared,
            Err(error) => return self.show_errors(error),
        };
        self.errors.set(None);
        self.notice.set(None);
        let Ok(controller) = AbortController::new() else {
            return;
        };
        let extras = self
            .constants
            .with_value(|constants| constants.extras.clone());
        let request = RequestToSend {
            request: prepared,
            mutation,
            no_redirect: extras.no_redirect,
            browser_cache: extras.browser_cache,
        };
        self.running.set(controller.clone());
        self.is_sending.set(true);
        spawn_local(async move {
            let sent = request.send(&controller).await;
            self.running.take();
            bring_response_into_view(self.node);
            match sent {
                Ok(sent) => {
                    let number = self.sends.try_update_value(|sends| sends.add(sent_as));
                    if let (Some(responses), Some(name)) = (self.responses, &extras.name) {
                        responses.store(name.clone(), &sent.response);
                    }
                    self.session.observe(&request, &sent.response);
                    let response = sent.response.clone();
                    self.outcome
                        .set(Outcome::Received(response.clone(), Record::Pending));
                    let record = match sent.unrecorded {
                        Some(key) => Record::Missing(key),
                        None => {
                            let form_id = self.id("form");
                            let (status, changes) = self.predicted;
                            let query = RecordQuery {
                                form_id: &form_id,
                                extras: &extras,
                                own_headers,
                                send: number.unwrap_or(1),
                                mutation: sent_as,
                                predicted: (status.get_untracked(), changes.get_untracked()),
                            };
                            let record = query.fetch(&sent).await;
                            if record.is_none() {
                                api_client::set_sandbox_key(None);
                            }
                            record.map_or(Record::Missing("response-lost"), Record::Fragment)
                        }
                    };
                    self.outcome.set(Outcome::Received(response, record));
                    dispatch("routebook-sent", &sent.sent_at.into());
                }
                Err(error) => self.outcome.set(Outcome::Failed(error)),
            }
            self.is_sending.set(false);
        });
    }
}
