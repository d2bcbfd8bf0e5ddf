//! Stopping the server: requests in flight are finished, and those that do not end are cut off.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get as route;
use routebook::server::limits::ServerLimits;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::{LONG, Server, Site, get, statuses, user};

const SHORT: Duration = Duration::from_millis(400);

#[tokio::test]
async fn request_in_flight_is_finished_and_its_connection_closed() {
    let mut site = Site::new(ServerLimits::default()).await;
    let mut idle = site.server.connect().await;
    idle.send(get("/api/health")).await;
    let text = idle.response().await;
    assert!(!text.contains("connection: close"), "{text}");

    let body = user("last");
    let (head, tail) = body.split_at(10);
    let mut connection = site.server.connect().await;
    let framing = format!("Content-Length: {}\r\n", body.len());
    connection.send(site.creation(&framing, head)).await;
    connection.assert_silent(SHORT / 2).await;
    site.server.stop.cancel();

    // Idle connections are closed at once, and new ones are not accepted.
    assert_eq!(idle.read_to_end().await, "");
    assert!(TcpStream::connect(site.server.address).await.is_err());

    connection.assert_silent(SHORT / 2).await;
    connection.send(tail).await;
    let text = connection.read_to_end().await;
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
    let mut connection = server.connect().await;
    connection.send(get("/")).await;
    connection.assert_silent(SHORT).await;
    let start = Instant::now();
    server.stop.cancel();
    timeout(LONG, &mut server.task).await.unwrap().unwrap();
    assert!(start.elapsed() >= SHORT);
    assert_eq!(connection.read_to_end().await, "");
}

#[tokio::test]
async fn event_stream_ends_when_the_server_stops() {
    let mut site = Site::new(ServerLimits::default()).await;
    let key = format!("\r\nSandbox-Key: {}\r\n\r\n", site.key);
    let mut connection = site.server.connect().await;
    connection
        .send(get("/api/sandbox/events").replace("\r\n\r\n", &key))
        .await;
    let head = connection.response().await;
    assert!(head.contains("text/event-stream"), "{head}");
    connection.assert_silent(SHORT).await;
    site.server.stop.cancel();
    // Including the last chunk: the response is finished, not cut off.
    assert!(connection.read_to_end().await.ends_with("0\r\n\r\n"));
    timeout(LONG, &mut site.server.task).await.unwrap().unwrap();
}

#[tokio::test]
async fn healthz_is_ok_while_serving_and_readyz_until_the_stop() {
    let site = Site::new(ServerLimits::default()).await;
    let status = async |path: &str| {
        // With any host name that a load balancer uses.
        let request = Request::get(path).header("host", "10.0.0.1:3000");
        let (head, _) = site.app.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(head.headers["cache-control"], "no-store");
        head.status.as_u16()
    };
    assert_eq!(
        (status("/healthz").await, status("/readyz").await),
        (200, 200)
    );
    site.app.state.portal.store.close().await;
    assert_eq!(
        (status("/healthz").await, status("/readyz").await),
        (200, 503)
    );

    let site = Site::new(ServerLimits::default()).await;
    site.app.state.stop.cancel();
    let ready = Request::get("/readyz").body(Body::empty()).unwrap();
    let (head, text) = site.app.send(ready).await;
    assert_eq!(
        (head.status.as_u16(), text.as_slice()),
        (503, &b"stopping\n"[..])
    );
}
