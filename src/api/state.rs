//! The state that the layers and handlers of the API share.

use std::sync::{Arc, LazyLock};

use tokio::sync::Semaphore;

use crate::api::sandbox_creation_limiter::SandboxCreationLimiter;
use crate::model::limits::Limits;
use crate::portal::Portal;
use crate::sandbox::Sandboxes;

/// The maximum number of requests in progress. Requests that wait because of the behavior `latency_ms` are
/// not counted while they wait.
const CAPACITY: usize = 1024;

/// The parts from which the API is built.
pub struct ApiParts {
    /// The data of the visitors.
    pub sandboxes: Sandboxes,
    /// The origin of the site, without a trailing slash.
    pub origin: Arc<str>,
    /// Whether cookies have the attribute `Secure`.
    pub secure_cookies: bool,
    /// The counters of the sandboxes that each address and account has created.
    pub creations: SandboxCreationLimiter,
    /// The portal, whose accounts are counted separately by the limit on created sandboxes.
    pub portal: Option<Portal>,
    /// The permits of requests in progress.
    pub capacity: Arc<Semaphore>,
}

impl ApiParts {
    /// Returns the parts for a site without TLS and without a portal.
    #[must_use]
    pub fn new(sandboxes: Sandboxes, origin: &str) -> ApiParts {
        ApiParts {
            sandboxes,
            origin: origin.into(),
            secure_cookies: false,
            creations: SandboxCreationLimiter::default(),
            portal: None,
            capacity: Arc::new(Semaphore::new(CAPACITY)),
        }
    }
}

/// The shared state. It is one `Arc`, because every layer and handler clones it for every request.
#[derive(Clone)]
pub(super) struct ApiState(Arc<SharedParts>);

struct SharedParts {
    parts: ApiParts,
    document: LazyLock<Vec<u8>>,
}

impl ApiState {
    /// Creates the state. `document` writes the OpenAPI document as JSON, once, when it is first requested.
    pub(super) fn new(parts: ApiParts, document: fn() -> Vec<u8>) -> ApiState {
        ApiState(Arc::new(SharedParts {
            parts,
            document: LazyLock::new(document),
        }))
    }

    /// Returns the limits: as configured, or else as admins have set them.
    pub(super) fn limits(&self) -> Limits {
        let configured = self.sandboxes.limits();
        match &self.portal {
            Some(portal) => portal.limits(configured),
            None => configured,
        }
    }

    /// Returns the OpenAPI document as JSON.
    pub(super) fn document(&self) -> &[u8] {
        &self.0.document
    }
}

impl std::ops::Deref for ApiState {
    type Target = ApiParts;

    fn deref(&self) -> &ApiParts {
        &self.0.parts
    }
}
