//! The part of the account page about the ways to log in, which have pages of their own.

use leptos::prelude::*;

use crate::model::account::AccountId;
use crate::model::messages::MessageCatalog;
use crate::pages::passkey;
use crate::portal::store::StoreError;
use crate::state::AppState;

/// The ways in which a member logs in.
#[derive(Clone, Copy)]
pub(super) struct LoginWays {
    has_second_factor: bool,
    /// The number of passkeys.
    passkeys: usize,
    /// Whether browsers make passkeys for the address of the site.
    can_have_passkeys: bool,
}

impl LoginWays {
    /// Reads the ways of an account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn of(state: &AppState, account: AccountId) -> Result<LoginWays, StoreError> {
        let store = &state.portal.store;
        Ok(LoginWays {
            has_second_factor: store.has_second_factor(account).await?,
            passkeys: store.list_passkeys(account).await?.len(),
            can_have_passkeys: passkey::site(state).is_some(),
        })
    }
}

/// Renders the links to the pages about the ways to log in.
pub(super) fn section(
    action: &str,
    ways: LoginWays,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let factor = messages.get(match ways.has_second_factor {
        true => "account-second-factor-on",
        false => "account-second-factor-off",
    });
    // Those of another address of the site can still be removed.
    let has_passkeys = ways.can_have_passkeys || ways.passkeys > 0;
    let passkeys = match has_passkeys {
        true => {
            let count = ways.passkeys.to_string();
            messages.with("account-passkeys-count", &[("count", &count)])
        }
        false => messages.get("passkeys-no-host"),
    };
    let state = format!("{factor} {passkeys}");
    let pages = ["passkeys", "second-factor", "email"].into_iter();
    let pages = pages.filter(|page| has_passkeys || *page != "passkeys");
    let links = pages.map(|page| {
        let text = messages.get(&format!("account-{page}"));
        view! { <a class="button" href=format!("{action}/{page}")>{text}</a> }
    });
    view! {
        <section class="portal-section">
            <h2>{messages.get("account-signing-in")}</h2>
            <p>{state}</p>
            <p class="card-buttons">{links.collect_view()}</p>
        </section>
    }
}
