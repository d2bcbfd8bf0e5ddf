//! Stateless pieces of view.
