//! The API for callers in the same process: the finished service, without a network.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tower::ServiceExt;

/// Longest time for a reply.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Largest reply, in bytes.
const LIMIT: usize = 256 * 1024;

/// The whole API with all its layers; cheap to clone.
#[derive(Clone)]
pub struct InProcess(Router);

impl InProcess {
    /// Wraps the finished service.
    #[must_use]
    pub fn new(service: Router) -> InProcess {
        InProcess(service)
    }

    /// Answers a request from the network, whose body may still be arriving.
    pub async fn call(&self, request: axum::extract::Request) -> axum::response::Response {
        match self.0.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    /// Sends a request and reads the whole reply. One that takes longer than 10 s or is larger than
    /// 256 KiB becomes an empty 504 or 502.
    pub async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let empty = |status: StatusCode| {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = status;
            response
        };
        let Ok(reply) = tokio::time::timeout(TIMEOUT, self.call(request.map(Body::from))).await
        else {
            return empty(StatusCode::GATEWAY_TIMEOUT);
        };
        let (parts, body) = reply.into_parts();
        match axum::body::to_bytes(body, LIMIT).await {
            Ok(bytes) => Response::from_parts(parts, bytes),
            Err(_) => empty(StatusCode::BAD_GATEWAY),
        }
    }
}
