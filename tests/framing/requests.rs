//! Valid requests in unusual forms, and requests that address no resource.

use routebook::server::limits::ServerLimits;

use crate::client::{Site, get, statuses, user};

#[tokio::test]
async fn pipelined_gets_are_answered_in_order() {
    let site = Site::new(ServerLimits::default()).await;
    let mut connection = site.server.connect().await;
    let both = [get("/api/users/2"), get("/api/users/3")].concat();
    connection.send(both).await;
    for id in [2, 3] {
        let text = connection.response().await;
        assert!(text.contains(&format!("{{\"id\":{id},")), "{text}");
    }
}

#[tokio::test]
async fn get_with_a_body_leaves_the_connection_in_sync() {
    let site = Site::new(ServerLimits::default()).await;
    let smuggled = site.plain_creation("smuggled");
    for framing in [
        format!("Content-Length: {}\r\n\r\n{smuggled}", smuggled.len()),
        format!(
            "Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{smuggled}\r\n0\r\n\r\n",
            smuggled.len()
        ),
    ] {
        let request = format!("GET /api/users/2 HTTP/1.1\r\nHost: 127.0.0.1\r\n{framing}");
        let mut connection = site.server.connect().await;
        connection.send(request).await;
        connection
            .send(get("/api/users/3").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))
            .await;
        let text = connection.read_to_end().await;
        assert_eq!(statuses(&text), ["200", "200"], "{text}");
        assert!(text.contains("{\"id\":3,"), "{text}");
    }
    assert_eq!(site.users().await, 12);
}

#[tokio::test]
async fn response_to_http_1_0_is_not_chunked() {
    let site = Site::new(ServerLimits::default()).await;
    // The response is compressed while it is sent, so its length is unknown. Pages for anonymous visitors come
    // from the response cache, and responses with a strong entity tag are not compressed.
    let request = "GET /api/echo HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n";
    let text = site.server.exchange(request).await;
    assert_eq!(statuses(&text), ["200"], "{text}");
    assert!(text.starts_with("HTTP/1.0 200"), "{text}");
    let head = text.split("\r\n\r\n").next().unwrap().to_lowercase();
    assert!(head.contains("content-encoding: gzip"), "{head}");
    assert!(!head.contains("transfer-encoding"), "{head}");

    // The same response in HTTP/1.1 is chunked.
    let request = request.replace("1.0\r\n", "1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n");
    let text = site.server.exchange(request).await.to_lowercase();
    assert!(text.contains("transfer-encoding: chunked"), "{text}");
}

#[tokio::test]
async fn expect_100_continue_returns_100() {
    let site = Site::new(ServerLimits::default()).await;
    let body = user("expecting");
    let framing = format!("Expect: 100-continue\r\nContent-Length: {}\r\n", body.len());
    let mut connection = site.server.connect().await;
    connection.send(site.creation(&framing, "")).await;
    assert_eq!(connection.response().await, "HTTP/1.1 100 Continue\r\n\r\n");
    connection.send(body).await;
    assert_eq!(statuses(&connection.response().await), ["201"]);
    assert_eq!(site.users().await, 13);

    // A client that need not send the body gets no 100.
    let large = "Expect: 100-continue\r\nContent-Length: 65537\r\n";
    let text = site.server.exchange(site.creation(large, "")).await;
    assert_eq!(statuses(&text), ["413"], "{text}");
}

#[tokio::test]
async fn refusal_with_unread_body_reaches_the_client() {
    let site = Site::new(ServerLimits::default()).await;
    for _ in 0..20 {
        let framing = format!("Content-Length: {}\r\n", 4 << 20);
        let mut connection = site.server.connect().await;
        connection.send(site.creation(&framing, "")).await;
        // The server reads the whole body. Otherwise the client would see a reset connection instead of
        // the response.
        connection.try_send(vec![b' '; 4 << 20]).await.unwrap();
        let text = connection.read_to_end().await;
        assert_eq!(statuses(&text), ["413"], "{text}");
    }
}

#[tokio::test]
async fn options_asterisk_returns_204_with_allow() {
    let site = Site::new(ServerLimits::default()).await;
    let mut connection = site.server.connect().await;
    connection
        .send("OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        .await;
    let text = connection.response().await;
    assert_eq!(statuses(&text), ["204"], "{text}");
    assert!(
        text.contains("allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n"),
        "{text}"
    );

    connection
        .send("GET * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        .await;
    assert_eq!(statuses(&connection.read_to_end().await), ["400"]);
}

#[tokio::test]
async fn trace_and_connect_are_refused_without_echo() {
    let site = Site::new(ServerLimits::default()).await;
    for (line, expected) in [
        ("TRACE /api/users", "405"),
        ("TRACE /en", "405"),
        ("CONNECT example.org:443", "501"),
        ("CONNECT /api/users", "501"),
    ] {
        let request = format!(
            "{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Mine: an echo\r\nConnection: close\r\n\r\n"
        );
        let text = site.server.exchange(request).await;
        assert_eq!(statuses(&text), [expected], "{line}");
        assert!(
            !text.to_lowercase().contains("x-mine") && !text.contains("an echo"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn host_of_an_absolute_target_takes_precedence() {
    let site = Site::new(ServerLimits::default()).await;
    for (target, host, expected) in [
        ("http://127.0.0.1/api/users/2", "127.0.0.1", "200"),
        ("http://127.0.0.1/api/users/2", "evil.example", "200"),
        ("http://evil.example/api/users/2", "127.0.0.1", "421"),
        ("/api/users/2", "evil.example", "421"),
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let text = site.server.exchange(request).await;
        assert_eq!(statuses(&text), [expected], "{target} {host}");
        assert_eq!(
            text.contains("application/problem+json"),
            expected == "421",
            "{text}"
        );
    }
}

#[tokio::test]
async fn status_line_has_the_registered_reason_phrase() {
    let site = Site::new(ServerLimits::default()).await;
    for (status, phrase) in [
        (404, "Not Found"),
        (413, "Content Too Large"),
        (422, "Unprocessable Content"),
    ] {
        let mut connection = site.server.connect().await;
        connection.send(get(&format!("/api/status/{status}"))).await;
        let text = connection.response().await;
        assert!(
            text.starts_with(&format!("HTTP/1.1 {status} {phrase}\r\n")),
            "{text}"
        );
    }
}
