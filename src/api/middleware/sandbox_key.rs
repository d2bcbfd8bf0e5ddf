//! Whose data a request is about: the key of a sandbox in a header or a cookie.
//!
//! The header wins. A header that opens nothing is refused; a cookie that opens nothing reads the
//! seed, and the next write makes a new sandbox: a client's value is never adopted.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::HeaderName;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::error::ApiError;
use crate::api::http::cookies::SANDBOX;
use crate::api::middleware::headers::RequestId;
use crate::api::middleware::masking;
use crate::api::state::ApiState;
use crate::api::trace::trace_of;
use crate::model::exchange::SourceRequest;
use crate::model::trace::TraceText;
use crate::sandbox::{CachedSandbox, CreatedSandbox, DataOwner, DataScope, SandboxKey};

/// The header that carries the key, to and fro.
pub(in crate::api) const HEADER: HeaderName = HeaderName::from_static("sandbox-key");

/// How long a browser keeps the cookie, in milliseconds: seven days; it is sent anew daily.
const AGE: i64 = 7 * 24 * 3_600_000;

/// Who a request comes from, as far as its sandbox tells; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(in crate::api) struct Visitor(Arc<SandboxLookup>);

#[derive(Debug, Default)]
struct SandboxLookup {
    /// The key that opened the sandbox, with it.
    sandbox: Option<(SandboxKey, Arc<CachedSandbox>)>,
    /// Whether its key came in the cookie.
    by_cookie: bool,
    /// Whether a header named a sandbox that is not there.
    unknown: bool,
}

impl Visitor {
    /// The visitor of a request, once [`resolve`] has found it.
    pub(in crate::api) fn of(extensions: &Extensions) -> Visitor {
        extensions.get::<Visitor>().cloned().unwrap_or_default()
    }

    /// The sandbox and its key, if there is one.
    pub(in crate::api) fn sandbox(&self) -> Option<(&SandboxKey, &Arc<CachedSandbox>)> {
        self.0.sandbox.as_ref().map(|(key, live)| (key, live))
    }

    /// The sandbox, if there is one.
    pub(in crate::api) fn live(&self) -> Option<&Arc<CachedSandbox>> {
        self.0.sandbox.as_ref().map(|(_, live)| live)
    }

    /// Whether the key came in the cookie.
    pub(in crate::api) fn is_by_cookie(&self) -> bool {
        self.0.by_cookie
    }

    /// Whether a header named a sandbox that is not there.
    pub(in crate::api) fn is_unknown(&self) -> bool {
        self.0.unknown
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visitor, Infallible> {
        Ok(Visitor::of(&parts.extensions))
    }
}

/// Whose data a request is about; a header that opens nothing is refused.
pub(in crate::api) struct Data(pub(in crate::api) DataScope);

impl<S: Send + Sync> FromRequestParts<S> for Data {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Data, ApiError> {
        let visitor = Visitor::of(&parts.extensions);
        if visitor.is_unknown() {
            return Err(ApiError::unknown_sandbox());
        }
        let trace = trace_of(&parts.extensions);
        let owner = visitor
            .live()
            .map_or(DataOwner::New, |live| DataOwner::Known(live.id));
        trace.set_detail(|| match owner {
            DataOwner::Known(_) => TraceText::translatable("the data of the sandbox"),
            DataOwner::New => TraceText::translatable("the seed; a write makes a sandbox"),
        });
        let source = source_of(parts);
        Ok(Data(DataScope {
            owner,
            trace,
            source,
        }))
    }
}

/// How the undo log names a request that may change something.
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

/// Whether a request names a sandbox, be it there or not.
pub(in crate::api) fn is_named(headers: &HeaderMap, secure: bool) -> bool {
    headers.contains_key(HEADER) || SANDBOX.find(headers, secure).is_some()
}

/// Finds the visitor of every request. Without a key no database is touched.
pub(in crate::api) async fn resolve(
    State(state): State<ApiState>,
    mut request: Request,
    next: Next,
) -> Response {
    let header = request.headers().get(HEADER).cloned();
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
    let unknown = header.is_some() && opened.is_none();
    let renew = header.is_none() && opened.as_ref().is_some_and(|opened| opened.renew);
    let sandbox = key.zip(opened.map(|opened| opened.live));
    let visitor = Visitor(Arc::new(SandboxLookup {
        sandbox,
        by_cookie: header.is_none(),
        unknown,
    }));
    request.extensions_mut().insert(visitor.clone());
    let mut response = next.run(request).await;
    if let Some((key, live)) = visitor.sandbox() {
        response.extensions_mut().insert(live.id);
        let (headers, secure) = (response.headers_mut(), state.secure_cookies);
        if renew && !SANDBOX.is_in(headers, secure) {
            SANDBOX.give(headers, key, AGE, secure);
        }
    }
    response
}

/// Tells the client the key of the sandbox that its request made, as cookie and header.
pub(in crate::api) fn announce(
    made: Option<CreatedSandbox>,
    secure: bool,
    mut response: Response,
) -> Response {
    if let Some(CreatedSandbox { key, sandbox }) = made {
        response.extensions_mut().insert(sandbox);
        let headers = response.headers_mut();
        SANDBOX.give(headers, &key, AGE, secure);
        headers.insert(
            HEADER,
            HeaderValue::from_str(key.as_str()).expect("a key is a header value"),
        );
    }
    response
}

/// Takes the cookie away from the browser.
pub(in crate::api) fn forget(secure: bool, mut response: Response) -> Response {
    SANDBOX.take(response.headers_mut(), secure);
    response
}
