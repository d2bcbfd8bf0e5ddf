//! The page of all endpoints, with a request form and a text area for a whole `.http` file.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use sha2::{Digest as _, Sha256};

use super::block_extras::block_extras;
use super::editor::{EditorContent, EditorError};
use super::form_parts::form_parts;
use super::navigation::endpoint_navigation;
use crate::components::{DataPanelParts, FormExtras, HeaderNames};
use crate::http_file::{OUTPUT_MAX, OpenedRequest};
use crate::islands::data_panel::DataPanel;
use crate::islands::playground::Playground;
use crate::islands::workspace::file_transfer::FileTransfer;
use crate::model::html::escape;
use crate::model::http::RequestDraft;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::data_panel::initial_parts;
use crate::pages::form_action::form_action;
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::render::render;
use crate::state::{AppState, StyleSheet};

/// Handles `GET /{lang}/playground`.
pub(in crate::pages) async fn index(
    State(state): State<AppState>,
    page_request: PageRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let query = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(name, _)| name == "q")
        .map(|(_, value)| value.trim().to_owned());
    let query = query.unwrap_or_default();
    let mut meta = index_meta(&state, page_request);
    let (library, locale) = (state.clone(), meta.request.locale);
    let data = initial_parts(&state, locale).await;
    if query.is_empty() && data.is_some() {
        meta.share();
    }
    let empty = EditorContent::default();
    render(&state, meta, move || {
        content(&library, locale, &query, &empty, data.clone())
    })
    .await
}

/// Renders the page of all endpoints with the request forms of a `.http` file, or with its error.
pub(super) async fn page_with_editor(
    state: &AppState,
    page_request: PageRequest,
    editor: EditorContent,
) -> Response {
    let mut meta = index_meta(state, page_request);
    if editor.error.is_some() {
        meta.status = StatusCode::UNPROCESSABLE_ENTITY;
    }
    let (library, locale) = (state.clone(), meta.request.locale);
    let data = initial_parts(state, locale).await;
    let page = move || content(&library, locale, "", &editor, data.clone());
    render(state, meta, page).await
}

/// Returns the metadata of the page.
fn index_meta(state: &AppState, page_request: PageRequest) -> PageMeta {
    let messages = state.i18n.messages(page_request.locale);
    let description = messages.get("reference-lead");
    let title = messages.get("reference-title");
    let meta = PageMeta::new(page_request, title, "/playground");
    PageMeta {
        description,
        has_navigation: false,
        styles: &[StyleSheet::Reference],
        is_workspace: true,
        ..meta
    }
}

/// Renders the page of all endpoints.
fn content(
    state: &AppState,
    locale: Locale,
    query: &str,
    editor: &EditorContent,
    data: Option<DataPanelParts>,
) -> impl IntoView + use<> {
    let messages = state.i18n.messages(locale).clone();
    view! {
        {endpoint_navigation(locale, &messages, query, None)}
        <main id="content" class="workspace reference" tabindex="-1">
            <h1>{messages.get("reference-title")}</h1>
            <p class="lead">{messages.get("reference-lead")}</p>
            <h2 id="request" class="visually-hidden">{messages.get("reference-free")}</h2>
            {forms(locale, &messages, editor)}
            {editor_form(locale, &messages, editor)}
            <HeaderNames/>
            <p><a href="/api/openapi.json">{messages.get("reference-document")}</a></p>
        </main>
        <DataPanel locale=locale from="/playground".to_owned() parts=data words=messages.clone()/>
    }
}

/// Renders a form for each request of the submitted file, or one initial form without a file.
fn forms(
    locale: Locale,
    messages: &MessageCatalog,
    editor: &EditorContent,
) -> impl IntoView + use<> {
    let mut forms = editor
        .requests
        .iter()
        .enumerate()
        .map(form_of_request)
        .collect();
    if Vec::is_empty(&forms) {
        let draft = RequestDraft {
            method: "GET".to_owned(),
            target: "/api/users".to_owned(),
            ..RequestDraft::default()
        };
        let extras = FormExtras {
            parts: form_parts(&draft),
            ..FormExtras::default()
        };
        forms.push(("request-1".to_owned(), draft, extras));
    }
    let form = |(at, (id, draft, extras)): (usize, (String, RequestDraft, FormExtras))| {
        let number = (at + 1).to_string();
        let values = [
            ("number", number.as_str()),
            ("method", &draft.method),
            ("target", &draft.target),
        ];
        let title = messages.with("request-title", &values);
        let action = form_action(locale, "", &draft);
        let extras = FormExtras {
            save_as: Some(String::new()),
            ..extras
        };
        let empty = messages.get("reference-empty");
        view! {
            <Playground id=id title=title draft=draft action=action extras=extras>
                <div class="sample-response response-empty"><p>{empty}</p></div>
            </Playground>
        }
    };
    forms.into_iter().enumerate().map(form).collect_view()
}

