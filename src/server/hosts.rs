//! Requests for a name that is not ours are not answered (DNS rebinding).

use std::sync::Arc;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Answers 421 (RFC 9110, section 15.5.20) when the request names another host.
pub(super) async fn check(allowed: Arc<[String]>, request: Request, next: Next) -> Response {
    let named = request.headers().get(HOST).map(|host| {
        host.to_str()
            .ok()
            .and_then(|host| host.parse::<Authority>().ok())
    });
    match named {
        // HTTP/1.1 without a host is refused before it comes here; in process nobody names one.
        None => next.run(request).await,
        Some(Some(host)) if is_ours(&allowed, &host) => next.run(request).await,
        Some(_) => {
            let text = "This server does not answer to that name. Set base_url (--base-url) to the address it is reached by.";
            (StatusCode::MISDIRECTED_REQUEST, text).into_response()
        }
    }
}

/// A host may come with a port, never with a user.
fn is_ours(allowed: &[String], host: &Authority) -> bool {
    let named = |name: &String| name.eq_ignore_ascii_case(host.host());
    !host.as_str().contains('@') && allowed.iter().any(named)
}
