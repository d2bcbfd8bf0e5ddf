//! The code that answered a request.

/// A function of the API, and the one that does the same in the Flask version; highlighted HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The function that ran.
    pub axum: String,
    /// The same function of the Flask version, where there is one.
    pub flask: Option<String>,
}
