//! The state of a request form.

use leptos::ev::Event;
use leptos::html;
use leptos::prelude::*;
use web_sys::AbortController;

use super::data::PlaygroundData;
use super::placeholders::{PageResponses, Prompt};
use super::response::Outcome;
use super::state::DraftSignals;
use super::typed::TypedForm;
use crate::components::FormExtras;
use crate::http_file::{PlaceholderSource, PrepareError, RequestCredentials, prepare};
use crate::islands::browser_value::BrowserValue;
use crate::islands::island_data::use_messages;
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
    pub(super) credentials: RwSignal<String>,
    /// The predicted status, and whether data changes.
    pub(super) predicted: (RwSignal<String>, RwSignal<String>),
    /// Why the draft could not be sent.
    pub(super) errors: RwSignal<Option<PrepareError>>,
    /// What is wrong with the body as JSON.
    pub(super) json_problem: RwSignal<Option<String>>,
    pub(super) outcome: RwSignal<Outcome>,
    pub(super) is_sending: RwSignal<bool>,
    pub(super) running: BrowserValue<AbortController>,
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

/// Returns the credentials of the example.
pub(super) fn credentials_of(extras: &FormExtras) -> RequestCredentials {
    match extras.no_cookies {
        true => RequestCredentials::None,
        false => RequestCredentials::Session,
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
        Form {
            constants: StoredValue::new(FormConstants {
                id: data.id.clone(),
                example: data.draft.clone(),
                extras: extras.clone(),
                prompts: prompts.collect(),
                messages: use_messages(),
            }),
            draft,
            credentials: typed.signal("[name=credentials]", credentials_of(extras).name()),
            predicted: (
                typed.signal("[name=predicted-status]", ""),
                typed.signal("[name=predicted-changes]", "no"),
            ),
            errors: RwSignal::new(None),
            json_problem: RwSignal::new(None),
            outcome: RwSignal::new(Outcome::None),
            is_sending: RwSignal::new(false),
            running: BrowserValue::empty(),
            notice: RwSignal::new(None),
            responses: use_context(),
            node: NodeRef::new(),
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

    /// Returns the id of the element with the errors.
    pub(super) fn error_id(self) -> String {
        self.id("error")
    }

    /// Returns the request that is sent.
    pub(super) fn prepared(self, draft: &RequestDraft) -> Result<RequestDraft, PrepareError> {
        let prompts = self
            .constants
            .with_value(|constants| constants.prompts.clone());
        let value = |kind: &PlaceholderSource| self.responses?.value(&prompts, kind);
        let token = self.responses.and_then(PageResponses::token);
        let credentials = RequestCredentials::parse(&self.credentials.get());
        prepare(draft, credentials, token.as_deref(), &value)
    }

    /// Returns the request for snippets: as it is sent, or as it is written while it cannot be sent.
    pub(super) fn shown_request(self) -> RequestDraft {
        let draft = self.draft.read();
        self.prepared(&draft).unwrap_or(draft)
    }

    pub(super) fn is_invalid(self, field: DraftField) -> bool {
        self.errors.with(|errors| match errors {
            Some(PrepareError::Invalid(findings)) => {
                findings.iter().any(|finding| finding.field == field)
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
