//! Passkeys: `/{lang}/account/passkeys` adds, lists and removes them, `/{lang}/login/passkey` logs in with one. The script that
//! speaks with the browser is a file with the hash of its text in its address.

use std::sync::LazyLock;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{Extensions, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::api::ClientAddress;
use crate::model::account::{Account, DisplayName};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::account::{current_password, current_password_problem};
use crate::pages::admin::time;
use crate::pages::card::{self, FormCard};
use crate::pages::form_field::{Field, field};
use crate::pages::meta::PageRequest;
use crate::pages::sign_in::SignIn;
use crate::pages::signed_in::MemberRequest;
use crate::pages::{notice, pending_login};
use crate::portal::store::StoreError;
use crate::portal::store::audit::AuditAction;
use crate::portal::store::passkey::Passkey;
use crate::portal::{PasskeyError, PasskeyOptions, PasskeySite};
use crate::state::AppState;

const PATH: &str = "/account/passkeys";

/// The script of the forms.
const SCRIPT: &str = include_str!("passkey.js");
/// Its address, which changes with it.
static SCRIPT_ADDRESS: LazyLock<String> = LazyLock::new(|| {
    let hash = Sha256::digest(SCRIPT);
    let hash: String = hash
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("/scripts/{hash}/passkey.js")
});

/// The fields of all forms. It does not implement `Debug`, because it contains a password.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct PasskeyForm {
    #[serde(rename = "do")]
    action: String,
    /// The response of the browser, as JSON.
    credential: String,
    name: String,
    current: String,
    id: i64,
    confirm: String,
    next: String,
}

/// What is shown after something was done.
#[derive(Clone, Default)]
struct PasskeysOutcome {
    name: String,
    name_problem: Option<String>,
    current_problem: Option<String>,
    problem: Option<(StatusCode, String)>,
    /// The passkey whose removal is to be confirmed.
    confirming: Option<i64>,
}

/// Handles `GET /scripts/{hash}/passkey.js`.
pub(super) async fn script(Path(hash): Path<String>) -> Response {
    if format!("/scripts/{hash}/passkey.js") != *SCRIPT_ADDRESS {
        return StatusCode::NOT_FOUND.into_response();
    }
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/javascript; charset=utf-8"),
        ),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
    ];
    (headers, SCRIPT).into_response()
}

