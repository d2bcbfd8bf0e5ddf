//! The user: the resource that is taught.
