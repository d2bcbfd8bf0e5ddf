//! Clients that close their side of a connection: after a complete request they get a response,
//! within a request they do not, and a reset connection frees its resources.

use std::time::Duration;

use axum::Router;
use axum::routing::{get as route, post};
use routebook::server::limits::ServerLimits;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use crate::client::{LONG, Server, Site, chunked, get, statuses, user};

/// How often each case is tried, because it depends on a race.
const REPETITIONS: usize = 20;

#[tokio::test]
async fn get_on_half_closed_connection_returns_200() {
    let site = Site::new(ServerLimits::default()).await;
    for path in ["/api/users/2", "/en"] {
        for _ in 0..REPETITIONS {
            let mut connection = site.server.connect().await;
            connection.send(get(path)).await;
            connection.finish().await;
            let text = connection.read_to_end().await;
            assert_eq!(statuses(&text), ["200"], "{path}: {text}");
        }
    }
}

#[tokio::test]
async fn post_on_half_closed_connection_returns_201_for_each_user_created() {
    let site = Site::new(ServerLimits::default()).await;
    for time in 0..REPETITIONS {
        let name = format!("half{time}");
        let request = match time % 2 {
            0 => site.plain_creation(&name),
            _ => site.creation("Transfer-Encoding: chunked\r\n", &chunked(&name)),
        };
        let mut connection = site.server.connect().await;
        connection.send(request).await;
        connection.finish().await;
        let text = connection.read_to_end().await;
        assert_eq!(statuses(&text), ["201"], "{text}");
    }
    assert_eq!(site.users().await, 12 + REPETITIONS);
}

#[tokio::test]
async fn half_close_after_pipelined_requests_returns_every_response() {
    let site = Site::new(ServerLimits::default()).await;
    let mut connection = site.server.connect().await;
    let creation = site.plain_creation("pipelined");
    connection
        .send([get("/api/users/2"), creation, get("/api/users/3")].concat())
        .await;
    connection.finish().await;
    let text = connection.read_to_end().await;
    assert_eq!(statuses(&text), ["200", "201", "200"], "{text}");
}

#[tokio::test]
async fn half_close_while_the_handler_waits_returns_its_response() {
    let slow = route(async || {
        tokio::time::sleep(Duration::from_millis(300)).await;
        "slow"
    });
    let server = Server::of(Router::new().route("/", slow), ServerLimits::default()).await;
    let mut connection = server.connect().await;
    connection.send(get("/")).await;
    connection.finish().await;
    let text = connection.read_to_end().await;
    assert!(text.ends_with("slow"), "{text}");
}

#[tokio::test]
async fn half_close_within_a_request_creates_no_user() {
    let site = Site::new(ServerLimits::default()).await;
    let whole = site.plain_creation("partial");
    let body = user("partial");
    for request in [
        // Within the head, within a body of known length, and before the last chunk.
        whole[..whole.len() - body.len() - 2].to_owned(),
        whole[..whole.len() - 1].to_owned(),
        site.creation(
            "Transfer-Encoding: chunked\r\n",
            &format!("{:x}\r\n{body}\r\n", body.len()),
        ),
    ] {
        let mut connection = site.server.connect().await;
        connection.send(&request).await;
        connection.finish().await;
        let text = connection.read_to_end().await;
        assert!(!text.contains("201"), "{request}: {text}");
    }
    assert_eq!(site.users().await, 12);
}

#[tokio::test]
async fn half_closed_client_that_reads_nothing_is_cut_off() {
    let limits = ServerLimits {
        write: Duration::from_millis(400),
        ..ServerLimits::default()
    };
    let large = route(async || vec![0_u8; 64 << 20]);
    let server = Server::of(Router::new().route("/", large), limits).await;
    let mut connection = server.connect().await;
    connection.send(get("/")).await;
    connection.finish().await;
    tokio::time::sleep(limits.write * 4).await;
    assert!(connection.read_to_end().await.len() < 64 << 20);
}

/// Sends a message when it is dropped, which is when the handler ends.
struct HandlerGuard(UnboundedSender<()>);

impl Drop for HandlerGuard {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[tokio::test]
async fn reset_connection_cancels_its_handler() {
    let (started, mut starts) = unbounded_channel();
    let (ended, mut ends) = unbounded_channel();
    let endless = async move || {
        let _guard = HandlerGuard(ended.clone());
        let _ = started.send(());
        std::future::pending::<()>().await;
    };
    let router = Router::new().route("/", route(endless.clone()).merge(post(endless)));
    let server = Server::of(router, ServerLimits::default()).await;
    let with_body = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\nhi";
    for request in [get("/"), with_body.to_owned()] {
        let mut connection = server.connect().await;
        connection.send(request).await;
        timeout(LONG, starts.recv())
            .await
            .expect("the handler starts");
        connection.reset();
        timeout(LONG, ends.recv()).await.expect("the handler ends");
    }
}

#[tokio::test]
async fn event_stream_ends_when_its_client_closes() {
    let site = Site::new(ServerLimits::default()).await;
    let key = format!("\r\nSandbox-Key: {}\r\n\r\n", site.key);
    let mut connection = site.server.connect().await;
    connection
        .send(get("/api/sandbox/events").replace("\r\n\r\n", &key))
        .await;
    let head = connection.head().await;
    assert!(head.contains("text/event-stream"), "{head}");
    connection.finish().await;
    assert!(connection.read_to_end().await.ends_with("0\r\n\r\n"));
}
