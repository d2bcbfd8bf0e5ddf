//! Caches the responses that are equal for all anonymous clients, in each content coding, with a
//! strong entity tag for each.
//!
//! A handler marks such a response with [`SharedResponse`]. The response is then generated once
//! more by a request without header fields, and the result is sent to all anonymous requests for
//! that path, including conditional ones. Only paths that a handler has marked are cached, so a
//! client cannot create entries.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, ETAG,
    IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE, SET_COOKIE, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::Response;
use bytes::Bytes;
use moka::sync::Cache;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::api::{
    CurrentState, EntityTag, PreconditionResult, RequestId, SharedResponse, evaluate,
};
use crate::pages::accepts_markdown;
use crate::portal::CurrentSettings;
use crate::server::coding::{self, Coding};
use crate::server::dispatch::is_api;
use crate::server::refusal::RefusalContext;

/// The memory limit of all entries, in bytes.
const MEMORY: u64 = 16 * 1024 * 1024;
/// The largest response that is cached, in bytes.
const RESPONSE: usize = 2 * 1024 * 1024;
/// The brotli quality that the first client waits for.
const FIRST_QUALITY: i32 = 5;
/// The brotli quality of the smaller result that is computed in the background and replaces the
/// first one.
const BEST_QUALITY: i32 = 11;
/// The header fields of preconditions (RFC 9110, section 13.1).
const CONDITIONS: [HeaderName; 4] = [
    IF_MATCH,
    IF_NONE_MATCH,
    IF_MODIFIED_SINCE,
    IF_UNMODIFIED_SINCE,
];

/// The cache.
pub(super) struct ResponseCache {
    entries: Cache<String, Arc<Entry>>,
    /// The settings of the site, after a change of which no earlier response is used.
    settings: CurrentSettings,
    /// The version of the settings with which the entries were made.
    version: AtomicU64,
    /// The name of the session cookie; a visitor of a page without it is anonymous.
    session_cookie: &'static str,
    origin: Arc<str>,
    /// Limits compression in the background to one task.
    background: Arc<Semaphore>,
}

impl ResponseCache {
    /// Returns an empty cache for the site at `origin`.
    pub(super) fn new(
        session_cookie: &'static str,
        origin: Arc<str>,
        settings: CurrentSettings,
    ) -> ResponseCache {
        let entries = Cache::builder()
            .max_capacity(MEMORY)
            .weigher(|path: &String, entry: &Arc<Entry>| entry.weight(path))
            .build();
        ResponseCache {
            entries,
            version: AtomicU64::new(settings.version()),
            settings,
            session_cookie,
            origin,
            background: Arc::new(Semaphore::new(1)),
        }
    }

    /// Returns the cached response to an anonymous request when there is one, otherwise that of `respond`. Caches the
    /// response when its handler has marked it as equal for all anonymous clients.
    pub(super) async fn respond<F>(
        &self,
        request: Request,
        respond: impl Fn(Request) -> F,
    ) -> Response
    where
        F: Future<Output = Response>,
    {
        let (method, uri, headers) = (request.method(), request.uri(), request.headers());
        if !self.is_anonymous(method, uri.path(), headers) {
            return respond(request).await;
        }
        let version = self.settings.version();
        if self.version.load(Ordering::Acquire) != version {
            self.version.store(version, Ordering::Release);
            self.entries.invalidate_all();
        }
        if let Some(entry) = self.find(uri) {
            return self.respond_with(entry, &Head::from(request)).await;
        }
        let has_query = uri.query().is_some();
        let head = Head::of(&request);
        let response = respond(request).await;
        let shared = response.extensions().get::<SharedResponse>();
        let Some(shared) = shared.filter(|shared| shared.ignores_query || !has_query) else {
            return response;
        };
        match self.insert(shared.clone(), respond).await {
            Some(entry) => self.respond_with(entry, &head).await,
            None => response,
        }
    }

