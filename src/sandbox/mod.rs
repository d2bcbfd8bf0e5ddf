//! Each visitor's private copy of the taught data.
//!
//! A key opens a sandbox; the database stores only the hash of the key. A visitor without a sandbox
//! reads the seed, which is kept in memory. This folder contains all SQL of the taught data. HTTP,
//! and how a request carries the key, are in `api::middleware::sandbox_key`.

mod admin;
mod budget;
mod cache;
mod error;
mod events;
mod exchange;
mod exercise_progress;
mod id;
mod idempotency;
mod key;
mod lifetime;
mod listing;
mod quiz_answer;
mod recorder;
mod reset;
mod sandbox_row;
mod scope;
mod seed;
mod session;
mod signing_key;
mod store;
mod token;
mod undo;
mod undo_log;
mod usage;
mod user;
mod user_creation;
mod user_row;
mod waiters;
mod write;
mod write_context;

pub use crate::database::DatabaseError;
pub use admin::SandboxCounts;
pub use cache::CachedSandbox;
pub use error::WriteError;
pub use events::{Subscription, SubscriptionItem, TooManyStreams};
pub use exercise_progress::ExerciseProgress;
pub use id::SandboxId;
pub use idempotency::IdempotencyRecord;
pub use key::SandboxKey;
pub use lifetime::OpenedSandbox;
pub use listing::{UserFilter, UserPage};
pub use quiz_answer::QuizAnswer;
pub use recorder::ExchangeRecorder;
pub use scope::DataScope;
pub use session::{ApiLogin, SESSION_AGE};
pub use store::Sandboxes;
pub use token::{IssuedToken, TokenCheck, TokenCredential};
pub use usage::{NameLock, RateWindow, SandboxUsage, WindowCount};
pub use user::{ReplaceOutcome, WriteGuard};
pub use user_creation::CreateOutcome;
pub use write::{CreatedSandbox, WriteOutcome};
