//! Refuses requests whose host is not one of the site's (protection against DNS rebinding).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::middleware::Next;
use axum::response::Response;

use crate::config::Config;
use crate::server::refusal::RefusalContext;

/// The host names of the site.
#[derive(Clone)]
pub(super) struct AllowedHosts {
    allowed: Arc<[String]>,
    origin: Arc<str>,
}

impl AllowedHosts {
    /// Returns the host names of the configuration.
    pub(super) fn of(config: &Config) -> AllowedHosts {
        AllowedHosts {
            allowed: config.allowed_hosts().into(),
            origin: config.origin().into(),
        }
    }
}

/// Returns 421 (RFC 9110, section 15.5.20) when the request names another host. The host of an
/// absolute target takes precedence over the `Host` header (RFC 9112, section 3.2.2).
pub(super) async fn check(
    State(hosts): State<AllowedHosts>,
    request: Request,
    next: Next,
) -> Response {
    let header = request.headers().get(HOST);
    let host = match (request.uri().authority(), header) {
        (Some(authority), _) => Some(Some(authority.clone())),
        (None, Some(host)) => Some(Authority::try_from(host.as_bytes()).ok()),
        // An HTTP/1.1 request without a host has been refused before; requests sent in process have
        // no host.
        (None, None) => None,
    };
    match host {
        None => next.run(request).await,
        Some(Some(host)) if is_allowed(&hosts.allowed, &host) => next.run(request).await,
        Some(_) => {
            let detail = "This server does not answer to that name. Set base_url (--base-url) to the address it is reached by.";
            RefusalContext::of(&request, hosts.origin)
                .respond(StatusCode::MISDIRECTED_REQUEST, detail)
        }
    }
}

/// Returns whether a host is one of the site's; it may have a port, but no user information.
fn is_allowed(allowed: &[String], host: &Authority) -> bool {
    let is_same = |name: &String| name.eq_ignore_ascii_case(host.host());
    !host.as_str().contains('@') && allowed.iter().any(is_same)
}
