//! `/{lang}/account/passkeys`: adds, lists and removes the passkeys of an account.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, RawQuery, State};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use ipnet::IpNet;
use leptos::prelude::*;

use crate::api::ClientAddress;
use crate::model::account::{Account, DisplayName};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::account::password::{current_password, current_password_problem};
use crate::pages::card::{self, FormCard};
use crate::pages::form_field::{Field, field};
use crate::pages::passkey::{PasskeyForm, message, options, script_element, site};
use crate::pages::signed_in::MemberRequest;
use crate::pages::time::time;
use crate::pages::{notice, pending_login};
use crate::portal::store::StoreError;
use crate::portal::store::passkey::Passkey;
use crate::portal::{LinkToken, PasskeyError};
use crate::state::AppState;

const PATH: &str = "/account/passkeys";

/// What was done, named in the address of the page that says it: `?done=KEY`.
const DONE: [&str; 2] = ["passkey-added", "passkey-removed"];

/// What is shown after a form was sent.
#[derive(Clone, Default)]
struct PasskeysOutcome {
    /// What was done; one of [`DONE`].
    done: Option<&'static str>,
    name: String,
    name_problem: Option<String>,
    current_problem: Option<String>,
    problem: Option<(StatusCode, String)>,
    /// The passkey whose removal is to be confirmed.
    confirming: Option<i64>,
}

/// Handles `GET /{lang}/account/passkeys`.
pub(super) async fn show(
    State(state): State<AppState>,
    request: MemberRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let done = query.strip_prefix("done=");
    let outcome = PasskeysOutcome {
        done: DONE.into_iter().find(|key| done == Some(key)),
        ..PasskeysOutcome::default()
    };
    page(&state, request, outcome).await
}

