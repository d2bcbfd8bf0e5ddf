//! Stateless components for pages and islands. They receive the messages of the interface as an argument.

pub mod badge;
pub mod body_tree;
pub mod code_marks;
pub mod comparison;
pub mod data_panel_view;
pub mod data_view;
pub mod diagram;
pub mod expectation_list;
pub mod explain;
pub mod header_table;
pub mod icon;
pub mod json_spans;
pub mod request_form;
pub mod response_body;
mod response_xml;
pub mod trace_view;
pub mod unhydrated;
pub mod user_table;
pub mod wire_view;

pub use badge::{MethodBadge, StatusLine};
pub use comparison::comparison_view;
pub use data_panel_view::{DataPanelExchange, DataPanelParts, DataPanelView, LessonData};
pub use data_view::{DataView, changes_text};
pub use diagram::DiagramView;
pub use expectation_list::{ExpectationList, actual_text, condition_text};
pub use explain::Explain;
pub use header_table::HeaderTable;
pub use json_spans::json_spans;
pub use request_form::{FormExtras, FormParts, HeaderNames, expectation_lines, finding_message};
pub use response_body::ResponseBody;
pub use trace_view::{TraceTranslations, TraceView, deciding_id};
pub use user_table::UserTable;
pub use wire_view::{HeadersView, WireView};
