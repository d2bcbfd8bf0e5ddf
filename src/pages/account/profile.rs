//! The form of the account page with the name and the language.

use leptos::prelude::*;

use crate::model::account::{Account, DisplayName};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::account::form::{AccountOutcome, AccountRefusal, OwnAccountForm};
use crate::pages::form_field::{Field, field};
use crate::pages::signed_in::MemberRequest;
use crate::portal::store::StoreError;
use crate::state::AppState;

/// Stores the name and the language.
pub(super) async fn update(
    state: &AppState,
    request: &MemberRequest,
    form: &OwnAccountForm,
    messages: &MessageCatalog,
) -> Result<AccountOutcome, StoreError> {
    let Some(language) = Locale::parse(&form.language) else {
        return Ok(AccountOutcome::refused(messages.get("login-unreadable")));
    };
    let Some(name) = DisplayName::parse(&form.name) else {
        let text = messages.get("join-name-invalid");
        return Ok(AccountOutcome::Refused(AccountRefusal {
            typed: Some((form.name.clone(), language)),
            ..AccountRefusal::of_field("name", text)
        }));
    };
    let (id, now) = (request.viewer.account, state.portal.clock.now());
    let store = &state.portal.store;
    let saved = store.update_profile(id, &name, language, &request.actor, now);
    Ok(AccountOutcome::Done(match saved.await? {
        true => "saved",
        false => "same",
    }))
}

/// Renders the form: with what is stored or, after a refusal, with what was typed.
pub(super) fn form_view(
    action: &str,
    account: &Account,
    locales: &[Locale],
    refusal: &AccountRefusal,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let stored = (account.name.as_str().to_owned(), account.language);
    let (name, language) = refusal.typed.clone().unwrap_or(stored);
    let languages = locales.iter().map(|one| {
        view! { <option value=one.as_str() selected=*one == language>{one.name()}</option> }
    });
    let languages = languages.collect_view();
    let name = Field {
        name: "name",
        kind: "text",
        label: messages.get("join-name"),
        autocomplete: "name",
        value: name,
        problem: refusal.problem_of("name"),
        ..Field::default()
    };
    view! {
        <form class="portal-form" method="post" action=action.to_owned()>
            <h2>{messages.get("account-profile")}</h2>
            {field(name)}
            <p class="field">
                <label for="language">{messages.get("language")}</label>
                <select id="language" name="language">{languages}</select>
            </p>
            <p class="portal-wide"><button class="button primary" name="do" value="profile">{messages.get("account-save")}</button></p>
        </form>
    }
}