    /// Returns whether a request comes from an anonymous client and can be answered with a cached
    /// response.
    fn is_anonymous(&self, method: &Method, path: &str, headers: &HeaderMap) -> bool {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return false;
        }
        match is_api(path) {
            true => [
                COOKIE,
                AUTHORIZATION,
                HeaderName::from_static("sandbox-key"),
            ]
            .iter()
            .all(|name| !headers.contains_key(name)),
            // A lesson is Markdown for those who ask for it, which its handler decides.
            false => !has_cookie(headers, self.session_cookie) && !accepts_markdown(headers),
        }
    }

    fn find(&self, uri: &Uri) -> Option<Arc<Entry>> {
        let entry = self.entries.get(uri.path())?;
        (entry.ignores_query || uri.query().is_none()).then_some(entry)
    }

    /// Creates the entry of a shared response with a request that has only a path. Returns `None`
    /// when that response must not be cached.
    async fn insert<F>(
        &self,
        shared: SharedResponse,
        respond: impl FnOnce(Request) -> F,
    ) -> Option<Arc<Entry>>
    where
        F: Future<Output = Response>,
    {
        if let Some(entry) = self.entries.get(shared.path.as_ref()) {
            return Some(entry);
        }
        let version = self.settings.version();
        let request = Request::get(shared.path.as_ref()).body(Body::empty());
        let response = respond(request.ok()?).await;
        let is_same = response.extensions().get() == Some(&shared);
        let is_whole = response.status() == StatusCode::OK;
        if !is_same || !is_whole || response.headers().contains_key(SET_COOKIE) {
            return None;
        }
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, RESPONSE).await.ok()?;
        let entry = Arc::new(Entry::new(shared.ignores_query, parts.headers, body));
        // Made with settings that have changed in the meantime, it is sent once.
        if self.settings.version() == version {
            self.entries.insert(shared.path.into_owned(), entry.clone());
        }
        Some(entry)
    }

    /// Returns the response of an entry in the coding that the client prefers, after evaluating the
    /// preconditions.
    async fn respond_with(&self, entry: Arc<Entry>, head: &Head) -> Response {
        let coding = Coding::negotiate(&head.headers, entry.codings());
        let encoded = match entry.encoded(coding) {
            Some(encoded) => encoded,
            None => {
                self.encode(entry.clone(), coding).await;
                entry.encoded(coding).unwrap_or(&entry.identity)
            }
        };
        match entry.evaluate(encoded, head) {
            PreconditionResult::Proceed => encoded.whole(&head.method),
            PreconditionResult::NotModified => encoded.not_modified(),
            PreconditionResult::Failed => {
                let detail = "the conditions of the request do not hold for this address";
                RefusalContext::new(head.id, head.uri.path(), self.origin.clone())
                    .respond(StatusCode::PRECONDITION_FAILED, detail)
            }
        }
    }

    /// Compresses an entry outside the threads that serve requests. For brotli, a smaller result is
    /// computed in the background afterwards.
    async fn encode(&self, entry: Arc<Entry>, coding: Coding) {
        let shared = entry.clone();
        let is_first = spawn_blocking(move || shared.compress(coding)).await;
        if coding == Coding::Brotli && matches!(is_first, Ok(true)) {
            let background = self.background.clone();
            tokio::spawn(async move {
                if let Ok(_permit) = background.acquire().await {
                    // When this fails, the first result stays.
                    let _ = spawn_blocking(move || entry.compress_best()).await;
                }
            });
        }
    }
}

/// The parts of a request that select a response and identify it.
struct Head {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    id: RequestId,
}

impl From<Request> for Head {
    fn from(request: Request) -> Head {
        let (parts, _) = request.into_parts();
        Head {
            id: parts.extensions.get().copied().unwrap_or_default(),
            method: parts.method,
            uri: parts.uri,
            headers: parts.headers,
        }
    }
}

impl Head {
    /// Copies the parts of a request that is passed on; of its fields only those that select a response.
    fn of(request: &Request) -> Head {
        let headers = request.headers();
        let mut copied = HeaderMap::new();
        for name in CONDITIONS.iter().chain([&ACCEPT_ENCODING]) {
            for value in headers.get_all(name) {
                copied.append(name, value.clone());
            }
        }
        Head {
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: copied,
            id: request.extensions().get().copied().unwrap_or_default(),
        }
    }
}

/// One response in the codings that clients have requested; each form is created on first use.
struct Entry {
    ignores_query: bool,
    /// The header fields of the response, without those of the coding.
    fields: HeaderMap,
    identity: Encoded,
    gzip: OnceLock<Encoded>,
    brotli: OnceLock<Encoded>,
    best_brotli: OnceLock<Encoded>,
}

impl Entry {
    fn new(ignores_query: bool, mut fields: HeaderMap, body: Bytes) -> Entry {
        fields.remove(CONTENT_LENGTH);
        fields.remove(HeaderName::from_static("request-id"));
        let vary = fields.get_all(VARY).iter();
        let vary = vary.filter_map(|value| value.to_str().ok());
        let mut vary: Vec<_> = vary
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        // The compression layer has added the field in its own spelling.
        vary.retain(|name| !name.eq_ignore_ascii_case(ACCEPT_ENCODING.as_str()));
        if !is_image(&fields) {
            vary.push("Accept-Encoding");
        }
        let vary = HeaderValue::from_str(&vary.join(", "));
        fields.insert(VARY, vary.expect("field names are a header value"));
        Entry {
            ignores_query,
            identity: Encoded::new(&fields, Coding::Identity, body),
            fields,
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
            best_brotli: OnceLock::new(),
        }
    }

