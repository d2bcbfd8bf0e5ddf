//! Ends event streams when the server stops, because a response without an end would delay the stop
//! until its connection is cut off. Also ends them when the client has closed its side of the
//! connection, because such a client waits for an end that would never come.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;

use crate::server::connection::ClientFinished;

/// Ends the body of a response between two events when the server stops or the client closes its
/// side, if the response is an event stream.
pub(super) async fn end_streams(
    State(stop): State<CancellationToken>,
    request: Request,
    next: Next,
) -> Response {
    let finished = request.extensions().get::<ClientFinished>().cloned();
    let response = next.run(request).await;
    let kind = response.headers().get(CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
        return response;
    }
    let ended = async move {
        match finished {
            Some(ClientFinished(finished)) => tokio::select! {
                () = stop.cancelled() => {}
                () = finished.cancelled() => {}
            },
            None => stop.cancelled().await,
        }
    };
    response.map(|events| {
        let events = events.into_data_stream();
        Body::from_stream(events.take_until(Box::pin(ended)))
    })
}