/// Returns the id of the form of a request of a file, the request, and what the form has besides. The id changes with the
/// request, because the browser stores what is typed into a form by its id.
fn form_of_request((at, request): (usize, &OpenedRequest)) -> (String, RequestDraft, FormExtras) {
    let OpenedRequest { draft, block } = request;
    let hash = Sha256::digest(draft.to_json());
    let id = format!(
        "request-{}-{:02x}{:02x}{:02x}",
        at + 1,
        hash[0],
        hash[1],
        hash[2]
    );
    let extras = FormExtras {
        lines: block.kept_lines(),
        ..block_extras(block, draft)
    };
    (id, draft.clone(), extras)
}

/// Renders the text area for a `.http` file, with the error in it if there is one.
fn editor_form(
    locale: Locale,
    messages: &MessageCatalog,
    editor: &EditorContent,
) -> impl IntoView + use<> {
    let error = editor.error.as_ref().map(|error| match error {
        EditorError::Syntax(error) => messages.with(
            "reference-editor-error",
            &[
                ("line", &error.line.to_string()),
                ("column", &error.column.to_string()),
                (
                    "problem",
                    &messages.with(error.kind.key(), &[("value", &error.kind.value())]),
                ),
            ],
        ),
        EditorError::Unknown(names) => {
            messages.with("reference-editor-unknown", &[("names", &names.join(", "))])
        }
        EditorError::TooLarge => {
            let limit = (OUTPUT_MAX / 1024).to_string();
            messages.with("reference-editor-too-large", &[("limit", &limit)])
        }
        EditorError::TooManyFields(limit) => messages.with(
            "reference-editor-too-many-fields",
            &[("limit", &limit.to_string())],
        ),
    });
    let is_wrong = error.is_some();
    let described_by = if is_wrong {
        "http-hint http-error"
    } else {
        "http-hint"
    };
    let error =
        error.map(|text| view! { <p id="http-error" class="field-error" role="alert">{text}</p> });
    // Leptos does not escape the text of a `<textarea>`, so it is escaped here. The first line break is added
    // because an HTML parser drops one.
    let text = ["\n", &escape(&editor.text)].concat();
    let lines = editor.text.lines().count().clamp(6, 24).to_string();
    view! {
        <details class="http-editor" id="editor" open=!editor.text.is_empty()>
            <summary>{messages.get("reference-editor")}</summary>
            // The query makes the result another page than the one with a free form, to which links lead.
            <form method="post" action=format!("/{locale}/playground?file")>
                <p id="http-hint" class="quiet">{messages.get("reference-editor-hint")}</p>
                {file_transfer(messages)}
                <textarea name="http" rows=lines class="body-input" aria-label=messages.get("reference-editor-text")
                    aria-describedby=described_by aria-invalid=is_wrong.then_some("true") spellcheck="false"
                    autocapitalize="off" autocomplete="off"
                    placeholder="POST /api/users\nContent-Type: application/json\n\n{}" inner_html=text></textarea>
                {error}
                <button type="submit" class="button">{messages.get("reference-editor-fill")}</button>
            </form>
        </details>
    }
}

/// Renders the field for a file and the button that downloads the requests of the page, which scripts handle.
fn file_transfer(messages: &MessageCatalog) -> impl IntoView + use<> {
    let messages = messages.clone();
    view! {
        <FileTransfer>
            <label class="button">
                {messages.get("workspace-open-file")}
                <input type="file" accept=".http,.rest,.txt,text/plain"/>
            </label>
            <button type="button" class="button" data-download="">{messages.get("workspace-download")}</button>
            <p class="quiet">{messages.get("workspace-file-hint")}</p>
        </FileTransfer>
    }
}
