//! The page that shows the result of a request sent without scripts: the request, its response and the
//! recorded exchange. `submit` sends the request.

mod submit;

use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;

use crate::http_file::{OUTPUT_MAX, ResolveError};
use crate::islands::playground::Playground;
use crate::model::exchange::is_recorded;
use crate::model::html::escape;
use crate::model::http::{DraftFinding, HttpResponse, RequestDraft};
use crate::model::messages::MessageCatalog;
use crate::pages::exchange::{ExchangeQuery, parts};
use crate::pages::{PageMeta, PageRequest, PageVisitor, doc, reference, render};
use crate::state::AppState;
use crate::ui::{
    ExchangeParts, ExchangeView, FormExtras, HeaderNames, HeaderTable, RequestForm, StatusLine,
    problem_key, response_body,
};

pub(super) use submit::submit;

/// A submitted request with its outcome.
#[derive(Clone, Debug)]
pub struct SubmittedRequest {
    /// The draft that the form contained.
    pub draft: RequestDraft,
    /// The outcome of the submission.
    pub answer: SubmittedOutcome,
    /// The path of the lesson that contains the form, as submitted; shown only when such a lesson exists.
    pub from: Option<String>,
    /// The id of the request block in the lesson, as submitted.
    pub block: Option<String>,
    /// The predictions of the reader.
    pub asked: ExchangeQuery,
}

/// The outcome of a submitted request.
#[derive(Clone, Debug)]
pub enum SubmittedOutcome {
    /// The request was not sent, because placeholders have no value.
    Unresolved(ResolveError),
    /// The request was not sent, because the draft is invalid.
    Refused(Vec<DraftFinding>),
    /// The request was sent.
    Response {
        /// The response of the API.
        response: HttpResponse,
        /// The visitor whose sandbox was used.
        visitor: Option<PageVisitor>,
        /// The exchange group by which the exchanges are found in the record.
        group: String,
    },
}

/// Renders the page: the outcome of the request, then the form with the request that was submitted.
pub async fn page(state: &AppState, reader: PageRequest, mut tried: SubmittedRequest) -> Response {
    let locale = reader.locale;
    let words = state.i18n.words(locale).clone();
    let status = match &tried.answer {
        SubmittedOutcome::Unresolved(_) | SubmittedOutcome::Refused(_) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        SubmittedOutcome::Response { .. } => StatusCode::OK,
    };
    let meta = PageMeta {
        path: None,
        status,
        ..PageMeta::new(reader, words.get("response-title"), "")
    };
    let from = tried.from.as_deref().unwrap_or_default();
    let lesson = state
        .library
        .page(locale, from.trim_start_matches('/'))
        .cloned();
    let block = tried.block.clone().unwrap_or_default();
    let playground = lesson.as_ref().and_then(|page| {
        let mut all = page.playgrounds();
        all.find(|playground| playground.id == block)
    });
    let extras = match (&lesson, playground) {
        (Some(page), Some(playground)) => doc::extras(page, playground),
        _ => FormExtras {
            parts: reference::parts(&tried.draft),
            ..FormExtras::default()
        },
    };
    tried.asked.lesson = extras.lesson.clone();
    let recorded = match &tried.answer {
        SubmittedOutcome::Response {
            visitor: Some(visitor),
            group,
            ..
        } => parts(state, visitor, locale, group, &tried.asked).await,
        _ => Ok(Vec::new()),
    };
    let recorded = recorded.unwrap_or_else(|cause| {
        tracing::error!(%cause, "what was recorded cannot be read");
        Vec::new()
    });
    let back = lesson.map(|page| (page.href(), page.front.title.clone()));
    let content = move || {
        let back = back.clone().map(|(href, title)| {
            view! { <p><a href=href>{words.get("response-back")}": "{title}</a></p> }
        });
        let action = match (&tried.from, &tried.block) {
            (Some(from), Some(block)) => format!("/{locale}/try?from={from}&block={block}"),
            (Some(from), None) => format!("/{locale}/try?from={from}"),
            _ => format!("/{locale}/try"),
        };
        let (draft, shown) = (tried.draft.clone(), extras.clone());
        let form = view! { <RequestForm id="request" title=words.get("response-request") draft=draft action=action extras=shown words=words.clone()/> };
        let answer = answer(
            &tried.draft.target,
            tried.answer.clone(),
            recorded.clone(),
            &extras.prompts,
            &words,
        );
        view! {
            <main id="content" class="lesson" tabindex="-1">
                <h1>{words.get("response-title")}</h1>
                {back}
                <div class="playground">{answer}</div>
                <Playground>{form}</Playground>
                <HeaderNames/>
            </main>
        }
    };
    render(state, meta, content).await
}

