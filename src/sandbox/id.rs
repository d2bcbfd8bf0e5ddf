//! The id of a sandbox.

/// The id of an existing sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SandboxId(pub(super) i64);

impl SandboxId {
    /// Returns the number, which is never assigned twice.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }
}
