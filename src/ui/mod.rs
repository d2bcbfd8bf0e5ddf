//! Stateless pieces of view, for pages and islands alike. They take their words as arguments.

pub mod badge;
pub mod bench;
pub mod bench_view;
pub mod data_view;
pub mod exchange_view;
pub mod explain;
pub mod header_table;
pub mod json_paint;
pub mod reply_body;
mod reply_xml;
pub mod request_form;
pub mod trace_view;
pub mod user_table;
pub mod wire_view;

pub use badge::{MethodBadge, StatusLine};
pub use bench::{BenchPanel, BenchStates};
pub use bench_view::{BenchExchange, BenchView, DataPanelParts};
pub use data_view::{DataSummary, DataView};
pub use exchange_view::{ExchangeParts, ExchangeView};
pub use explain::Explain;
pub use header_table::HeaderTable;
pub use json_paint::json_paint;
pub use reply_body::reply_body;
pub use request_form::{FormExtras, FormParts, HeaderNames, RequestForm, problem_key};
pub use trace_view::TraceView;
pub use user_table::UserTable;
pub use wire_view::{ReplyHeaders, WireView};
