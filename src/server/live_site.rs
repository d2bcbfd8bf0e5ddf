//! The site that is served: it is replaced as a whole by one with new content when the content folder is loaded again.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::Response;
use tower::Service;

use crate::server::site::Site;

/// A site that can be replaced; its clones are replaced with it. A request is served by one site until its response is
/// finished, so it sees one library, with the search index and the response cache that belong to it.
#[derive(Clone)]
pub(super) struct LiveSite(Arc<RwLock<Site>>);

impl LiveSite {
    /// Begins with a site.
    pub(super) fn new(site: Site) -> LiveSite {
        LiveSite(Arc::new(RwLock::new(site)))
    }

    /// Serves the requests that begin from now on by another site.
    pub(super) fn replace(&self, site: Site) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = site;
    }

    fn current(&self) -> Site {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Service<Request> for LiveSite {
    type Response = Response;
    type Error = Infallible;
    type Future = <Site as Service<Request>>::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        self.current().call(request)
    }
}
