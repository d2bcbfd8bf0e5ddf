//! The only islands.
