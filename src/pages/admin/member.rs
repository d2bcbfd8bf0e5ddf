//! `/{lang}/admin/members/{id}`: where a member is logged in; ends one session or all.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use serde::Deserialize;

use crate::model::account::{Account, AccountId};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::admin::{outcome_view, page_with_status};
use crate::pages::meta::PageRequest;
use crate::pages::question::{QuestionForm, question_form};
use crate::pages::session_list::{device_name, session_row};
use crate::pages::signed_in::AdminRequest;
use crate::pages::time::time;
use crate::pages::{not_found, notice};
use crate::portal::store::StoreError;
use crate::portal::store::member::OwnSession;
use crate::state::AppState;

/// What the form of a session does.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SessionForm {
    #[serde(rename = "do")]
    action: String,
    session: String,
    /// `yes` when the question was answered.
    confirm: String,
}

/// What is shown above the member after a form.
#[derive(Clone, Default)]
struct MemberOutcome {
    /// Whether something was done, and what, or why not.
    message: Option<(bool, String)>,
    /// The status, unless it is 200.
    status: Option<StatusCode>,
    /// What is asked before sessions are ended.
    question: Option<SessionsQuestion>,
}

/// Which sessions are to be ended.
#[derive(Clone)]
enum SessionsQuestion {
    /// The one with this reference.
    One(String),
    All,
}

/// Handles `GET /{lang}/admin/members/{id}`.
pub(super) async fn show(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let messages = state.i18n.messages(request.page.locale);
    let message = match query.as_deref() {
        Some("done=ended") => Some((true, messages.get("account-session-ended"))),
        Some("done=all") => Some((true, messages.get("member-sessions-ended"))),
        Some("done=gone") => Some((false, messages.get("account-session-unknown"))),
        _ => None,
    };
    let outcome = MemberOutcome {
        message,
        ..MemberOutcome::default()
    };
    member_page(&state, request.page, &id, outcome).await
}

