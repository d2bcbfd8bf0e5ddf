//! Saving of a request under a name, on the pages of the playground.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, HtmlInputElement};

use super::form::{Form, Notice, write_to};
use crate::http_file::{PlaceholderSource, fill_known};
use crate::islands::dom::{listener, target};
use crate::islands::server_view::{server_text, server_view};
use crate::model::http::path_values;
use crate::model::saved_requests::{NAME_MAX, SaveError};

/// Renders the field for the name with its buttons, where requests can be saved.
pub(super) fn save_panel(form: Form) -> Option<impl IntoView> {
    form.can_save().then(|| {
        let field = || form.id("save-name");
        let is_hidden = move || form.tool.with(|tool| tool != "save").then_some("");
        let keydown = move |event: KeyboardEvent| match event.key().as_str() {
            // Enter alone would send the request.
            "Enter" if !event.ctrl_key() && !event.meta_key() => {
                event.prevent_default();
                form.save();
            }
            "Escape" => {
                event.stop_propagation();
                form.close_save();
            }
            _ => {}
        };
        // The suggested name is selected, so that typing replaces it.
        let select = |event: FocusEvent| {
            if let Some(field) = target(&event, "input") {
                field.unchecked_into::<HtmlInputElement>().select();
            }
        };
        let is_wrong = move || form.save_error.with(|error| !error.is_empty()).then_some("true");
        view! {
            <div class="request-save script-only" id=form.fixed_id("form-save") data-hidden=is_hidden>
                {server_view(|| view! { <label for=field()>{form.message("workspace-name")}</label> })}
                <input id=server_text(field) class="field-input" maxlength=NAME_MAX autocomplete="off" spellcheck="false"
                    aria-invalid=is_wrong aria-describedby=form.fixed_id("save-error")
                    prop:value=form.save_name on:input=listener(write_to(form.save_name)) on:focus=listener(select) on:keydown=listener(keydown)/>
                <button type="button" class="button" on:click=listener(move |_| form.save())>{server_view(|| form.message("workspace-save"))}</button>
                <button type="button" class="tool-button" on:click=listener(move |_| form.close_save())>{server_view(|| form.message("workspace-cancel"))}</button>
                <p class="save-error" id=form.fixed_id("save-error") role="alert">{form.save_error}</p>
            </div>
        }
    })
}

impl Form {
    /// Returns whether the request can be saved from this page.
    pub(super) fn can_save(self) -> bool {
        self.constants
            .with_value(|constants| constants.extras.save_as.is_some())
    }

    /// Opens the field with a suggested name.
    pub(super) fn open_save(self) {
        self.save_error.set(String::new());
        self.save_name.set(self.suggested_name());
        self.tool.set("save".to_owned());
        self.focus_soon(".request-save input");
    }

    fn close_save(self) {
        self.tool.set(String::new());
        self.focus_soon("[data-tool=save]");
    }

    /// Returns the name under which the request was opened, or the title of the endpoint while the form has a request to
    /// it, or method and path.
    fn suggested_name(self) -> String {
        let opened = self.opened_name.get_untracked();
        if !opened.is_empty() {
            return opened;
        }
        let draft = untrack(|| self.draft.read());
        self.constants.with_value(|constants| {
            let extras = &constants.extras;
            let title = extras.save_as.as_deref().unwrap_or_default();
            let template = extras.parts.as_ref().map(|parts| parts.template.as_str());
            let is_same_path = match template {
                Some(template) => path_values(&draft.target, template).is_some(),
                None => draft.path() == constants.example.path(),
            };
            match is_same_path && draft.method == constants.example.method && !title.is_empty() {
                true => title.to_owned(),
                false => [&draft.method, " ", draft.path()].concat(),
            }
        })
    }

    /// Saves the request. A name that another request has is asked for twice.
    fn save(self) {
        let name = self.save_name.get_untracked().trim().to_owned();
        let is_own = self.opened_name.with_untracked(|opened| *opened == name);
        let is_taken = untrack(|| self.saved.get()).find(&name).is_some();
        let question = self.message_with("workspace-replace", &[("name", &name)]);
        let is_confirmed = self.save_error.with_untracked(|asked| *asked == question);
        if is_taken && !is_own && !is_confirmed {
            return self.save_error.set(question);
        }
        let prompts = self
            .constants
            .with_value(|constants| constants.prompts.clone());
        // What was entered is saved, because the form that opens the request has no fields for it; passwords are not.
        let entered = |source: &PlaceholderSource| {
            let PlaceholderSource::Variable(name) = source else {
                return None;
            };
            if name.contains("password") {
                return None;
            }
            let prompt = prompts.iter().find(|prompt| prompt.name == *name)?;
            Some(prompt.value.get_untracked()).filter(|value| !value.is_empty())
        };
        let draft = fill_known(&untrack(|| self.draft.read()), &entered);
        let headers = draft.headers.len();
        let draft = draft.without_credentials();
        let is_without = draft.headers.len() < headers;
        match self.saved.change(|requests| requests.save(&name, draft)) {
            Ok(is_replaced) => {
                let key = match (is_without, is_replaced) {
                    (true, _) => "workspace-saved-without",
                    (false, true) => "workspace-replaced",
                    (false, false) => "workspace-saved",
                };
                let message = self.message_with(key, &[("name", &name)]);
                self.opened_name.set(name);
                self.notice.set(Some(Notice {
                    message,
                    text: None,
                }));
                self.close_save();
            }
            Err(error) => self.show_save_error(error),
        }
    }

    fn show_save_error(self, error: SaveError) {
        self.save_error.set(self.message(error.key()));
        self.focus_soon(".request-save input");
    }
}
