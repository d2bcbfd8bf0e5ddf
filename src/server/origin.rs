//! Refuses unsafe requests whose `Origin` has the host of the site and another scheme: who can modify a plain http page of the host
//! could otherwise submit forms to the https site. `CsrfLayer` compares hosts only, because a server behind a proxy does not see
//! the scheme; the configured base URL names it.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::ORIGIN;
use axum::response::Response;

use crate::server::refusal::RefusalContext;

/// Returns 403 when a request that is not safe comes from the host of the site's origin with another scheme.
pub(super) fn refuse(request: &Request, origin: &Arc<str>) -> Option<Response> {
    if request.method().is_safe() {
        return None;
    }
    let sender = request.headers().get(ORIGIN)?.to_str().ok()?;
    if !has_other_scheme(sender, origin) {
        return None;
    }
    let detail = "This request comes from a page of this host with another scheme. Open the site at its address.";
    let refusal = RefusalContext::of(request, origin.clone());
    Some(refusal.respond(StatusCode::FORBIDDEN, detail))
}

/// Returns whether two origins have the same host, and different schemes. The port belongs to the scheme.
fn has_other_scheme(sender: &str, own: &str) -> bool {
    let (Some((scheme, host)), Some((own_scheme, own_host))) =
        (sender.split_once("://"), own.split_once("://"))
    else {
        return false;
    };
    let name = |authority: &str| {
        let port = authority.rsplit_once(':');
        let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        let name = port.filter(|(_, port)| is_port(port)).map(|(name, _)| name);
        name.unwrap_or(authority).to_ascii_lowercase()
    };
    name(host) == name(own_host) && !scheme.eq_ignore_ascii_case(own_scheme)
}

#[cfg(test)]
mod tests {
    use super::has_other_scheme;

    #[test]
    fn only_the_scheme_of_the_own_host_is_compared() {
        let own = "https://learn.example.com";
        for other in [
            "http://learn.example.com",
            "http://LEARN.example.com:80",
            "http://learn.example.com:8080",
        ] {
            assert!(has_other_scheme(other, own), "{other}");
        }
        for same in [
            own,
            "https://learn.example.com:443",
            "http://other.example.com",
            "null",
            "",
        ] {
            assert!(!has_other_scheme(same, own), "{same}");
        }
        assert!(has_other_scheme("http://[::1]", "https://[::1]:8443"));
    }
}
