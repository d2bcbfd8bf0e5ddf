//! Compares the header fields of responses to different methods and to different values of
//! `Accept-Encoding`; on a socket, because the HTTP library adds some of the fields.

use std::collections::BTreeMap;

use routebook::server::limits::ServerLimits;

use crate::client::Site;

/// Values of `Accept-Encoding`; the last ones exclude every coding that the server supports.
const ENCODINGS: [&str; 7] = [
    "",
    "gzip",
    "br, gzip;q=0.5",
    "gzip;q=0, br;q=0",
    "*",
    "identity;q=0",
    "*;q=0",
];

/// Returns the addresses of everything that is read with GET, with the request fields of each.
fn addresses(site: &Site) -> Vec<(String, String)> {
    let mut paths: Vec<_> = routebook::api::catalog()
        .iter()
        .map(|entry| {
            let path = entry.path.replace("{id}", "2").replace("{code}", "200");
            path.replace("{*path}", "some/where")
                .replace("{request_id}", "none")
        })
        .collect();
    let others = [
        "/",
        "/en",
        "/ko",
        "/en/data",
        "/en/login",
        "/en/playground",
        "/en/methods/put",
        "/en/methods/put.http",
        "/en/nothing",
        "/nothing",
        "/robots.txt",
        "/favicon.svg",
        "/og.png",
        "/pkg/nothing.css",
        "/healthz",
        "/readyz",
        "/problems/not-found",
        "/problems/nothing",
        "/api/users?per_page=1&fields=id",
        "/api/users?page=2",
        "/api/users?page=0",
        "/api/users/99",
        "/api/users/x",
        "/api/users/",
        "/api/users/export?format=json",
        "/api/nothing",
        "/api/status/204",
        "/api/status/205",
        "/api/status/206",
        "/api/status/304",
        "/api/status/307",
        "/api/status/404",
        "/api/status/500",
        "/api/status/999",
    ];
    paths.extend(others.map(str::to_owned));
    let key = format!("Sandbox-Key: {}\r\n", site.key);
    let mut all: Vec<_> = paths
        .into_iter()
        .map(|path| (path, String::new()))
        .collect();
    for (path, fields) in [
        ("/api/users/2", "If-None-Match: *\r\n"),
        ("/api/users/2", "If-Match: \"stale\"\r\n"),
        ("/api/users", "If-None-Match: *\r\n"),
        ("/api/users", "Accept: text/csv\r\n"),
        ("/api/users/2", "Accept: image/png\r\n"),
        ("/api/sandbox", key.as_str()),
        ("/api/sandbox/exchanges", key.as_str()),
        ("/api/sandbox/events", key.as_str()),
        ("/en", "Host: elsewhere.example\r\n"),
    ] {
        all.push((path.to_owned(), fields.to_owned()));
    }
    all
}

/// Returns status and header fields of a response, without those that differ between two requests.
async fn response(
    site: &Site,
    method: &str,
    (path, fields): &(String, String),
    encoding: &str,
) -> (String, BTreeMap<String, Vec<String>>) {
    let host = match fields.contains("Host:") {
        true => "",
        false => "Host: 127.0.0.1\r\n",
    };
    let encoding = match encoding {
        "" => String::new(),
        encoding => format!("Accept-Encoding: {encoding}\r\n"),
    };
    let mut connection = site.server.connect().await;
    connection
        .send(format!(
            "{method} {path} HTTP/1.1\r\n{host}{fields}{encoding}\r\n"
        ))
        .await;
    let head = connection.head().await;
    let mut lines = head.trim_end().split("\r\n");
    let status = lines.next().unwrap().to_owned();
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        found
            .entry(name.to_owned())
            .or_default()
            .push(value.to_owned());
    }
    // Transfer-Encoding describes the content, which a response to HEAD does not have (RFC 9112,
    // section 6.1).
    for name in ["date", "request-id", "transfer-encoding"] {
        found.remove(name);
    }
    // It contains the number of requests that remain.
    found.remove("ratelimit");
    (status, found)
}

#[tokio::test]
async fn head_of_every_address_has_the_fields_of_get() {
    let site = Site::new(ServerLimits::default()).await;
    for address in addresses(&site) {
        for encoding in ENCODINGS {
            let (mut status, mut get) = response(&site, "GET", &address, encoding).await;
            let (other, mut head) = response(&site, "HEAD", &address, encoding).await;
            if get != head {
                // A page in the response cache is compressed better in the background after its first
                // response. When that happens between the two, HEAD has the fields of the next GET.
                (status, get) = response(&site, "GET", &address, encoding).await;
            }
            let (path, _) = &address;
            if path.starts_with("/api/echo") {
                // The echo contains the method.
                assert!(get.contains_key("content-length") == head.contains_key("content-length"));
                get.remove("content-length");
                head.remove("content-length");
            }
            assert_eq!((other, head), (status, get), "{address:?} {encoding:?}");
        }
    }
}

#[tokio::test]
async fn status_without_content_has_no_content_length() {
    let site = Site::new(ServerLimits::default()).await;
    for (path, fields) in [
        ("/api/status/204", ""),
        ("/api/status/304", ""),
        ("/api/users/1", "If-None-Match: *\r\n"),
    ] {
        for method in ["GET", "HEAD", "OPTIONS"] {
            let address = (path.to_owned(), fields.to_owned());
            let (status, fields) = response(&site, method, &address, "").await;
            assert!(status.contains("204") || status.contains("304"), "{status}");
            assert_eq!(fields.get("content-length"), None, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn accept_encoding_changes_no_status() {
    let site = Site::new(ServerLimits::default()).await;
    for address in addresses(&site) {
        let (expected, _) = response(&site, "GET", &address, "").await;
        for encoding in ENCODINGS {
            let (status, fields) = response(&site, "GET", &address, encoding).await;
            assert_eq!(status, expected, "{address:?} {encoding:?}");
            if encoding.ends_with("q=0") {
                assert_eq!(
                    fields.get("content-encoding"),
                    None,
                    "{address:?} {encoding:?}"
                );
            }
        }
    }
    let mut connection = site.server.connect().await;
    let key = &site.key;
    let delete = format!(
        "DELETE /api/users/5 HTTP/1.1\r\nHost: 127.0.0.1\r\nSandbox-Key: {key}\r\n\
         Accept-Encoding: identity;q=0\r\n\r\n"
    );
    for expected in ["204", "404"] {
        connection.send(&delete).await;
        let head = connection.head().await;
        assert!(head.starts_with(&format!("HTTP/1.1 {expected}")), "{head}");
        if expected == "404" {
            assert!(head.contains("application/problem+json"), "{head}");
        }
    }
    assert_eq!(site.users().await, 11);
}
