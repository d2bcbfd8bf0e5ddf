//! The users REST API, which the lessons teach and which visitors send requests to.
//!
//! [`routes`] is the table of contents: every path with its methods. [`add_layers`] lists the layers around
//! them. The handlers of each resource are in one file of `resources`.

mod error;
mod format;
mod http;
mod in_process;
mod middleware;
mod openapi;
mod resources;
mod route;
mod sandbox_creation_limiter;
mod state;
mod trace;

use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
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
    admin, echo, exchange, export, health, me, sandbox, session, status, time, token, user,
};
use crate::api::route::{Resource, Routes};
use crate::api::state::ApiState;
use crate::api::trace::traced;
use crate::sandbox::SandboxKey;

pub use crate::api::format::csv::neutralize;
pub use crate::api::http::client_address::{ClientAddress, resolve_client_address};
pub use crate::api::http::entity_tag::EntityTag;
pub use crate::api::http::precondition::{CurrentState, PreconditionResult, evaluate};
pub use crate::api::http::shared_response::SharedResponse;
pub use crate::api::middleware::headers::RequestId;
pub use crate::api::middleware::rate_limit::LimitName;
pub use in_process::InProcess;
pub use openapi::COMMON_HEADERS;
pub use route::RouteEntry;
pub use sandbox_creation_limiter::SandboxCreationLimiter;
pub use state::ApiParts;

/// The maximum duration of a request.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Creates the API: the routes under `/api` with all their layers. Errors are problem details.
///
/// # Errors
/// When the origin is not one that a browser can send.
pub fn service(parts: ApiParts) -> anyhow::Result<Router> {
    add_layers(routes(), ApiState::new(parts, document_as_json))
}

/// Returns the sandbox key in the cookies of a browser.
#[must_use]
pub fn visitor_key(headers: &HeaderMap, secure: bool) -> Option<SandboxKey> {
    cookies::SANDBOX.find(headers, secure)
}

/// Adds the cookie that gives a browser a sandbox to the headers of a response.
pub fn set_visitor_key(headers: &mut HeaderMap, key: &SandboxKey, secure: bool) {
    cookies::SANDBOX.set(headers, key, sandbox_key::COOKIE_AGE, secure);
}

/// Adds the fields that take the sandbox and its session from a browser to the headers of a response.
pub fn forget_visitor(headers: &mut HeaderMap, secure: bool) {
    cookies::SANDBOX.delete(headers, secure);
    cookies::SESSION.delete(headers, secure);
}

/// Returns the OpenAPI document.
#[must_use]
pub fn document() -> OpenApi {
    openapi::describe(routes().into_described_paths())
}

fn document_as_json() -> Vec<u8> {
    serde_json::to_vec(&document()).expect("a document is JSON")
}

/// Returns every route with its methods.
#[must_use]
pub fn catalog() -> Vec<RouteEntry> {
    routes().into_entries()
}

/// Returns the table of routes, with their handlers and descriptions.
fn routes() -> Routes {
    use openapi::{account, service};

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
    let echo = Resource::new().any(echo::show, openapi::echo::echo);
    let echo_below = Resource::new().any(echo::show, openapi::echo::echo_below);
    let status = Resource::new().any(status::show, openapi::echo::status);
    let time = Resource::new().get(time::show, openapi::echo::time());
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
    let document = Resource::new().get(resources::openapi::show, service::document());
    Routes::new()
        .at("/api/users", users)
        .redirect("/api/users/", redirect_to("/api/users"))
        .at("/api/users/export", export)
        .at("/api/users/{id}", user)
        .at("/api/session", session)
        .at("/api/tokens", tokens)
        .at("/api/tokens/{id}", token)
        .at("/api/me", me)
        .at("/api/admin/stats", stats)
        .at("/api/echo", echo)
        .redirect("/api/echo/", redirect_to("/api/echo"))
        .at("/api/echo/{*path}", echo_below)
        .at("/api/status/{code}", status)
        .at("/api/time", time)
        .at("/api/sandbox", sandbox)
        .at("/api/sandbox/reset", reset)
        .at("/api/sandbox/undo", undo)
        .at("/api/sandbox/exchanges", exchanges)
        .at("/api/sandbox/exchanges/{request_id}", exchange)
        .at("/api/sandbox/events", events)
        .at("/api/health", health)
        .at("/api/openapi.json", document)
}

