//! The page of all endpoints, with a request form and a text area for a whole `.http` file.

use leptos::prelude::*;

use super::document::{Endpoint, TAGS, endpoints};
use super::{EditorContent, EditorError, parts, title};
use crate::http_file::OUTPUT_MAX;
use crate::islands::playground::Playground;
use crate::model::html::escape;
use crate::model::http::RequestDraft;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::state::AppState;
use crate::ui::{DataPanelPanel, FormExtras, HeaderNames, MethodBadge, RequestForm};

pub(super) fn content(
    state: &AppState,
    locale: Locale,
    query: &str,
    written: &EditorContent,
) -> impl IntoView + use<> {
    let words = state.i18n.words(locale).clone();
    view! {
        <main id="content" class="lesson reference" tabindex="-1">
            <h1>{words.get("reference-title")}</h1>
            <p class="lead">{words.get("reference-lead")}</p>
            {contents(&words)}
            <h2 id="request">{words.get("reference-free")}</h2>
            {forms(locale, &words, written)}
            {editor(locale, &words, written)}
            <h2 id="endpoints">{words.get("reference-endpoints")}</h2>
            {search(locale, &words, query)}
            {list(locale, &words, query)}
            <HeaderNames/>
            <p><a href="/api/openapi.json">{words.get("reference-document")}</a></p>
        </main>
        <DataPanelPanel locale=locale from="/playground".to_owned() words=words.clone()/>
    }
}

/// Renders a form for each request of the submitted file, or one initial form without a file.
fn forms(locale: Locale, words: &MessageCatalog, written: &EditorContent) -> impl IntoView + use<> {
    let mut drafts = written.drafts.clone();
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
        let title = words.with("request-title", &values);
        let id = format!("request-{number}");
        let action = format!("/{locale}/try");
        let words = words.clone();
        let extras = FormExtras {
            parts: parts(&draft),
            ..FormExtras::default()
        };
        view! { <Playground><RequestForm id=id title=title draft=draft action=action extras=extras words=words/></Playground> }
    };
    drafts.into_iter().enumerate().map(form).collect_view()
}

fn editor(
    locale: Locale,
    words: &MessageCatalog,
    written: &EditorContent,
) -> impl IntoView + use<> {
    let error = written.error.as_ref().map(|error| match error {
        EditorError::Syntax(error) => words.with(
            "reference-editor-error",
            &[
                ("line", &error.line.to_string()),
                ("column", &error.column.to_string()),
                (
                    "problem",
                    &words.with(error.problem.key(), &[("value", &error.problem.value())]),
                ),
            ],
        ),
        EditorError::Unknown(names) => {
            words.with("reference-editor-unknown", &[("names", &names.join(", "))])
        }
        EditorError::TooLarge => {
            let limit = (OUTPUT_MAX / 1024).to_string();
            words.with("reference-editor-too-large", &[("limit", &limit)])
        }
        EditorError::TooManyFields(limit) => words.with(
            "reference-editor-too-many-fields",
            &[("limit", &limit.to_string())],
        ),
    });
    let wrong = error.is_some();
    let described = if wrong {
        "http-hint http-error"
    } else {
        "http-hint"
    };
    let error =
        error.map(|text| view! { <p id="http-error" class="field-error" role="alert">{text}</p> });
    // Leptos does not escape the text of a `<textarea>`, so it is escaped here. The first line break is added
    // because an HTML parser drops one.
    let text = ["\n", &escape(&written.text)].concat();
    let lines = written.text.lines().count().clamp(6, 24).to_string();
    view! {
        <details class="http-editor" open=!written.text.is_empty()>
            <summary>{words.get("reference-editor")}</summary>
            <form method="post" action=format!("/{locale}/playground")>
                <p id="http-hint" class="quiet">{words.get("reference-editor-hint")}</p>
                <textarea name="http" rows=lines class="body-input" aria-label=words.get("reference-editor-text")
                    aria-describedby=described aria-invalid=wrong.then_some("true") spellcheck="false"
                    autocapitalize="off" autocomplete="off"
                    placeholder="POST /api/users\nContent-Type: application/json\n\n{}" inner_html=text></textarea>
                {error}
                <button type="submit" class="button">{words.get("reference-editor-fill")}</button>
            </form>
        </details>
    }
}

