//! Finds the sandbox of a visitor for a page, by the cookie that the API sets.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};

use crate::api;
use crate::model::trace::Trace;
use crate::sandbox::{CachedSandbox, DataScope, DatabaseError, SandboxId, SandboxKey};
use crate::state::AppState;

/// The visitor whose data a page shows; a visitor without a sandbox sees the seed.
#[derive(Clone, Debug)]
pub(super) struct PageVisitor(Option<(SandboxKey, Arc<CachedSandbox>)>);

impl PageVisitor {
    /// A visitor without a sandbox.
    pub(super) const ANONYMOUS: PageVisitor = PageVisitor(None);

    /// Returns the cached sandbox, if the visitor has one.
    pub(super) fn sandbox(&self) -> Option<&Arc<CachedSandbox>> {
        self.0.as_ref().map(|(_, sandbox)| sandbox)
    }

    /// Returns the key that opens the sandbox, if the visitor has one.
    pub(super) fn key(&self) -> Option<&SandboxKey> {
        self.0.as_ref().map(|(key, _)| key)
    }

    /// Returns the id of the sandbox, if the visitor has one.
    pub(super) fn sandbox_id(&self) -> Option<SandboxId> {
        self.sandbox().map(|sandbox| sandbox.id)
    }

    /// Returns the scope of the visitor's data, for access that is not traced.
    pub(super) fn scope(&self) -> DataScope {
        DataScope {
            sandbox: self.sandbox_id(),
            trace: Trace::disabled(),
            source: None,
        }
    }

    /// Finds the visitor by the sandbox cookie in the headers of a request.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(super) async fn find(
        state: &AppState,
        headers: &HeaderMap,
    ) -> Result<PageVisitor, DatabaseError> {
        let secure = state.config.secure_cookies();
        let Some(key) = api::visitor_key(headers, secure) else {
            return Ok(PageVisitor(None));
        };
        let opened = state
            .sandboxes
            .open_sandbox(&key, &Trace::disabled())
            .await?;
        Ok(PageVisitor(opened.map(|opened| (key, opened.sandbox))))
    }
}

impl FromRequestParts<AppState> for PageVisitor {
    type Rejection = StatusCode;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<PageVisitor, StatusCode> {
        let found = PageVisitor::find(state, &parts.headers).await;
        found.map_err(|cause| {
            tracing::error!(%cause, "the sandbox of a visitor cannot be opened");
            StatusCode::SERVICE_UNAVAILABLE
        })
    }
}
