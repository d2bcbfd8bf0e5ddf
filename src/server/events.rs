//! Streams of server-sent events end when the server shall stop, wherever they come from: a reply
//! without an end would hold it up until it is cut off. They end with their client too: one that has
//! closed its side of the connection waits for the end of a reply, and this one has none.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;

use crate::server::listen::ClientFinished;

/// Ends the body of a reply with the server or its client, between two events, if it is a stream of
/// them.
pub(super) async fn end(
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
