//! The sandbox of a request, which is selected by a key in a header or a cookie.
//!
//! The header takes precedence. A key in a header that opens no sandbox is refused. A key in a cookie that
//! opens no sandbox is ignored: reads return the seed, and the next write creates a sandbox with a new key.
//! The server never adopts a key that a client sends.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::error::ApiError;
use crate::api::http::cookies::SANDBOX;
use crate::api::http::header_name::SANDBOX_KEY;
use crate::api::middleware::headers::RequestId;
use crate::api::middleware::masking;
use crate::api::state::ApiState;
use crate::api::trace::trace_of;
use crate::model::exchange::SourceRequest;
use crate::model::trace::TraceText;
use crate::sandbox::{CachedSandbox, CreatedSandbox, DataScope, SandboxKey};

/// The lifetime of the cookie in a browser, in milliseconds: seven days. The cookie is renewed daily.
pub(in crate::api) const COOKIE_AGE: i64 = 7 * 24 * 3_600_000;

/// The visitor who sends a request, as far as the sandbox identifies it; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(in crate::api) struct Visitor(Arc<SandboxLookup>);

#[derive(Debug, Default)]
struct SandboxLookup {
    /// The sandbox with the key that opened it.
    sandbox: Option<(SandboxKey, Arc<CachedSandbox>)>,
    /// Whether the key came in the cookie.
    is_by_cookie: bool,
    /// Whether the header had a key that opens no sandbox.
    is_unknown: bool,
}

impl Visitor {
    /// Returns the visitor of a request, once [`resolve`] has found it.
    pub(in crate::api) fn of(extensions: &Extensions) -> Visitor {
        extensions.get::<Visitor>().cloned().unwrap_or_default()
    }

    /// Returns the sandbox with its key, if there is one.
    pub(in crate::api) fn sandbox_with_key(&self) -> Option<(&SandboxKey, &Arc<CachedSandbox>)> {
        self.0.sandbox.as_ref().map(|(key, sandbox)| (key, sandbox))
    }

    /// Returns the sandbox, if there is one.
    pub(in crate::api) fn sandbox(&self) -> Option<&Arc<CachedSandbox>> {
        self.0.sandbox.as_ref().map(|(_, sandbox)| sandbox)
    }

    /// Returns whether the key came in the cookie.
    pub(in crate::api) fn is_by_cookie(&self) -> bool {
        self.0.is_by_cookie
    }

    /// Returns whether the header had a key that opens no sandbox.
    pub(in crate::api) fn is_unknown(&self) -> bool {
        self.0.is_unknown
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visitor, Infallible> {
        Ok(Visitor::of(&parts.extensions))
    }
}

/// The data that a request reads and writes. Rejects a header whose key opens no sandbox.
pub(in crate::api) struct Data(pub(in crate::api) DataScope);

impl<S: Send + Sync> FromRequestParts<S> for Data {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Data, ApiError> {
        let visitor = Visitor::of(&parts.extensions);
        if visitor.is_unknown() {
            return Err(ApiError::unknown_sandbox());
        }
        let trace = trace_of(&parts.extensions);
        let sandbox = visitor.sandbox().map(|sandbox| sandbox.id);
        trace.set_detail(|| match sandbox {
            Some(_) => TraceText::translatable("the data of the sandbox"),
            None => TraceText::translatable("the seed; a write creates a sandbox"),
        });
        let source = source_of(parts);
        Ok(Data(DataScope {
            sandbox,
            trace,
            source,
        }))
    }
}

/// Returns the description of a request for the undo log; `None` when the method is safe.
fn source_of(parts: &Parts) -> Option<Arc<SourceRequest>> {
    (!parts.method.is_safe()).then(|| {
        let id = parts.extensions.get::<RequestId>().copied();
        Arc::new(SourceRequest {
            id: id.unwrap_or_default().to_string(),
            method: parts.method.to_string(),
            target: masking::target(&parts.uri),
        })
    })
}

/// Returns whether a request has a sandbox key, even one that opens no sandbox.
pub(in crate::api) fn has_key(headers: &HeaderMap, secure: bool) -> bool {
    headers.contains_key(SANDBOX_KEY) || SANDBOX.find(headers, secure).is_some()
}

/// Finds the visitor of every request. A request without a key causes no database access.
pub(in crate::api) async fn resolve(
    State(state): State<ApiState>,
    mut request: Request,
    next: Next,
) -> Response {
    let header = request.headers().get(SANDBOX_KEY).cloned();
    let key = match &header {
        Some(value) => value
            .to_str()
            .ok()
            .and_then(|text| SandboxKey::parse(text.trim())),
        None => SANDBOX.find(request.headers(), state.secure_cookies),
    };
    if header.is_none()
        && let Err(error) = SANDBOX.check_unique(request.headers(), state.secure_cookies)
    {
        return error.into_response();
    }
    let trace = trace_of(request.extensions());
    let opened = match &key {
        Some(key) => state.sandboxes.open_sandbox(key, &trace).await,
        None => Ok(None),
    };
    let opened = match opened {
        Ok(opened) => opened,
        Err(error) => return ApiError::from(error).into_response(),
    };
    let is_by_cookie = header.is_none();
    let needs_renewal = is_by_cookie && opened.as_ref().is_some_and(|opened| opened.needs_renewal);
    let visitor = Visitor(Arc::new(SandboxLookup {
        is_by_cookie,
        is_unknown: header.is_some() && opened.is_none(),
        sandbox: key.zip(opened.map(|opened| opened.sandbox)),
    }));
    request.extensions_mut().insert(visitor.clone());
    let mut response = next.run(request).await;
    if let Some((key, sandbox)) = visitor.sandbox_with_key() {
        response.extensions_mut().insert(sandbox.id);
        let (headers, secure) = (response.headers_mut(), state.secure_cookies);
        if needs_renewal && !SANDBOX.is_set_by(headers, secure) {
            SANDBOX.set(headers, key, COOKIE_AGE, secure);
        }
    }
    response
}

/// Sends the key of a sandbox that the request created, as a cookie and as a header.
pub(in crate::api) fn set_sandbox_cookie(
    created: Option<CreatedSandbox>,
    secure: bool,
    mut response: Response,
) -> Response {
    if let Some(CreatedSandbox { key, sandbox }) = created {
        response.extensions_mut().insert(sandbox);
        let headers = response.headers_mut();
        SANDBOX.set(headers, &key, COOKIE_AGE, secure);
        headers.insert(
            SANDBOX_KEY,
            HeaderValue::from_str(key.as_str()).expect("a key is a header value"),
        );
    }
    response
}

/// Deletes the cookie in the browser.
pub(in crate::api) fn delete_sandbox_cookie(secure: bool, mut response: Response) -> Response {
    SANDBOX.delete(response.headers_mut(), secure);
    response
}
