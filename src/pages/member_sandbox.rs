//! The sandbox of a member: it follows the account from one browser to another, and is left to nobody else who uses the
//! same browser.

use axum::http::HeaderMap;
use axum::response::Response;

use crate::api;
use crate::model::account::AccountId;
use crate::model::trace::Trace;
use crate::pages::member_progress;
use crate::portal::store::StoreError;
use crate::sandbox::SandboxKey;
use crate::state::AppState;

/// Ends a login of any kind: gives the account the progress of the browser's sandbox, and the browser the sandbox of the account.
/// An account without a sandbox gets that of the browser, unless it is another account's, which the browser then loses.
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
    let is_own = match in_browser {
        Some(key) => member_progress::bind(state, account, key).await?,
        None => false,
    };
    let store = &state.portal.store;
    let stored = store.find_sandbox_key(account).await?;
    let stored = stored.as_deref().and_then(SandboxKey::parse);
    if let Some(key) = stored
        && exists(state, &key).await?
    {
        return Ok(Some(key));
    }
    match in_browser {
        Some(key) if is_own && store.keep_sandbox_key(account, key.as_str()).await? => {
            Ok(Some(key.clone()))
        }
        _ => Ok(None),
    }
}

/// Stores the sandbox of the browser for the next login, with what was done in it, and takes it from the browser, at a logout.
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

/// Takes the sandbox from the browser when its account is deleted.
pub(super) fn forget(state: &AppState, response: &mut Response) {
    api::forget_visitor(response.headers_mut(), state.config.secure_cookies());
}

/// Returns the key of the sandbox of the browser, if it is the account's.
pub(super) async fn own_key(
    state: &AppState,
    request: &HeaderMap,
    account: AccountId,
) -> Result<Option<SandboxKey>, StoreError> {
    match api::visitor_key(request, state.config.secure_cookies()) {
        Some(key) if member_progress::bind(state, account, &key).await? => Ok(Some(key)),
        _ => Ok(None),
    }
}

/// Deletes the sandboxes that deleted accounts have left. Those that cannot be deleted now are deleted the next time.
///
/// # Errors
/// [`StoreError`].
pub async fn delete_left_sandboxes(state: &AppState) -> Result<(), StoreError> {
    let store = &state.portal.store;
    for text in store.list_left_sandboxes().await? {
        if let Some(key) = SandboxKey::parse(&text) {
            let trace = Trace::disabled();
            if let Some(opened) = state.sandboxes.open_sandbox(&key, &trace).await? {
                state.sandboxes.delete_sandbox(opened.sandbox.id).await?;
            }
        }
        store.remove_left_sandbox(&text).await?;
    }
    Ok(())
}

/// Does the same and logs a failure, because maintenance tries again.
pub(super) async fn try_delete_left_sandboxes(state: &AppState) {
    if let Err(cause) = delete_left_sandboxes(state).await {
        tracing::warn!(%cause, "the sandbox of a deleted account could not be deleted");
    }
}

/// Stores a sandbox for an account, unless it is another account's or has expired.
async fn keep_key(
    state: &AppState,
    account: AccountId,
    key: &SandboxKey,
) -> Result<(), StoreError> {
    if member_progress::bind(state, account, key).await? {
        let store = &state.portal.store;
        store.keep_sandbox_key(account, key.as_str()).await?;
    }
    Ok(())
}

async fn exists(state: &AppState, key: &SandboxKey) -> Result<bool, StoreError> {
    let trace = Trace::disabled();
    Ok(state.sandboxes.open_sandbox(key, &trace).await?.is_some())
}
