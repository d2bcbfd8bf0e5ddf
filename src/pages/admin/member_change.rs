//! What the forms of the members do: change a role, disable, delete, remove the second step, create a link to set a password.
//! What cannot be taken back is asked first, with what will be lost.

use axum::http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;

use crate::model::account::{Account, AccountId, TeamRole};
use crate::model::messages::MessageCatalog;
use crate::pages::form_field::{Field, field};
use crate::pages::member_sandbox;
use crate::pages::question::{QuestionForm, question_form};
use crate::pages::signed_in::MemberRequest;
use crate::portal::store::StoreError;
use crate::portal::store::member::{MemberChange, MemberError};
use crate::state::AppState;

/// What was done, as the address of the page that says it names it: `?done=KEY&member=ID`.
const DONE: [&str; 5] = [
    "role-changed",
    "disabled",
    "enabled",
    "deleted",
    "factor-removed",
];

/// The form of a member.
#[derive(Debug, Deserialize)]
pub(super) struct MemberForm {
    id: i64,
    #[serde(rename = "do")]
    action: String,
    #[serde(default)]
    role: String,
    /// The answer to a question: `yes`, or the address of an account that is to be deleted.
    #[serde(default)]
    confirm: String,
}

/// What becomes of a form.
pub(super) enum FormResult {
    /// It was done: one of [`DONE`], and the member. The page says it after a redirect.
    Done(&'static str, AccountId),
    /// The list is shown with this.
    Page(MembersOutcome),
}

/// What is shown with the list after a form.
#[derive(Clone, Default)]
pub(super) struct MembersOutcome {
    /// Whether something was done, and what.
    pub(super) message: Option<(bool, String)>,
    /// The status, unless it is 200.
    pub(super) status: Option<StatusCode>,
    /// A link to set a password, which is shown once.
    pub(super) link: Option<String>,
    /// What is asked before something is done.
    pub(super) question: Option<MemberQuestion>,
    /// The members with a second factor or a passkey.
    pub(super) with_factor: Vec<AccountId>,
}

impl MembersOutcome {
    /// Returns what is shown when nothing was done.
    pub(super) fn refused(status: StatusCode, text: String) -> MembersOutcome {
        MembersOutcome {
            message: Some((false, text)),
            status: Some(status),
            ..MembersOutcome::default()
        }
    }
}

/// A question before something is done to a member.
#[derive(Clone)]
pub(super) struct MemberQuestion {
    pub(super) member: AccountId,
    kind: QuestionKind,
}

/// What the question is about.
#[derive(Clone)]
enum QuestionKind {
    /// Deletion; with what was typed instead of the address, and the days for which the audit log names the account.
    Delete(String, i64),
    SecondFactor,
    Disable,
    /// A role with fewer rights than the one so far.
    Role(TeamRole),
}

/// Does what a form asks for.
///
/// # Errors
/// When the database fails.
pub(super) async fn change(
    state: &AppState,
    request: &MemberRequest,
    form: &MemberForm,
    messages: &MessageCatalog,
) -> Result<FormResult, MemberError> {
    let id = AccountId(form.id);
    let portal = &state.portal;
    let refused = |status, key: &str| {
        let outcome = MembersOutcome::refused(status, messages.get(key));
        Ok(FormResult::Page(outcome))
    };
    let invalid = |key| refused(StatusCode::UNPROCESSABLE_ENTITY, key);
    let conflict = |key| refused(StatusCode::CONFLICT, key);
    let Some(account) = portal.store.find_account(id).await? else {
        return conflict("member-not-found");
    };
    let is_confirmed = form.confirm == "yes";
    let ask = |kind| {
        let outcome = MembersOutcome {
            question: Some(MemberQuestion { member: id, kind }),
            ..MembersOutcome::default()
        };
        Ok(FormResult::Page(outcome))
    };
    let change = match form.action.as_str() {
        "role" => match TeamRole::parse(&form.role) {
            Some(role) if is_demotion(account.role, role) && !is_confirmed => {
                return ask(QuestionKind::Role(role));
            }
            Some(role) => MemberChange::Role(role),
            None => return invalid("login-unreadable"),
        },
        "disable" if !is_confirmed => return ask(QuestionKind::Disable),
        "disable" => MemberChange::Disabled(true),
        "enable" => MemberChange::Disabled(false),
        "delete" if form.confirm.trim() == account.email.as_str() => MemberChange::Delete,
        "delete" => {
            let is_wrong = !form.confirm.is_empty();
            let kind = QuestionKind::Delete(form.confirm.clone(), portal.settings.get().audit_days);
            return Ok(FormResult::Page(MembersOutcome {
                status: is_wrong.then_some(StatusCode::UNPROCESSABLE_ENTITY),
                question: Some(MemberQuestion { member: id, kind }),
                ..MembersOutcome::default()
            }));
        }
        "second-factor" if !is_confirmed => return ask(QuestionKind::SecondFactor),
        "second-factor" => {
            return match portal.reset_second_factor(&account, &request.actor).await? {
                true => Ok(FormResult::Done("factor-removed", id)),
                false => conflict("member-factor-none"),
            };
        }
        "reset" if account.is_disabled => return conflict("member-reset-disabled"),
        "reset" => {
            return match portal.create_reset_link(id, &request.actor).await {
                Ok((account, token)) => {
                    let origin = state.config.origin();
                    let link = format!("{origin}/{}/reset/{}", account.language, token.as_str());
                    let name = [("name", account.name.as_str())];
                    Ok(FormResult::Page(MembersOutcome {
                        message: Some((true, messages.with("member-reset-link", &name))),
                        link: Some(link),
                        ..MembersOutcome::default()
                    }))
                }
                Err(MemberError::NotFound) => conflict("member-not-found"),
                Err(error) => Err(error),
            };
        }
        _ => return invalid("login-unreadable"),
    };
    let now = portal.clock.now();
    let changed = portal.store.change_member(id, change, &request.actor, now);
    match changed.await {
        Ok(_) => {
            if change == MemberChange::Delete {
                member_sandbox::try_delete_left_sandboxes(state).await;
            }
            let done = match change {
                MemberChange::Role(_) => "role-changed",
                MemberChange::Disabled(true) => "disabled",
                MemberChange::Disabled(false) => "enabled",
                MemberChange::Delete => "deleted",
            };
            Ok(FormResult::Done(done, id))
        }
        Err(MemberError::LastAdmin) => conflict("member-last-admin"),
        Err(MemberError::NotFound) => conflict("member-not-found"),
        Err(error) => Err(error),
    }
}

/// Returns whether a role has fewer rights than the one before.
fn is_demotion(before: TeamRole, after: TeamRole) -> bool {
    let rank = |role| match role {
        TeamRole::Learner => 0,
        TeamRole::Mentor => 1,
        TeamRole::Admin => 2,
    };
    rank(after) < rank(before)
}

/// Returns the sentence about what was done to a member, as the address of the page names it; `None` for other addresses.
///
/// # Errors
/// When the database fails.
pub(super) async fn done_message(
    state: &AppState,
    done: &str,
    member: Option<AccountId>,
    messages: &MessageCatalog,
) -> Result<Option<String>, StoreError> {
    let Some(member) = member.filter(|_| DONE.contains(&done)) else {
        return Ok(None);
    };
    if done == "deleted" {
        return Ok(Some(messages.get("member-deleted")));
    }
    let account = state.portal.store.find_account(member).await?;
    let key = format!("member-{done}");
    Ok(account.map(|account| messages.with(&key, &[("name", account.name.as_str())])))
}

/// Renders the question about a member, with what will be lost and the button that does it.
pub(super) fn question_view(
    address: &str,
    account: &Account,
    question: &MemberQuestion,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let (name, email) = (account.name.as_str(), account.email.as_str());
    let with_name = |key: &str| messages.with(key, &[("name", name), ("email", email)]);
    let mut values = vec![("id", account.id.to_string())];
    let mut answer = None;
    let (action, key, text) = match &question.kind {
        QuestionKind::Delete(typed, days) => {
            let confirm = field(Field {
                name: "confirm",
                kind: "text",
                label: messages.get("member-delete-confirm"),
                autocomplete: "off",
                value: typed.clone(),
                problem: (!typed.is_empty()).then(|| messages.get("member-delete-wrong")),
                ..Field::default()
            });
            answer = Some(confirm.into_any());
            let days = days.to_string();
            let values = [("name", name), ("email", email), ("days", days.as_str())];
            let text = messages.with("member-delete-ask", &values);
            ("delete", "member-delete-really", text)
        }
        QuestionKind::SecondFactor => {
            let text = with_name("member-factor-ask");
            ("second-factor", "member-factor-really", text)
        }
        QuestionKind::Disable => {
            let text = with_name("member-disable-ask");
            ("disable", "member-disable-really", text)
        }
        QuestionKind::Role(role) => {
            values.push(("role", role.to_string()));
            let role_name = messages.get(&format!("role-{role}"));
            let values = [("name", name), ("role", role_name.as_str())];
            let text = messages.with("member-role-ask", &values);
            ("role", "member-role-really", text)
        }
    };
    let question = QuestionForm {
        text,
        address: address.to_owned(),
        cancel: address.to_owned(),
        values,
        action,
        button: messages.get(key),
        answer,
        ..QuestionForm::default()
    };
    question_form(question, messages)
}