    /// Returns the memory of the entry in bytes; the compressed forms are estimated.
    fn weight(&self, path: &str) -> u32 {
        let bytes = path.len() + self.identity.bytes.len();
        u32::try_from(bytes + bytes / 2).unwrap_or(u32::MAX)
    }

    /// Returns the codings in which the response can be sent. Images are compressed in themselves.
    fn codings(&self) -> &'static [Coding] {
        match is_image(&self.fields) {
            true => &[Coding::Identity],
            false => &Coding::ALL,
        }
    }

    fn encoded(&self, coding: Coding) -> Option<&Encoded> {
        match coding {
            Coding::Identity => Some(&self.identity),
            Coding::Gzip => self.gzip.get(),
            Coding::Brotli => self.best_brotli.get().or(self.brotli.get()),
        }
    }

    /// Creates the form of a coding. Returns whether it did not exist.
    fn compress(&self, coding: Coding) -> bool {
        let body = &self.identity.bytes;
        let (cell, compress): (_, fn(&[u8]) -> _) = match coding {
            Coding::Identity => return false,
            Coding::Gzip => (&self.gzip, coding::gzip),
            Coding::Brotli => (&self.brotli, |body| coding::brotli(body, FIRST_QUALITY)),
        };
        if cell.get().is_some() {
            return false;
        }
        let Ok(compressed) = compress(body) else {
            return false;
        };
        cell.set(Encoded::new(&self.fields, coding, compressed.into()))
            .is_ok()
    }

    fn compress_best(&self) {
        if let Ok(compressed) = coding::brotli(&self.identity.bytes, BEST_QUALITY) {
            let encoded = Encoded::new(&self.fields, Coding::Brotli, compressed.into());
            // Only one task creates the form.
            let _ = self.best_brotli.set(encoded);
        }
    }

    /// Evaluates the preconditions of a request (RFC 9110, section 13.2.2).
    fn evaluate(&self, selected: &Encoded, head: &Head) -> PreconditionResult {
        if !CONDITIONS
            .iter()
            .any(|name| head.headers.contains_key(name))
        {
            return PreconditionResult::Proceed;
        }
        let all = Coding::ALL.map(|coding| self.encoded(coding).unwrap_or(&self.identity));
        let all = all.map(|encoded| encoded.tag.clone());
        let current = CurrentState {
            selected: &selected.tag,
            all: &all,
            last_modified: None,
        };
        evaluate(&head.method, &head.headers, Some(&current))
    }
}

/// The bytes of one coding with all their header fields.
struct Encoded {
    bytes: Bytes,
    tag: EntityTag,
    fields: HeaderMap,
}

impl Encoded {
    fn new(fields: &HeaderMap, coding: Coding, bytes: Bytes) -> Encoded {
        let tag = EntityTag::of(&bytes);
        let mut fields = fields.clone();
        fields.insert(ETAG, tag.header());
        fields.insert(CONTENT_LENGTH, bytes.len().into());
        if let Some(token) = coding.token() {
            fields.insert(CONTENT_ENCODING, HeaderValue::from_static(token));
        }
        Encoded { bytes, tag, fields }
    }

    fn whole(&self, method: &Method) -> Response {
        let body = match *method {
            Method::HEAD => Body::empty(),
            _ => Body::from(self.bytes.clone()),
        };
        let mut response = Response::new(body);
        *response.headers_mut() = self.fields.clone();
        response
    }

    fn not_modified(&self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        let headers = response.headers_mut();
        *headers = self.fields.clone();
        for name in [CONTENT_LENGTH, CONTENT_TYPE, CONTENT_ENCODING] {
            headers.remove(name);
        }
        response
    }
}

/// Returns whether header fields are those of an image.
fn is_image(fields: &HeaderMap) -> bool {
    let media_type = fields.get(CONTENT_TYPE);
    media_type.is_some_and(|media_type| media_type.as_bytes().starts_with(b"image/"))
}

/// Returns whether a request has a cookie of this name, well-formed or not.
fn has_cookie(headers: &HeaderMap, name: &str) -> bool {
    let fields = headers.get_all(COOKIE).iter();
    let mut pairs = fields.flat_map(|field| field.as_bytes().split(|byte| *byte == b';'));
    pairs.any(|pair| {
        let found = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
        found.trim_ascii() == name.as_bytes()
    })
}