/// Adds the layers of the API to the routes, the outermost layer first.
///
/// All layers are one stack around the whole router. Layers that are added to each route are boxed, and each
/// of them clones all layers inside it for every request.
fn add_layers(routes: Routes, state: ApiState) -> anyhow::Result<Router> {
    let csrf = CsrfLayer::new().add_trusted_origin(state.origin.as_ref())?;
    let timeout = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT);
    let routes = routes.into_router().with_state(state.clone());
    let service = ServiceBuilder::new()
        .layer(from_fn_with_state(state.clone(), recorder::record))
        .layer(from_fn(headers::request_id))
        .layer(from_fn(headers::add))
        .layer(from_fn_with_state(state.clone(), problem::describe))
        .layer(traced(CatchPanicLayer::new()))
        .layer(traced(timeout))
        .layer(traced(from_fn_with_state(
            state.clone(),
            sandbox_key::resolve,
        )))
        .layer(traced(csrf))
        .layer(traced(from_fn(headers::known_methods)))
        .layer(traced(from_fn_with_state(state.clone(), limits::limit)))
        .layer(traced(from_fn_with_state(
            state.clone(),
            authentication::require,
        )))
        .layer(traced(from_fn(behaviors::behave)))
        .layer(traced(from_fn_with_state(state, limits::shed)))
        .service(routes);
    Ok(Router::new().fallback_service(service))
}

/// Redirects another spelling of a path with 308, which keeps the method and the body (RFC 9110, section
/// 15.4.9).
fn redirect_to(path: &'static str) -> MethodRouter<ApiState> {
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
    use std::sync::Arc;
    use tokio::sync::Semaphore;
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn panic_returns_500_without_its_message() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("sandbox.db").display());
        let sandboxes = Sandboxes::open(&url, Clock::system(), Limits::default()).await;
        let parts = ApiParts::new(sandboxes.expect("opens"), "http://127.0.0.1:3000");
        let state = ApiState::new(parts, Vec::new);
        let routes = Routes::new().at(
            "/api/users",
            Resource::new().get(panics, openapi::service::health()),
        );
        let api = InProcess::new(add_layers(routes, state).expect("an origin"));
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

    /// Returns the parts of an API with a capacity of one request, and the folder of its database.
    async fn parts_with_capacity_one() -> (tempfile::TempDir, ApiParts) {
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
    async fn request_beyond_capacity_returns_503_immediately() {
        let (_folder, parts) = parts_with_capacity_one().await;
        let capacity = parts.capacity.clone();
        let api = InProcess::new(service(parts).expect("an origin"));
        let get = || {
            axum::http::Request::get("/api/users")
                .body(Bytes::new())
                .expect("a request")
        };
        assert_eq!(api.send(get(), None).await.status(), 200);
        let permit = capacity.try_acquire().expect("the only permit");
        let response = api.send(get(), None).await;
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "1");
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
        drop(permit);
        assert_eq!(api.send(get(), None).await.status(), 200);
    }

    /// A request keeps its permit until the response is complete.
    #[tokio::test]
    async fn request_in_progress_holds_a_permit() {
        let (_folder, parts) = parts_with_capacity_one().await;
        let capacity = parts.capacity.clone();
        let api = service(parts).expect("an origin");
        let (end_sender, end_receiver) = tokio::sync::oneshot::channel::<()>();
        let body = futures_util::stream::once(async move {
            let _ = end_receiver.await;
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
        end_sender.send(()).expect("the API waits for the body");
        let response = slow.await.expect("the request ends").expect("a response");
        assert_eq!(response.status(), 400);
        assert_eq!(capacity.available_permits(), 1);
    }

    async fn panics() -> StatusCode {
        panic!("a secret");
    }
}