fn answer(
    target: &str,
    answer: SubmittedOutcome,
    recorded: Vec<ExchangeParts>,
    prompts: &[(String, String)],
    words: &MessageCatalog,
) -> AnyView {
    let problem = |text: String| view! { <p>{text}</p> };
    match answer {
        SubmittedOutcome::Unresolved(ResolveError::TooLarge) => {
            let limit = (OUTPUT_MAX / 1024).to_string();
            let sentence = problem(words.with("request-too-large", &[("limit", &limit)]));
            view! { <div class="field-error" role="alert">{sentence}</div> }.into_any()
        }
        SubmittedOutcome::Unresolved(unresolved @ ResolveError::Unknown(_)) => {
            let sentence = |name: String| {
                let key = match name.split_once(".response.") {
                    Some(_) => "request-earlier-unknown",
                    None => "request-prompt-empty",
                };
                let earlier = name.split(".response.").next().unwrap_or_default();
                let mut labels = prompts.iter().filter(|(_, label)| !label.is_empty());
                let label = labels.find(|(prompt, _)| *prompt == name);
                let label = label.map_or(&name, |(_, label)| label);
                problem(words.with(key, &[("name", label), ("earlier", earlier)]))
            };
            let sentences = unresolved.names().into_iter().map(sentence).collect_view();
            view! { <div class="field-error" role="alert">{sentences}</div> }.into_any()
        }
        SubmittedOutcome::Refused(findings) => {
            let sentence = |finding: DraftFinding| problem(words.get(problem_key(finding.problem)));
            let sentences = findings.into_iter().map(sentence).collect_view();
            view! { <div class="field-error" role="alert">{sentences}</div> }.into_any()
        }
        SubmittedOutcome::Response {
            response, visitor, ..
        } => {
            let content_type = response
                .header("content-type")
                .unwrap_or_default()
                .to_owned();
            let body = match response.body.text() {
                Some(text) => response_body(text, &content_type, words),
                None => escape(&words.get("response-binary")),
            };
            let has_sandbox = visitor.is_some_and(|visitor| visitor.sandbox().is_some());
            let missing = match (is_recorded(target), has_sandbox) {
                (false, _) => "response-unrecorded",
                (true, false) => "response-no-sandbox",
                (true, true) => "response-lost",
            };
            let bare = recorded.is_empty().then(|| {
                view! {
                    <p class="quiet">{words.get(missing)}</p>
                    <div inner_html=body></div>
                    <HeaderTable headers=response.headers.clone() caption=words.get("exchange-headers")/>
                }
            });
            let recorded = recorded.into_iter().enumerate().map(|(at, parts)| {
                view! { <ExchangeView id=format!("exchange-{at}") parts=parts words=words.clone()/> }
            });
            let cost = [
                ("ms", response.milliseconds.to_string()),
                ("bytes", response.size.to_string()),
            ];
            let cost = cost.each_ref().map(|(name, value)| (*name, value.as_str()));
            view! {
                <div class="response">
                    <p class="response-status">
                        <StatusLine status=response.status/> " "
                        <span class="quiet">{words.with("response-cost", &cost)}</span>
                    </p>
                    {bare}
                    {recorded.collect_view()}
                </div>
            }
            .into_any()
        }
    }
}
