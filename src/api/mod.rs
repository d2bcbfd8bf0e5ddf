//! The users REST API: what the lessons are about, and a real API.
//!
//! [`service`] is its table of contents: every path, every method, and the layers around them. One
//! file a resource. Sessions, tokens, other formats, conditions and the record of exchanges will
//! stand beside these as files of their own.

mod error;
mod extract;
mod health;
mod in_process;
mod layers;
mod link;
mod me;
mod sandbox;
mod sandbox_key;
mod user;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Redirect;
use axum::routing::{MethodRouter, get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;

use crate::sandbox::Sandboxes;

pub use in_process::InProcess;
pub use layers::{RequestId, request_id};

/// Longest time for a request.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What the API needs; cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    /// The visitors' data.
    pub sandboxes: Sandboxes,
    /// Origin of the site, without a trailing slash.
    pub origin: Arc<str>,
    /// Whether cookies are `Secure`.
    pub secure_cookies: bool,
}

/// The finished API: routes under `/api` within all their layers, errors as problem details.
///
/// # Errors
/// When the origin is not one that a browser could send.
pub fn service(state: ApiState) -> anyhow::Result<Router> {
    let csrf = CsrfLayer::new().add_trusted_origin(state.origin.as_ref())?;
    let users = get(user::list).post(user::create).options(user::options);
    let user = get(user::show)
        .put(user::replace)
        .patch(user::update)
        .delete(user::delete)
        .options(user::options_of_one);
    let sandbox = get(sandbox::show)
        .post(sandbox::create)
        .delete(sandbox::delete);
    let routes = Router::new()
        .route("/api/users", users)
        .route("/api/users/", to("/api/users"))
        .route("/api/users/{id}", user)
        .route("/api/me", get(me::show))
        .route("/api/sandbox", sandbox)
        .route("/api/sandbox/reset", post(sandbox::reset))
        .route("/api/health", get(health::show))
        .fallback(async || StatusCode::NOT_FOUND);
    Ok(routes
        .with_state(state.clone())
        .layer(from_fn_with_state(state.clone(), sandbox_key::resolve))
        .layer(from_fn(layers::known_methods))
        .layer(csrf)
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            TIMEOUT,
        ))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(state, error::describe))
        .layer(from_fn(layers::headers))
        .layer(from_fn(layers::request_id)))
}

/// A path that is spelled otherwise: the method and body go there too (RFC 9110, section 15.4.9).
fn to(path: &'static str) -> MethodRouter<ApiState> {
    axum::routing::any(async move |uri: axum::http::Uri| match uri.query() {
        Some(query) => Redirect::permanent(&format!("{path}?{query}")),
        None => Redirect::permanent(path),
    })
}
