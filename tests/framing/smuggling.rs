//! Requests whose end is ambiguous (request smuggling): the server never treats one as two.
//!
//! A complete request that creates a user follows each of them. A server that misreads the first
//! request would process the second one.

use routebook::server::limits::ServerLimits;

use crate::client::{Site, chunked, statuses, user};

/// Sends each request, followed by one that creates a user. Expects one response with a status of
/// `expected` or none, then the end of the connection, and no new user.
async fn assert_refused(site: &Site, expected: &[&str], requests: &[Vec<u8>]) {
    for request in requests {
        let shown = String::from_utf8_lossy(request);
        let smuggled = site.plain_creation("smuggled");
        let text = site
            .server
            .exchange([request, smuggled.as_bytes()].concat())
            .await;
        let found = statuses(&text);
        let is_expected = found.is_empty() || found.len() == 1 && expected.contains(&found[0]);
        assert!(is_expected, "{shown}\n{text}");
        assert_eq!(site.users().await, 12, "{shown}");
    }
}

fn head(fields: &str) -> Vec<u8> {
    format!("GET /api/users/2 HTTP/1.1\r\n{fields}\r\n").into_bytes()
}

#[tokio::test]
async fn request_without_host_or_with_two_returns_400() {
    let site = Site::new(ServerLimits::default()).await;
    let requests = [
        head(""),
        head("Host: 127.0.0.1\r\nHost: 127.0.0.1\r\n"),
        head("Host: 127.0.0.1\r\nhost: evil.example\r\n"),
        head("Host: 127.0.0.1, evil.example\r\n"),
        head("Host: 127.0.0.1/x\r\n"),
        head("Host:\r\n"),
        b"GET /api/users/2 HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n".to_vec(),
    ];
    assert_refused(&site, &["400"], &requests).await;
    let http_1_0 = site
        .server
        .exchange("GET /api/users/2 HTTP/1.0\r\n\r\n")
        .await;
    assert_eq!(statuses(&http_1_0), ["200"], "{http_1_0}");
}

#[tokio::test]
async fn malformed_field_returns_400() {
    let site = Site::new(ServerLimits::default()).await;
    let host = "Host: 127.0.0.1\r\n";
    let requests = [
        "X-Y : z\r\n",
        "X-Y\t: z\r\n",
        "Content-Length : 5\r\n",
        " X-Y: z\r\n",
        "X-Y: z\r\n folded\r\n",
        "X-Y: z\r\n\tfolded\r\n",
        "X-Y: a\rb\r\n",
        "X-Y: a\r\r\n",
        "X-Y: a\0b\r\n",
        "X-Y: a\u{1}b\r\n",
        "X\0Y: z\r\n",
        "X Y: z\r\n",
        "X-Y\r\n",
        ": z\r\n",
    ]
    .map(|field| head(&format!("{host}{field}")));
    assert_refused(&site, &["400"], &requests).await;
    // A space before the first field, which some parsers accept.
    assert_refused(&site, &["400"], &[head(" Host: 127.0.0.1\r\n")]).await;
}

#[tokio::test]
async fn malformed_request_line_returns_400() {
    let site = Site::new(ServerLimits::default()).await;
    let requests = [
        "GET  /api/users/2 HTTP/1.1",
        "GET /api/users/2  HTTP/1.1",
        "GET /api/users/2 HTTP/1.1 ",
        "GET /api/users/2 HTTP/1.2",
        "GET /api/users/2 HTTP/2.0",
        "GET /api/users/2 http/1.1",
        "GET /api/users/2",
        "GET /api/users 2 HTTP/1.1",
        "GET /api/\0users HTTP/1.1",
        "G@T /api/users/2 HTTP/1.1",
        "GET http:// HTTP/1.1",
        "PRI * HTTP/2.0",
    ]
    .map(|line| format!("{line}\r\nHost: 127.0.0.1\r\n\r\n").into_bytes());
    assert_refused(&site, &["400"], &requests).await;
}

#[tokio::test]
async fn invalid_or_conflicting_content_length_returns_400() {
    let site = Site::new(ServerLimits::default()).await;
    let body = user("first");
    let length = body.len();
    let requests = [
        format!(
            "Content-Length: {length}\r\nContent-Length: {}\r\n",
            length + 1
        ),
        format!("Content-Length: 0\r\nContent-Length: {length}\r\n"),
        format!("Content-Length: {length}, {length}\r\n"),
        format!("Content-Length: {length}, {}\r\n", length + 1),
        format!("Content-Length: +{length}\r\n"),
        format!("Content-Length: -{length}\r\n"),
        format!("Content-Length: 0x{length:x}\r\n"),
        format!("Content-Length: {length}.0\r\n"),
        format!("Content-Length: {length} {length}\r\n"),
        format!("Content-Length: {}{length}\r\n", 1_u128 << 64),
        "Content-Length: \r\n".to_owned(),
        "Content-Length: 18446744073709551616\r\n".to_owned(),
        "Content-Length: 18446744073709551615\r\n".to_owned(),
    ]
    .map(|framing| site.creation(&framing, &body).into_bytes());
    assert_refused(&site, &["400", "413", "431"], &requests).await;
}

