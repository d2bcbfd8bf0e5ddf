//! What is wrong with a request, each message at its own field.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::form::Form;
use crate::components::finding_message;
use crate::components::unhydrated::unhydrated;
use crate::http_file::{OUTPUT_MAX, PrepareError, ResolveError};
use crate::islands::dom::{find, focus, listener};
use crate::model::http::{DraftField, DraftFinding};

/// A message, and whether only browsers refuse the request.
type ErrorLine = (String, bool);
/// Returns the messages of one place. Boxed, so that the view exists once.
type ErrorLines = Arc<dyn Fn() -> Vec<ErrorLine> + Send + Sync>;

/// Renders the errors of the fields that `is_here` selects, in an element with this id.
pub(super) fn field_errors(
    form: Form,
    id: String,
    is_here: impl Fn(DraftField) -> bool + Send + Sync + 'static,
) -> impl IntoView {
    let lines = move || {
        form.errors.with(|errors| match errors {
            Some(PrepareError::Invalid(request)) => {
                let findings = request.findings.iter();
                let findings = findings.filter(|finding| is_here(finding.field));
                let line = |finding: &DraftFinding| {
                    let message = form.constants.with_value(|constants| {
                        finding_message(&constants.messages, finding, &request.draft)
                    });
                    (message, finding.kind.is_for_browsers_only())
                };
                findings.map(line).collect()
            }
            _ => Vec::new(),
        })
    };
    error_lines(form, id, Arc::new(lines))
}

/// Renders what a prompt lacks.
pub(super) fn prompt_error(form: Form, id: String, prompt: String) -> impl IntoView {
    let lines = move || match form.is_missing(&prompt) {
        true => vec![(form.missing_message(&prompt), false)],
        false => Vec::new(),
    };
    error_lines(form, id, Arc::new(lines))
}

/// Renders the errors that belong to no field: values that are missing, and a request that is too large.
pub(super) fn form_errors(form: Form) -> impl IntoView {
    let lines = move || {
        form.errors.with(|errors| match errors {
            Some(PrepareError::Unresolved(ResolveError::TooLarge)) => {
                let limit = (OUTPUT_MAX / 1024).to_string();
                vec![(
                    form.message_with("request-too-large", &[("limit", &limit)]),
                    false,
                )]
            }
            Some(PrepareError::Unresolved(unresolved)) => {
                let names = unresolved.names().into_iter();
                let names = names.filter(|name| form.prompt_label(name).is_none());
                let line = |name: String| (form.missing_message(&name), false);
                names.map(line).collect()
            }
            _ => Vec::new(),
        })
    };
    error_lines(form, form.id("form-error"), Arc::new(lines))
}

/// Renders messages as an alert; nothing without one.
fn error_lines(form: Form, id: String, lines: ErrorLines) -> impl IntoView {
    let line = move |(message, is_for_browsers_only): ErrorLine| {
        let copy = is_for_browsers_only.then(|| {
            let label = form.message("request-curl");
            view! { " "<button type="button" class="tool-button" on:click=listener(move |_| form.copy_curl())>{label}</button> }
        });
        view! { <p>{message}{copy}</p> }
    };
    move || {
        let lines = lines();
        (!lines.is_empty()).then(|| {
            let lines = lines.into_iter().map(line).collect::<Vec<_>>();
            unhydrated(view! { <div class="field-error" role="alert" id=id.clone()>{lines}</div> })
        })
    }
}

impl Form {
    /// Shows why the draft could not be sent: selects the tab of the first error and moves the focus to its field.
    pub(super) fn show_errors(self, error: PrepareError) {
        if let PrepareError::Invalid(request) = &error {
            let tabs = request.findings.iter().map(|finding| match finding.field {
                DraftField::Method | DraftField::Target => "",
                DraftField::HeaderName(_) | DraftField::HeaderValue(_) => "headers",
                DraftField::Body => "body",
                DraftField::Session => "session",
            });
            let tabs: Vec<_> = tabs.collect();
            // The method and the target are always visible.
            if let Some(tab) = tabs.first().filter(|tab| !tab.is_empty()) {
                self.tab.set((*tab).to_owned());
            }
        }
        self.errors.set(Some(error));
        // Once the fields are marked.
        spawn_local(async move {
            let form = self.node.get_untracked();
            let invalid = "[aria-invalid=true]:not([data-hidden] *)";
            let field = form.and_then(|form| find(&form, invalid));
            field.iter().for_each(focus);
        });
    }

    /// Returns the label of a prompt.
    fn prompt_label(self, name: &str) -> Option<String> {
        self.constants.with_value(|constants| {
            let mut prompts = constants.prompts.iter();
            let prompt = prompts.find(|prompt| prompt.name == name);
            prompt.map(|prompt| prompt.label.clone())
        })
    }

    /// Returns the message for a placeholder without a value.
    fn missing_message(self, name: &str) -> String {
        let label = self.prompt_label(name);
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
