//! The sandbox and the trace that a request passes to every function of the store.

use std::sync::Arc;

use crate::model::exchange::SourceRequest;
use crate::model::trace::Trace;
use crate::sandbox::SandboxId;

/// The sandbox whose data a request uses, and the trace that records the use; cheap to clone.
#[derive(Clone, Debug)]
pub struct DataScope {
    /// The sandbox, or `None` for a visitor without one: such a visitor reads the seed, and a
    /// successful write creates a sandbox.
    pub sandbox: Option<SandboxId>,
    /// The trace of the request.
    pub trace: Trace,
    /// The request that causes the write, as recorded in the undo log.
    pub source: Option<Arc<SourceRequest>>,
}
