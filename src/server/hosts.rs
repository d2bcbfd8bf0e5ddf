//! Refuses requests whose host is not one of the site's (protection against DNS rebinding).

use std::sync::Arc;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::response::Response;

use crate::config::Config;
use crate::server::refusal::RefusalContext;

/// The host names of the site.
pub(super) struct AllowedHosts(Vec<String>);

impl AllowedHosts {
    /// Returns the host names of the configuration.
    pub(super) fn of(config: &Config) -> AllowedHosts {
        AllowedHosts(config.allowed_hosts())
    }

    /// Returns 421 (RFC 9110, section 15.5.20) when the request names another host. The host of an
    /// absolute target takes precedence over the `Host` header (RFC 9112, section 3.2.2).
    pub(super) fn refuse(&self, request: &Request, origin: &Arc<str>) -> Option<Response> {
        let is_allowed = match (request.uri().authority(), request.headers().get(HOST)) {
            (Some(authority), _) => self.contains(authority),
            (None, Some(host)) => {
                Authority::try_from(host.as_bytes()).is_ok_and(|host| self.contains(&host))
            }
            // An HTTP/1.1 request without a host has been refused before; requests sent in process have
            // no host.
            (None, None) => true,
        };
        if is_allowed {
            return None;
        }
        let detail = "This server does not answer to that name. Set base_url (--base-url) to the address it is reached by.";
        let refusal = RefusalContext::of(request, origin.clone());
        Some(refusal.respond(StatusCode::MISDIRECTED_REQUEST, detail))
    }

    /// Returns whether a host is one of the site's; it may have a port, but no user information.
    fn contains(&self, host: &Authority) -> bool {
        let is_same = |name: &String| name.eq_ignore_ascii_case(host.host());
        !host.as_str().contains('@') && self.0.iter().any(is_same)
    }
}
