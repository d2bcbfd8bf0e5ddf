//! Renders the page with the outcome of a request: its response and the recorded exchange, or the reason why
//! it was not sent.

use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;

use crate::components::{
    HeaderNames, HeaderTable, ResponseBody, StatusLine, expectation_lines, finding_message,
};
use crate::http_file::{OUTPUT_MAX, PrepareError, ResolveError};
use crate::islands::playground::Playground;
use crate::model::exchange::is_recorded;
use crate::model::http::{HttpResponse, Mutation, RequestDraft};
use crate::model::messages::MessageCatalog;
use crate::pages::exchange::parts::ExchangeParts;
use crate::pages::exchange::view::exchange_view;
use crate::pages::exchange::{ExchangeQuery, exchange_parts};
use crate::pages::form_action::form_action;
use crate::pages::lesson::form_extras;
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::reference::extras_of_lines;
use crate::pages::render::render;
use crate::pages::visitor::PageVisitor;
use crate::pages::{draft, member_lesson};
use crate::state::{AppState, StyleSheet};

/// A submitted request with its outcome.
#[derive(Clone, Debug)]
pub(super) struct SubmittedRequest {
    /// The draft that the form contained.
    pub(super) draft: RequestDraft,
    /// The outcome of the submission.
    pub(super) outcome: SubmittedOutcome,
    /// The path of the lesson that contains the form, as submitted; shown only when such a lesson exists.
    pub(super) from: Option<String>,
    /// The id of the request block in the lesson, as submitted.
    pub(super) block: Option<String>,
    /// The id of the exercise whose card contains the form, as submitted; shown only when there is such an exercise.
    pub(super) exercise: Option<String>,
    /// The lines above the request in the file that it comes from, as submitted.
    pub(super) lines: Vec<String>,
    /// Which send of the request block it is, from 1.
    pub(super) send: u32,
    /// How the request was broken on purpose.
    pub(super) mutation: Option<Mutation>,
    /// The query for the recorded exchanges, with the predictions of the visitor.
    pub(super) exchange_query: ExchangeQuery,
}

impl SubmittedRequest {
    /// Returns the number of the next send: a request that was not sent, or was broken on purpose, does not
    /// count.
    fn next_send(&self) -> u32 {
        let is_sent = matches!(self.outcome, SubmittedOutcome::Response { .. });
        let sends = match self.mutation {
            _ if !is_sent => 0,
            None => 1,
            Some(Mutation::Twice) => 2,
            Some(_) => 0,
        };
        self.send.saturating_add(sends)
    }
}

