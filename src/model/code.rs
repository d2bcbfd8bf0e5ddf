//! The code that answered a request.

/// A function of the API, and the one that does the same in the Flask twin; highlighted HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The function that ran.
    pub axum: String,
    /// Its twin, where there is one.
    pub flask: Option<String>,
}