/// Handles `POST /{lang}/admin/members/{id}`.
pub(super) async fn submit(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    Path((_, id)): Path<(String, String)>,
    form: Result<Form<SessionForm>, FormRejection>,
) -> Response {
    let Form(form) = form.unwrap_or_default();
    let account = match find(&state, &id).await {
        Ok(Some(account)) => account,
        Ok(None) => return not_found::show(&state, request.page).await,
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let question = match form.action.as_str() {
        "end-session" => SessionsQuestion::One(form.session),
        "end-all" => SessionsQuestion::All,
        _ => {
            let messages = state.i18n.messages(request.page.locale);
            let outcome = MemberOutcome {
                message: Some((false, messages.get("login-unreadable"))),
                status: Some(StatusCode::UNPROCESSABLE_ENTITY),
                ..MemberOutcome::default()
            };
            return member_page(&state, request.page, &id, outcome).await;
        }
    };
    if form.confirm != "yes" {
        let outcome = MemberOutcome {
            question: Some(question),
            ..MemberOutcome::default()
        };
        return member_page(&state, request.page, &id, outcome).await;
    }
    let (session, done, none) = match question {
        SessionsQuestion::One(reference) => (Some(reference), "ended", "gone"),
        SessionsQuestion::All => (None, "all", "all"),
    };
    let (store, now) = (&state.portal.store, state.portal.clock.now());
    let ended = store.end_sessions_of(&account, session, &request.actor, now);
    let done = match ended.await {
        Ok(0) => none,
        Ok(_) => done,
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let locale = request.page.locale;
    Redirect::to(&format!("/{locale}/admin/members/{id}?done={done}")).into_response()
}

async fn find(state: &AppState, id: &str) -> Result<Option<Account>, StoreError> {
    match id.parse() {
        Ok(id) => state.portal.store.find_account(AccountId(id)).await,
        Err(_) => Ok(None),
    }
}

async fn member_page(
    state: &AppState,
    page_request: PageRequest,
    id: &str,
    outcome: MemberOutcome,
) -> Response {
    let account = match find(state, id).await {
        Ok(Some(account)) => account,
        Ok(None) => return not_found::show(state, page_request).await,
        Err(cause) => return notice::unavailable(state, page_request, &cause).await,
    };
    let now = state.portal.clock.now();
    let sessions = match state.portal.store.list_sessions(account.id, now).await {
        Ok(sessions) => sessions,
        Err(cause) => return notice::unavailable(state, page_request, &cause).await,
    };
    let locale = page_request.locale;
    let messages = state.i18n.messages(locale).clone();
    let status = outcome.status.unwrap_or(StatusCode::OK);
    let view = move || {
        let question = outcome.question.as_ref();
        let question = question
            .and_then(|question| question_view(locale, &account, &sessions, question, &messages));
        view! {
            {outcome_view(outcome.message.clone())}
            {question}
            {account_view(locale, &account, &messages)}
            {sessions_view(locale, &account, &sessions, &messages)}
        }
    };
    page_with_status(state, page_request, "members", status, view).await
}

/// Renders the question before sessions are ended; `None` when the one to end is gone.
fn question_view(
    locale: Locale,
    account: &Account,
    sessions: &[OwnSession],
    question: &SessionsQuestion,
    messages: &MessageCatalog,
) -> Option<impl IntoView + use<>> {
    let name = account.name.as_str();
    let address = format!("/{locale}/admin/members/{}", account.id);
    let question = match question {
        SessionsQuestion::One(reference) => {
            let mut sessions = sessions.iter();
            let session = sessions.find(|session| session.reference.as_str() == reference)?;
            let device = device_name(session, messages);
            let values = [("name", name), ("device", device.as_str())];
            QuestionForm {
                text: messages.with("member-session-ask", &values),
                values: vec![("session", reference.clone())],
                action: "end-session",
                button: messages.get("account-session-end"),
                ..QuestionForm::default()
            }
        }
        SessionsQuestion::All => QuestionForm {
            text: messages.with("member-sessions-ask", &[("name", name)]),
            action: "end-all",
            button: messages.get("member-end-sessions"),
            ..QuestionForm::default()
        },
    };
    let question = QuestionForm {
        address: address.clone(),
        cancel: address,
        ..question
    };
    Some(question_form(question, messages))
}

fn account_view(
    locale: Locale,
    account: &Account,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let name = account.name.as_str().to_owned();
    let email = account.email.as_str().to_owned();
    let role = messages.get(&format!("role-{}", account.role));
    let state = account.is_disabled.then(|| {
        view! { " "<span class="portal-badge">{messages.get("member-is-disabled")}</span> }
    });
    let person: String = form_urlencoded::byte_serialize(email.as_bytes()).collect();
    let links = [
        (format!("/{locale}/admin/members"), "member-all"),
        (
            format!("/{locale}/team/members/{}", account.id),
            "member-progress",
        ),
        (format!("/{locale}/admin/audit?q={person}"), "admin-audit"),
    ];
    let links = links.map(|(address, key)| {
        view! { <a class="button" href=address>{messages.get(key)}</a>" " }
    });
    view! {
        <h2>{name}{state}</h2>
        <p class="quiet">{email}", "{role}</p>
        <p class="quiet">{messages.get("member-joined")}": "{time(account.created)}</p>
        <p class="portal-pages">{links.into_iter().collect_view()}</p>
    }
}

fn sessions_view(
    locale: Locale,
    account: &Account,
    sessions: &[OwnSession],
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let action = format!("/{locale}/admin/members/{}", account.id);
    let rows = sessions
        .iter()
        .map(|session| session_row(&action, session, false, messages));
    let rows = rows.collect_view();
    let list = match sessions.is_empty() {
        true => {
            view! { <p class="quiet">{messages.get("member-no-sessions")}</p> }.into_any()
        }
        false => view! {
            <ul class="portal-sessions">{rows}</ul>
            <form method="post" action=action>
                <button class="button" name="do" value="end-all">{messages.get("member-end-sessions")}</button>
            </form>
        }
        .into_any(),
    };
    view! {
        <section class="portal-section">
            <h2>{messages.get("member-sessions")}</h2>
            {list}
        </section>
    }
}
