//! `POST /{lang}/try`: sends a request for a reader without scripts and answers with a page that
//! shows what the playground would.
//!
//! The request goes through the finished API in process. Of the reader's cookies it carries only
//! those of the taught API, and only those come back.

use std::net::SocketAddr;
use std::time::Instant;

use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::header::{CACHE_CONTROL, COOKIE, HOST, SET_COOKIE};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request};
use axum::response::Response;
use bytes::Bytes;

use crate::model::change::{Row, compare};
use crate::model::http::{Header, Reply, RequestDraft, normalise_target, validate};
use crate::pages::Reader;
use crate::pages::reply::{self, Answer, Tried};
use crate::state::AppState;

/// The cookies that belong to the taught API, by either name (RFC 6265bis, section 4.1.3).
const COOKIES: [&str; 4] = [
    "sandbox",
    "__Host-sandbox",
    "api_session",
    "__Host-api_session",
];

/// Sends what the form holds and shows the reply.
pub(super) async fn submit(
    State(state): State<AppState>,
    reader: Reader,
    RawQuery(query): RawQuery,
    extensions: Extensions,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let draft = RequestDraft::from_form(form_urlencoded::parse(&body).into_owned());
    let from = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(name, _)| name == "from")
        .map(|(_, path)| path.into_owned());
    let mut findings = validate(&draft);
    findings.retain(|finding| !finding.problem.is_for_browsers_only());
    let mut client = Client {
        state: &state,
        jar: Jar::read(&headers),
        peer: peer(&extensions),
    };
    let answer = match findings.is_empty() {
        true => client.exchange(&draft).await,
        false => Answer::Refused(findings),
    };
    let set_cookies = client.jar.changed;
    let mut response = reply::page(
        &state,
        reader,
        Tried {
            draft,
            answer,
            from,
        },
    )
    .await;
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in set_cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The reader's address, for the limits of the API.
fn peer(extensions: &Extensions) -> Option<ConnectInfo<SocketAddr>> {
    extensions.get::<ConnectInfo<SocketAddr>>().cloned()
}

/// Sends to the API in the reader's name.
struct Client<'a> {
    state: &'a AppState,
    jar: Jar,
    peer: Option<ConnectInfo<SocketAddr>>,
}

impl Client<'_> {
    /// Sends a draft in the reader's own sandbox, with a listing of the users before and after.
    async fn exchange(&mut self, draft: &RequestDraft) -> Answer {
        let (sandbox, _) = self.plain(Method::GET, "/api/sandbox", &[]).await;
        if String::from_utf8_lossy(&sandbox).contains("\"key\":null") {
            self.plain(Method::POST, "/api/sandbox", &[]).await;
        }
        let before = self.users().await;
        let (Ok(method), Ok(target)) = (draft.method.parse(), normalise_target(&draft.target))
        else {
            // Both were validated; a draft that passes there is sent.
            return Answer::Refused(validate(draft));
        };
        let started = Instant::now();
        let reply = self
            .send(
                method,
                &target,
                &draft.headers,
                Bytes::from(draft.body.clone()),
            )
            .await;
        let milliseconds = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
        let (parts, content) = reply.into_parts();
        let headers = parts
            .headers
            .iter()
            .filter(|(name, _)| *name != SET_COOKIE)
            .map(|(name, value)| {
                Header::new(name.as_str(), String::from_utf8_lossy(value.as_bytes()))
            })
            .collect();
        let reply = Reply::new(
            parts.status.as_u16(),
            headers,
            content.to_vec(),
            milliseconds,
        );
        let story = self.story(&parts.headers).await;
        let rows = before
            .zip(self.users().await)
            .map(|(before, after)| compare(&before, &after));
        Answer::Reply { reply, story, rows }
    }

    async fn users(&mut self) -> Option<Vec<Row>> {
        // Not an exchange of the reader's.
        let unrecorded = [Header::new("exchange-group", "none")];
        let target = "/api/users?per_page=100";
        let (content, ok) = self.plain(Method::GET, target, &unrecorded).await;
        ok.then(|| serde_json::from_slice(&content).ok()).flatten()
    }

    /// What the server did with the request of a reply.
    async fn story(&mut self, reply: &HeaderMap) -> Option<String> {
        let id = reply.get("request-id")?.to_str().ok()?;
        let target = format!("/api/sandbox/exchanges/{id}");
        let as_text = [Header::new("accept", "text/plain")];
        let (story, ok) = self.plain(Method::GET, &target, &as_text).await;
        ok.then(|| String::from_utf8_lossy(&story).into_owned())
    }

    async fn plain(&mut self, method: Method, target: &str, headers: &[Header]) -> (Bytes, bool) {
        let reply = self.send(method, target, headers, Bytes::new()).await;
        let ok = reply.status().is_success();
        (reply.into_body(), ok)
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
        if let Some(peer) = &self.peer {
            request.extensions_mut().insert(*peer);
        }
        let reply = self.state.api.send(request).await;
        self.jar.take(reply.headers());
        reply
    }
}

/// The cookies of the taught API that the reader has, and those that are to be set.
#[derive(Default)]
struct Jar {
    held: Vec<cookie::Cookie<'static>>,
    changed: Vec<HeaderValue>,
}

impl Jar {
    fn read(headers: &HeaderMap) -> Jar {
        let held = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| cookie::Cookie::split_parse(value.to_owned()).filter_map(Result::ok))
            .filter(|cookie| COOKIES.contains(&cookie.name()))
            .collect();
        Jar {
            held,
            changed: Vec::new(),
        }
    }

    fn take(&mut self, headers: &HeaderMap) {
        for value in headers.get_all(SET_COOKIE) {
            let Some(cookie) = value
                .to_str()
                .ok()
                .and_then(|text| cookie::Cookie::parse(text.to_owned()).ok())
            else {
                continue;
            };
            if COOKIES.contains(&cookie.name()) {
                self.held.retain(|held| held.name() != cookie.name());
                self.held.push(cookie);
                self.changed.push(value.clone());
            }
        }
    }

    fn header(&self) -> Option<HeaderValue> {
        let pairs: Vec<String> = self
            .held
            .iter()
            .map(|cookie| format!("{}={}", cookie.name(), cookie.value()))
            .collect();
        match pairs.is_empty() {
            true => None,
            false => HeaderValue::from_str(&pairs.join("; ")).ok(),
        }
    }
}
