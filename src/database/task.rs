//! Runs writes in their own tasks, so that they complete when the caller is dropped.

use tracing::Instrument;

/// Runs a write to completion, even when the caller is dropped.
pub(crate) async fn run_to_completion<T: Send + 'static>(
    write: impl Future<Output = T> + Send + 'static,
) -> T {
    match tokio::spawn(write.in_current_span()).await {
        Ok(value) => value,
        // The task is never aborted, and a runtime that shuts down does not poll this future any
        // more, so the error is a panic.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
