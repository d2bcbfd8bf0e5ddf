//! The sandbox of a member: it follows the account from one browser to another, and is left to nobody else who uses the
//! same browser.

use axum::http::HeaderMap;
use axum::response::Response;

use crate::api;
use crate::model::account::AccountId;
use crate::model::trace::Trace;
use crate::portal::store::StoreError;
use crate::sandbox::SandboxKey;
use crate::state::AppState;

/// Gives the browser of a login the sandbox of the account. An account without one gets that of the browser, unless it is
/// another account's, which the browser then loses.
pub(super) async fn restore(
    state: &AppState,
    request: &HeaderMap,
    account: AccountId,
    response: &mut Response,
) {
    let is_secure = state.config.secure_cookies();
    let in_browser = api::visitor_key(request, is_secure);
    let headers = response.headers_mut();
    match choose(state, account, in_browser.as_ref()).await {
        Ok(Some(key)) if in_browser.as_ref() != Some(&key) => {
            api::forget_visitor(headers, is_secure);
            api::set_visitor_key(headers, &key, is_secure);
        }
        Ok(None) if in_browser.is_some() => api::forget_visitor(headers, is_secure),
        Ok(_) => {}
        Err(cause) => tracing::error!(%cause, "the sandbox of an account could not be found"),
    }
}

/// Returns the sandbox that the account has or gets.
async fn choose(
    state: &AppState,
    account: AccountId,
    in_browser: Option<&SandboxKey>,
) -> Result<Option<SandboxKey>, StoreError> {
    let stored = state.portal.store.find_sandbox_key(account).await?;
    let stored = stored.as_deref().and_then(SandboxKey::parse);
    if let Some(key) = stored
        && exists(state, &key).await?
    {
        return Ok(Some(key));
    }
    match in_browser {
        Some(key) if keep_key(state, account, key).await? => Ok(Some(key.clone())),
        _ => Ok(None),
    }
}

/// Stores the sandbox of the browser for the next login, and takes it from the browser, at a logout.
pub(super) async fn keep(
    state: &AppState,
    request: &HeaderMap,
    account: AccountId,
    response: &mut Response,
) {
    let is_secure = state.config.secure_cookies();
    if let Some(key) = api::visitor_key(request, is_secure) {
        if let Err(cause) = keep_key(state, account, &key).await {
            tracing::error!(%cause, "the sandbox of an account could not be stored");
        }
        api::forget_visitor(response.headers_mut(), is_secure);
    }
}

/// Stores a sandbox for an account. Returns whether it exists and is not another account's.
async fn keep_key(
    state: &AppState,
    account: AccountId,
    key: &SandboxKey,
) -> Result<bool, StoreError> {
    let store = &state.portal.store;
    Ok(exists(state, key).await? && store.keep_sandbox_key(account, key.as_str()).await?)
}

async fn exists(state: &AppState, key: &SandboxKey) -> Result<bool, StoreError> {
    let trace = Trace::disabled();
    Ok(state.sandboxes.open_sandbox(key, &trace).await?.is_some())
}
