//! The one place that composes layers.
