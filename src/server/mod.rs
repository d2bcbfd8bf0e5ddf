//! Composes the server: routes, sessions, protection, limits and header fields.
//!
//! [`router`] lists all layers from the outside in; layers are composed nowhere else. Handlers are
//! in other modules.

mod assets;
mod by_address;
mod capacity;
mod coding;
mod events;
mod headers;
mod health;
mod hosts;
pub mod lessons;
pub mod listen;
mod pace;
mod policy;
mod protocol;
mod refusal;
mod response_cache;
mod serve;
mod session;

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{CONTENT_LENGTH, ETAG};
use axum::http::{Extensions, HeaderMap, StatusCode, Version};
use axum::middleware::{from_fn, from_fn_with_state, map_response_with_state};
use axum::response::Response;
use ipnet::IpNet;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _};
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::api::{self, ApiParts, InProcess, RequestId};
use crate::clock::Clock;
use crate::config::Config;
use crate::content::{ContentFinding, Library, SourceFile, load};
use crate::i18n::I18n;
use crate::pages;
use crate::portal;
use crate::portal::Portal;
use crate::sandbox::Sandboxes;
use crate::server::hosts::AllowedHosts;
use crate::server::response_cache::ResponseCache;
use crate::state::{AppState, SharedState};

pub use serve::serve;

/// The largest request body outside the API, in bytes.
const BODY_LIMIT: usize = 256 * 1024;

/// The compression level of responses. With level 4, the default for brotli, a lesson is a fifth
/// larger.
const DENSITY: CompressionLevel = CompressionLevel::Precise(6);

/// The time limit for a handler.
const HANDLER_TIMEOUT: Duration = Duration::from_secs(30);

/// The content of the site: read and validated once at the start, then shared.
#[derive(Clone)]
pub struct Content {
    i18n: Arc<I18n>,
    library: Arc<Library>,
}

impl Content {
    /// Reads the messages and lessons of a folder, or the built-in ones.
    ///
    /// # Errors
    /// When a file cannot be read; otherwise every finding in messages and lessons.
    pub fn load(folder: Option<&Path>) -> anyhow::Result<Content> {
        let files = match folder {
            Some(folder) => load::folder(folder)?,
            None => load::built_in(),
        };
        Content::read(&files).map_err(|findings| {
            let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("the lessons cannot be served:\n{}", lines.join("\n"))
        })
    }

    /// Parses the messages and lessons of the files of a content folder.
    ///
    /// # Errors
    /// Every finding in messages and lessons.
    pub fn read(files: &[SourceFile]) -> Result<Content, Vec<ContentFinding>> {
        let (i18n, mut findings) = match load::i18n(files) {
            Ok(i18n) => (i18n, Vec::new()),
            Err(errors) => {
                let findings = errors.into_iter().map(ContentFinding::from).collect();
                // When the messages of the folder are invalid, its lessons can still be checked.
                match load::i18n(&[]) {
                    Ok(built_in) => (built_in, findings),
                    Err(_) => return Err(findings),
                }
            }
        };
        match Library::build(files, &i18n) {
            Ok(library) if findings.is_empty() => Ok(Content {
                i18n: Arc::new(i18n),
                library: Arc::new(library),
            }),
            Ok(_) => Err(findings),
            Err(more) => {
                findings.extend(more);
                Err(findings)
            }
        }
    }

    /// Returns the lessons.
    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }
}

/// Creates the state: opens the databases and completes the API.
///
/// # Errors
/// When the server cannot start; the text is meant for the operator.
pub async fn prepare(config: Config, content: Content, clock: Clock) -> anyhow::Result<AppState> {
    let Content { i18n, library } = content;
    let portal = Portal::open(&config.portal_url(), clock.clone())
        .await
        .context("the database of accounts cannot be opened")?;
    let sandboxes = Sandboxes::open(&config.sandbox_url()?, clock, config.limits)
        .await
        .context("the database of sandboxes cannot be opened")?;
    let api = api::service(ApiParts {
        secure_cookies: config.secure_cookies(),
        portal: Some(portal.clone()),
        ..ApiParts::new(sandboxes.clone(), &config.origin())
    })?;
    Ok(AppState::new(SharedState {
        config,
        i18n,
        library,
        portal,
        sandboxes,
        api: InProcess::new(api),
        assets: assets::addresses(),
        page_capacity: Arc::new(Semaphore::new(capacity::PAGES)),
        stop: CancellationToken::new(),
    }))
}

