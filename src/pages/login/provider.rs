//! Logins with the identity provider: `POST /{lang}/login/provider` begins one, `GET /login/callback` ends it.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, RawQuery, State};
use axum::http::header::REFRESH;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use crate::model::locale::Locale;
use crate::pages::card::{self, FormCard};
use crate::pages::locale::preferred_locale;
use crate::pages::meta::PageRequest;
use crate::pages::sign_in::{SignIn, SignInError};
use crate::pages::{notice, pending_login};
use crate::portal::store::audit::AuditAction;
use crate::portal::store::pending_login::{PendingLogin, PendingStep};
use crate::portal::{
    ProviderAccountError, ProviderError, ProviderIdentity, ProviderLogin, SingleSignOn,
};
use crate::state::AppState;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct ProviderForm {
    next: String,
}

/// What a pending login with the provider needs.
#[derive(Serialize, Deserialize)]
struct ProviderLoginData {
    login: ProviderLogin,
    locale: Locale,
    next: String,
}

/// Handles `POST /{lang}/login/provider`: sends the browser to the provider.
pub(in crate::pages) async fn begin(
    State(state): State<AppState>,
    page_request: PageRequest,
    form: Result<Form<ProviderForm>, FormRejection>,
) -> Response {
    let Some(provider) = state.single_sign_on.clone() else {
        let status = StatusCode::NOT_FOUND;
        return notice::show(&state, page_request, status, "not-found").await;
    };
    let next = form.map(|Form(form)| form.next).unwrap_or_default();
    let (address, login) = match provider.begin().await {
        Ok(begun) => begun,
        Err(error) => return failed(&state, page_request, &error).await,
    };
    let data = ProviderLoginData {
        login,
        locale: page_request.locale,
        next,
    };
    let login = PendingLogin {
        account: None,
        data: serde_json::to_string(&data).expect("the data is JSON"),
    };
    let token = match state.portal.begin_login(PendingStep::Provider, login).await {
        Ok(token) => token,
        Err(cause) => return notice::unavailable(&state, page_request, &cause).await,
    };
    let mut response = go_to_provider(&state, page_request, &provider, address).await;
    pending_login::set(&state, response.headers_mut(), &token);
    response
}

/// Renders the page that sends the browser to the provider. It is no redirect, because the policy of our pages allows no form
/// to lead to another origin.
pub(in crate::pages) async fn go_to_provider(
    state: &AppState,
    page_request: PageRequest,
    provider: &SingleSignOn,
    address: String,
) -> Response {
    let messages = state.i18n.messages(page_request.locale).clone();
    let name = provider.settings().name.as_str();
    let refresh = HeaderValue::from_str(&format!("0; url={address}"));
    let card = FormCard {
        title: messages.with("provider-going-title", &[("name", name)]),
        lead: messages.get("provider-going-text"),
        path: "/login".to_owned(),
        ..FormCard::default()
    };
    let text = messages.with("provider-go", &[("name", name)]);
    let below = move || {
        view! { <p class="card-links"><a class="button primary" href=address.clone()>{text.clone()}</a></p> }
    };
    let mut response = card::show(state, page_request, card, below).await;
    if let Ok(refresh) = refresh {
        response.headers_mut().insert(REFRESH, refresh);
    }
    response
}

