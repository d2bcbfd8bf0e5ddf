//! The API reference, generated from the OpenAPI document: a page of all endpoints with a request form,
//! and a page for each endpoint.
//!
//! The texts of the document are English and are translated when they are rendered (see
//! [`Translations`]); summaries of schemas stay English and are marked with `lang`.

mod submit;

mod document;
mod endpoint;
mod index;
mod schema;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;

use crate::http_file;
use crate::model::http::{RequestDraft, path_values};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::translations::Translations;
use crate::pages::{PageMeta, PageRequest, PageVisitor, not_found, render};
use crate::sandbox::DatabaseError;
use crate::state::AppState;
use crate::ui::FormParts;
use document::{Endpoint, endpoints};

pub(super) use submit::submit;

/// The text of a `.http` file with its requests or its error.
#[derive(Clone, Debug, Default)]
pub struct EditorContent {
    /// The text as it was submitted.
    pub text: String,
    /// The requests of the file in order; empty when the file has an error.
    pub drafts: Vec<RequestDraft>,
    /// The error in the text, if any.
    pub error: Option<EditorError>,
}

/// The reason why a `.http` file has no request forms.
#[derive(Clone, Debug)]
pub enum EditorError {
    /// The file violates the syntax.
    Syntax(http_file::ParseError),
    /// The file contains placeholders without a value, listed as they are written.
    Unknown(Vec<String>),
    /// With its values the text is longer than [`http_file::OUTPUT_MAX`].
    TooLarge,
    /// The requests have more header lines and query parameters in total than this limit.
    TooManyFields(usize),
}

/// Returns the path and query parameters of the target of a request: those of its endpoint, or of any
/// endpoint with that path when none has the method; none when the path is not part of the API.
#[must_use]
pub fn parts(draft: &RequestDraft) -> Option<FormParts> {
    let fits = |endpoint: &&Endpoint| path_values(&draft.target, &endpoint.path).is_some();
    let fitting = || endpoints().iter().filter(fits);
    let same = fitting().find(|endpoint| endpoint.method == draft.method);
    let endpoint = same.or_else(|| fitting().next())?;
    let query = endpoint.parameters.iter();
    let query = query.filter(|parameter| parameter.place == "query");
    Some(FormParts {
        template: endpoint.path.clone(),
        query: query.map(|parameter| parameter.name.clone()).collect(),
        open: false,
    })
}

/// Handles `GET /{lang}/playground`.
pub(super) async fn index(
    State(state): State<AppState>,
    reader: PageRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let query = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(name, _)| name == "q")
        .map(|(_, value)| value.trim().to_owned());
    let query = query.unwrap_or_default();
    let mut meta = index_meta(&state, reader);
    if query.is_empty() {
        meta.share();
    }
    let (library, locale) = (state.clone(), meta.reader.locale);
    let nothing = EditorContent::default();
    render(&state, meta, move || {
        index::content(&library, locale, &query, &nothing)
    })
    .await
}

/// Renders the page of all endpoints with the request forms of a `.http` file, or with its error.
pub async fn written(state: &AppState, reader: PageRequest, written: EditorContent) -> Response {
    let mut meta = index_meta(state, reader);
    if written.error.is_some() {
        meta.status = StatusCode::UNPROCESSABLE_ENTITY;
    }
    let (library, locale) = (state.clone(), meta.reader.locale);
    render(state, meta, move || {
        index::content(&library, locale, "", &written)
    })
    .await
}

fn index_meta(state: &AppState, reader: PageRequest) -> PageMeta {
    let words = state.i18n.words(reader.locale);
    let description = words.get("reference-lead");
    let title = words.get("reference-title");
    let meta = PageMeta::new(reader, title, "/playground");
    PageMeta {
        description,
        ..meta
    }
}

/// Handles `GET /{lang}/playground/{operation}`.
pub(super) async fn show(
    State(state): State<AppState>,
    reader: PageRequest,
    visitor: PageVisitor,
    Path((_, slug)): Path<(String, String)>,
) -> Response {
    let Some(endpoint) = endpoints().iter().find(|endpoint| endpoint.slug == slug) else {
        return not_found::show(&state, reader).await;
    };
    let draft = match draft(&state, &visitor, endpoint).await {
        Ok(draft) => draft,
        Err(cause) => {
            tracing::error!(%cause, "the record of a visitor cannot be read");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let title = title(endpoint, state.i18n.words(reader.locale));
    let mut meta = PageMeta::new(reader, title.clone(), format!("/playground/{slug}"));
    meta.description = format!("{} {}: {title}", endpoint.method, endpoint.path);
    if !endpoint.names_what_visitors_make() {
        meta.share_for_any_query();
    }
    let library = state.clone();
    let language = ReferenceLanguage::of(&state, meta.reader.locale);
    render(&state, meta, move || {
        endpoint::content(&library, &language, endpoint, draft.clone())
    })
    .await
}

/// Returns the initial request of the form of an endpoint. When the path contains the id of something that
/// only the visitor can have created, the request contains the id that was created last, if there is one.
async fn draft(
    state: &AppState,
    visitor: &PageVisitor,
    endpoint: &Endpoint,
) -> Result<RequestDraft, DatabaseError> {
    let mut draft = endpoint.draft();
    if let Some(sandbox) = visitor.sandbox()
        && endpoint.names_what_visitors_make()
    {
        let exchanges = state.sandboxes.list_exchanges(sandbox).await?;
        let made = exchanges
            .iter()
            .find_map(|exchange| match endpoint.tag.as_str() {
                "sandbox" => Some(format!("/api/sandbox/exchanges/{}", exchange.id)),
                _ => exchange
                    .created_path()
                    .filter(|path| path_values(path, &endpoint.path).is_some()),
            });
        draft.target = made.unwrap_or(draft.target);
    }
    Ok(draft)
}

/// Returns the summary of an endpoint in one line.
fn title(endpoint: &Endpoint, words: &MessageCatalog) -> String {
    match endpoint.method.as_str() {
        "OPTIONS" => words.with("operation-options", &[("path", &endpoint.path)]),
        "HEAD" => {
            let slug = endpoint.slug.trim_end_matches("-head");
            let title = words.get(&format!("operation-{slug}"));
            words.with("operation-head", &[("title", &title)])
        }
        _ => words.get(&format!("operation-{}", endpoint.slug)),
    }
}

/// The locale of a page of the reference, with its messages and translations.
#[derive(Clone)]
struct ReferenceLanguage {
    locale: Locale,
    words: MessageCatalog,
    /// The translations of the texts of the OpenAPI document.
    document: Translations,
}

impl ReferenceLanguage {
    fn of(state: &AppState, locale: Locale) -> ReferenceLanguage {
        ReferenceLanguage {
            locale,
            words: state.i18n.words(locale).clone(),
            document: state.i18n.reference(locale).clone(),
        }
    }

    /// Renders a text of the document, with code between backticks as `<code>`. A text without a translation
    /// is shown in English and marked as such.
    fn text(&self, english: &str) -> impl IntoView + use<> {
        let translated = self.document.find(english);
        let lang = translated.is_none().then_some("en");
        let text = translated.unwrap_or_else(|| english.to_owned());
        let parts: Vec<AnyView> = text
            .split('`')
            .enumerate()
            .filter(|(_, part)| !part.is_empty())
            .map(|(at, part)| match at % 2 {
                0 => part.to_owned().into_any(),
                _ => view! { <code>{part.to_owned()}</code> }.into_any(),
            })
            .collect();
        view! { <span lang=lang>{parts}</span> }
    }
}
