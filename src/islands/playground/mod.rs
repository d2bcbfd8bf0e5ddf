//! A request in a page: a form that sends it, and the response.
//!
//! Status and body are shown at once; the record that the server has of the request comes as an HTML
//! fragment (`pages::exchange`). Without scripts the form is sent to the server, which answers with a page
//! that shows the same.

mod actions;
mod data;
mod draft_storage;
mod fields;
mod form;
pub(crate) mod placeholders;
mod response;
mod send;
mod state;
mod typed;

use leptos::context::Provider;
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::AbortController;

use self::actions::{copy, notice_view, snippets};
use self::data::PlaygroundData;
use self::fields::{
    body_editor, credentials_select, headers, method_select, prediction, prompts, target_parts,
};
use self::form::{Form, credentials_of, flag};
use self::response::{Outcome, Record, response_view, status_view};
use self::send::{PreparedRequest, RecordQuery};
use super::api_client::{self, SendError};
use super::dom::{dispatch, find, focus, origin, set};
use super::island_data::{data_attribute, island_data};
use crate::components::{FormExtras, problem_key};
use crate::http_file::{OUTPUT_MAX, PrepareError, RequestCredentials, ResolveError};
use crate::model::http::{DraftField, Mutation, RequestDraft};
use crate::snippet::to_curl;

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
    Effect::new(move |_| form.restore());
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
    let status = move || outcome.with(|outcome| outcome.response().and_then(|it| status_view(it)));
    let has_outcome = move || !outcome.with(|outcome| matches!(outcome, Outcome::None));
    let errors = move || {
        form.errors
            .with(|errors| errors.as_ref().map(|error| form.error_view(error)))
    };
    let notes = extras
        .notes
        .iter()
        .map(|note| view! { <p class="request-note">{note.clone()}</p> })
        .collect_view();
    let mutations = Mutation::ALL
        .into_iter()
        .filter(|mutation| mutation.apply(&example).is_some())
        .map(|mutation| {
            let text = form.message(&["request-mutation-", mutation.name()].concat());
            view! { <button type="submit" class="button" name="mutation" value=mutation.name()>{text}</button> }
        })
        .collect_view();
    let credentials = credentials_of(&extras);
    let target_parts = extras.parts.map(|parts| target_parts(form, parts));
    let prediction = extras.predict.then(|| prediction(form));
    view! {
        <div class="playground" data-island=attribute on:keydown=move |event| form.keydown(&event)>
            <section id=id aria-labelledby=form.id("title")>
                <p class="visually-hidden" id=form.id("title")>{title}</p>
                <form class="request-form" id=form.id("form") method="post" action=action node_ref=form.node on:submit=submit>
                    {notes}
                    {prompts(form)}
                    <div class="request-line">
                        {method_select(form, example.method.clone())}
                        <input name="target" class="target-input" value=example.target.clone() aria-label=form.message("request-target")
                            aria-invalid=flag(move || form.is_invalid(DraftField::Target)) aria-errormessage=form.error_id()
                            spellcheck="false" autocapitalize="off" autocomplete="off"
                            prop:value=draft.target on:input=move |event| draft.write_target(event_target_value(&event))/>
                        <button type="submit" class="button primary send">{send_label}</button>
                        <a class="skip-response" href=["#", &form.id("response")].concat() data-came=flag(has_outcome)>
                            {status}<span class="skip-name">{form.message("request-to-response")}</span>
                            {move || has_outcome().then(|| view! { " "<span aria-hidden="true">"↓"</span> })}
                        </a>
                    </div>
                    {target_parts}
                    {headers(form, !example.headers.is_empty())}
                    {body_editor(form, example.body.clone())}
                    {prediction}
                    <div class="request-actions">
                        {snippets(form)}
                        <details class="request-break">
                            <summary>{form.message("request-break")}</summary>
                            <div class="request-mutations">{mutations}</div>
                        </details>
                        <button type="button" class="link-button script-only" on:click=move |_| form.reset()>{form.message("request-reset")}</button>
                        <button type="button" class="link-button script-only" on:click=move |_| form.copy_curl()>{form.message("request-curl")}</button>
                        <button type="button" class="link-button script-only" on:click=move |_| form.copy_link()>{form.message("request-link")}</button>
                        {credentials_select(form, credentials)}
                        <span class="quiet hint script-only">{form.message("request-hint")}</span>
                    </div>
                </form>
                <div id=form.id("response") tabindex="-1"></div>
            </section>
            <div class="field-error" id=form.error_id() role="alert">{errors}</div>
            {notice_view(form.notice)}
            {children()}
            {response_view(outcome, is_sending)}
        </div>
    }
}

impl Form {
    /// Restores the stored draft, unless something else was typed since.
    fn restore(self) {
        let draft = untrack(|| self.draft.read());
        let (is_typed, stored) = self.constants.with_value(|constants| {
            (
                draft != constants.example,
                draft_storage::find(&constants.id),
            )
        });
        match stored {
            Some(stored) if !is_typed => self.write(&stored),
            _ => self.draft.write_target(draft.target),
        }
    }

    /// Stores the draft unless it is the example.
    fn store(self, draft: RequestDraft) {
        self.constants.with_value(|constants| {
            let draft = Some(draft).filter(|draft| *draft != constants.example);
            draft_storage::store(&constants.id, draft);
        });
    }

