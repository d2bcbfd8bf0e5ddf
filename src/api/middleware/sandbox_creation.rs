//! How many sandboxes may be created: by an address, or by an account of somebody who is logged in to
//! the portal, so that a class behind one address is not limited as one visitor.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::api::http::cookies;
use crate::api::middleware::limits::{Limit, LimitName, add_headers, too_many};
use crate::api::{ApiState, ClientAddress};
use crate::model::account::AccountId;
use crate::portal::Viewer;
use crate::sandbox::{RateWindow, SandboxId};

/// Milliseconds of the limit.
const HOUR: i64 = 3_600_000;
/// Counters that are kept; the longest unused are dropped first.
const CAPACITY: u64 = 100_000;

/// Counts the sandboxes that each address and each account has created; cheap to clone.
///
/// A counter is in the memory of this process. A table in the database that several instances share
/// would make every counted request a write, to enforce exactly a limit that only has to keep one
/// process from overload; so with several instances each of them counts by itself. The number of
/// sandboxes in all, which limits disk use, is that of the shared database. The crate `governor` is
/// not used: its keyed limiter has no maximum number of keys, it cannot take back the count of a
/// write that failed, and it reports a rate instead of the rest and the end of a window, which
/// `RateLimit` shows.
#[derive(Clone, Debug)]
pub struct SandboxCreationLimiter(Cache<Creator, Arc<RateWindow>>);

/// Who creates a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Creator {
    Address(IpNet),
    Account(AccountId),
}

impl Default for SandboxCreationLimiter {
    fn default() -> SandboxCreationLimiter {
        SandboxCreationLimiter(
            Cache::builder()
                .max_capacity(CAPACITY)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(Duration::from_secs(3600))
                .build(),
        )
    }
}

impl SandboxCreationLimiter {
    fn window(&self, creator: Creator) -> Arc<RateWindow> {
        self.0.get_with(creator, Arc::default)
    }
}

/// Refuses with 429 a request that may create a sandbox beyond the limit. Each that did counts.
pub(in crate::api) async fn limit(state: &ApiState, request: Request, next: Next) -> Response {
    let creator = match Member::of(state, &request).find(state).await {
        Some(account) => Some(Creator::Account(account)),
        None => ClientAddress::of(request.extensions())
            .map(|address| Creator::Address(address.network())),
    };
    // A request of the program itself has no address.
    let Some(creator) = creator else {
        return next.run(request).await;
    };
    let window = state.creations.window(creator);
    let quota = state.sandboxes.limits().sandboxes_per_hour;
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
        window.give_back();
    }
    response
}

/// What tells who is logged in to the portal.
enum Member {
    /// The account that a page names, which sends a request for somebody; `None` for nobody.
    Named(Option<AccountId>),
    /// The value of the session's cookie.
    Session(String),
}

impl Member {
    fn of(state: &ApiState, request: &Request) -> Member {
        if let Some(viewer) = request.extensions().get::<Option<Viewer>>() {
            return Member::Named(viewer.as_ref().map(|viewer| viewer.account));
        }
        match cookies::portal_session(request.headers(), state.secure_cookies) {
            Some(session) => Member::Session(session),
            None => Member::Named(None),
        }
    }

    async fn find(self, state: &ApiState) -> Option<AccountId> {
        let session = match self {
            Member::Named(account) => return account,
            Member::Session(session) => session,
        };
        match state.portal.as_ref()?.find_viewer(&session).await {
            Ok(viewer) => viewer.map(|viewer| viewer.account),
            Err(cause) => {
                tracing::warn!(%cause, "a session could not be read");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use crate::api::middleware::sandbox_creation::*;

    #[test]
    fn memory_is_bounded_after_a_million_addresses() {
        let limiter = SandboxCreationLimiter::default();
        let address = |number: u32| Creator::Address(IpAddr::V4(Ipv4Addr::from(number)).into());
        for number in 0..1_000_000 {
            limiter.window(address(number)).count(0, 2, HOUR);
        }
        limiter.0.run_pending_tasks();
        let kept = limiter.0.entry_count();
        assert!((CAPACITY / 2..=CAPACITY).contains(&kept), "{kept}");
        // The last ones are still counted, the first ones begin anew.
        let left = |number| limiter.window(address(number)).count(0, 2, HOUR).left;
        assert_eq!((left(999_999), left(0)), (0, 1));
    }
}