/// Handles `POST /{lang}/account/passkeys/options`.
pub(super) async fn new_options(State(state): State<AppState>, request: MemberRequest) -> Response {
    let portal = &state.portal;
    let (site, account) = match (
        site(&state),
        portal.store.find_account(request.viewer.account).await,
    ) {
        (Some(site), Ok(Some(account))) => (site, account),
        (_, Err(cause)) => return notice::unavailable(&state, request.page, &cause).await,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    options(
        &state,
        request.page,
        portal.begin_passkey(&site, &account).await,
    )
    .await
}

/// Handles `POST /{lang}/account/passkeys`.
pub(super) async fn submit(
    State(state): State<AppState>,
    request: MemberRequest,
    headers: HeaderMap,
    extensions: Extensions,
    form: Result<Form<PasskeyForm>, FormRejection>,
) -> Response {
    let messages = state.i18n.messages(request.page.locale).clone();
    let form = form.map(|Form(form)| form).unwrap_or_default();
    let portal = &state.portal;
    let account = match portal.store.find_account(request.viewer.account).await {
        Ok(Some(account)) => account,
        Ok(None) => return Redirect::to(&format!("/{}", request.page.locale)).into_response(),
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let (outcome, done) = match form.action.as_str() {
        "remove" if form.confirm.is_empty() => {
            let asking = PasskeysOutcome {
                confirming: Some(form.id),
                ..PasskeysOutcome::default()
            };
            (Ok(Some(asking)), None)
        }
        "remove" => {
            let (actor, now) = (&request.actor, portal.clock.now());
            let store = &portal.store;
            let removed = store.delete_passkey(&account, form.id, actor, now).await;
            let done = matches!(removed, Ok(true)).then_some(DONE[1]);
            (removed.map(|_| None), done)
        }
        _ => {
            let network = ClientAddress::of(&extensions).map(ClientAddress::network);
            let token = pending_login::find(&state, &headers);
            let attempt = PasskeyAttempt {
                form,
                network,
                token,
            };
            let added = add(&state, &request, &account, attempt, &messages).await;
            (added, Some(DONE[0]))
        }
    };
    match outcome {
        Ok(Some(outcome)) => page(&state, request, outcome).await,
        Ok(None) => {
            let done = done.map_or_else(String::new, |done| format!("?done={done}"));
            Redirect::to(&format!("/{}{PATH}{done}", request.page.locale)).into_response()
        }
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

/// A form with which a passkey is added.
struct PasskeyAttempt {
    form: PasskeyForm,
    network: Option<IpNet>,
    token: Option<LinkToken>,
}

/// Adds a passkey. Returns `None` when it is added, otherwise what to say.
async fn add(
    state: &AppState,
    request: &MemberRequest,
    account: &Account,
    PasskeyAttempt {
        form,
        network,
        token,
    }: PasskeyAttempt,
    messages: &MessageCatalog,
) -> Result<Option<PasskeysOutcome>, StoreError> {
    let portal = &state.portal;
    let Some(name) = DisplayName::parse(&form.name) else {
        return Ok(Some(PasskeysOutcome {
            name: form.name,
            name_problem: Some(messages.get("join-name-invalid")),
            ..PasskeysOutcome::default()
        }));
    };
    if portal.store.find_password_hash(account.id).await?.is_some() {
        let checked = portal.authenticate(
            account.email.as_str(),
            form.current,
            network,
            &request.actor,
        );
        if let Err(error) = checked.await {
            return Ok(Some(PasskeysOutcome {
                name: form.name,
                current_problem: Some(current_password_problem(error, messages)),
                ..PasskeysOutcome::default()
            }));
        }
    }
    let added = match (site(state), token) {
        (Some(site), Some(token)) => {
            let response = (&token, form.credential.as_str());
            let actor = &request.actor;
            portal
                .add_passkey(&site, account, response, name.as_str(), actor)
                .await
        }
        _ => Err(PasskeyError::NotPending),
    };
    match added {
        Ok(()) => Ok(None),
        Err(PasskeyError::Store(cause)) => Err(cause),
        Err(error) => {
            tracing::info!(%error, "a passkey could not be added");
            let text = messages.get("passkey-failed-text");
            Ok(Some(PasskeysOutcome {
                name: form.name,
                problem: Some((StatusCode::BAD_REQUEST, text)),
                ..PasskeysOutcome::default()
            }))
        }
    }
}

async fn page(state: &AppState, request: MemberRequest, outcome: PasskeysOutcome) -> Response {
    let (id, store) = (request.viewer.account, &state.portal.store);
    let (passkeys, password) = match (
        store.list_passkeys(id).await,
        store.find_password_hash(id).await,
    ) {
        (Ok(passkeys), Ok(password)) => (passkeys, password),
        (Err(cause), _) | (_, Err(cause)) => {
            return notice::unavailable(state, request.page, &cause).await;
        }
    };
    let locale = request.page.locale;
    let messages = state.i18n.messages(locale).clone();
    let (lead, can_add) = match site(state) {
        Some(_) => ("passkeys-lead", true),
        None => ("passkeys-no-host", false),
    };
    let is_refused = outcome.name_problem.is_some() || outcome.current_problem.is_some();
    let refused = is_refused.then_some((StatusCode::UNPROCESSABLE_ENTITY, String::new()));
    let card = FormCard {
        title: messages.get("passkeys-title"),
        lead: messages.get(lead),
        path: PATH.to_owned(),
        has_account_link: true,
        done: outcome.done.map(|key| messages.get(key)),
        problem: outcome.problem.clone().or(refused),
        ..FormCard::default()
    };
    let has_password = password.is_some();
    let below = move || {
        let list = list(locale, &passkeys, outcome.confirming, &messages);
        let form = can_add.then(|| new_form(locale, has_password, &outcome, &messages));
        view! {
            {list}
            {form}
        }
    };
    card::show(state, request.page, card, below).await
}

fn list(
    locale: Locale,
    passkeys: &[Passkey],
    confirming: Option<i64>,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let action = format!("/{locale}{PATH}");
    let rows = passkeys.iter().map(|passkey| {
        let id = passkey.id.to_string();
        let used = match passkey.used {
            Some(used) => view! { {messages.get("account-seen")}" "{time(used)} }.into_any(),
            None => messages.get("passkey-unused").into_any(),
        };
        let is_confirming = confirming == Some(passkey.id);
        let name = passkey.name.clone();
        let ask = is_confirming.then(|| {
            let text = messages.with("passkey-remove-ask", &[("name", &name)]);
            view! {
                <p>{text}</p>
                <input type="hidden" name="confirm" value="yes"/>
            }
        });
        let (class, key) = match is_confirming {
            true => ("button", "passkey-remove-really"),
            false => ("link-button", "passkey-remove"),
        };
        let label = messages.with("passkey-remove-label", &[("name", &name)]);
        view! {
            <li>
                <div><strong>{name}</strong><p class="quiet">{used}</p></div>
                <form method="post" action=action.clone()>
                    <input type="hidden" name="id" value=id/>
                    {ask}
                    <button class=class name="do" value="remove" aria-label=label>{messages.get(key)}</button>
                </form>
            </li>
        }
    });
    let rows = rows.collect_view();
    (!passkeys.is_empty()).then(|| view! { <ul class="portal-sessions">{rows}</ul> })
}

fn new_form(
    locale: Locale,
    has_password: bool,
    outcome: &PasskeysOutcome,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let name = Field {
        name: "name",
        kind: "text",
        label: messages.get("passkey-name"),
        autocomplete: "off",
        value: outcome.name.clone(),
        note: Some(messages.get("passkey-name-note")),
        problem: outcome.name_problem.clone(),
        ..Field::default()
    };
    let current = current_password(messages, outcome.current_problem.clone());
    let current = has_password.then(|| field(current));
    let action = format!("/{locale}{PATH}");
    let options = format!("{action}/options");
    view! {
        <form class="login-form" method="post" action=action data-passkey="create" data-options=options>
            <input type="hidden" name="do" value="add"/>
            <input type="hidden" name="credential"/>
            {field(name)}
            {current}
            {message(messages)}
            <p><button type="submit" class="button primary">{messages.get("passkey-add")}</button></p>
        </form>
        {script_element(messages)}
    }
}
