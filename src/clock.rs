//! The only place that asks the system for the time.
