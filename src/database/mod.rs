//! Opens the pools of either engine, migrates, and runs every statement.
//!
//! One SQL text serves SQLite and PostgreSQL. This module contains no table and no statement of the
//! application. Those are in `portal` and `sandbox`, which describe their database with
//! [`DatabaseOptions`] and access it through [`Database`] only.

mod engine;
mod error;
mod executor;
mod file;
mod like;
mod migration;
mod open;
mod pools;
mod readers;
mod row;
mod statement;
mod task;
mod transaction;

pub use engine::Engine;
pub use error::DatabaseError;
pub use file::{FileLock, file_of, lock, make_private};
pub use like::like_pattern;
pub use migration::Migration;
pub use open::{DatabaseOptions, Synchronous, checkpoint, has_schema};
pub use pools::Database;
pub use row::Row;
pub use statement::{Statement, Value, ValueType};
pub(crate) use task::run_to_completion;
pub use transaction::{Transaction, TransactionFuture};
