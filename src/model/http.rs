//! A request being drafted, and the exchange it becomes.
