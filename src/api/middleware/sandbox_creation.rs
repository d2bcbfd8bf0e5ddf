//! The limit on the number of created sandboxes, and whose they are.
//!
//! Counts by account when the request belongs to somebody who is logged in to the portal, and otherwise by
//! address, so that the pupils of a school who share an IP address do not share one limit when they are logged in.

use axum::extract::Request;
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;

use crate::api::http::client_address::ClientAddress;
use crate::api::http::cookies;
use crate::api::http::header_name::SANDBOX_KEY;
use crate::api::middleware::rate_limit::{Limit, LimitName, add_headers, too_many};
use crate::api::sandbox_creation_limiter::{Creator, HOUR};
use crate::api::state::ApiState;
use crate::model::account::AccountId;
use crate::model::trace::Trace;
use crate::portal::store::StoreError;
use crate::portal::{Portal, Viewer};
use crate::sandbox::{SandboxId, SandboxKey};

/// Refuses with 429 a request that may create a sandbox beyond the limit. Only requests that create a
/// sandbox stay counted. A sandbox that a member creates belongs to the account.
pub(in crate::api) async fn limit(state: &ApiState, request: Request, next: Next) -> Response {
    let creator = match AccountSource::of(state, &request).find_account(state).await {
        Some(account) => Some(Creator::Account(account)),
        None => ClientAddress::of(request.extensions())
            .map(|address| Creator::Address(address.network())),
    };
    // Only requests without a client (the sample of the home page, the check of lessons) have no address.
    let Some(creator) = creator else {
        return next.run(request).await;
    };
    let window = state.creations.window(creator);
    let quota = state.limits().sandboxes_per_hour;
    let limit = Limit {
        name: match creator {
            Creator::Address(_) => LimitName::SandboxesOfAddress,
            Creator::Account(_) => LimitName::SandboxesOfAccount,
        },
        quota,
        seconds: HOUR / 1000,
        counted: window.count(state.sandboxes.now(), quota, HOUR),
    };
    if !limit.counted.allowed {
        let mut response = too_many(&limit);
        add_headers(&mut response, &[limit]);
        return response;
    }
    let response = next.run(request).await;
    if response.extensions().get::<SandboxId>().is_none() {
        window.remove_count();
    } else if let Creator::Account(account) = creator {
        let key = response.headers().get(SANDBOX_KEY).cloned();
        claim(state, account, key).await;
    }
    response
}

/// Stores that the sandbox which a response has created belongs to an account. A failure is logged only: the sandbox exists, and a
/// login makes up for it.
async fn claim(state: &ApiState, account: AccountId, key: Option<HeaderValue>) {
    let key = key.as_ref().and_then(|key| key.to_str().ok());
    if let Some((portal, key)) = state.portal.as_ref().zip(key)
        && let Err(cause) = keep(state, portal, account, key).await
    {
        tracing::error!(%cause, "the sandbox of a member was not kept with the account");
    }
}

/// Stores the key of a sandbox for the next login of its account, unless the account has another sandbox.
async fn keep(
    state: &ApiState,
    portal: &Portal,
    account: AccountId,
    key: &str,
) -> Result<(), StoreError> {
    let store = &portal.store;
    if !store
        .claim_sandbox(account, key, portal.clock.now())
        .await?
    {
        return Ok(());
    }
    let stored = store.find_sandbox_key(account).await?;
    if let Some(stored) = stored.as_deref().and_then(SandboxKey::parse) {
        let trace = Trace::disabled();
        if state
            .sandboxes
            .open_sandbox(&stored, &trace)
            .await?
            .is_some()
        {
            return Ok(());
        }
    }
    store.keep_sandbox_key(account, key).await.map(drop)
}

/// The source of the account that is logged in to the portal.
enum AccountSource {
    /// The account that a page passed in the extensions when it calls the API for the viewer; `None` when
    /// nobody is logged in.
    Viewer(Option<AccountId>),
    /// The value of the session cookie of the portal.
    Session(String),
}

impl AccountSource {
    fn of(state: &ApiState, request: &Request) -> AccountSource {
        if let Some(viewer) = request.extensions().get::<Option<Viewer>>() {
            return AccountSource::Viewer(viewer.as_ref().map(|viewer| viewer.account));
        }
        match cookies::portal_session(request.headers(), state.secure_cookies) {
            Some(session) => AccountSource::Session(session),
            None => AccountSource::Viewer(None),
        }
    }

    /// Returns the account; `None` when nobody is logged in or the session cannot be read.
    async fn find_account(self, state: &ApiState) -> Option<AccountId> {
        let session = match self {
            AccountSource::Viewer(account) => return account,
            AccountSource::Session(session) => session,
        };
        match state.portal.as_ref()?.find_viewer(&session).await {
            Ok(viewer) => viewer.map(|viewer| viewer.account),
            Err(cause) => {
                tracing::warn!(%cause, "cannot read a session of the portal");
                None
            }
        }
    }
}
