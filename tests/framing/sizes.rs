//! Limits of the size of a head.

use routebook::server::limits::ServerLimits;

use crate::client::{Site, statuses};

const KIB: usize = 1024;

async fn status(site: &Site, path: &str, fields: &str) -> String {
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{fields}\r\n");
    let text = site.server.exchange(request).await;
    assert_eq!(statuses(&text).len(), 1, "{text}");
    text
}

#[tokio::test]
async fn target_over_8_kib_returns_414() {
    let site = Site::new(ServerLimits::default()).await;
    let padded =
        |begin: &str, length: usize| format!("{begin}{}", "x".repeat(length - begin.len()));
    for begin in ["/api/users?q=", "/api/", "/en/", "/?q="] {
        let just = status(&site, &padded(begin, 8 * KIB), "").await;
        assert_ne!(statuses(&just), ["414"], "{begin}");
        for length in [8 * KIB + 1, 20 * KIB, 60 * KIB] {
            let over = status(&site, &padded(begin, length), "").await;
            assert_eq!(statuses(&over), ["414"], "{begin} {length}");
            let problem = over.contains("application/problem+json");
            assert_eq!(problem, begin.starts_with("/api"), "{over}");
            assert_eq!(problem, over.contains("/problems/uri-too-long"), "{over}");
            assert!(over.contains("x-content-type-options: nosniff"), "{over}");
            assert!(over.contains("request-id: "), "{over}");
        }
    }
    // Bytes that the parser does not accept are refused too.
    let over = status(&site, &padded("/api/", 100 * KIB), "").await;
    assert_eq!(statuses(&over), ["431"]);
}

#[tokio::test]
async fn over_100_fields_return_431() {
    let site = Site::new(ServerLimits::default()).await;
    // Every request here has two more.
    let just = status(&site, "/api/users/2", &"X-Y: z\r\n".repeat(98)).await;
    assert_eq!(statuses(&just), ["200"]);
    let over = status(&site, "/api/users/2", &"X-Y: z\r\n".repeat(99)).await;
    assert_eq!(statuses(&over), ["431"]);
}

#[tokio::test]
async fn over_64_kib_of_fields_return_431() {
    let site = Site::new(ServerLimits::default()).await;
    for (length, expected) in [(63 * KIB, "200"), (64 * KIB, "431"), (300 * KIB, "431")] {
        for fields in [
            format!("X-Y: {}\r\n", "z".repeat(length)),
            format!("X-Y: {}\r\n", "z".repeat(length / 32 - 7)).repeat(32),
        ] {
            let response = status(&site, "/api/users/2", &fields).await;
            assert_eq!(statuses(&response), [expected], "{length}");
        }
    }
}
