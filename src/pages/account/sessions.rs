//! The part of the account page with the sessions of the account, and the forms that end them.

use leptos::prelude::*;
use tower_sessions::Session;

use crate::model::messages::MessageCatalog;
use crate::pages::account::form::{AccountOutcome, OwnAccountForm};
use crate::pages::question::{QuestionForm, question_form};
use crate::pages::session_list::session_row;
use crate::pages::signed_in::MemberRequest;
use crate::portal;
use crate::portal::store::StoreError;
use crate::portal::store::member::OwnSession;
use crate::portal::store::session::{SessionIdHash, SessionReference};
use crate::state::AppState;

/// Ends the session that the form names.
pub(super) async fn end_one(
    state: &AppState,
    request: &MemberRequest,
    form: &OwnAccountForm,
    messages: &MessageCatalog,
) -> Result<AccountOutcome, StoreError> {
    let store = &state.portal.store;
    let ended = store.end_session(request.viewer.account, form.session.clone());
    Ok(match ended.await? {
        true => AccountOutcome::Done("session-ended"),
        false => AccountOutcome::refused(messages.get("account-session-unknown")),
    })
}

/// Ends all sessions but that of the request, after a question.
pub(super) async fn end_others(
    state: &AppState,
    request: &MemberRequest,
    (session, form): (&Session, &OwnAccountForm),
    messages: &MessageCatalog,
) -> Result<AccountOutcome, StoreError> {
    if form.confirm != "yes" {
        return Ok(AccountOutcome::AskEndOthers);
    }
    let Some(own) = portal::session_id_hash(session) else {
        let text = messages.get("account-session-unknown");
        return Ok(AccountOutcome::refused(text));
    };
    let store = &state.portal.store;
    store
        .end_other_sessions(request.viewer.account, own)
        .await?;
    Ok(AccountOutcome::Done("others-ended"))
}

/// Renders the question before all other sessions are ended.
pub(super) fn question(action: &str, messages: &MessageCatalog) -> impl IntoView + use<> {
    let question = QuestionForm {
        text: messages.get("account-end-others-ask"),
        address: action.to_owned(),
        cancel: action.to_owned(),
        action: "end-others",
        button: messages.get("account-end-others"),
        ..QuestionForm::default()
    };
    question_form(question, messages)
}

/// Renders the sessions, each but `own` with a form that ends it.
pub(super) fn section(
    action: &str,
    sessions: &[OwnSession],
    own: Option<SessionIdHash>,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let own = own.map(|own| SessionReference::of(&own));
    let rows = sessions.iter().map(|session| {
        let is_own = own.as_ref() == Some(&session.reference);
        session_row(action, session, is_own, messages)
    });
    let rows = rows.collect_view();
    let others = (sessions.len() > 1).then(|| {
        view! {
            <form method="post" action=action.to_owned()>
                <button class="button" name="do" value="end-others">{messages.get("account-end-others")}</button>
            </form>
        }
    });
    view! {
        <section class="portal-section">
            <h2>{messages.get("account-sessions")}</h2>
            <ul class="portal-sessions">{rows}</ul>
            {others}
        </section>
    }
}
