//! What every request passes before it is routed, and every response after it.
//!
//! One function instead of layers, because each layer is boxed and cloned for each request, which took longer than a
//! response from the cache.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::Response;
use ipnet::IpNet;
use tower::{Service, ServiceExt};

use crate::api::{self, RequestId};
use crate::server::headers;
use crate::server::health::Health;
use crate::server::hosts::AllowedHosts;
use crate::server::members_only::MembersOnly;
use crate::server::origin;
use crate::server::refusal;
use crate::server::response_cache::ResponseCache;

/// The whole site as a service; cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<SiteParts>);

/// The parts of a [`Site`], in the order in which a request passes them.
pub(super) struct SiteParts {
    /// The proxies that are trusted to report the client's address.
    pub(super) proxies: Vec<IpNet>,
    /// The header fields that every response carries unless it sets them itself.
    pub(super) headers: HeaderMap,
    /// The origin of the site, for the addresses in refusals.
    pub(super) origin: Arc<str>,
    /// Answers the addresses of load balancers, for any host.
    pub(super) health: Health,
    /// The host names of the site.
    pub(super) hosts: AllowedHosts,
    /// Refuses requests without an account, on a site for members only.
    pub(super) members_only: MembersOnly,
    /// The responses that are equal for all anonymous clients.
    pub(super) cache: ResponseCache,
    /// Everything else.
    pub(super) router: Router,
}

impl Site {
    /// Creates the service from its parts.
    pub(super) fn new(parts: SiteParts) -> Site {
        Site(Arc::new(parts))
    }

    async fn respond(self, request: Request) -> Response {
        let site = &*self.0;
        let mut request = api::resolve_client_address(request, &site.proxies);
        let id = RequestId::of(request.extensions_mut());
        let mut response = site.respond_to(request).await;
        headers::add(&site.headers, response.headers_mut());
        id.add_to(response.headers_mut());
        response
    }
}

impl SiteParts {
    async fn respond_to(&self, request: Request) -> Response {
        if let Some(refusal) = refusal::refuse_long_target(&request, &self.origin) {
            return refusal;
        }
        let request = match self.health.respond(request).await {
            Ok(response) => return response,
            Err(request) => request,
        };
        if let Some(refusal) = self.hosts.refuse(&request, &self.origin) {
            return refusal;
        }
        if let Some(refusal) = origin::refuse(&request, &self.origin) {
            return refusal;
        }
        let request = match self.members_only.admit(request).await {
            Ok(request) => request,
            Err(refusal) => return refusal,
        };
        let respond = async |request| match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        self.cache.respond(request, respond).await
    }
}

impl Service<Request> for Site {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let site = self.clone();
        Box::pin(async move { Ok(site.respond(request).await) })
    }
}
