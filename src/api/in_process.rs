//! The complete API as a service that can be called directly: for requests from the network (`call`), and
//! for pages and checks in the same process (`send`).

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tower::ServiceExt;

use crate::api::http::client_address::{ClientAddress, remove_forwarding_fields};
use crate::model::http::{FIELDS_MAX, HEAD_MAX, TARGET_MAX};

/// Longest time until a response is complete.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Largest response, in bytes.
const RESPONSE_MAX: usize = 256 * 1024;

/// The whole API with all its layers; cheap to clone.
#[derive(Clone)]
pub struct InProcess(Router);

impl InProcess {
    /// Wraps the router of the API with all its layers.
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

    /// Sends a request for a client (see [`ClientAddress`]) and reads the whole response.
    ///
    /// The request obeys the limits of one from the network: beyond them the response is an empty 414 or
    /// 431. A response that is not complete within 10 s becomes an empty 504, and one whose body fails or is
    /// larger than 256 KiB an empty 502.
    /// Fields by which proxies name a client are not sent.
    pub async fn send(
        &self,
        mut request: Request<Bytes>,
        client: Option<ClientAddress>,
    ) -> Response<Bytes> {
        let empty = |status: StatusCode| {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = status;
            response
        };
        remove_forwarding_fields(request.headers_mut());
        if let Some(status) = beyond_limits(&request) {
            return empty(status);
        }
        if let Some(client) = client {
            request.extensions_mut().insert(client);
        }
        let response = async {
            let (parts, body) = self.call(request.map(Body::from)).await.into_parts();
            match axum::body::to_bytes(body, RESPONSE_MAX).await {
                Ok(bytes) => Response::from_parts(parts, bytes),
                Err(_) => empty(StatusCode::BAD_GATEWAY),
            }
        };
        let response = tokio::time::timeout(TIMEOUT, response).await;
        response.unwrap_or_else(|_| empty(StatusCode::GATEWAY_TIMEOUT))
    }
}

/// Returns the status with which a request from the network would be refused for its size.
fn beyond_limits(request: &Request<Bytes>) -> Option<StatusCode> {
    let target = request.uri().path_and_query();
    let target = target.map_or(0, |target| target.as_str().len());
    if target > TARGET_MAX {
        return Some(StatusCode::URI_TOO_LONG);
    }
    let fields = request.headers().iter();
    let fields = fields.map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    let head = request.method().as_str().len() + target + fields.sum::<usize>();
    let is_too_large = request.headers().len() > FIELDS_MAX || head > HEAD_MAX;
    is_too_large.then_some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn send_applies_the_size_limits_of_network_requests() {
        let api = InProcess::new(Router::new().fallback(async || "reached"));
        let check = async |target: String, fields: usize, length: usize, expected: u16| {
            let mut request = Request::get(target);
            for at in 0..fields {
                request = request.header(format!("x-{at}"), "v".repeat(length));
            }
            let request = request.body(Bytes::new()).expect("a request");
            let response = api.send(request, None).await;
            assert_eq!(response.status().as_u16(), expected, "{fields} × {length}");
        };
        check("/api/echo".to_owned(), 100, 1, 200).await;
        check("/api/echo".to_owned(), 101, 1, 431).await;
        check("/api/echo".to_owned(), 1, 65_000, 200).await;
        check("/api/echo".to_owned(), 1, 65_536, 431).await;
        check(format!("/{}", "a".repeat(8191)), 0, 0, 200).await;
        check(format!("/{}", "a".repeat(8192)), 0, 0, 414).await;
    }
}
