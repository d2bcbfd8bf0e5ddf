//! HTML form posts.
