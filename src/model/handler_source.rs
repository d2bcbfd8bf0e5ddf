//! The source code of a handler, for display.

/// The source of a handler of the API and of its counterpart in the Flask version, as highlighted HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandlerSource {
    /// The handler of the API that ran.
    pub axum: String,
    /// The corresponding function of the Flask version, if there is one.
    pub flask: Option<String>,
}
