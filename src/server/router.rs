//! Composes the whole site: routes, sessions, protection and limits.
//!
//! Inner services are built first; inside each `ServiceBuilder` the outermost layer is first. What is outside of all
//! layers is in `site`, the layers of the API are in `api::add_layers`, those of the session in `session`. Handlers are
//! in other modules.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use tower::{ServiceBuilder, service_fn};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::api::RequestId;
use crate::pages;
use crate::portal;
use crate::server::dispatch::dispatch;
use crate::server::health::Health;
use crate::server::hosts::AllowedHosts;
use crate::server::members_only::MembersOnly;
use crate::server::response_cache::ResponseCache;
use crate::server::site::{Site, SiteParts};
use crate::server::{
    assets, author, capacity, compression, events, headers, pictures, policy, refusal, session,
};
use crate::state::AppState;

/// The largest request body outside the API, in bytes.
const BODY_LIMIT: usize = 256 * 1024;

/// The time limit for a handler.
const HANDLER_TIMEOUT: Duration = Duration::from_secs(30);

/// Creates the service of the whole site.
pub async fn create_site(state: AppState) -> anyhow::Result<Site> {
    pages::initialize();
    let pages = pages::routes().layer(DefaultBodyLimit::max(BODY_LIMIT));
    let pages_with_session = session::with_session(
        pages.with_state(state.clone()),
        &state.portal,
        state.config.secure_cookies(),
    );
    // Renders one page, whose inline scripts are hashed.
    let policy = policy::content_security_policy(pages_with_session.clone(), &state.assets).await?;
    let headers = headers::security(&policy, &state.config)?;
    let csrf = CsrfLayer::new().add_trusted_origin(state.config.origin())?;
    let api = state.api.clone();
    let origin: Arc<str> = state.config.origin().into();
    let capacity = (state.page_capacity.clone(), origin.clone());
    let limited_pages = ServiceBuilder::new()
        .layer(from_fn_with_state(capacity, capacity::shed))
        .service(pages_with_session);
    let watches = state.config.watch;
    let author = watches.then(|| author::routes(state.clone()));
    let pages_and_assets = Router::new()
        .merge(assets::routes(&state.assets))
        .merge(pictures::routes(state.clone()))
        .merge(author.unwrap_or_default())
        .fallback_service(limited_pages)
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
    let cache = ResponseCache::new(
        session_cookie,
        origin.clone(),
        state.portal.settings.clone(),
    );
    // Not two merged routers, because merging would add the methods of one to the responses of the
    // other.
    let site = service_fn(move |request| dispatch(api.clone(), pages_and_assets.clone(), request));
    // Around whole services, because layers that are added to each route are boxed and cloned with each request.
    let router = ServiceBuilder::new()
        .layer(
            // Not around the cache, which logs nothing. Failures are logged where they occur, with their cause.
            TraceLayer::new_for_http()
                .make_span_with(request_span)
                .on_failure(()),
        )
        .layer(from_fn_with_state(
            origin.clone(),
            refusal::refuse_late_body,
        ))
        .map_response(compression::restore_status)
        .layer(compression::layer())
        .map_response(compression::store_status)
        .layer(from_fn_with_state(state.stop.clone(), events::end_streams))
        .service(site);
    Ok(Site::new(SiteParts {
        proxies: state.config.trusted_proxies.clone(),
        headers,
        members_only: MembersOnly::new(&state, origin.clone()),
        origin,
        hosts: AllowedHosts::of(&state.config),
        cache,
        health: Health::new(state),
        router: Router::new().fallback_service(router),
    }))
}

/// Returns the span with which lines about a request are logged. It never contains a query, a header
/// field or a body, nor the secret of a link. Method and path are truncated, because the client chooses them.
fn request_span(request: &Request) -> tracing::Span {
    let id = request.extensions().get::<RequestId>();
    let method = truncate(request.method().as_str(), 16);
    let path = pages::path_without_secret(request.uri().path());
    let path = truncate(&path, 256);
    tracing::info_span!(
        "request",
        id = id.map(tracing::field::display),
        method,
        path
    )
}

/// Returns the first characters of a text.
fn truncate(text: &str, characters: usize) -> &str {
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
