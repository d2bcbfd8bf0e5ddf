//! The library of lessons.
