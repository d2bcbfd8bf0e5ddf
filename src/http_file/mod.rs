//! The `.http` dialect of lessons.
