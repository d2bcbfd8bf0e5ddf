//! The form of the account page that changes the password, and the current password, which other forms ask for too.

use leptos::prelude::*;

use crate::api::ClientAddress;
use crate::model::account::Account;
use crate::model::messages::MessageCatalog;
use crate::pages::account::form::{AccountOutcome, AccountRefusal, OwnAccountForm};
use crate::pages::form_field::{Field, field};
use crate::pages::new_account::{new_password, password_problem};
use crate::pages::signed_in::MemberRequest;
use crate::portal::store::StoreError;
use crate::portal::{AuthenticationError, Password, PeopleError};
use crate::state::AppState;

/// Changes the password, which ends all sessions. Returns the account as it is then, or what was refused.
pub(super) async fn change(
    state: &AppState,
    request: &MemberRequest,
    form: &OwnAccountForm,
    address: Option<ClientAddress>,
    messages: &MessageCatalog,
) -> Result<Result<Account, AccountOutcome>, StoreError> {
    let password = match Password::parse(&form.password) {
        Ok(password) => password,
        Err(error) => {
            let text = password_problem(error, messages);
            return Ok(Err(AccountOutcome::problem("password", text)));
        }
    };
    let portal = &state.portal;
    let Some(account) = portal.store.find_account(request.viewer.account).await? else {
        let text = messages.get("account-unavailable");
        return Ok(Err(AccountOutcome::refused(text)));
    };
    let network = address.map(ClientAddress::network);
    let current = form.current.clone();
    let changed = portal.change_password(&account, current, password, network, &request.actor);
    match changed.await {
        Ok(account) => Ok(Ok(account)),
        Err(PeopleError::Authentication(error)) => {
            let text = current_password_problem(error, messages);
            Ok(Err(AccountOutcome::problem("current", text)))
        }
        Err(PeopleError::Store(error)) => Err(error),
        Err(error) => {
            tracing::error!(cause = %error, "a password could not be changed");
            Ok(Err(AccountOutcome::refused(messages.get("login-busy"))))
        }
    }
}

/// Renders the form.
pub(super) fn form_view(
    action: &str,
    refusal: &AccountRefusal,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    view! {
        <form class="portal-form" method="post" action=action.to_owned()>
            <h2>{messages.get("account-password")}</h2>
            {field(current_password(messages, refusal.problem_of("current")))}
            {field(new_password(messages, refusal.problem_of("password")))}
            <p class="portal-wide"><button class="button primary" name="do" value="password">{messages.get("account-password-change")}</button></p>
        </form>
    }
}

/// Returns why a current password was not accepted.
pub(super) fn current_password_problem(
    error: AuthenticationError,
    messages: &MessageCatalog,
) -> String {
    match error {
        AuthenticationError::WrongCredentials | AuthenticationError::Disabled => {
            messages.get("account-current-wrong")
        }
        AuthenticationError::Throttled { seconds } => {
            messages.with("login-throttled", &[("seconds", &seconds.to_string())])
        }
        AuthenticationError::Busy => messages.get("login-busy"),
        AuthenticationError::Failed(cause) => {
            tracing::error!(%cause, "a password cannot be checked");
            messages.get("account-unavailable")
        }
    }
}

/// Returns the field for the current password.
pub(super) fn current_password(messages: &MessageCatalog, problem: Option<String>) -> Field {
    Field {
        name: "current",
        kind: "password",
        label: messages.get("current-password"),
        autocomplete: "current-password",
        problem,
        ..Field::default()
    }
}
