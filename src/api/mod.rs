//! The users REST API: what the lessons are about, and a real API.
//!
//! [`service`] is its table of contents: every path, every method, and the layers around them. One
//! file a resource.

mod error;
mod format;
mod http;
mod in_process;
mod middleware;
mod openapi;
mod resources;
mod route;
mod state;
mod trace;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Redirect;
use axum::routing::MethodRouter;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::openapi::OpenApi;

use crate::api::http::cookies;
use crate::api::middleware::{
    authentication, behaviors, headers, limits, problem, recorder, sandbox_key,
};
use crate::api::resources::{
    admin, echo, exchange, export, health, me, sandbox, session, status, token, user,
};
use crate::api::route::{Resource, Routes};
use crate::api::state::ApiState;
use crate::api::trace::seen;
use crate::sandbox::SandboxKey;

pub use crate::api::http::client_address::{ClientAddress, resolve_client_address};
pub use crate::api::http::precondition::{CurrentState, EntityTag, PreconditionResult, evaluate};
pub use crate::api::http::shared_response::SharedResponse;
pub use crate::api::middleware::headers::{RequestId, request_id};
pub use crate::api::middleware::limits::LimitName;
pub use crate::api::middleware::sandbox_creation::SandboxCreationLimiter;
pub use in_process::InProcess;
pub use openapi::COMMON_HEADERS;
pub use route::RouteEntry;
pub use state::ApiParts;

/// Longest time for a request.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The finished API: routes under `/api` within all their layers, errors as problem details.
///
/// # Errors
/// When the origin is not one that a browser could send.
pub fn service(parts: ApiParts) -> anyhow::Result<Router> {
    within(routes(), ApiState(Arc::new(parts)))
}

/// The key of a sandbox in a browser's cookies.
#[must_use]
pub fn visitor_key(headers: &HeaderMap, secure: bool) -> Option<SandboxKey> {
    cookies::SANDBOX.find(headers, secure)
}

/// A `Cookie` field with the key of a sandbox alone, of all cookies of a browser.
#[must_use]
pub fn visitor_cookie(headers: &HeaderMap, secure: bool) -> Option<HeaderValue> {
    cookies::SANDBOX.alone(headers, secure)
}

/// The OpenAPI document.
#[must_use]
pub fn document() -> OpenApi {
    openapi::describe(routes().into_described())
}

/// Every route there is, with its methods.
#[must_use]
pub fn catalog() -> Vec<RouteEntry> {
    routes().into_entries()
}

/// The table of routes, with their handlers and descriptions.
fn routes() -> Routes {
    use openapi::{account, mirror, service};

    let users = Resource::new()
        .get(user::list, openapi::user::list())
        .post(user::create, openapi::user::create());
    let export = Resource::new().get(export::show, openapi::user::export());
    let user = Resource::new()
        .get(user::show, openapi::user::show())
        .put(user::replace, openapi::user::replace())
        .patch(user::update, openapi::user::update())
        .delete(user::delete, openapi::user::delete());
    let session = Resource::new()
        .get(session::show, account::show_session())
        .post(session::create, account::log_in())
        .delete(session::delete, account::log_out());
    let tokens = Resource::new()
        .get(token::list, account::list_tokens())
        .post(token::create, account::create_token());
    let token = Resource::new()
        .get(token::show, account::show_token())
        .delete(token::delete, account::delete_token());
    let me = Resource::new()
        .get(me::show, account::show_me())
        .patch(me::update, account::update_me());
    let stats = Resource::new().get(admin::stats, account::stats());
    let echo = Resource::new().any(echo::show, mirror::echo);
    let echo_below = Resource::new().any(echo::show, mirror::echo_below);
    let status = Resource::new().any(status::show, mirror::status);
    let sandbox = Resource::new()
        .get(sandbox::show, openapi::sandbox::show())
        .post(sandbox::create, openapi::sandbox::create())
        .patch(sandbox::update, openapi::sandbox::update())
        .delete(sandbox::delete, openapi::sandbox::delete());
    let reset = Resource::new().post(sandbox::reset, openapi::sandbox::reset());
    let undo = Resource::new().post(sandbox::undo, openapi::sandbox::undo());
    let exchanges = Resource::new().get(exchange::list, openapi::sandbox::list_exchanges());
    let exchange = Resource::new().get(exchange::show, openapi::sandbox::show_exchange());
    let events = Resource::new().get(exchange::events, openapi::sandbox::events());
    let health = Resource::new().get(health::show, service::health());
    let document = Resource::new().get(openapi::show, service::document());
    Routes::new()
        .at("/api/users", users)
        .aside("/api/users/", to("/api/users"))
        .at("/api/users/export", export)
        .at("/api/users/{id}", user)
        .at("/api/session", session)
        .at("/api/tokens", tokens)
        .at("/api/tokens/{id}", token)
        .at("/api/me", me)
        .at("/api/admin/stats", stats)
        .at("/api/echo", echo)
        .aside("/api/echo/", to("/api/echo"))
        .at("/api/echo/{*path}", echo_below)
        .at("/api/status/{code}", status)
        .at("/api/sandbox", sandbox)
        .at("/api/sandbox/reset", reset)
        .at("/api/sandbox/undo", undo)
        .at("/api/sandbox/exchanges", exchanges)
        .at("/api/sandbox/exchanges/{request_id}", exchange)
        .at("/api/sandbox/events", events)
        .at("/api/health", health)
        .at("/api/openapi.json", document)
}

