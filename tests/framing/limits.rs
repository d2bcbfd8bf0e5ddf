//! Limits of a connection: time for a head, a body, an idle period and a response; the number of
//! connections.

use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get as route;
use routebook::server::limits::ServerLimits;

use crate::wire::{LONG, Server, Site, get, statuses, user};

const SHORT: Duration = Duration::from_millis(400);

fn hello() -> Router {
    Router::new()
        .route("/", route(async || "hello"))
        .route("/large", route(async || vec![0_u8; 64 << 20]))
        .route(
            "/who",
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
    let began = Instant::now();
    assert_eq!(server.connect().await.rest().await, "");
    assert!(began.elapsed() >= SHORT);

    for kept in [false, true] {
        let mut wire = server.connect().await;
        if kept {
            wire.send(get("/")).await;
            wire.response().await;
            wire.waits(SHORT * 2).await;
        }
        wire.send("GET / HTTP/1.1\r\n").await;
        let (text, time) = wire.drips("X: y\r\n", SHORT / 8).await;
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
    let mut wire = server.connect().await;
    for _ in 0..3 {
        wire.send(get("/")).await;
        assert!(wire.response().await.ends_with("hello"));
        wire.waits(SHORT).await;
    }
    wire.send(get("/")).await;
    wire.response().await;
    let began = Instant::now();
    assert_eq!(wire.rest().await, "");
    assert!((SHORT * 2..LONG).contains(&began.elapsed()));
}

#[tokio::test]
async fn body_that_stalls_or_drips_returns_408() {
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
            let mut wire = site.server.connect().await;
            wire.send(site.creation(&framing, bytes)).await;
            let (text, time) = wire.drips(bytes, SHORT / 8).await;
            assert!((SHORT / 2..SHORT * 6).contains(&time), "{time:?}");
            assert_eq!(statuses(&text), ["408"], "{text}");
            assert!(text.contains("connection: close"), "{text}");
            assert!(text.contains("application/problem+json"), "{text}");
            assert!(text.contains("/problems/request-timeout"), "{text}");
        }
    }
    let form = "POST /en/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n\r\nemail=";
    let text = site.server.all(form).await;
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
    let mut wire = server.connect().await;
    let request = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nhello";
    wire.send(request).await;
    assert!(wire.response().await.ends_with("hello"));
}

#[tokio::test]
async fn response_that_is_not_read_is_cut_off() {
    let limits = ServerLimits {
        write: SHORT,
        ..ServerLimits::default()
    };
    let server = Server::of(hello(), limits).await;
    let mut wire = server.connect().await;
    wire.send(get("/large")).await;
    tokio::time::sleep(SHORT * 4).await;
    assert!(wire.rest().await.len() < 64 << 20);

    // A client that reads slowly gets the whole response.
    let mut wire = server.connect().await;
    let last = get("/large").replace("1.1\r\n", "1.1\r\nConnection: close\r\n");
    wire.send(last).await;
    for _ in 0..5 {
        tokio::time::sleep(SHORT / 2).await;
        wire.take(8 << 20).await;
    }
    assert!(wire.rest().await.len() > 24 << 20);
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
    for wire in [&mut first, &mut second] {
        wire.send(get("/")).await;
        wire.response().await;
    }
    let mut third = server.connect().await;
    third.send(get("/")).await;
    third.waits(SHORT).await;
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
    for wire in [&mut first, &mut second] {
        wire.send(get("/")).await;
        wire.response().await;
    }
    assert_eq!(server.all(get("/")).await, "");
    drop(first);
    // The server needs a moment to notice that the connection has ended.
    let mut text = String::new();
    for _ in 0..200 {
        text = server
            .all(get("/").replace("1.1\r\n", "1.1\r\nConnection: close\r\n"))
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
async fn handler_gets_the_client_address() {
    let server = Server::of(hello(), ServerLimits::default()).await;
    let mut wire = server.connect().await;
    wire.send(get("/who")).await;
    let text = wire.response().await;
    assert!(text.contains("\r\n\r\n127.0.0.1:"), "{text}");
    assert!(text.to_lowercase().contains(CONTENT_TYPE.as_str()));
}
