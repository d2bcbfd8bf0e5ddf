//! The code of the handlers of the API, which pages show beside an exchange.

use std::collections::BTreeMap;

use crate::content::highlight::{HighlightedCode, Highlighter};
use crate::content::source::{FunctionSource, Programs};

/// The handlers of the API, each with the function of the Flask version; empty when there is none.
pub(super) const HANDLERS: [(&str, &str); 29] = [
    ("user::list", "list_users"),
    ("user::create", "create_user"),
    ("user::show", "get_user"),
    ("user::replace", "replace_user"),
    ("user::update", "update_user"),
    ("user::delete", "delete_user"),
    ("export::show", ""),
    ("session::show", "show_session"),
    ("session::create", "log_in"),
    ("session::delete", "log_out"),
    ("token::list", "app::list_tokens"),
    ("token::create", "create_token"),
    ("token::show", "get_token"),
    ("token::delete", "app::delete_token"),
    ("me::show", "show_me"),
    ("me::update", "update_me"),
    ("admin::stats", "show_stats"),
    ("echo::show", "echo"),
    ("status::show", ""),
    ("time::show", "show_time"),
    ("sandbox::show", ""),
    ("sandbox::create", ""),
    ("sandbox::update", ""),
    ("sandbox::delete", ""),
    ("sandbox::reset", ""),
    ("sandbox::undo", ""),
    ("exchange::list", ""),
    ("health::show", ""),
    ("openapi::show", ""),
];

/// The code of a handler of the API and of its counterpart in the Flask version.
#[derive(Clone, Debug)]
pub struct HandlerSource {
    /// The handler of the API that ran.
    pub axum: HighlightedCode,
    /// The corresponding function of the Flask version, if there is one.
    pub flask: Option<HighlightedCode>,
}

/// Returns the code of all [`HANDLERS`]. A Flask version in the content folder may lack functions.
pub(super) fn handler_sources(
    programs: &Programs,
    highlighter: &Highlighter,
) -> BTreeMap<String, HandlerSource> {
    let code = |source: String| {
        let source = FunctionSource::parse(&source).ok()?;
        let text = programs.extract(&source).ok()?;
        highlighter.code(source.language(), &text).ok()
    };
    let pair = |(name, flask): (&str, &str)| {
        let source = HandlerSource {
            axum: code(format!("axum:resources::{name}"))
                .or_else(|| code(format!("axum:{name}")))?,
            flask: code(format!("flask:{flask}")),
        };
        Some((name.to_owned(), source))
    };
    HANDLERS.into_iter().filter_map(pair).collect()
}
