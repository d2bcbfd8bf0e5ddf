//! Streams of server-sent events end when the server shall stop, wherever they come from: a reply
//! without an end would hold it up until it is cut off.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;

/// Ends the body of a reply with the server, between two events, if it is a stream of them.
pub(super) async fn end(State(stop): State<CancellationToken>, response: Response) -> Response {
    let kind = response.headers().get(CONTENT_TYPE);
    match kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
        true => response.map(|events| {
            let events = events.into_data_stream();
            Body::from_stream(events.take_until(stop.cancelled_owned()))
        }),
        false => response,
    }
}
