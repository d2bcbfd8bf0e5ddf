//! The state of a request form.

use leptos::ev::Event;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::AbortController;

use super::data::PlaygroundData;
use super::page_session::PageSession;
use super::placeholders::{PageResponses, Prompt};
use super::response::Outcome;
use super::send::SendLog;
use super::state::DraftSignals;
use super::typed::TypedForm;
use crate::components::FormExtras;
use crate::http_file::{
    PlaceholderSource, PrepareError, PreparedRequest, RequestCredentials, RequestSession, prepare,
};
use crate::islands::browser_value::BrowserValue;
use crate::islands::dom::{find, focus};
use crate::islands::island_data::use_messages;
use crate::islands::saved_requests::SavedStore;
use crate::islands::server_view::{ServerText, server_text};
use crate::model::http::{DraftField, RequestDraft};
use crate::model::messages::MessageCatalog;

/// A message below the form, with a text that was copied or is to be copied by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Notice {
    /// The message.
    pub(super) message: String,
    /// The text.
    pub(super) text: Option<String>,
}

/// The state of a form.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) constants: StoredValue<FormConstants>,
    pub(super) draft: DraftSignals,
    /// The session of the page.
    pub(super) session: PageSession,
    /// The choice of the session for this form alone; empty where that of the page holds.
    pub(super) own_credentials: RwSignal<String>,
    /// The key of the selected tab.
    pub(super) tab: RwSignal<String>,
    /// The key of the tool of the footer that is open; empty when none is.
    pub(super) tool: RwSignal<String>,
    /// The requests that the visitor has saved.
    pub(super) saved: SavedStore,
    /// The name of the saved request that was opened here; empty for another request.
    pub(super) opened_name: RwSignal<String>,
    /// The name in the field under which the request is to be saved.
    pub(super) save_name: RwSignal<String>,
    /// Why it was not saved; empty otherwise.
    pub(super) save_error: RwSignal<String>,
    /// The predicted status, and whether data changes.
    pub(super) predicted: (RwSignal<String>, RwSignal<String>),
    /// Why the draft could not be sent.
    pub(super) errors: RwSignal<Option<PrepareError>>,
    /// What is wrong with the body as JSON.
    pub(super) json_problem: RwSignal<Option<String>>,
    pub(super) outcome: RwSignal<Outcome>,
    pub(super) is_sending: RwSignal<bool>,
    pub(super) running: BrowserValue<AbortController>,
    pub(super) sends: StoredValue<SendLog>,
    pub(super) notice: RwSignal<Option<Notice>>,
    pub(super) responses: Option<PageResponses>,
    pub(super) node: NodeRef<html::Form>,
}

/// What never changes in a form.
pub(super) struct FormConstants {
    pub(super) id: String,
    /// The example of the author.
    pub(super) example: RequestDraft,
    pub(super) extras: FormExtras,
    pub(super) prompts: Vec<Prompt>,
    pub(super) messages: MessageCatalog,
}

/// Returns the choice of the session that the author has made for the example; empty without one.
pub(super) fn own_credentials_of(extras: &FormExtras) -> &'static str {
    match extras.no_cookies {
        true => RequestCredentials::None.name(),
        false => "",
    }
}

/// Returns the key of the tab that is selected at first: the one with content.
pub(super) fn first_tab(example: &RequestDraft) -> &'static str {
    if !example.body.is_empty() {
        "body"
    } else if !example.headers.is_empty() {
        "headers"
    } else {
        "params"
    }
}

impl Form {
    /// Creates the state of a form with what was typed into it.
    pub(super) fn new(data: &PlaygroundData) -> Form {
        let typed = TypedForm::current();
        let extras = &data.extras;
        let parts = extras.parts.clone().unwrap_or_default();
        let draft = DraftSignals::new(&data.draft, parts.query.clone());
        typed.apply(draft, &parts);
        let prompts = extras.prompts.iter().map(|(name, label)| Prompt {
            name: name.clone(),
            label: if label.is_empty() { name } else { label }.clone(),
            value: typed.signal(&["[name=\"prompt-", name, "\"]"].concat(), ""),
        });
        let own_credentials = own_credentials_of(extras);
        let form = Form {
            constants: StoredValue::new(FormConstants {
                id: data.id.clone(),
                example: data.draft.clone(),
                extras: extras.clone(),
                prompts: prompts.collect(),
                messages: use_messages(),
            }),
            draft,
            session: use_context().unwrap_or_else(PageSession::empty),
            own_credentials: RwSignal::new(own_credentials.to_owned()),
            tab: RwSignal::new(first_tab(&data.draft).to_owned()),
            tool: RwSignal::new(String::new()),
            saved: use_context().unwrap_or_else(SavedStore::empty),
            opened_name: RwSignal::new(String::new()),
            save_name: RwSignal::new(String::new()),
            save_error: RwSignal::new(String::new()),
            predicted: (
                typed.signal("[name=predicted-status]", ""),
                typed.signal("[name=predicted-changes]", ""),
            ),
            errors: RwSignal::new(None),
            json_problem: RwSignal::new(None),
            outcome: RwSignal::new(Outcome::None),
            is_sending: RwSignal::new(false),
            running: BrowserValue::empty(),
            sends: StoredValue::new(SendLog::default()),
            notice: RwSignal::new(None),
            responses: use_context(),
            node: NodeRef::new(),
        };
        let checked = typed.value("[name=credentials]:checked");
        // What the server has checked is no choice of the reader.
        if let Some(checked) = checked.filter(|checked| *checked != form.rendered_credentials()) {
            form.choose_credentials(&checked);
        }
        form
    }

