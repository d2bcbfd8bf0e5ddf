//! The users REST API: what the lessons are about, and a real API.
//!
//! [`service`] is its table of contents: every path, every method, and the layers around them. One
//! file a resource. Sessions, tokens, other formats, conditions and the record of exchanges will
//! stand beside these as files of their own.

#[cfg_attr(not(test), expect(dead_code, reason = "the handlers take it up next"))]
mod cursor;
mod error;
mod extract;
#[cfg_attr(not(test), expect(dead_code, reason = "the handlers take it up next"))]
mod format;
mod health;
mod in_process;
mod layers;
#[cfg_attr(not(test), expect(dead_code, reason = "the handlers take it up next"))]
mod link;
#[cfg_attr(not(test), expect(dead_code, reason = "the handlers take it up next"))]
mod list_query;
mod me;
#[cfg_attr(not(test), expect(dead_code, reason = "the handlers take it up next"))]
mod negotiate;
#[cfg_attr(not(test), expect(dead_code, reason = "the handlers take it up next"))]
mod precondition;
#[cfg_attr(not(test), expect(dead_code, reason = "the handlers take it up next"))]
mod range;
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
    within(routes, state)
}

/// Puts routes within the layers of the API.
fn within(routes: Router<ApiState>, state: ApiState) -> anyhow::Result<Router> {
    let csrf = CsrfLayer::new().add_trusted_origin(state.origin.as_ref())?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::sandbox::Limits;
    use bytes::Bytes;

    #[tokio::test]
    async fn a_panic_is_a_problem_that_tells_nothing_of_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("sandbox.db").display());
        let sandboxes = Sandboxes::open(&url, Clock::system(), Limits::default()).await;
        let state = ApiState {
            sandboxes: sandboxes.expect("opens"),
            origin: "http://127.0.0.1:3000".into(),
            secure_cookies: false,
        };
        let routes = Router::new().route("/api/users", get(panics));
        let api = InProcess::new(within(routes, state).expect("an origin"));
        let request = http::Request::get("/api/users").body(Bytes::new());
        let reply = api.send(request.expect("a request")).await;
        assert_eq!(reply.status(), 500);
        assert_eq!(reply.headers()["content-type"], "application/problem+json");
        let problem: serde_json::Value = serde_json::from_slice(reply.body()).expect("JSON");
        let id = reply.headers()["request-id"].to_str().expect("text");
        assert_eq!(problem["status"], 500);
        assert_eq!(problem["instance"], format!("urn:uuid:{id}"));
        assert!(!problem.to_string().contains("a secret"), "{problem}");
    }

    async fn panics() -> StatusCode {
        panic!("a secret");
    }
}
