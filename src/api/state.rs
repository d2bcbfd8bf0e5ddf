//! What the layers and handlers of the API share.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::api::middleware::sandbox_creation::SandboxCreationLimiter;
use crate::portal::Portal;
use crate::sandbox::Sandboxes;

/// Requests worked on at once; those that wait on purpose, as a behavior says, are not among them.
const CAPACITY: usize = 1024;

/// What the API needs.
pub struct ApiParts {
    /// The visitors' data.
    pub sandboxes: Sandboxes,
    /// Origin of the site, without a trailing slash.
    pub origin: Arc<str>,
    /// Whether cookies are `Secure`.
    pub secure_cookies: bool,
    /// How many sandboxes each address and account has created.
    pub creations: SandboxCreationLimiter,
    /// The portal, whose members are limited by account.
    pub portal: Option<Portal>,
    /// How many requests are worked on at once.
    pub capacity: Arc<Semaphore>,
}

impl ApiParts {
    /// The API of a site without TLS.
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

/// The parts, shared: each layer and handler has a handle of its own for every request, so that must
/// cost next to nothing.
#[derive(Clone)]
pub(super) struct ApiState(pub(super) Arc<ApiParts>);

impl std::ops::Deref for ApiState {
    type Target = ApiParts;

    fn deref(&self) -> &ApiParts {
        &self.0
    }
}
