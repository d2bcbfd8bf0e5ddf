//! `POST /{lang}/try`: sends a request for a reader without scripts and returns a page with the same
//! content as the playground.
//!
//! The request goes through the complete router of the API in the same process. Only the cookies of the
//! users API are forwarded in either direction.

use std::time::Instant;

use axum::extract::{RawQuery, State};
use axum::http::header::{CACHE_CONTROL, COOKIE, HOST, SET_COOKIE};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request};
use axum::response::Response;
use bytes::Bytes;
use uuid::Uuid;

use crate::api::ClientAddress;
use crate::model::cookie;
use crate::model::http::{
    Header, HttpResponse, Mutation, RequestDraft, normalize_target_of, validate,
};
use crate::pages::exchange::ExchangeQuery;
use crate::pages::form_values;
use crate::pages::try_request;
use crate::pages::try_request::{SubmittedOutcome, SubmittedRequest};
use crate::pages::{PageRequest, PageVisitor};
use crate::portal::Viewer;
use crate::state::AppState;

/// The cookies of the users API, with and without a name prefix (RFC 6265bis, section 4.1.3).
const COOKIES: [&str; 4] = [
    "sandbox",
    "__Host-sandbox",
    "api_session",
    "__Host-api_session",
];

/// Sends the request of the form and renders the page with its response.
pub(in crate::pages) async fn submit(
    State(state): State<AppState>,
    reader: PageRequest,
    RawQuery(query): RawQuery,
    extensions: Extensions,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = FormFields(form_urlencoded::parse(&body).into_owned().collect());
    let query = query.unwrap_or_default();
    let query = FormFields(
        form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
    );
    let from = query.field("from").map(str::to_owned);
    let block = query.field("block").map(str::to_owned);
    let fault = form.field("fault").and_then(Mutation::parse);
    let draft = RequestDraft::from_form(form.0.iter().cloned());
    let draft = fault.and_then(|fault| fault.apply(&draft)).unwrap_or(draft);
    let mut client = ApiClient {
        state: &state,
        jar: CookieJar::read(&headers),
        address: ClientAddress::of(&extensions),
        viewer: extensions.get::<Option<Viewer>>().cloned().flatten(),
    };
    let mut tried = SubmittedRequest {
        answer: SubmittedOutcome::Refused(Vec::new()),
        draft,
        from,
        block,
        asked: ExchangeQuery::of_form(
            form.field("predicted-status"),
            form.field("predicted-changes"),
        ),
    };
    tried.answer = match form_values::resolve(&form.0, &tried.draft) {
        Err(unknown) => SubmittedOutcome::Unresolved(unknown),
        Ok(draft) => {
            let mut findings = validate(&draft);
            findings.retain(|finding| !finding.problem.is_for_browsers_only());
            match findings.is_empty() {
                true => client.exchange(&draft, &form, fault).await,
                false => SubmittedOutcome::Refused(findings),
            }
        }
    };
    let set_cookies = client.jar.changed;
    let mut response = try_request::page(&state, reader, tried).await;
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in set_cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Names and values of the form fields, in order.
struct FormFields(Vec<(String, String)>);

impl FormFields {
    fn field(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(other, _)| other == name);
        found.next().map(|(_, value)| value.as_str())
    }
}

/// A client of the API that sends requests with the cookies and the address of the reader.
struct ApiClient<'a> {
    state: &'a AppState,
    jar: CookieJar,
    /// The client address of the reader, for the rate limits of the API.
    address: Option<ClientAddress>,
    viewer: Option<Viewer>,
}

