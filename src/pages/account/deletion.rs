//! The form of the account page that deletes the account.

use axum::http::HeaderMap;
use leptos::prelude::*;

use crate::api::ClientAddress;
use crate::model::messages::MessageCatalog;
use crate::pages::account::form::{AccountRefusal, OwnAccountForm};
use crate::pages::account::password::current_password_problem;
use crate::pages::member_sandbox;
use crate::pages::signed_in::MemberRequest;
use crate::portal::store::StoreError;
use crate::portal::store::member::{MemberChange, MemberError};
use crate::state::AppState;

/// The name of the form for [`AccountRefusal::problem_of`].
const FORM: &str = "delete";

/// Deletes the account. Returns `None` when it is deleted, otherwise why it is not.
pub(super) async fn delete(
    state: &AppState,
    request: &MemberRequest,
    form: &OwnAccountForm,
    (address, headers): (Option<ClientAddress>, &HeaderMap),
    messages: &MessageCatalog,
) -> Result<Option<AccountRefusal>, StoreError> {
    let portal = &state.portal;
    let Some(account) = portal.store.find_account(request.viewer.account).await? else {
        return Ok(None);
    };
    let network = address.map(ClientAddress::network);
    let current = form.current.clone();
    // Who logs in with the identity provider has nothing to type.
    if portal.store.find_password_hash(account.id).await?.is_some() {
        let checked = portal.authenticate(account.email.as_str(), current, network, &request.actor);
        if let Err(error) = checked.await {
            let text = current_password_problem(error, messages);
            return Ok(Some(AccountRefusal::of_field(FORM, text)));
        }
    }
    let sandbox = member_sandbox::own_key(state, headers, account.id).await?;
    let now = portal.clock.now();
    let deleted = portal
        .store
        .change_member(account.id, MemberChange::Delete, &request.actor, now);
    match deleted.await {
        Ok(_) => {
            if let Some(key) = sandbox {
                portal.store.add_left_sandbox(key.as_str()).await?;
            }
            Ok(None)
        }
        Err(MemberError::NotFound) => Ok(None),
        Err(MemberError::LastAdmin) => {
            let text = messages.get("member-last-admin");
            Ok(Some(AccountRefusal::of_field(FORM, text)))
        }
        Err(MemberError::Store(error)) => Err(error),
    }
}

/// Renders the form, which is closed until it was refused.
pub(super) fn form_view(
    action: &str,
    (has_password, audit_days): (bool, i64),
    refusal: &AccountRefusal,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let problem = refusal.problem_of(FORM);
    let is_open = problem.is_some();
    let (text, field) = match has_password {
        true => {
            let field = password_field(messages, problem);
            ("account-delete-text", field.into_any())
        }
        false => {
            let problem =
                problem.map(|text| view! { <p class="field-error" role="alert">{text}</p> });
            ("account-delete-text-provider", problem.into_any())
        }
    };
    let text = messages.with(text, &[("days", &audit_days.to_string())]);
    view! {
        <details class="portal-section portal-danger" open=is_open>
            <summary>{messages.get("account-delete")}</summary>
            <form class="portal-form" method="post" action=action.to_owned()>
                <p class="portal-wide">{text}</p>
                {field}
                <p class="portal-wide"><button class="button" name="do" value="delete">{messages.get("account-delete-really")}</button></p>
            </form>
        </details>
    }
}

/// Renders the field for the password with which a deletion is confirmed; its id differs from that of the password form.
fn password_field(messages: &MessageCatalog, problem: Option<String>) -> impl IntoView + use<> {
    let invalid = problem.is_some().then_some("true");
    let described_by = problem.is_some().then_some("delete-problem");
    let problem = problem.map(
        |text| view! { <span class="field-error" id="delete-problem" role="alert">{text}</span> },
    );
    view! {
        <p class="field">
            <label for="delete-password">{messages.get("current-password")}</label>
            <input id="delete-password" name="current" type="password" autocomplete="current-password" required
                aria-invalid=invalid aria-describedby=described_by/>
            {problem}
        </p>
    }
}
