//! Limits of a connection: time for a head, a body, an idle period and a response; the number of
//! connections.

use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get as route;
use routebook::server::limits::ServerLimits;

use crate::client::{LONG, Server, Site, get, statuses, user};

const SHORT: Duration = Duration::from_millis(400);

fn hello() -> Router {
    Router::new()
        .route("/", route(async || "hello"))
        .route("/large", route(async || vec![0_u8; 64 << 20]))
        .route(
            "/peer",
            route(
                async |ConnectInfo(address): ConnectInfo<std::net::SocketAddr>| address.to_string(),
            ),
        )
}

#[tokio::test]
async fn default_limits_equal_those_of_the_manual() {
    let limits = ServerLimits::default();
    let times = [
        limits.header,
        limits.body,
        limits.idle,
        limits.write,
        limits.drain,
    ];
    assert_eq!(times.map(|time| time.as_secs()), [10, 30, 60, 30, 20]);
    assert_eq!(limits.connections, 4096);
    assert_eq!(limits.connections_per_address, 1400);
}

#[tokio::test]
async fn head_that_does_not_end_in_time_is_cut_off() {
    let limits = ServerLimits {
        header: SHORT,
        ..ServerLimits::default()
    };
    let server = Server::of(hello(), limits).await;
    let start = Instant::now();
    assert_eq!(server.connect().await.read_to_end().await, "");
    assert!(start.elapsed() >= SHORT);

    for is_reused in [false, true] {
        let mut connection = server.connect().await;
        if is_reused {
            connection.send(get("/")).await;
            connection.response().await;
            connection.assert_silent(SHORT * 2).await;
        }
        connection.send("GET / HTTP/1.1\r\n").await;
        let (text, time) = connection.send_slowly("X: y\r\n", SHORT / 8).await;
        assert_eq!(text, "");
        assert!((SHORT / 2..SHORT * 6).contains(&time), "{time:?}");
    }
}

#[tokio::test]
async fn idle_connection_is_closed_after_its_time_limit() {
    let limits = ServerLimits {
        header: SHORT / 4,
        idle: SHORT * 2,
        ..ServerLimits::default()
    };
    let server = Server::of(hello(), limits).await;
    let mut connection = server.connect().await;
    for _ in 0..3 {
        connection.send(get("/")).await;
        assert!(connection.response().await.ends_with("hello"));
        connection.assert_silent(SHORT).await;
    }
    connection.send(get("/")).await;
    connection.response().await;
    let start = Instant::now();
    assert_eq!(connection.read_to_end().await, "");
    assert!((SHORT * 2..LONG).contains(&start.elapsed()));
}

#[tokio::test]
async fn body_that_stalls_or_arrives_slowly_returns_408() {
    let limits = ServerLimits {
        body: SHORT,
        header: SHORT,
        ..ServerLimits::default()
    };
    let site = Site::new(limits).await;
    let body = user("slow");
    for framing in [
        format!("Content-Length: {}\r\n", body.len()),
        "Transfer-Encoding: chunked\r\n".to_owned(),
    ] {
        let byte = match framing.starts_with('C') {
            true => "{",
            false => "1\r\n{\r\n",
        };
        for bytes in ["", byte] {
            let mut connection = site.server.connect().await;
            connection.send(site.creation(&framing, bytes)).await;
            let (text, time) = connection.send_slowly(bytes, SHORT / 8).await;
            assert!((SHORT / 2..SHORT * 6).contains(&time), "{time:?}");
            assert_eq!(statuses(&text), ["408"], "{text}");
            assert!(text.contains("connection: close"), "{text}");
            assert!(text.contains("application/problem+json"), "{text}");
            assert!(text.contains("/problems/request-timeout"), "{text}");
        }
    }
    let form = "POST /en/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n\r\nemail=";
    let text = site.server.exchange(form).await;
    assert_eq!(statuses(&text), ["408"], "{text}");
    assert!(text.contains("text/plain"), "{text}");
    assert_eq!(site.users().await, 12);
}

#[tokio::test]
async fn handler_may_run_longer_than_the_time_limit_of_the_body() {
    let limits = ServerLimits {
        header: SHORT / 4,
        body: SHORT / 4,
        idle: SHORT / 4,
        ..ServerLimits::default()
    };
    let slow = axum::routing::post(async |body: String| {
        tokio::time::sleep(SHORT).await;
        body
    });
    let server = Server::of(Router::new().route("/", slow), limits).await;
    let mut connection = server.connect().await;
    let request = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nhello";
    connection.send(request).await;
    assert!(connection.response().await.ends_with("hello"));
}

#[tokio::test]
async fn response_that_is_not_read_is_cut_off() {
    let limits = ServerLimits {
        write: SHORT,
        ..ServerLimits::default()
    };
    let server = Server::of(hello(), limits).await;
    let mut connection = server.connect().await;
    connection.send(get("/large")).await;
    tokio::time::sleep(SHORT * 4).await;
    assert!(connection.read_to_end().await.len() < 64 << 20);

    // A client that reads slowly gets the whole response.
    let mut connection = server.connect().await;
    let last = get("/large").replace("1.1\r\n", "1.1\r\nConnection: close\r\n");
    connection.send(last).await;
    for _ in 0..5 {
        tokio::time::sleep(SHORT / 2).await;
        connection.take(8 << 20).await;
    }
    assert!(connection.read_to_end().await.len() > 24 << 20);
}

#[tokio::test]
async fn connections_over_the_limit_wait() {
    let limits = ServerLimits {
        connections: 2,
        ..ServerLimits::default()
    };
    let server = Server::of(hello(), limits).await;
    let mut first = server.connect().await;
    let mut second = server.connect().await;
    for connection in [&mut first, &mut second] {
        connection.send(get("/")).await;
        connection.response().await;
    }
    let mut third = server.connect().await;
    third.send(get("/")).await;
    third.assert_silent(SHORT).await;
    drop(first);
    assert!(third.response().await.ends_with("hello"));
    second.send(get("/")).await;
    assert!(second.response().await.ends_with("hello"));
}

#[tokio::test]
async fn connections_over_the_limit_of_an_address_are_closed() {
    let limits = ServerLimits {
        connections_per_address: 2,
        ..ServerLimits::default()
    };
    let server = Server::of(hello(), limits).await;
    let mut first = server.connect().await;
    let mut second = server.connect().await;
    for connection in [&mut first, &mut second] {
        connection.send(get("/")).await;
        connection.response().await;
    }
    assert_eq!(server.exchange(get("/")).await, "");
    drop(first);
    // The server needs a moment to notice that the connection has ended.
    let mut text = String::new();
    for _ in 0..200 {
        text = server
            .exchange(get("/").replace("1.1\r\n", "1.1\r\nConnection: close\r\n"))
            .await;
        if !text.is_empty() {
            break;
        }
        tokio::time::sleep(SHORT / 20).await;
    }
    assert!(text.ends_with("hello"), "{text}");
    second.send(get("/")).await;
    assert!(second.response().await.ends_with("hello"));
}

#[tokio::test]
async fn handler_receives_the_peer_address() {
    let server = Server::of(hello(), ServerLimits::default()).await;
    let mut connection = server.connect().await;
    connection.send(get("/peer")).await;
    let text = connection.response().await;
    assert!(text.contains("\r\n\r\n127.0.0.1:"), "{text}");
    assert!(text.to_lowercase().contains(CONTENT_TYPE.as_str()));
}