#[tokio::test]
async fn repeated_equal_content_length_counts_once() {
    let site = Site::new(ServerLimits::default()).await;
    let body = user("first");
    let framing = format!("Content-Length: {}\r\n", body.len()).repeat(2);
    let mut connection = site.server.connect().await;
    connection.send(site.creation(&framing, &body)).await;
    assert_eq!(statuses(&connection.response().await), ["201"]);
    assert_eq!(site.users().await, 13);
}

#[tokio::test]
async fn content_length_with_transfer_encoding_closes_the_connection() {
    let site = Site::new(ServerLimits::default()).await;
    let smuggled = site.plain_creation("smuggled");
    for (count, length) in [
        "5".to_owned(),
        "0".to_owned(),
        (smuggled.len() + 5).to_string(),
        "+5".to_owned(),
    ]
    .iter()
    .enumerate()
    {
        for (index, framing) in [
            format!("Transfer-Encoding: chunked\r\nContent-Length: {length}\r\n"),
            format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n"),
        ]
        .iter()
        .enumerate()
        {
            let before = site.users().await;
            let name = format!("first{count}{index}");
            let request = site.creation(framing, &chunked(&name));
            let text = site.server.exchange(format!("{request}{smuggled}")).await;
            let found = statuses(&text);
            // The chunked coding determines the body (RFC 9112, section 6.3), and nothing after it
            // is read.
            let created = usize::from(found == ["201"]);
            assert!(created == 1 || found == ["400"], "{framing}\n{text}");
            assert!(text.contains("connection: close"), "{text}");
            assert_eq!(site.users().await, before + created, "{framing}");
        }
    }
    // An empty body, before the other request.
    let before = site.users().await;
    let framing = format!(
        "Content-Length: {}\r\nTransfer-Encoding: chunked\r\n",
        smuggled.len() + 5
    );
    let text = site
        .server
        .exchange(site.creation(&framing, &format!("0\r\n\r\n{smuggled}")))
        .await;
    assert_eq!(statuses(&text), ["400"], "{text}");
    assert_eq!(site.users().await, before);
}

#[tokio::test]
async fn transfer_coding_other_than_chunked_returns_400_or_501() {
    let site = Site::new(ServerLimits::default()).await;
    let requests = [
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding: chunked;x=y\r\n",
        "Transfer-Encoding: \u{b}chunked\r\n",
        "Transfer-Encoding:\r\n",
    ]
    .map(|framing| site.creation(framing, &chunked("first")).into_bytes());
    assert_refused(&site, &["400", "501"], &requests).await;
    let http_1_0 = site.creation("Transfer-Encoding: chunked\r\n", &chunked("first"));
    assert_refused(
        &site,
        &["400"],
        &[http_1_0.replace("HTTP/1.1", "HTTP/1.0").into_bytes()],
    )
    .await;
}

#[tokio::test]
async fn malformed_chunk_returns_400() {
    let site = Site::new(ServerLimits::default()).await;
    let user = user("first");
    let size = format!("{:x}", user.len());
    let requests = [
        format!("+{size}\r\n{user}\r\n0\r\n\r\n"),
        format!("-{size}\r\n{user}\r\n0\r\n\r\n"),
        format!("0x{size}\r\n{user}\r\n0\r\n\r\n"),
        format!(" {size}\r\n{user}\r\n0\r\n\r\n"),
        format!("{size}\n{user}\r\n0\r\n\r\n"),
        format!("{size}\r{user}\r\n0\r\n\r\n"),
        format!("{size}\r\n{user}0\r\n\r\n"),
        format!("{size}\r\n{user}xx0\r\n\r\n"),
        format!("{size};a\nb\r\n{user}\r\n0\r\n\r\n"),
        format!("{size} {size}\r\n{user}\r\n0\r\n\r\n"),
        format!("10000000000000000{size}\r\n{user}\r\n0\r\n\r\n"),
        format!("\r\n{user}\r\n0\r\n\r\n"),
        format!("{size}\r\n{user}\r\n0\r\nX : y\r\n\r\n"),
    ]
    .map(|body| {
        site.creation("Transfer-Encoding: chunked\r\n", &body)
            .into_bytes()
    });
    assert_refused(&site, &["400"], &requests).await;
}
