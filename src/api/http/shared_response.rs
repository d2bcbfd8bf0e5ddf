//! How a handler declares that its response is the same for every anonymous client.

use std::borrow::Cow;

/// An extension of a response whose fields and body depend on nothing but the path: not on cookies,
/// credentials, other header fields, or the data of a visitor. The server keeps such a response in
/// memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedResponse {
    /// The path in its usual spelling; others, such as percent-encoded ones, lead to the same response.
    pub path: Cow<'static, str>,
    /// Whether the response is the same with any query.
    pub ignores_query: bool,
}

impl SharedResponse {
    /// The response at a path without a query.
    #[must_use]
    pub fn new(path: impl Into<Cow<'static, str>>) -> SharedResponse {
        SharedResponse {
            path: path.into(),
            ignores_query: false,
        }
    }

    /// The same response at this path with any query.
    #[must_use]
    pub fn ignoring_query(mut self) -> SharedResponse {
        self.ignores_query = true;
        self
    }
}
