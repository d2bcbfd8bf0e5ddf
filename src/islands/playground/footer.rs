//! The tools below a request: the request as code, mutations, a link, and the way back to the example.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::draft_storage;
use super::form::{Form, Notice, write_to};
use super::save::save_panel;
use crate::components::icon::{BOOKMARK, BREAK, COPY, Icon, LINK, RESET};
use crate::components::unhydrated::unhydrated;
use crate::islands::api_client;
use crate::islands::dom::{effect, listener, origin};
use crate::islands::server_view::{server_text, server_view};
use crate::model::http::{Mutation, RequestDraft};
use crate::snippet::{self, SnippetLanguage, to_curl};

/// The keys and icons of the tools. The first three open a panel.
const TOOLS: [(&str, &str); 5] = [
    ("copy", COPY),
    ("save", BOOKMARK),
    ("break", BREAK),
    ("link", LINK),
    ("reset", RESET),
];

/// Renders the buttons of the tools, and the tool that is open.
pub(super) fn footer(form: Form, example: &RequestDraft) -> impl IntoView + use<> {
    let tool_button = move |(key, shapes): (&'static str, &'static str)| {
        let has_panel = ["copy", "save", "break"].contains(&key);
        let is_expanded = move || {
            let is_open = form.tool.with(|tool| tool == key);
            has_panel.then_some(if is_open { "true" } else { "false" })
        };
        let message = |suffix: &str| {
            let prefix = match key {
                "save" => "workspace-",
                _ => "request-",
            };
            form.message(&[prefix, key, suffix].concat())
        };
        let panel = has_panel.then(|| server_text(|| form.id(&["form-", key].concat())));
        view! {
            <button type="button" class="tool-button" data-tool=key title=server_text(|| message("-label")) aria-label=server_text(|| message("-label"))
                aria-controls=panel aria-expanded=is_expanded on:click=listener(move |_| form.use_tool(key))>
                {server_view(|| view! { <Icon shapes=shapes/><span>{message("")}</span> })}
            </button>
        }
    };
    let is_code_hidden = move || form.tool.with(|tool| tool != "copy").then_some("");
    let mutations = || {
        let mutations = Mutation::ALL.into_iter();
        let mutations = mutations.filter(|mutation| mutation.apply(example).is_some());
        let button = |mutation: Mutation| {
            let text = form.message(&["request-mutation-", mutation.name()].concat());
            view! { <button type="submit" class="tool-button" name="mutation" value=mutation.name()>{text}</button> }
        };
        mutations.map(button).collect_view()
    };
    let tools = TOOLS
        .into_iter()
        .filter(|(key, _)| *key != "save" || form.can_save());
    view! {
        <div class="request-footer">
            <div class="request-tools">{tools.map(tool_button).collect_view()}</div>
            <div class="request-code script-only" id=form.fixed_id("form-copy") data-hidden=is_code_hidden>{snippets(form)}</div>
            {save_panel(form)}
            // Without scripts its summary opens it; with scripts the button above.
            <details class="request-break" id=form.fixed_id("form-break") open=move || form.tool.with(|tool| tool == "break")>
                {server_view(|| {
                    view! {
                        <summary>{form.message("request-break-label")}</summary>
                        <div class="request-mutations" role="group" aria-label=form.message("request-break-label")>
                            <p class="quiet">{form.message("request-break-hint")}</p>
                            {mutations()}
                        </div>
                    }
                })}
            </details>
            {notice_view(form)}
        </div>
    }
}

/// Renders the notice.
fn notice_view(form: Form) -> impl IntoView {
    let notice = form.notice;
    let message = move || notice.get().map(|notice| notice.message);
    let text = move || {
        let text = notice.get().and_then(|notice| notice.text);
        text.map(|text| {
            unhydrated(view! { <pre class="code" tabindex="0"><code>{text}</code></pre> })
        })
    };
    view! {
        <div class="request-message">
            <p role="status">{message}</p>
            {text}
        </div>
    }
}

/// Renders the request as code in the chosen language, while it is open.
fn snippets(form: Form) -> impl IntoView {
    let language = RwSignal::new(SnippetLanguage::Curl.slug().to_owned());
    let key = RwSignal::new(String::new());
    let is_open = Signal::derive(move || form.tool.with(|tool| tool == "copy"));
    effect(move || {
        if is_open.get() {
            // So that a terminal uses the data of this page.
            spawn_local(
                async move { key.set(api_client::sandbox_key().await.unwrap_or_default()) },
            );
        }
    });
    let code = move || {
        let language = SnippetLanguage::from_slug(&language.get()).filter(|_| is_open.get())?;
        let (request, key) = (form.shown_request().ok()?, key.get());
        let key = Some(key.as_str()).filter(|key| !key.is_empty());
        Some(snippet::code(language, &request, &origin(), key))
    };
    let copy_code = move |_| {
        if let Err(error) = untrack(|| form.shown_request()) {
            return form.show_errors(error);
        }
        let code = untrack(code).unwrap_or_default();
        spawn_local(form.copy(code, false, "request-curl-copied"));
    };
    let languages = || {
        let option = |language: SnippetLanguage| view! { <option value=language.slug()>{language.name()}</option> };
        SnippetLanguage::ALL.map(option).collect_view()
    };
    view! {
        <div class="code-bar">
            <select class="code-form" aria-label=form.label("request-code-form") prop:value=language on:change=listener(write_to(language))>{server_view(languages)}</select>
            <button type="button" class="tool-button" on:click=listener(copy_code)>{server_view(|| view! { <Icon shapes=COPY/><span>{form.message("copy-code")}</span> })}</button>
        </div>
        <pre class="code" tabindex="0" aria-label=form.label("request-copy-label")><code>{code}</code></pre>
    }
}

impl Form {
    /// Opens or closes the panel of a tool, or does what the tool does.
    fn use_tool(self, key: &'static str) {
        match key {
            "link" => self.copy_link(),
            "reset" => self.reset(),
            "save" if self.tool.with_untracked(|tool| tool != key) => self.open_save(),
            key => {
                self.notice.set(None);
                let is_open = self.tool.with_untracked(|tool| tool == key);
                self.tool.set(if is_open { "" } else { key }.to_owned());
            }
        }
    }

    /// Copies a text, or shows it to be copied by hand; `copied` is the key of the message on success.
    async fn copy(self, text: String, is_shown: bool, copied: &str) {
        let is_copied = api_client::copy(&text).await;
        let message = if is_copied {
            copied
        } else {
            "request-curl-shown"
        };
        self.notice.set(Some(Notice {
            message: self.message(message),
            text: Some(text).filter(|_| is_shown || !is_copied),
        }));
    }

    /// Copies the request as a curl command.
    pub(super) fn copy_curl(self) {
        let Ok(request) = untrack(|| self.shown_request()) else {
            return;
        };
        spawn_local(async move {
            // So that a terminal uses the data of this page.
            let key = api_client::sandbox_key().await.ok();
            let command = to_curl(&request, &origin(), key.as_deref());
            self.copy(command, true, "request-curl-copied").await;
        });
    }

    fn copy_link(self) {
        let draft = untrack(|| self.draft.read());
        let link = self
            .constants
            .with_value(|constants| draft_storage::link(&constants.id, draft));
        spawn_local(self.copy(link, true, "request-link-copied"));
    }
}
