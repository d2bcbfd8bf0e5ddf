//! The reasons for which a write to a sandbox is refused or fails.

use crate::database::DatabaseError;
use crate::model::problem::PartError;
use crate::model::trace::{StepKind, Trace, TraceText};
use crate::model::user::{BodyConflict, UserId};

/// The reasons for which a write is refused or fails. Nothing is written then.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Another user has the email address.
    #[error("another user has this email address")]
    EmailTaken,
    /// The sandbox has the maximum number of users.
    #[error("the sandbox is full")]
    UsersFull {
        /// The maximum.
        limit: i64,
    },
    /// The sandbox has the maximum number of tokens.
    #[error("the sandbox is full of tokens")]
    TokensFull {
        /// The maximum.
        limit: i64,
    },
    /// The highest possible id has been assigned.
    #[error("no id is left")]
    NoIdLeft,
    /// The user does not exist.
    #[error("there is no such user")]
    UserNotFound,
    /// The body contradicts the stored user.
    #[error("the body does not fit the user")]
    BodyConflict(BodyConflict),
    /// The guard refused the write.
    #[error("the condition of the request does not hold")]
    PreconditionFailed,
    /// A member tried to become an admin.
    #[error("a member cannot make itself an admin")]
    RoleEscalation,
    /// The idempotency key was used for a different request.
    #[error("the idempotency key was used for another request")]
    IdempotencyKeyReused,
    /// A user was changed after the change that undo would revert.
    #[error("a user was changed since")]
    ChangedSince(UserId),
    /// The merge patch of the behaviors is not valid.
    #[error("the switches are not valid")]
    Behaviors(Vec<PartError>),
    /// The sandbox was deleted in the meantime.
    #[error("the sandbox was deleted")]
    SandboxDeleted,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl WriteError {
    /// Adds the step at which the request stopped to its trace.
    pub(super) fn add_to_trace(&self, trace: &Trace) {
        let (kind, name) = match self {
            WriteError::EmailTaken => (
                StepKind::Constraint,
                TraceText::translatable("the email address is unique"),
            ),
            WriteError::UsersFull { .. } => (
                StepKind::Constraint,
                TraceText::translatable("the sandbox has room"),
            ),
            WriteError::TokensFull { .. } => (
                StepKind::Constraint,
                TraceText::translatable("there is room for a token"),
            ),
            WriteError::NoIdLeft => (
                StepKind::Constraint,
                TraceText::translatable("an id is left"),
            ),
            WriteError::UserNotFound => (
                StepKind::Constraint,
                TraceText::translatable("the user is there"),
            ),
            WriteError::SandboxDeleted => (
                StepKind::Constraint,
                TraceText::translatable("the sandbox is there"),
            ),
            WriteError::BodyConflict(_) => (
                StepKind::Validation,
                TraceText::translatable("the body fits the user"),
            ),
            WriteError::RoleEscalation => (
                StepKind::Authorization,
                TraceText::translatable("nobody raises their own role"),
            ),
            WriteError::IdempotencyKeyReused => (
                StepKind::Constraint,
                TraceText::translatable("the key names one request"),
            ),
            // The guard adds its own step, and the executor has added the failed statement.
            WriteError::PreconditionFailed | WriteError::Database(_) => return,
            // These errors occur under `/api/sandbox` only, which is not recorded.
            WriteError::ChangedSince(_) | WriteError::Behaviors(_) => return,
        };
        trace.add_stopped(kind, name, || TraceText::from_error(self));
    }
}
