//! The reply to a request that was sent without scripts: what was sent, what came back, what changed.

use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;

use crate::islands::playground::Playground;
use crate::model::change::{Change, Row};
use crate::model::http::{Finding, Reply, RequestDraft};
use crate::pages::{Meta, Reader, render};
use crate::state::AppState;
use crate::ui::{ReplyStatus, ReplyView, RequestForm, StepList, UserTable, problem_key};

/// A request that was tried.
#[derive(Clone, Debug)]
pub struct Tried {
    /// What was sent.
    pub draft: RequestDraft,
    /// What came of it.
    pub answer: Answer,
    /// Path of the lesson that it came from, as the form said; shown only when it is a lesson's.
    pub from: Option<String>,
}

/// What came of a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It was not sent.
    Refused(Vec<Finding>),
    /// It was sent; the users before and after it, where they could be had.
    Reply {
        /// What came back.
        reply: Reply,
        /// What the server did, where it is recorded.
        story: Option<String>,
        /// Every row with what happened to it.
        rows: Option<Vec<(Row, Change)>>,
    },
}

/// The page: the form again with what was sent, then the reply.
pub async fn page(state: &AppState, reader: Reader, tried: Tried) -> Response {
    let locale = reader.locale;
    let words = state.i18n.words(locale).clone();
    let status = match &tried.answer {
        Answer::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Answer::Reply { .. } => StatusCode::OK,
    };
    let meta = Meta {
        path: None,
        status,
        ..Meta::new(reader, words.get("reply-title"), "")
    };
    let library = state.clone();
    let content = move || {
        let back = tried
            .from
            .as_deref()
            .map(|path| path.trim_start_matches('/'));
        let back = back.and_then(|path| library.library.page(locale, path)).map(|page| {
            view! { <p><a href=page.href()>{words.get("reply-back")}": "{page.front.title.clone()}</a></p> }
        });
        let action = match &tried.from {
            Some(from) => format!("/{locale}/try?from={from}"),
            None => format!("/{locale}/try"),
        };
        let form = view! { <RequestForm id="request" title=words.get("reply-request") draft=tried.draft.clone() action=action words=words.clone()/> };
        let answer = match tried.answer.clone() {
            Answer::Refused(findings) => {
                let problems = findings
                    .into_iter()
                    .map(|finding| view! { <p>{words.get(problem_key(finding.problem))}</p> });
                view! { <div class="field-error" role="alert">{problems.collect_view()}</div> }
                    .into_any()
            }
            Answer::Reply { reply, story, rows } => {
                let steps =
                    story.map(|story| view! { <StepList story=story words=words.clone()/> });
                let table = rows.map(|rows| view! { <section class="data"><UserTable rows=rows words=words.clone()/></section> });
                view! {
                    <div class="reply">
                        <ReplyStatus reply=reply.clone() words=words.clone()/>
                        <ReplyView reply=reply words=words.clone()/>
                        {steps}
                        {table}
                    </div>
                }
                .into_any()
            }
        };
        view! {
            <main id="content" class="lesson" tabindex="-1">
                <h1>{words.get("reply-title")}</h1>
                {back}
                <div class="playground">{answer}</div>
                                <Playground>{form}</Playground>
            </main>
        }
    };
    render(state, meta, content).await
}
