//! What the pages of the playground have beside their request forms: saved requests, the history of the sandbox, and the
//! exchange of whole files.

pub mod file_transfer;
pub mod history;
pub mod saved_list;