fn search(locale: Locale, words: &MessageCatalog, query: &str) -> impl IntoView + use<> {
    let count = found(query, words).count();
    let told = match (query.is_empty(), count) {
        (true, _) => None,
        (false, 0) => Some(words.with("reference-search-none", &[("query", query)])),
        (false, _) => {
            let (count, all) = (count.to_string(), endpoints().len().to_string());
            Some(words.with(
                "reference-search-count",
                &[("count", &count), ("all", &all)],
            ))
        }
    };
    let told = told.map(|text| {
        let all = format!("/{locale}/playground#endpoints");
        view! { <p role="status">{text} " " <a href=all>{words.get("reference-search-all")}</a></p> }
    });
    view! {
        <form class="reference-search" role="search" method="get" action=format!("/{locale}/playground#endpoints")>
            <input type="search" name="q" value=query.to_owned() class="field-input" aria-label=words.get("reference-search")
                placeholder=words.get("reference-search-hint") spellcheck="false" autocapitalize="off"/>
            <button type="submit" class="button">{words.get("reference-search-button")}</button>
        </form>
        {told}
    }
}

/// Returns the endpoints that contain every word of a search query in path, method, title or slug.
fn found<'a>(
    query: &'a str,
    words: &'a MessageCatalog,
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
        let text =
            [method, path, slug, summary, &title(endpoint, words)].map(|text| text.to_lowercase());
        let has = |word: &str| text.iter().any(|text| text.contains(word));
        query.split_whitespace().all(has)
    })
}

fn list(locale: Locale, words: &MessageCatalog, query: &str) -> impl IntoView + use<> {
    let found: Vec<&Endpoint> = found(query, words).collect();
    let group = |tag: &'static str| {
        let here = || found.iter().filter(move |endpoint| endpoint.tag == tag);
        let rows = |derived: bool| {
            let rows = here().filter(move |endpoint| endpoint.is_derived() == derived);
            rows.map(|endpoint| row(locale, words, endpoint))
                .collect::<Vec<_>>()
        };
        let (own, derived) = (rows(false), rows(true));
        if own.is_empty() && derived.is_empty() {
            return None;
        }
        let more = (!derived.is_empty()).then(|| {
            let title = words.with("reference-more-methods", &[("count", &derived.len().to_string())]);
            let open = own.is_empty();
            view! { <details open=open><summary>{title}</summary><ul class="endpoints">{derived}</ul></details> }
        });
        Some(view! {
            <section aria-labelledby=tag>
                <h3 id=tag>{words.get(&format!("reference-tag-{tag}"))}</h3>
                <ul class="endpoints">{own}</ul>
                {more}
            </section>
        })
    };
    TAGS.map(group).into_iter().flatten().collect_view()
}

fn row(locale: Locale, words: &MessageCatalog, endpoint: &Endpoint) -> impl IntoView + use<> {
    view! {
        <li>
            <a href=format!("/{locale}/playground/{}", endpoint.slug)>
                <MethodBadge method=endpoint.method.clone()/>
                " " <code>{breakable(&endpoint.path)}</code>
                " " <span>{title(endpoint, words)}</span>
            </a>
        </li>
    }
}

/// Renders a path in which a line may break before each slash.
pub(super) fn breakable(path: &str) -> Vec<AnyView> {
    let parts = path.split_inclusive('/');
    parts
        .map(|part| view! { {part.to_owned()}<wbr/> }.into_any())
        .collect()
}

fn contents(words: &MessageCatalog) -> impl IntoView + use<> {
    let groups = TAGS.map(|tag| {
        view! { <li class="toc-3"><a href=format!("#{tag}")>{words.get(&format!("reference-tag-{tag}"))}</a></li> }
    });
    view! {
        <nav class="toc" aria-labelledby="toc-title">
            <p id="toc-title">{words.get("on-this-page")}</p>
            <ul>
                <li><a href="#request">{words.get("reference-free")}</a></li>
                <li><a href="#endpoints">{words.get("reference-endpoints")}</a></li>
                {groups.collect_view()}
            </ul>
        </nav>
    }
}