/// Handles `GET /{lang}/account/passkeys`.
pub(super) async fn show(State(state): State<AppState>, request: MemberRequest) -> Response {
    page(&state, request, PasskeysOutcome::default()).await
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

/// Handles `POST /{lang}/login/passkey/options`.
pub(super) async fn login_options(
    State(state): State<AppState>,
    page_request: PageRequest,
) -> Response {
    let Some(site) = site(&state) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let begun = state.portal.begin_passkey_login(&site).await;
    options(&state, page_request, begun).await
}

/// Returns the options of a ceremony to the script.
async fn options(
    state: &AppState,
    page_request: PageRequest,
    begun: Result<PasskeyOptions, PasskeyError>,
) -> Response {
    match begun {
        Ok(PasskeyOptions { json, token }) => {
            let headers = [
                (CONTENT_TYPE, HeaderValue::from_static("application/json")),
                (CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            let mut response = (headers, json).into_response();
            pending_login::set(state, response.headers_mut(), &token);
            response
        }
        Err(cause) => notice::unavailable(state, page_request, &cause).await,
    }
}

/// Handles `POST /{lang}/login/passkey`.
pub(super) async fn log_in(
    State(state): State<AppState>,
    page_request: PageRequest,
    sign_in: SignIn,
    form: Result<Form<PasskeyForm>, FormRejection>,
) -> Response {
    let form = form.map(|Form(form)| form).unwrap_or_default();
    let token = pending_login::find(&state, &sign_in.headers);
    let (Some(site), Some(token)) = (site(&state), token) else {
        let status = StatusCode::BAD_REQUEST;
        return notice::show(&state, page_request, status, "passkey-failed").await;
    };
    let portal = &state.portal;
    let account = match portal.check_passkey(&site, &token, &form.credential).await {
        Ok(account) => account,
        Err(PasskeyError::Store(cause)) => {
            return notice::unavailable(&state, page_request, &cause).await;
        }
        Err(error) => {
            tracing::info!(%error, "a login with a passkey failed");
            let action = AuditAction::LogInFailed;
            portal.record_audit(&sign_in.actor, action, "").await;
            let (status, key) = match error {
                PasskeyError::Disabled => (StatusCode::FORBIDDEN, "provider-disabled"),
                PasskeyError::Unknown => (StatusCode::UNAUTHORIZED, "passkey-unknown"),
                _ => (StatusCode::BAD_REQUEST, "passkey-failed"),
            };
            return notice::show(&state, page_request, status, key).await;
        }
    };
    match sign_in.log_in(&state, &account, &form.next).await {
        Ok(mut response) => {
            pending_login::delete(&state, response.headers_mut());
            response
        }
        Err(cause) => notice::unavailable(&state, page_request, &cause).await,
    }
}

/// Handles `POST /{lang}/account/passkeys`.
pub(super) async fn submit(
    State(state): State<AppState>,
    request: MemberRequest,
    headers: axum::http::HeaderMap,
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
    let outcome = match form.action.as_str() {
        "remove" if form.confirm.is_empty() => Ok(Some(PasskeysOutcome {
            confirming: Some(form.id),
            ..PasskeysOutcome::default()
        })),
        "remove" => {
            let (actor, now) = (&request.actor, portal.clock.now());
            let store = &portal.store;
            let removed = store.delete_passkey(&account, form.id, actor, now).await;
            removed.map(|_| None)
        }
        _ => {
            let network = ClientAddress::of(&extensions).map(ClientAddress::network);
            let token = pending_login::find(&state, &headers);
            let attempt = PasskeyAttempt {
                form,
                network,
                token,
            };
            add(&state, &request, &account, attempt, &messages).await
        }
    };
    match outcome {
        Ok(Some(outcome)) => page(&state, request, outcome).await,
        Ok(None) => Redirect::to(&format!("/{}{PATH}", request.page.locale)).into_response(),
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

/// A form with which a passkey is added.
struct PasskeyAttempt {
    form: PasskeyForm,
    network: Option<ipnet::IpNet>,
    token: Option<crate::portal::LinkToken>,
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
        let checked = portal.authenticate(account.email.as_str(), form.current, network);
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

/// Renders the form with which a passkey logs in, if the site can have passkeys.
pub(super) fn login_form(
    state: &AppState,
    locale: Locale,
    next: &str,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let action = format!("/{locale}/login/passkey");
    let options = format!("{action}/options");
    site(state).map(|_| {
        view! {
            <form class="login-form" method="post" action=action data-passkey="get" data-options=options>
                <input type="hidden" name="credential"/>
                <input type="hidden" name="next" value=next.to_owned()/>
                {message(messages)}
                <p><button type="submit" class="button">{messages.get("passkey-log-in")}</button></p>
            </form>
            {script_element(messages)}
        }
    })
}

/// Renders the paragraph in which the script says what went wrong.
fn message(messages: &MessageCatalog) -> impl IntoView + use<> {
    view! {
        <p class="field-error" role="alert" hidden data-message=""
            data-none=messages.get("passkey-none") data-cancelled=messages.get("passkey-cancelled")
            data-known=messages.get("passkey-known") data-failed=messages.get("passkey-failed-text")></p>
    }
}

fn script_element(messages: &MessageCatalog) -> impl IntoView + use<> {
    view! {
        <noscript><p class="quiet">{messages.get("passkey-no-script")}</p></noscript>
        <script src=SCRIPT_ADDRESS.as_str() defer></script>
    }
}

fn site(state: &AppState) -> Option<PasskeySite> {
    PasskeySite::of_origin(&state.config.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_of_the_script_has_its_hash() {
        let hash = SCRIPT_ADDRESS.split('/').nth(2).expect("a hash");
        assert_eq!(hash.len(), 16);
        assert!(SCRIPT_ADDRESS.ends_with("/passkey.js"));
    }
}
