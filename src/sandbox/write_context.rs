//! The state of a write inside its transaction.

use crate::model::exchange::RecordedChange;
use crate::model::limits::Limits;
use crate::model::trace::Trace;
use crate::model::user::User;
use crate::sandbox::SandboxId;
use crate::sandbox::sandbox_row::SandboxState;

/// The sandbox and the time of a write, and the changes that it has made so far.
#[derive(Debug)]
pub(super) struct WriteContext {
    pub(super) sandbox: SandboxId,
    pub(super) now: i64,
    pub(super) floor: i64,
    pub(super) limits: Limits,
    pub(super) trace: Trace,
    /// The users that the write changed.
    pub(super) changes: Vec<RecordedChange>,
    /// The state besides the users that a reset replaced.
    pub(super) reset: Option<SandboxState>,
}

impl WriteContext {
    /// Records the change of one user.
    pub(super) fn change(&mut self, before: Option<&User>, after: Option<&User>) {
        self.changes.push(RecordedChange {
            before: before.cloned(),
            after: after.cloned(),
        });
    }
}