    /// Returns the credentials that the server renders as checked.
    pub(super) fn rendered_credentials(self) -> &'static str {
        let own = self
            .constants
            .with_value(|constants| own_credentials_of(&constants.extras));
        RequestCredentials::parse(own).name()
    }

    /// Returns the session with which this form sends.
    pub(super) fn form_session(self) -> RequestSession {
        let mut session = self.session.get();
        self.own_credentials.with(|own| {
            if !own.is_empty() {
                session.credentials = RequestCredentials::parse(own);
            }
        });
        session
    }

    /// Chooses the session by name: for all forms, or for this one where the author has made a choice for it.
    pub(super) fn choose_credentials(self, name: &str) {
        if self.own_credentials.with_untracked(String::is_empty) {
            let mut session = untrack(|| self.session.get());
            session.credentials = RequestCredentials::parse(name);
            self.session.set(&session);
        } else {
            self.own_credentials.set(name.to_owned());
        }
    }

    /// Returns the message of a key.
    pub(super) fn message(self, key: &str) -> String {
        self.message_with(key, &[])
    }

    /// Returns the message of a key with its placeholders filled in.
    pub(super) fn message_with(self, key: &str, values: &[(&str, &str)]) -> String {
        self.constants
            .with_value(|constants| constants.messages.with(key, values))
    }

    /// Returns the id of a part of the form.
    pub(super) fn id(self, part: &str) -> String {
        self.constants
            .with_value(|constants| [&constants.id, "-", part].concat())
    }

    /// Returns the message of a key for an attribute that never changes.
    pub(super) fn label(self, key: &'static str) -> ServerText {
        server_text(|| self.message(key))
    }

    /// Returns the id of a part for an attribute that never changes.
    pub(super) fn fixed_id(self, part: &'static str) -> ServerText {
        server_text(|| self.id(part))
    }

    /// Moves the focus to an element of the form, once the form shows what has changed.
    pub(super) fn focus_soon(self, selector: &'static str) {
        spawn_local(async move {
            let form = self.node.get_untracked();
            let element = form.and_then(|form| find(&form, selector));
            element.iter().for_each(focus);
        });
    }

    /// Returns the request that a draft of this form stands for.
    pub(super) fn prepared(self, draft: &RequestDraft) -> Result<PreparedRequest, PrepareError> {
        let prompts = self
            .constants
            .with_value(|constants| constants.prompts.clone());
        let value = |kind: &PlaceholderSource| self.responses?.value(&prompts, kind);
        prepare(draft, &self.form_session(), &value)
    }

    /// Returns the request for snippets: as it is sent, or as it is written while placeholders have no value.
    ///
    /// # Errors
    /// When it is invalid, so that no client can send it.
    pub(super) fn shown_request(self) -> Result<PreparedRequest, PrepareError> {
        let draft = self.draft.read();
        match self.prepared(&draft) {
            Err(PrepareError::Unresolved(_)) => Ok(PreparedRequest::from(draft)),
            prepared => prepared,
        }
    }

    /// Returns the request if a browser can send it.
    pub(super) fn sendable(self, draft: &RequestDraft) -> Result<PreparedRequest, PrepareError> {
        self.prepared(draft)?.for_browser()
    }

    pub(super) fn is_invalid(self, field: DraftField) -> bool {
        self.errors.with(|errors| match errors {
            Some(PrepareError::Invalid(request)) => {
                let mut findings = request.findings.iter();
                findings.any(|finding| finding.field == field)
            }
            _ => false,
        })
    }

    /// Returns whether a prompt without a value was needed.
    pub(super) fn is_missing(self, prompt: &str) -> bool {
        self.errors.with(|errors| match errors {
            Some(PrepareError::Unresolved(unresolved)) => {
                unresolved.names().iter().any(|name| name == prompt)
            }
            _ => false,
        })
    }
}

/// Returns the value of an attribute that is present while something holds.
pub(super) fn flag(
    holds: impl Fn() -> bool + Send + Sync + 'static,
) -> Signal<Option<&'static str>> {
    Signal::derive(move || holds().then_some("true"))
}

/// Returns an event handler that writes the value of its field into a signal.
pub(super) fn write_to(signal: RwSignal<String>) -> impl Fn(Event) + Clone + 'static {
    move |event| signal.set(event_target_value(&event))
}
