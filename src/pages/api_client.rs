//! Sends requests to the users API in the same process, on behalf of a browser without scripts.
//!
//! The requests go through the complete router of the API, so that its rate limits and validation apply.
//! Only the cookies of the users API are forwarded, in either direction.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{Extensions, HeaderMap, HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;

use crate::api::ClientAddress;
use crate::model::cookie;
use crate::pages::visitor::PageVisitor;
use crate::portal::Viewer;
use crate::sandbox::DatabaseError;
use crate::state::AppState;

/// The names of the sandbox cookie, with and without a name prefix (RFC 6265bis, section 4.1.3).
const SANDBOX_COOKIES: [&str; 2] = ["sandbox", "__Host-sandbox"];

/// The names of the session cookie of the users API, with and without a name prefix.
const SESSION_COOKIES: [&str; 2] = ["api_session", "__Host-api_session"];

/// A client of the API that sends requests with the cookies, viewer and address of the browser.
pub(super) struct ApiClient<'a> {
    state: &'a AppState,
    jar: CookieJar,
    /// The client address of the browser, for the rate limits of the API.
    address: Option<ClientAddress>,
    viewer: Option<Viewer>,
}

impl ApiClient<'_> {
    /// Creates a client for the browser that sent a request with these headers and extensions.
    pub(super) fn new<'a>(
        state: &'a AppState,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> ApiClient<'a> {
        ApiClient {
            state,
            jar: CookieJar::read(headers),
            address: ClientAddress::of(extensions),
            viewer: extensions.get::<Option<Viewer>>().cloned().flatten(),
        }
    }

    /// Omits the session from the requests. The cookie of the browser is not deleted.
    pub(super) fn withhold_session(&mut self) {
        self.jar
            .pairs
            .retain(|pair| !SESSION_COOKIES.iter().any(|own| is_named(pair, own)));
    }

    /// Sends a request with the forwarded cookies, and stores the cookies that the response sets.
    pub(super) async fn send(&mut self, mut request: Request<Bytes>) -> http::Response<Bytes> {
        if let Some(cookie) = self.jar.field() {
            request.headers_mut().insert(COOKIE, cookie);
        }
        request.extensions_mut().insert(self.viewer.clone());
        let response = self.state.api.send(request, self.address).await;
        self.jar.store(response.headers());
        response
    }

    /// Finds the visitor whose sandbox the last request used.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(super) async fn visitor(&self) -> Result<PageVisitor, DatabaseError> {
        let cookie = self.jar.field().map(|cookie| (COOKIE, cookie));
        let headers: HeaderMap = cookie.into_iter().collect();
        PageVisitor::find(self.state, &headers).await
    }

    /// Returns the response to a form, with the cookies that the API has set: the redirect, if there is one, otherwise the
    /// page for the visitor as the form has left them.
    pub(super) async fn respond<F>(
        self,
        redirect: Option<Response>,
        page: impl FnOnce(PageVisitor) -> F,
    ) -> Response
    where
        F: Future<Output = Response>,
    {
        let mut response = match redirect {
            Some(redirect) => redirect,
            None => match self.visitor().await {
                Ok(visitor) => page(visitor).await,
                Err(cause) => {
                    tracing::error!(%cause, "the sandbox of a visitor cannot be opened");
                    StatusCode::SERVICE_UNAVAILABLE.into_response()
                }
            },
        };
        self.set_cookies(&mut response);
        response
    }

    /// Adds the cookies that the API has set to the response for the browser.
    pub(super) fn set_cookies(self, response: &mut Response) {
        for cookie in self.jar.set {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
}

/// The cookies of the users API: those of the browser and those that the responses set.
struct CookieJar {
    /// Pairs as they were received. A duplicate cookie is forwarded twice, so that the API rejects it with
    /// its own response.
    pairs: Vec<Vec<u8>>,
    /// The `Set-Cookie` fields of the responses.
    set: Vec<HeaderValue>,
}

impl CookieJar {
    /// Reads the cookies of the users API from the headers of a request.
    fn read(headers: &HeaderMap) -> CookieJar {
        let fields = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
        let pairs = fields.flat_map(cookie::pairs);
        let pairs = pairs.filter(|pair| is_forwarded(pair));
        CookieJar {
            pairs: pairs.map(<[u8]>::to_vec).collect(),
            set: Vec::new(),
        }
    }

    /// Stores the cookies of the users API that a response sets.
    fn store(&mut self, headers: &HeaderMap) {
        for value in headers.get_all(SET_COOKIE) {
            let pair = cookie::pairs(value.as_bytes()).next().unwrap_or_default();
            if is_forwarded(pair) {
                let name = cookie::name(pair);
                self.pairs.retain(|other| cookie::name(other) != name);
                self.pairs.push(pair.to_vec());
                self.set.push(value.clone());
            }
        }
    }

    /// Returns the `Cookie` field of a request, or `None` without cookies.
    fn field(&self) -> Option<HeaderValue> {
        match self.pairs.is_empty() {
            true => None,
            false => HeaderValue::from_bytes(&self.pairs.join(&b"; "[..])).ok(),
        }
    }
}

/// Returns whether a pair is a cookie of the users API.
fn is_forwarded(pair: &[u8]) -> bool {
    let mut names = SANDBOX_COOKIES.iter().chain(&SESSION_COOKIES);
    names.any(|name| is_named(pair, name))
}

fn is_named(pair: &[u8], name: &str) -> bool {
    cookie::name(pair) == name.as_bytes()
}