/// Puts routes within the layers of the API; read from the top, which is the outside.
///
/// One stack around the whole router, and not a layer at a time around each route: those are boxed,
/// and each copies all that are inside it for every request.
fn within(routes: Routes, state: ApiState) -> anyhow::Result<Router> {
    let csrf = CsrfLayer::new().add_trusted_origin(state.origin.as_ref())?;
    let timeout = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT);
    let routes = routes.into_router().with_state(state.clone());
    let all = ServiceBuilder::new()
        .layer(from_fn(headers::request_id))
        .layer(from_fn_with_state(state.clone(), recorder::record))
        .layer(from_fn(headers::add))
        .layer(from_fn_with_state(state.clone(), problem::describe))
        .layer(seen(CatchPanicLayer::new()))
        .layer(seen(timeout))
        .layer(seen(from_fn_with_state(
            state.clone(),
            sandbox_key::resolve,
        )))
        .layer(seen(csrf))
        .layer(seen(from_fn(headers::known_methods)))
        .layer(seen(from_fn_with_state(state.clone(), limits::limit)))
        .layer(seen(from_fn_with_state(
            state.clone(),
            authentication::require,
        )))
        .layer(seen(from_fn(behaviors::behave)))
        .layer(seen(from_fn_with_state(state, limits::shed)))
        .service(routes);
    Ok(Router::new().fallback_service(all))
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
    use crate::model::limits::Limits;
    use crate::sandbox::Sandboxes;
    use bytes::Bytes;
    use tokio::sync::Semaphore;
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn a_panic_is_a_problem_that_tells_nothing_of_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("sandbox.db").display());
        let sandboxes = Sandboxes::open(&url, Clock::system(), Limits::default()).await;
        let parts = ApiParts::new(sandboxes.expect("opens"), "http://127.0.0.1:3000");
        let state = ApiState(Arc::new(parts));
        let routes = Routes::new().at(
            "/api/users",
            Resource::new().get(panics, openapi::service::health()),
        );
        let api = InProcess::new(within(routes, state).expect("an origin"));
        let request = axum::http::Request::get("/api/users").body(Bytes::new());
        let response = api.send(request.expect("a request"), None).await;
        assert_eq!(response.status(), 500);
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
        let problem: serde_json::Value = serde_json::from_slice(response.body()).expect("JSON");
        let id = response.headers()["request-id"].to_str().expect("text");
        assert_eq!(problem["status"], 500);
        assert_eq!(problem["instance"], format!("urn:uuid:{id}"));
        assert!(!problem.to_string().contains("a secret"), "{problem}");
    }

    /// An API that works on one request at once, and the folder that it lives in.
    async fn of_capacity_one() -> (tempfile::TempDir, ApiParts) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("sandbox.db").display());
        let sandboxes = Sandboxes::open(&url, Clock::system(), Limits::default()).await;
        let parts = ApiParts {
            capacity: Arc::new(Semaphore::new(1)),
            ..ApiParts::new(sandboxes.expect("opens"), "http://127.0.0.1:3000")
        };
        (folder, parts)
    }

    #[tokio::test]
    async fn beyond_its_capacity_it_answers_503_at_once() {
        let (_folder, parts) = of_capacity_one().await;
        let capacity = parts.capacity.clone();
        let api = InProcess::new(service(parts).expect("an origin"));
        let get = || {
            axum::http::Request::get("/api/users")
                .body(Bytes::new())
                .expect("a request")
        };
        assert_eq!(api.send(get(), None).await.status(), 200);
        let taken = capacity.try_acquire().expect("the only one");
        let response = api.send(get(), None).await;
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "1");
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
        drop(taken);
        assert_eq!(api.send(get(), None).await.status(), 200);
    }

    /// What is under way takes its place until it is answered.
    #[tokio::test]
    async fn a_request_under_way_is_one_of_its_capacity() {
        let (_folder, parts) = of_capacity_one().await;
        let capacity = parts.capacity.clone();
        let api = service(parts).expect("an origin");
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let body = futures_util::stream::once(async move {
            let _ = ended.await;
            Ok::<_, std::convert::Infallible>(Bytes::from_static(b"{"))
        });
        let slow =
            axum::http::Request::post("/api/users").header("content-type", "application/json");
        let slow = slow.body(axum::body::Body::from_stream(body));
        let slow = tokio::spawn(api.oneshot(slow.expect("a request")));
        for _ in 0..400 {
            if capacity.available_permits() == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(capacity.available_permits(), 0);
        end.send(()).expect("it waits for its body");
        let response = slow.await.expect("it ends").expect("a response");
        assert_eq!(response.status(), 400);
        assert_eq!(capacity.available_permits(), 1);
    }

    async fn panics() -> StatusCode {
        panic!("a secret");
    }
}