impl ApiClient<'_> {
    /// Sends a draft in the reader's sandbox; twice when the mutation of the draft is to send it twice.
    async fn exchange(
        &mut self,
        draft: &RequestDraft,
        form: &FormFields,
        fault: Option<Mutation>,
    ) -> SubmittedOutcome {
        let (sandbox, _) = self.plain(Method::GET, "/api/sandbox", &[]).await;
        if String::from_utf8_lossy(&sandbox).contains("\"key\":null") {
            self.plain(Method::POST, "/api/sandbox", &[]).await;
        }
        let target = normalize_target_of(&draft.method, &draft.target);
        let (Ok(method), Ok(target)) = (draft.method.parse(), target) else {
            // Validation and sending use the same rules, so a draft that cannot be sent has findings.
            return SubmittedOutcome::Refused(validate(draft));
        };
        if fault == Some(Mutation::NoCookie) || form.field("credentials") == Some("none") {
            self.jar.withhold_session();
        }
        let group = Uuid::new_v4().to_string();
        let mut headers = draft.headers.clone();
        headers.push(Header::new("exchange-group", group.as_str()));
        let body = Bytes::from(draft.body.clone());
        let started = Instant::now();
        let send = async |client: &mut Self| {
            client
                .send(Method::clone(&method), &target, &headers, body.clone())
                .await
        };
        let mut response = send(self).await;
        if fault == Some(Mutation::Twice) {
            response = send(self).await;
        }
        let milliseconds = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
        let (parts, content) = response.into_parts();
        let shown = parts.headers.iter().filter(|(name, _)| *name != SET_COOKIE);
        let shown = shown.map(|(name, value)| {
            Header::new(name.as_str(), String::from_utf8_lossy(value.as_bytes()))
        });
        let response = HttpResponse::new(
            parts.status.as_u16(),
            shown.collect(),
            content.to_vec(),
            milliseconds,
        );
        let visitor = PageVisitor::of(self.state, &self.jar.headers()).await.ok();
        SubmittedOutcome::Response {
            response,
            visitor,
            group,
        }
    }

    async fn plain(&mut self, method: Method, target: &str, headers: &[Header]) -> (Bytes, bool) {
        let response = self.send(method, target, headers, Bytes::new()).await;
        let ok = response.status().is_success();
        (response.into_body(), ok)
    }

    async fn send(
        &mut self,
        method: Method,
        target: &str,
        headers: &[Header],
        body: Bytes,
    ) -> http::Response<Bytes> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = target.parse().expect("a normalised target is a URI");
        for header in headers {
            let name = HeaderName::from_bytes(header.name.as_bytes());
            let value = HeaderValue::from_str(&header.value);
            if let (Ok(name), Ok(value)) = (name, value)
                && name != COOKIE
                && name != HOST
            {
                request.headers_mut().append(name, value);
            }
        }
        if let Some(cookie) = self.jar.header() {
            request.headers_mut().insert(COOKIE, cookie);
        }
        request.extensions_mut().insert(self.viewer.clone());
        let response = self.state.api.send(request, self.address).await;
        self.jar.take(response.headers());
        response
    }
}

/// The cookies of the users API: those of the reader and those that the responses set.
#[derive(Default)]
struct CookieJar {
    /// Pairs as they were received. A duplicate cookie is forwarded twice, so that the API rejects it with
    /// its own response.
    held: Vec<Vec<u8>>,
    changed: Vec<HeaderValue>,
}

impl CookieJar {
    fn read(headers: &HeaderMap) -> CookieJar {
        let fields = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
        let pairs = fields.flat_map(cookie::pairs);
        let held = pairs.filter(|pair| is_ours(cookie::name(pair)));
        CookieJar {
            held: held.map(<[u8]>::to_vec).collect(),
            changed: Vec::new(),
        }
    }

    /// Omits the session from the forwarded cookies. The cookie of the reader is not deleted.
    fn withhold_session(&mut self) {
        self.held
            .retain(|pair| !cookie::name(pair).ends_with(b"api_session"));
    }

    fn take(&mut self, headers: &HeaderMap) {
        for value in headers.get_all(SET_COOKIE) {
            let pair = cookie::pairs(value.as_bytes()).next().unwrap_or_default();
            let name = cookie::name(pair);
            if is_ours(name) {
                self.held.retain(|held| cookie::name(held) != name);
                self.held.push(pair.to_vec());
                self.changed.push(value.clone());
            }
        }
    }

    /// Returns the `Cookie` header of a request.
    fn headers(&self) -> HeaderMap {
        let cookie = self.header().map(|cookie| (COOKIE, cookie));
        cookie.into_iter().collect()
    }

    fn header(&self) -> Option<HeaderValue> {
        match self.held.is_empty() {
            true => None,
            false => HeaderValue::from_bytes(&self.held.join(&b"; "[..])).ok(),
        }
    }
}

fn is_ours(name: &[u8]) -> bool {
    COOKIES.iter().any(|ours| ours.as_bytes() == name)
}