/// The outcome of a submitted request.
#[derive(Clone, Debug)]
pub(super) enum SubmittedOutcome {
    /// The request was not sent, because placeholders have no value or it is invalid.
    Refused(PrepareError),
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
pub(super) async fn page(
    state: &AppState,
    page_request: PageRequest,
    mut submitted: SubmittedRequest,
) -> Response {
    let locale = page_request.locale;
    let messages = state.i18n.messages(locale).clone();
    let status = match &submitted.outcome {
        SubmittedOutcome::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
        SubmittedOutcome::Response { .. } => StatusCode::OK,
    };
    let meta = PageMeta {
        path: None,
        status,
        styles: &[StyleSheet::Response],
        ..PageMeta::new(page_request, messages.get("response-title"), "")
    };
    let from = submitted.from.as_deref().unwrap_or_default();
    let lesson = state
        .library
        .page(locale, from.trim_start_matches('/'))
        .filter(|page| member_lesson::is_open(&meta.request, page))
        .cloned();
    let block = submitted.block.clone().unwrap_or_default();
    let playground = lesson.as_ref().and_then(|page| {
        let mut all = page.playgrounds();
        all.find(|playground| playground.id == block)
    });
    let extras = match (&lesson, playground) {
        (Some(page), Some(playground)) => form_extras(page, playground),
        _ => extras_of_lines(std::mem::take(&mut submitted.lines), &submitted.draft),
    };
    submitted.exchange_query.lesson = extras.lesson.clone();
    let expected = expectation_lines(&extras.lines).map(str::to_owned);
    submitted.exchange_query.expected = expected.collect();
    let recorded = match &submitted.outcome {
        SubmittedOutcome::Response {
            response,
            visitor: Some(visitor),
            group,
        } => {
            let last = response.header("request-id");
            let query = submitted.exchange_query.until(last);
            exchange_parts(state, visitor, locale, group, &query).await
        }
        _ => Ok(Vec::new()),
    };
    let recorded = recorded.unwrap_or_else(|cause| {
        tracing::error!(%cause, "the recorded exchanges cannot be read");
        Vec::new()
    });
    let exercise = match submitted.exercise.as_deref() {
        Some(id) => {
            let found = draft::find_exercise(state, &meta.request, id).await;
            let found = found.filter(|(lesson, _)| member_lesson::is_open(&meta.request, lesson));
            found.map(|(_, exercise)| (id, exercise))
        }
        None => None,
    };
    let graded = exercise.map(|(id, exercise)| {
        let href = format!("/{locale}/exercises/{id}#exercise-{id}");
        (href, exercise.title.get(locale).to_owned())
    });
    let back = lesson.map(|page| (page.href(), page.front.title.clone()));
    let content = move || {
        let back = back.clone().map(|(href, title)| {
            view! { <p><a href=href>{messages.get("response-back")}": "{title}</a></p> }
        });
        let next = submitted.next_send();
        let graded = graded.clone().map(|(href, title)| {
            view! { <p><a class="button primary" href=href>{messages.get("response-exercise")}": "{title}</a></p> }
        });
        let fields = [
            ("from", submitted.from.as_deref()),
            ("block", submitted.block.as_deref()),
            ("exercise", submitted.exercise.as_deref()),
        ];
        let fields = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        let mut origin = form_urlencoded::Serializer::new(String::new());
        origin.extend_pairs(fields);
        if submitted.block.is_some() || submitted.from.is_none() {
            origin.append_pair("send", &next.to_string());
        }
        let action = form_action(locale, &origin.finish(), &submitted.draft);
        let (draft, form_extras) = (submitted.draft.clone(), extras.clone());
        let form = view! { <Playground id="request" title=messages.get("response-request") draft=draft action=action extras=form_extras/> };
        let outcome = outcome_view(
            &submitted.draft.target,
            submitted.outcome.clone(),
            recorded.clone(),
            &extras.prompts,
            &messages,
        );
        view! {
            <main id="content" class="lesson" tabindex="-1">
                <h1>{messages.get("response-title")}</h1>
                {back}
                <div class="playground">{outcome}</div>
                {graded}
                {form}
                <HeaderNames/>
            </main>
        }
    };
    render(state, meta, content).await
}

/// Renders the outcome of a request to `target`; `prompts` are the names and labels of its prompts.
fn outcome_view(
    target: &str,
    outcome: SubmittedOutcome,
    recorded: Vec<ExchangeParts>,
    prompts: &[(String, String)],
    messages: &MessageCatalog,
) -> AnyView {
    let paragraph = |text: String| view! { <p>{text}</p> };
    match outcome {
        SubmittedOutcome::Refused(PrepareError::Unresolved(ResolveError::TooLarge)) => {
            let limit = (OUTPUT_MAX / 1024).to_string();
            let sentence = paragraph(messages.with("request-too-large", &[("limit", &limit)]));
            view! { <div class="field-error" role="alert">{sentence}</div> }.into_any()
        }
        SubmittedOutcome::Refused(PrepareError::Unresolved(
            unresolved @ ResolveError::Unknown(_),
        )) => {
            let sentence = |name: String| {
                let key = match name.split_once(".response.") {
                    Some(_) => "request-earlier-unknown",
                    None => "request-prompt-empty",
                };
                let earlier = name.split(".response.").next().unwrap_or_default();
                let mut labels = prompts.iter().filter(|(_, label)| !label.is_empty());
                let label = labels.find(|(prompt, _)| *prompt == name);
                let label = label.map_or(&name, |(_, label)| label);
                paragraph(messages.with(key, &[("name", label), ("earlier", earlier)]))
            };
            let sentences = unresolved.names().into_iter().map(sentence).collect_view();
            view! { <div class="field-error" role="alert">{sentences}</div> }.into_any()
        }
        SubmittedOutcome::Refused(PrepareError::Invalid(request)) => {
            let findings = request.findings.iter();
            let sentence = |finding| paragraph(finding_message(messages, finding, &request.draft));
            let sentences = findings.map(sentence).collect_view();
            view! { <div class="field-error" role="alert">{sentences}</div> }.into_any()
        }
        SubmittedOutcome::Response {
            response, visitor, ..
        } => {
            if !recorded.is_empty() {
                let exchange = exchange_view("exchange", recorded, messages);
                return view! { <div class="response">{exchange}</div> }.into_any();
            }
            let content_type = response
                .header("content-type")
                .unwrap_or_default()
                .to_owned();
            let body = match response.body.text() {
                Some(text) => view! { <ResponseBody text=text.to_owned() content_type=content_type messages=messages.clone()/> }.into_any(),
                None => view! { <p class="quiet">{messages.get("response-binary")}</p> }.into_any(),
            };
            let has_sandbox = visitor.is_some_and(|visitor| visitor.sandbox().is_some());
            let reason_key = match (is_recorded(target), has_sandbox) {
                (false, _) => "response-unrecorded",
                (true, false) => "response-no-sandbox",
                (true, true) => "response-lost",
            };
            view! {
                <div class="response">
                    <div class="response-status">
                        <span class="line-part"><StatusLine status=response.status/></span> " "
                        <span class="line-part line-cost">{response.cost()}</span>
                    </div>
                    <p class="quiet">{messages.get(reason_key)}</p>
                    <div>{body}</div>
                    <HeaderTable headers=response.headers.clone() caption=messages.get("exchange-headers")/>
                </div>
            }
            .into_any()
        }
    }
}