/// Returns the router of the whole site.
pub async fn router(state: AppState) -> anyhow::Result<Router> {
    pages::initialise();
    let pages = pages::routes().layer(DefaultBodyLimit::max(BODY_LIMIT));
    let html = session::around(
        pages.with_state(state.clone()),
        &state.portal,
        state.config.secure_cookies(),
    );
    let policy = policy::content_security_policy(html.clone(), state.assets.reload).await?;
    let security = headers::security(&policy, &state.config)?;
    let csrf = CsrfLayer::new().add_trusted_origin(state.config.origin())?;
    let api = state.api.clone();
    let origin: Arc<str> = state.config.origin().into();
    let capacity = (state.page_capacity.clone(), origin.clone());
    let html = ServiceBuilder::new()
        .layer(from_fn_with_state(capacity, capacity::shed))
        .service(html);
    let compressible = NotForContentType::IMAGES
        .and(NotForContentType::SSE)
        .and(is_large)
        .and(has_no_strong_tag);
    let html = Router::new()
        .merge(assets::routes(&state.assets))
        .fallback_service(html)
        .layer(
            ServiceBuilder::new()
                .map_response(log_failure)
                .layer(CatchPanicLayer::new())
                .layer(TimeoutLayer::with_status_code(
                    StatusCode::SERVICE_UNAVAILABLE,
                    HANDLER_TIMEOUT,
                ))
                .layer(csrf),
        );
    let session_cookie = portal::cookie_name(state.config.secure_cookies());
    let cache = ResponseCache::new(session_cookie, origin.clone());
    let proxies: Arc<[IpNet]> = state.config.trusted_proxies.clone().into();
    // Not two merged routers, because merging would add the methods of one to the responses of the
    // other.
    let site = service_fn(move |request| dispatch(api.clone(), html.clone(), request));
    // Two stacks around whole services, listed from the outermost layer. Layers that are added to
    // each route are boxed and cloned with each request.
    let site = ServiceBuilder::new()
        .layer(from_fn_with_state(
            AllowedHosts::of(&state.config),
            hosts::check,
        ))
        .layer(from_fn_with_state(cache, response_cache::serve))
        .layer(from_fn_with_state(origin.clone(), refusal::late_body))
        .map_response(restore_status)
        .layer(
            CompressionLayer::new()
                .quality(DENSITY)
                .compress_when(compressible),
        )
        .map_response(note_status)
        .layer(from_fn_with_state(state.stop.clone(), events::end))
        .service(site);
    let all = ServiceBuilder::new()
        .map_request(move |request| api::resolve_client_address(request, &proxies))
        .layer(from_fn(api::request_id))
        .layer(map_response_with_state(security.into(), headers::add))
        .layer(from_fn_with_state(origin, refusal::long_target))
        .layer(
            // Failures are logged where they occur, with their cause.
            TraceLayer::new_for_http()
                .make_span_with(span)
                .on_failure(()),
        )
        .service(health::routes(state).fallback_service(site));
    Ok(Router::new().fallback_service(all))
}

/// The status of a response before compression.
#[derive(Clone, Copy)]
struct Answered(StatusCode);

fn note_status(mut response: Response) -> Response {
    let status = Answered(response.status());
    response.extensions_mut().insert(status);
    response
}

/// Restores the original status of a response. The compression layer would return 406 after the
/// handler has run when the client excludes every coding, but a response without encoding is
/// allowed too (RFC 9110, section 12.5.3).
fn restore_status<B>(mut response: Response<B>) -> Response<B> {
    if let Some(Answered(status)) = response.extensions_mut().remove() {
        *response.status_mut() = status;
    }
    response
}

/// Returns whether a response has the 32 bytes from which compression saves anything. Uses the
/// header field, because the body of a response to HEAD has already been removed, and HEAD must
/// have the fields of GET.
fn is_large(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let length = headers.get(CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    length.is_none_or(|length| length >= 32)
}

/// Excludes responses with a strong entity tag: it identifies the bytes without encoding, and
/// compressed bytes would need another tag (RFC 9110, section 8.8.3).
fn has_no_strong_tag(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let tag = headers.get(ETAG);
    tag.is_none_or(|tag| tag.as_bytes().starts_with(b"W/"))
}

/// Writes the log line of a request; it never has a query, a header field or a body. Method and
/// path are truncated, because the client chooses them.
fn span(request: &Request) -> tracing::Span {
    let id = request.extensions().get::<RequestId>();
    let method = cut(request.method().as_str(), 16);
    let path = cut(request.uri().path(), 256);
    tracing::info_span!(
        "request",
        id = id.map(tracing::field::display),
        method,
        path
    )
}

/// Returns the first characters of a text.
fn cut(text: &str, characters: usize) -> &str {
    match text.char_indices().nth(characters) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// Logs that a page failed, because some causes, such as the timeout of a handler, log nothing
/// themselves.
fn log_failure<B>(response: Response<B>) -> Response<B> {
    if response.status().is_server_error() {
        let status = response.status().as_u16();
        tracing::warn!(status, "a page failed");
    }
    response
}

/// Dispatches `/api` and everything below it to the API, which has its own sessions, errors and
/// layers.
async fn dispatch(api: InProcess, html: Router, request: Request) -> Result<Response, Infallible> {
    match is_api(request.uri().path()) {
        true => Ok(api.call(request).await),
        false => html.oneshot(request).await,
    }
}

/// Returns whether a path belongs to the API.
fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}
