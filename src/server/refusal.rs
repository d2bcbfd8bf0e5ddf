//! Error responses of server layers in place of a handler's response: a problem document under `/api`, one sentence of
//! plain text elsewhere.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::oneshot;
use tokio::time::timeout_at;

use crate::api::RequestId;
use crate::model::http::TARGET_MAX;
use crate::model::problem::{Problem, ProblemKind};
use crate::server::connection::BodyDeadline;
use crate::server::dispatch::is_api;
use crate::server::guarded_body::GuardedBody;

/// The parts of a request that its refusal needs; copied before the request is passed on.
pub(super) struct RefusalContext {
    origin: Arc<str>,
    id: RequestId,
    is_api: bool,
}

impl RefusalContext {
    /// Copies the parts of a request to the site at `origin`.
    pub(super) fn of(request: &Request, origin: Arc<str>) -> RefusalContext {
        let id = request.extensions().get::<RequestId>().copied();
        RefusalContext::new(id.unwrap_or_default(), request.uri().path(), origin)
    }

    /// Creates the value from a request id and a path, for the site at `origin`.
    pub(super) fn new(id: RequestId, path: &str, origin: Arc<str>) -> RefusalContext {
        RefusalContext {
            origin,
            id,
            is_api: is_api(path),
        }
    }

    /// Returns the response with a status and a sentence that says what the client can do.
    pub(super) fn respond(self, status: StatusCode, detail: &str) -> Response {
        let mut response = match self.is_api {
            true => self.problem(status, detail),
            false => detail.to_owned().into_response(),
        };
        *response.status_mut() = status;
        let policy = HeaderValue::from_static("default-src 'none'; sandbox");
        let headers = response.headers_mut();
        headers.insert(CONTENT_SECURITY_POLICY, policy);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    fn problem(self, status: StatusCode, detail: &str) -> Response {
        let kind = ProblemKind::of_status(status.as_u16());
        let problem = Problem {
            kind: format!("{}/problems/{}", self.origin, kind.slug()),
            title: kind.title(),
            status: status.as_u16(),
            detail: detail.to_owned(),
            instance: format!("urn:uuid:{}", self.id),
            errors: Vec::new(),
        };
        let headers = [
            (CONTENT_TYPE, "application/problem+json"),
            (VARY, "Cookie, Sandbox-Key, Authorization"),
        ];
        let body = serde_json::to_vec(&problem).expect("a problem is JSON");
        (headers, body).into_response()
    }
}

/// Returns 414 when the target is too long (RFC 9110, section 15.5.15).
pub(super) fn refuse_long_target(request: &Request, origin: &Arc<str>) -> Option<Response> {
    let target = request.uri().path_and_query();
    if target.is_none_or(|target| target.as_str().len() <= TARGET_MAX) {
        return None;
    }
    let detail = format!(
        "the path and query of an address hold at most {TARGET_MAX} bytes; send long data in a body"
    );
    let refusal = RefusalContext::of(request, origin.clone());
    Some(refusal.respond(StatusCode::URI_TOO_LONG, &detail))
}

/// Returns 408 when the body has not arrived in time, even if the handler has started (RFC 9110,
/// section 15.5.9).
pub(super) async fn refuse_late_body(
    State(origin): State<Arc<str>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(&BodyDeadline(deadline)) = request.extensions().get() else {
        return next.run(request).await;
    };
    let refusal = RefusalContext::of(&request, origin);
    // The body owns `body_guard`. When the body is dropped, `body_dropped` resolves, and the deadline no
    // longer applies.
    let (body_guard, body_dropped) = oneshot::channel::<Infallible>();
    let deadline_passed = async {
        if timeout_at(deadline, body_dropped).await.is_ok() {
            std::future::pending().await
        }
    };
    tokio::select! {
        biased;
        () = deadline_passed => {
            let detail = "the body did not arrive in time; send it again, faster or in parts";
            let mut response = refusal.respond(StatusCode::REQUEST_TIMEOUT, detail);
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            response
        }
        response = next.run(request.map(|body| Body::new(GuardedBody::new(body, body_guard)))) => response,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use axum::Router;
    use axum::middleware::from_fn_with_state;
    use axum::routing::post;
    use tokio::time::{Instant, sleep};
    use tower::ServiceExt;

    #[tokio::test]
    async fn handler_may_run_past_the_deadline_after_the_body_was_read() {
        let time = Duration::from_millis(200);
        let origin: Arc<str> = "http://127.0.0.1:3000".into();
        let slow = async move |body: String| {
            sleep(time * 2).await;
            body
        };
        let router = Router::new()
            .route("/", post(slow))
            .layer(from_fn_with_state(origin, refuse_late_body));
        let request = Request::post("/")
            .extension(BodyDeadline(Instant::now() + time))
            .body(Body::from("hello"));
        let response = router.oneshot(request.expect("a request")).await;
        assert_eq!(
            response.map(|response| response.status()),
            Ok(StatusCode::OK)
        );
    }
}
