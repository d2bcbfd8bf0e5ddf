//! The page of all endpoints, with a request form and a text area for a whole `.http` file.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;

use super::editor::{EditorContent, EditorError};
use super::endpoints::{Endpoint, TAGS, endpoints};
use super::form_parts::form_parts;
use super::language::endpoint_title;
use crate::components::{FormExtras, HeaderNames, MethodBadge};
use crate::http_file::OUTPUT_MAX;
use crate::islands::data_panel::DataPanel;
use crate::islands::playground::Playground;
use crate::model::html::escape;
use crate::model::http::RequestDraft;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::render::render;
use crate::state::AppState;

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
    if query.is_empty() {
        meta.share();
    }
    let (library, locale) = (state.clone(), meta.request.locale);
    let empty = EditorContent::default();
    render(&state, meta, move || {
        content(&library, locale, &query, &empty)
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
    render(state, meta, move || content(&library, locale, "", &editor)).await
}

/// Returns the metadata of the page.
fn index_meta(state: &AppState, page_request: PageRequest) -> PageMeta {
    let messages = state.i18n.messages(page_request.locale);
    let description = messages.get("reference-lead");
    let title = messages.get("reference-title");
    let meta = PageMeta::new(page_request, title, "/playground");
    PageMeta {
        description,
        ..meta
    }
}

/// Renders the page of all endpoints.
fn content(
    state: &AppState,
    locale: Locale,
    query: &str,
    editor: &EditorContent,
) -> impl IntoView + use<> {
    let messages = state.i18n.messages(locale).clone();
    view! {
        <main id="content" class="lesson reference" tabindex="-1">
            <h1>{messages.get("reference-title")}</h1>
            <p class="lead">{messages.get("reference-lead")}</p>
            {contents(&messages)}
            <h2 id="request">{messages.get("reference-free")}</h2>
            {forms(locale, &messages, editor)}
            {editor_form(locale, &messages, editor)}
            <h2 id="endpoints">{messages.get("reference-endpoints")}</h2>
            {search(locale, &messages, query)}
            {list(locale, &messages, query)}
            <HeaderNames/>
            <p><a href="/api/openapi.json">{messages.get("reference-document")}</a></p>
        </main>
        <DataPanel locale=locale from="/playground".to_owned() words=messages.clone()/>
    }
}

/// Renders a form for each request of the submitted file, or one initial form without a file.
fn forms(
    locale: Locale,
    messages: &MessageCatalog,
    editor: &EditorContent,
) -> impl IntoView + use<> {
    let mut drafts = editor.drafts.clone();
    if drafts.is_empty() {
        drafts.push(RequestDraft {
            method: "GET".to_owned(),
            target: "/api/users".to_owned(),
            ..RequestDraft::default()
        });
    }
    let form = |(at, draft): (usize, RequestDraft)| {
        let number = (at + 1).to_string();
        let values = [
            ("number", number.as_str()),
            ("method", &draft.method),
            ("target", &draft.target),
        ];
        let title = messages.with("request-title", &values);
        let id = format!("request-{number}");
        let action = format!("/{locale}/try");
        let extras = FormExtras {
            parts: form_parts(&draft),
            ..FormExtras::default()
        };
        view! { <Playground id=id title=title draft=draft action=action extras=extras/> }
    };
    drafts.into_iter().enumerate().map(form).collect_view()
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
        <details class="http-editor" open=!editor.text.is_empty()>
            <summary>{messages.get("reference-editor")}</summary>
            <form method="post" action=format!("/{locale}/playground")>
                <p id="http-hint" class="quiet">{messages.get("reference-editor-hint")}</p>
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

/// Renders the search form, with the number of matching endpoints after a search.
fn search(locale: Locale, messages: &MessageCatalog, query: &str) -> impl IntoView + use<> {
    let count = matching_endpoints(query, messages).count();
    let result = match (query.is_empty(), count) {
        (true, _) => None,
        (false, 0) => Some(messages.with("reference-search-none", &[("query", query)])),
        (false, _) => {
            let (count, all) = (count.to_string(), endpoints().len().to_string());
            Some(messages.with(
                "reference-search-count",
                &[("count", &count), ("all", &all)],
            ))
        }
    };
    let result = result.map(|text| {
        let all = format!("/{locale}/playground#endpoints");
        view! { <p role="status">{text} " " <a href=all>{messages.get("reference-search-all")}</a></p> }
    });
    view! {
        <form class="reference-search" role="search" method="get" action=format!("/{locale}/playground#endpoints")>
            <input type="search" name="q" value=query.to_owned() class="field-input" aria-label=messages.get("reference-search")
                placeholder=messages.get("reference-search-hint") spellcheck="false" autocapitalize="off"/>
            <button type="submit" class="button">{messages.get("reference-search-button")}</button>
        </form>
        {result}
    }
}

/// Returns the endpoints that contain every word of a search query in path, method, title or slug.
fn matching_endpoints<'a>(
    query: &'a str,
    messages: &'a MessageCatalog,
) -> impl Iterator<Item = &'static Endpoint> + 'a {
    let query = query.to_lowercase();
    endpoints().iter().filter(move |endpoint| {
        let Endpoint {
            method,
            path,
            slug,
            summary,
            ..
        } = endpoint;
        let text = [
            method,
            path,
            slug,
            summary,
            &endpoint_title(endpoint, messages),
        ]
        .map(|text| text.to_lowercase());
        let has_word = |word: &str| text.iter().any(|text| text.contains(word));
        query.split_whitespace().all(has_word)
    })
}

/// Renders the matching endpoints by tag. HEAD and OPTIONS are in a `<details>` element.
fn list(locale: Locale, messages: &MessageCatalog, query: &str) -> impl IntoView + use<> {
    let matching: Vec<&Endpoint> = matching_endpoints(query, messages).collect();
    let group = |tag: &'static str| {
        let of_tag = || matching.iter().filter(move |endpoint| endpoint.tag == tag);
        let rows = |derived: bool| {
            let rows = of_tag().filter(move |endpoint| endpoint.is_derived() == derived);
            rows.map(|endpoint| row(locale, messages, endpoint))
                .collect::<Vec<_>>()
        };
        let (own, derived) = (rows(false), rows(true));
        if own.is_empty() && derived.is_empty() {
            return None;
        }
        let more = (!derived.is_empty()).then(|| {
            let title = messages.with("reference-more-methods", &[("count", &derived.len().to_string())]);
            let open = own.is_empty();
            view! { <details open=open><summary>{title}</summary><ul class="endpoints">{derived}</ul></details> }
        });
        Some(view! {
            <section aria-labelledby=tag>
                <h3 id=tag>{messages.get(&format!("reference-tag-{tag}"))}</h3>
                <ul class="endpoints">{own}</ul>
                {more}
            </section>
        })
    };
    TAGS.map(group).into_iter().flatten().collect_view()
}

