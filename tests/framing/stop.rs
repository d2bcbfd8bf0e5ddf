//! Stopping the server: requests in flight are finished, and those that do not end are cut off.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get as route;
use routebook::server::limits::ServerLimits;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::wire::{LONG, Server, Site, get, statuses, user};

const SHORT: Duration = Duration::from_millis(400);

#[tokio::test]
async fn request_in_flight_is_finished_and_its_connection_closed() {
    let mut site = Site::new(ServerLimits::default()).await;
    let mut rests = site.server.connect().await;
    rests.send(get("/api/health")).await;
    let text = rests.response().await;
    assert!(!text.contains("connection: close"), "{text}");

    let body = user("last");
    let (head, tail) = body.split_at(10);
    let mut wire = site.server.connect().await;
    let framing = format!("Content-Length: {}\r\n", body.len());
    wire.send(site.creation(&framing, head)).await;
    wire.waits(SHORT / 2).await;
    site.server.stop.cancel();

    // Idle connections are closed at once, and new ones are not accepted.
    assert_eq!(rests.rest().await, "");
    assert!(TcpStream::connect(site.server.address).await.is_err());

    wire.waits(SHORT / 2).await;
    wire.send(tail).await;
    let text = wire.rest().await;
    assert_eq!(statuses(&text), ["201"], "{text}");
    assert!(text.contains("connection: close"), "{text}");
    assert_eq!(site.users().await, 13);
    timeout(LONG, &mut site.server.task).await.unwrap().unwrap();
}

#[tokio::test]
async fn request_that_does_not_end_is_cut_off_at_the_time_limit() {
    let endless = route(async || {
        std::future::pending::<()>().await;
    });
    let limits = ServerLimits {
        drain: SHORT,
        ..ServerLimits::default()
    };
    let mut server = Server::of(Router::new().route("/", endless), limits).await;
    let mut wire = server.connect().await;
    wire.send(get("/")).await;
    wire.waits(SHORT).await;
    let began = Instant::now();
    server.stop.cancel();
    timeout(LONG, &mut server.task).await.unwrap().unwrap();
    assert!(began.elapsed() >= SHORT);
    assert_eq!(wire.rest().await, "");
}

#[tokio::test]
async fn event_stream_ends_when_the_server_stops() {
    let mut site = Site::new(ServerLimits::default()).await;
    let key = format!("\r\nSandbox-Key: {}\r\n\r\n", site.key);
    let mut wire = site.server.connect().await;
    wire.send(get("/api/sandbox/events").replace("\r\n\r\n", &key))
        .await;
    let head = wire.response().await;
    assert!(head.contains("text/event-stream"), "{head}");
    wire.waits(SHORT).await;
    site.server.stop.cancel();
    // Including the last chunk: the response is finished, not cut off.
    assert!(wire.rest().await.ends_with("0\r\n\r\n"));
    timeout(LONG, &mut site.server.task).await.unwrap().unwrap();
}

#[tokio::test]
async fn healthz_is_ok_while_serving_and_readyz_until_the_stop() {
    let site = Site::new(ServerLimits::default()).await;
    let ask = async |path: &str| {
        // With any host name that a load balancer uses.
        let request = Request::get(path).header("host", "10.0.0.1:3000");
        let (head, _) = site.app.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(head.headers["cache-control"], "no-store");
        head.status.as_u16()
    };
    assert_eq!((ask("/healthz").await, ask("/readyz").await), (200, 200));
    site.app.state.portal.store.close().await;
    assert_eq!((ask("/healthz").await, ask("/readyz").await), (200, 503));

    let site = Site::new(ServerLimits::default()).await;
    site.app.state.stop.cancel();
    let ready = Request::get("/readyz").body(Body::empty()).unwrap();
    let (head, text) = site.app.send(ready).await;
    assert_eq!(
        (head.status.as_u16(), text.as_slice()),
        (503, &b"stopping\n"[..])
    );
}
