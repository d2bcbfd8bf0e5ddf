//! Whose data a request is about: the key of a sandbox in a header or a cookie.
//!
//! The header wins. A header that opens nothing is refused; a cookie that opens nothing reads the
//! seed, and the next write makes a new sandbox: a client's value is never adopted.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{COOKIE, HeaderName, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cookie::{Cookie, SameSite};

use crate::api::ApiState;
use crate::api::error::ApiError;
use crate::sandbox::{Key, Opened, Owner, SandboxId};

/// The header that carries the key, to and fro.
pub(super) const HEADER: HeaderName = HeaderName::from_static("sandbox-key");

/// How long a browser keeps the cookie, in days; it is sent anew daily.
const DAYS: i64 = 7;

/// Who a request comes from, as far as its sandbox tells.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    /// The key that opened the sandbox, with it.
    pub(super) sandbox: Option<(Key, SandboxId)>,
    /// Whether its key came in the cookie.
    pub(super) by_cookie: bool,
    /// Whether a header named a sandbox that is not there.
    unknown: bool,
}

impl Visitor {
    /// Whose data a write changes.
    pub(super) fn owner(&self) -> Owner {
        self.id().map_or(Owner::New, Owner::Known)
    }

    /// The sandbox, if there is one.
    pub(super) fn id(&self) -> Option<SandboxId> {
        self.sandbox.as_ref().map(|(_, id)| *id)
    }
}

/// The visitor of a request; a header that opens nothing is refused.
pub(super) struct KnownVisitor(pub(super) Visitor);

impl<S: Send + Sync> FromRequestParts<S> for KnownVisitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<KnownVisitor, ApiError> {
        let visitor = parts
            .extensions
            .get::<Visitor>()
            .cloned()
            .expect("the layer resolves every visitor");
        match visitor.unknown {
            true => Err(ApiError::unknown_sandbox()),
            false => Ok(KnownVisitor(visitor)),
        }
    }
}

/// Finds the visitor of every request. Without a key no database is touched.
pub(super) async fn resolve(
    State(state): State<ApiState>,
    mut request: Request,
    next: Next,
) -> Response {
    let header = request.headers().get(HEADER).cloned();
    let key = match &header {
        Some(value) => value.to_str().ok().and_then(|text| Key::parse(text.trim())),
        None => from_cookie(request.headers(), state.secure_cookies),
    };
    let opened = match &key {
        Some(key) => state.sandboxes.open_sandbox(key).await,
        None => Ok(None),
    };
    let opened = match opened {
        Ok(opened) => opened,
        Err(error) => return ApiError::from(error).into_response(),
    };
    let unknown = header.is_some() && opened.is_none();
    let renewed = key
        .clone()
        .filter(|_| header.is_none() && opened.is_some_and(|opened: Opened| opened.renew));
    let sandbox = key.zip(opened.map(|opened| opened.id));
    request.extensions_mut().insert(Visitor {
        sandbox,
        by_cookie: header.is_none(),
        unknown,
    });
    let mut response = next.run(request).await;
    if let Some(key) = renewed
        && !response.headers().contains_key(SET_COOKIE)
    {
        response
            .headers_mut()
            .append(SET_COOKIE, cookie(&key, state.secure_cookies));
    }
    response
}

/// Tells the client the key of the sandbox that its request made, as cookie and header.
pub(super) fn announce(made: Option<Key>, secure: bool, mut response: Response) -> Response {
    if let Some(key) = made {
        let headers = response.headers_mut();
        headers.append(SET_COOKIE, cookie(&key, secure));
        headers.insert(
            HEADER,
            HeaderValue::from_str(key.as_str()).expect("a key is a header value"),
        );
    }
    response
}

/// Takes the cookie away from the browser.
pub(super) fn forget(secure: bool, mut response: Response) -> Response {
    let removal = Cookie::build((name(secure), ""))
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax)
        .max_age(cookie::time::Duration::ZERO);
    let value =
        HeaderValue::from_str(&removal.to_string()).expect("a cookie of ours is a header value");
    response.headers_mut().append(SET_COOKIE, value);
    response
}

fn name(secure: bool) -> &'static str {
    if secure { "__Host-sandbox" } else { "sandbox" }
}

fn cookie(key: &Key, secure: bool) -> HeaderValue {
    let cookie = Cookie::build((name(secure), key.as_str()))
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax)
        .max_age(cookie::time::Duration::days(DAYS));
    HeaderValue::from_str(&cookie.to_string()).expect("a cookie of ours is a header value")
}

fn from_cookie(headers: &HeaderMap, secure: bool) -> Option<Key> {
    let fields = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut cookies = fields.flat_map(|field| Cookie::split_parse(field).filter_map(Result::ok));
    let cookie = cookies.find(|cookie| cookie.name() == name(secure))?;
    Key::parse(cookie.value())
}
