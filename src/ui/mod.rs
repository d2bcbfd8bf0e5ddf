//! Stateless pieces of view, for pages and islands alike. They take their words as arguments.

pub mod badge;
pub mod explain;
pub mod header_table;
pub mod reply_view;
pub mod request_form;
pub mod step_list;
pub mod user_table;
pub mod words;

pub use badge::{MethodBadge, StatusLine};
pub use explain::Explain;
pub use header_table::HeaderTable;
pub use reply_view::{ReplyStatus, ReplyView};
pub use request_form::{RequestForm, problem_key};
pub use step_list::StepList;
pub use user_table::UserTable;
pub use words::words;