/// Renders an endpoint as a link to its page.
fn row(locale: Locale, messages: &MessageCatalog, endpoint: &Endpoint) -> impl IntoView + use<> {
    view! {
        <li>
            <a href=format!("/{locale}/playground/{}", endpoint.slug)>
                <MethodBadge method=endpoint.method.clone()/>
                " " <code>{breakable_path(&endpoint.path)}</code>
                " " <span>{endpoint_title(endpoint, messages)}</span>
            </a>
        </li>
    }
}

/// Renders a path in which a line may break before each slash.
pub(super) fn breakable_path(path: &str) -> Vec<AnyView> {
    let parts = path.split_inclusive('/');
    parts
        .map(|part| view! { {part.to_owned()}<wbr/> }.into_any())
        .collect()
}

/// Renders the table of contents of the page.
fn contents(messages: &MessageCatalog) -> impl IntoView + use<> {
    let groups = TAGS.map(|tag| {
        view! { <li class="toc-3"><a href=format!("#{tag}")>{messages.get(&format!("reference-tag-{tag}"))}</a></li> }
    });
    view! {
        <nav class="toc" aria-labelledby="toc-title">
            <p id="toc-title">{messages.get("on-this-page")}</p>
            <ul>
                <li><a href="#request">{messages.get("reference-free")}</a></li>
                <li><a href="#endpoints">{messages.get("reference-endpoints")}</a></li>
                {groups.collect_view()}
            </ul>
        </nav>
    }
}
