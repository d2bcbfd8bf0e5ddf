//! The visitor's own sandbox, as pages find it: by the cookie that the API gives.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};

use crate::api;
use crate::model::trace::Trace;
use crate::sandbox::{DatabaseError, Live, Owner, SandboxId, Scope};
use crate::state::AppState;

/// Whose data a page shows; one without a sandbox sees the seed.
#[derive(Clone, Debug)]
pub struct Visitor(Option<Arc<Live>>);

impl Visitor {
    /// The sandbox, if there is one.
    pub fn live(&self) -> Option<&Arc<Live>> {
        self.0.as_ref()
    }

    /// Which sandbox it is, if there is one.
    pub fn sandbox(&self) -> Option<SandboxId> {
        self.0.as_ref().map(|live| live.id)
    }

    /// The data of the visitor, for reading and writing without a trace.
    pub fn scope(&self) -> Scope {
        Scope {
            owner: self.sandbox().map_or(Owner::New, Owner::Known),
            trace: Trace::off(),
            source: None,
        }
    }
}

impl Visitor {
    /// Whose cookies these are.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn of(state: &AppState, headers: &HeaderMap) -> Result<Visitor, DatabaseError> {
        let secure = state.config.secure_cookies();
        let Some(key) = api::visitor_key(headers, secure) else {
            return Ok(Visitor(None));
        };
        let opened = state.sandboxes.open_sandbox(&key, &Trace::off()).await?;
        Ok(Visitor(opened.map(|opened| opened.live)))
    }
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = StatusCode;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Visitor, StatusCode> {
        let found = Visitor::of(state, &parts.headers).await;
        found.map_err(|cause| {
            tracing::error!(%cause, "a visitor's sandbox cannot be opened");
            StatusCode::SERVICE_UNAVAILABLE
        })
    }
}