    /// Replaces the draft, and opens the parts of the form that have something of it.
    fn write(self, draft: &RequestDraft) {
        self.draft.write(draft);
        let Some(form) = self.node.get_untracked() else {
            return;
        };
        for (part, has_content) in [
            (".request-headers", !draft.headers.is_empty()),
            (".request-body", !draft.body.is_empty()),
        ] {
            if let Some(part) = find::<web_sys::Element>(&form, part).filter(|_| has_content) {
                set(&part, "open", "");
            }
        }
    }

    fn reset(self) {
        self.constants.with_value(|constants| {
            self.draft.write(&constants.example);
            let credentials = credentials_of(&constants.extras);
            self.credentials.set(credentials.name().to_owned());
            for prompt in &constants.prompts {
                prompt.value.set(String::new());
            }
        });
        self.errors.set(None);
        self.json_problem.set(None);
        self.notice.set(None);
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
        if let Some(mutated) = mutation.and_then(|mutation| mutation.apply(&draft)) {
            draft = mutated;
            if draft != untrack(|| self.draft.read()) {
                self.write(&draft);
            }
        }
        let own_headers = draft.headers.iter();
        let own_headers = own_headers.map(|header| header.name.to_ascii_lowercase());
        let own_headers = own_headers.collect();
        let prepared = match untrack(|| self.prepared(&draft)) {
            Ok(prepared) => prepared,
            Err(PrepareError::NoToken) => {
                self.errors.set(None);
                return self.outcome.set(Outcome::Failed(SendError::NoToken));
            }
            Err(error) => {
                self.errors.set(Some(error));
                return self.focus_invalid();
            }
        };
        self.errors.set(None);
        let Ok(controller) = AbortController::new() else {
            return;
        };
        let extras = self
            .constants
            .with_value(|constants| constants.extras.clone());
        let request = PreparedRequest {
            draft: prepared,
            credentials: RequestCredentials::parse(&self.credentials.get_untracked()),
            mutation,
            no_redirect: extras.no_redirect,
        };
        self.running.set(controller.clone());
        self.is_sending.set(true);
        spawn_local(async move {
            let sent = request.send(&controller).await;
            self.running.take();
            match sent {
                Ok(sent) => {
                    if let Some(responses) = self.responses {
                        responses.store(extras.name.clone(), &sent.response);
                    }
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
                                predicted: (status.get_untracked(), changes.get_untracked()),
                            };
                            let record = query.fetch(&sent).await;
                            if record.is_none() {
                                api_client::forget_sandbox_key();
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

    /// Moves the focus to the first invalid field, once it is marked.
    fn focus_invalid(self) {
        spawn_local(async move {
            let form = self.node.get_untracked();
            let field = form.and_then(|form| find(&form, "[aria-invalid]"));
            field.iter().for_each(focus);
        });
    }

    fn copy_curl(self) {
        let request = untrack(|| self.shown_request());
        spawn_local(async move {
            // So that a terminal uses the data of this page.
            let key = api_client::sandbox_key().await.ok();
            let command = to_curl(&request, &origin(), key.as_deref());
            copy(self, command, true, "request-curl-copied").await;
        });
    }

    fn copy_link(self) {
        let draft = untrack(|| self.draft.read());
        let link = self
            .constants
            .with_value(|constants| draft_storage::link(&constants.id, draft));
        spawn_local(copy(self, link, true, "request-link-copied"));
    }

    /// Renders why the draft could not be sent.
    fn error_view(self, error: &PrepareError) -> impl IntoView + use<> {
        let lines: Vec<(String, bool)> = match error {
            PrepareError::Unresolved(ResolveError::TooLarge) => {
                let limit = (OUTPUT_MAX / 1024).to_string();
                let message = self.message_with("request-too-large", &[("limit", &limit)]);
                vec![(message, false)]
            }
            PrepareError::Unresolved(unresolved) => {
                let names = unresolved.names().into_iter();
                names
                    .map(|name| (self.missing_message(&name), false))
                    .collect()
            }
            PrepareError::Invalid(findings) => findings
                .iter()
                .map(|finding| {
                    let message = self.message(problem_key(finding.kind));
                    (message, finding.kind.is_for_browsers_only())
                })
                .collect(),
            PrepareError::NoToken => Vec::new(),
        };
        let line = move |(message, is_for_browsers_only): (String, bool)| {
            let curl = is_for_browsers_only.then(|| {
                let label = self.message("request-curl");
                view! { " "<button type="button" class="link-button" on:click=move |_| self.copy_curl()>{label}</button> }
            });
            view! { <p>{message}{curl}</p> }
        };
        lines.into_iter().map(line).collect::<Vec<_>>()
    }

    /// Returns the message for a placeholder without a value.
    fn missing_message(self, name: &str) -> String {
        let label = self.constants.with_value(|constants| {
            let mut prompts = constants.prompts.iter();
            let prompt = prompts.find(|prompt| prompt.name == name);
            prompt.map(|prompt| prompt.label.clone())
        });
        let key = match (&label, name.contains(".response.")) {
            (Some(_), _) => "request-prompt-empty",
            (None, true) => "request-earlier-missing",
            (None, false) => "request-unknown",
        };
        let earlier = name.split(".response.").next().unwrap_or_default();
        let name = label.as_deref().unwrap_or(name);
        self.message_with(key, &[("name", name), ("earlier", earlier)])
    }
}