/// Handles `GET /login/callback`, to which the provider sends the browser back. It has no language in its path, because the
/// provider must know the address.
pub(in crate::pages) async fn callback(
    State(state): State<AppState>,
    sign_in: SignIn,
    RawQuery(query): RawQuery,
) -> Response {
    let page_request = |locale| PageRequest {
        locale,
        viewer: None,
    };
    let unknown = || page_request(preferred_locale(&state, &sign_in.headers));
    let Some(provider) = state.single_sign_on.clone() else {
        return notice::show(&state, unknown(), StatusCode::NOT_FOUND, "not-found").await;
    };
    let pending = match find(&state, &sign_in).await {
        Ok(pending) => pending,
        Err(cause) => return notice::unavailable(&state, unknown(), &cause).await,
    };
    let Some(data) = pending else {
        let status = StatusCode::BAD_REQUEST;
        return notice::show(&state, unknown(), status, "provider-expired").await;
    };
    let request = page_request(data.locale);
    let query = query.unwrap_or_default();
    let parameter = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        let found = pairs.find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    };
    let returned = parameter("state").unwrap_or_default();
    if !bool::from(returned.as_bytes().ct_eq(data.login.state.as_bytes())) {
        let status = StatusCode::BAD_REQUEST;
        return notice::show(&state, request, status, "provider-expired").await;
    }
    let Some(code) = parameter("code") else {
        // The person has cancelled, or the provider refuses the person.
        let error = parameter("error").unwrap_or_default();
        tracing::info!(
            error = error.chars().take(100).collect::<String>(),
            "the provider refused a login"
        );
        let status = StatusCode::FORBIDDEN;
        return notice::show(&state, request, status, "provider-refused").await;
    };
    let identity = match provider.finish(&code, &data.login).await {
        Ok(identity) => identity,
        Err(error) => return failed(&state, request, &error).await,
    };
    finish(&state, &sign_in, &provider, request, identity, &data.next).await
}

/// Logs in the account of somebody whom the provider knows.
async fn finish(
    state: &AppState,
    sign_in: &SignIn,
    provider: &SingleSignOn,
    request: PageRequest,
    identity: ProviderIdentity,
    next: &str,
) -> Response {
    let (portal, links) = (&state.portal, provider.settings().links_accounts);
    let entered = portal
        .enter_with_provider(&identity, links, request.locale, &sign_in.actor)
        .await;
    let account = match entered {
        Ok(account) => account,
        Err(ProviderAccountError::Store(cause)) => {
            return notice::unavailable(state, request, &cause).await;
        }
        Err(error) => {
            let email = identity.email.as_ref().map_or("", |email| email.as_str());
            let action = AuditAction::LogInFailed;
            portal.record_audit(&sign_in.actor, action, email).await;
            let key = match error {
                ProviderAccountError::Disabled => "provider-disabled",
                ProviderAccountError::EmailTaken => "provider-taken",
                ProviderAccountError::NoAdmin => "provider-no-admin",
                _ => "provider-no-email",
            };
            return notice::show(state, request, StatusCode::FORBIDDEN, key).await;
        }
    };
    let begun = sign_in
        .log_in_with_provider(state, &account, next, identity.id_token)
        .await;
    match begun {
        Ok(mut response) => {
            pending_login::delete(state, response.headers_mut());
            response
        }
        Err(error) => error.page(state, request).await,
    }
}

/// Finds the login of the cookie, and ends it: a code is exchanged once.
async fn find(
    state: &AppState,
    sign_in: &SignIn,
) -> Result<Option<ProviderLoginData>, SignInError> {
    let Some(token) = pending_login::find(state, &sign_in.headers) else {
        return Ok(None);
    };
    let portal = &state.portal;
    let Some(login) = portal.find_login(&token, PendingStep::Provider).await? else {
        return Ok(None);
    };
    let is_first = portal.end_login(&token).await?;
    let data = serde_json::from_str(&login.data).ok();
    Ok(data.filter(|_| is_first))
}

async fn failed(state: &AppState, request: PageRequest, error: &ProviderError) -> Response {
    tracing::error!(%error, "a login with the identity provider failed");
    let (status, key) = match error {
        ProviderError::Unreachable(_) => (StatusCode::BAD_GATEWAY, "provider-unreachable"),
        ProviderError::Configuration(_) | ProviderError::Refused(_) => {
            (StatusCode::BAD_GATEWAY, "provider-failed")
        }
    };
    notice::show(state, request, status, key).await
}
