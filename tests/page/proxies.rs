//! The client address of requests that the server sends for a form, with and without a trusted proxy.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use routebook::config::Config;
use routebook::model::limits::Limits;

use crate::client::Page;
use crate::database::TestDatabase;
use crate::site::TestApp;

on_both_engines! {
    forwarding_fields_of_a_draft_do_not_change_the_client_address,
    clients_behind_a_trusted_proxy_have_separate_limits,
    forwarding_fields_of_a_draft_are_not_sent,
}

/// Returns a site on which each client address can create two sandboxes.
async fn app(database: &TestDatabase, proxies: &[&str]) -> TestApp {
    let config = Config {
        base_url: Some("http://127.0.0.1:3000".to_owned()),
        trusted_proxies: proxies.iter().map(|net| net.parse().unwrap()).collect(),
        limits: Limits {
            sandboxes_per_hour: 2,
            ..Limits::default()
        },
        ..Config::default()
    };
    TestApp::with_config(database, config).await
}

/// Posts a form from a peer, with `X-Forwarded-For` if a client is given.
async fn post(
    app: &TestApp,
    (peer, client): (&str, Option<&str>),
    path: &str,
    form: &[(&str, &str)],
) -> Page {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    let mut request =
        Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    if let Some(client) = client {
        request = request.header("x-forwarded-for", client);
    }
    let mut request = request.body(Body::from(body.finish())).unwrap();
    let peer: SocketAddr = peer.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    let (parts, body) = app.send(request).await;
    Page::new(parts, body)
}

/// Sends a draft without a sandbox, and returns whether a sandbox was created.
async fn creates_sandbox(
    app: &TestApp,
    from: (&str, Option<&str>),
    fields: &[(&str, &str)],
) -> bool {
    let mut form = vec![("method", "DELETE"), ("target", "/api/users/1")];
    form.extend(fields);
    let page = post(app, from, "/en/try", &form).await;
    assert_eq!(page.status, 200);
    page.header("set-cookie").is_some()
}

const TYPED: [(&str, &str); 6] = [
    ("header-name", "X-Forwarded-For"),
    ("header-value", "203.0.113.77"),
    ("header-name", "Forwarded"),
    ("header-value", "for=203.0.113.77"),
    ("header-name", "X-Real-IP"),
    ("header-value", "203.0.113.77"),
];

async fn forwarding_fields_of_a_draft_do_not_change_the_client_address(database: &TestDatabase) {
    for (proxies, peer, client) in [
        (&[][..], "192.0.2.1:5000", None),
        (&["10.0.0.0/8"], "10.1.1.1:5000", Some("192.0.2.1")),
        // A request of the proxy itself, such as a health check.
        (&["10.0.0.0/8"], "10.1.1.1:5000", None),
    ] {
        let app = app(database, proxies).await;
        let from = (peer, client);
        assert!(creates_sandbox(&app, from, &[]).await);
        assert!(creates_sandbox(&app, from, &TYPED).await);
        assert!(
            !creates_sandbox(&app, from, &TYPED).await,
            "{proxies:?} {client:?}"
        );
        // The form of the switches has the same limit.
        let page = post(&app, from, "/en/data", &[("do", "behaviors")]).await;
        assert_eq!((page.status, page.header("set-cookie")), (429, None));
    }
}

async fn clients_behind_a_trusted_proxy_have_separate_limits(database: &TestDatabase) {
    let app = app(database, &["10.0.0.0/8"]).await;
    for client in ["192.0.2.1", "192.0.2.2", "203.0.113.9, 192.0.2.3"] {
        let from = ("10.1.1.1:5000", Some(client));
        let results = [
            creates_sandbox(&app, from, &[]).await,
            creates_sandbox(&app, from, &[]).await,
            creates_sandbox(&app, from, &[]).await,
        ];
        assert_eq!(results, [true, true, false], "{client}");
    }
    // The header of a peer that is not a trusted proxy is ignored.
    for (client, expected) in [
        ("192.0.2.7", true),
        ("192.0.2.8", true),
        ("192.0.2.9", false),
    ] {
        let from = ("198.51.100.1:5000", Some(client));
        assert_eq!(creates_sandbox(&app, from, &[]).await, expected, "{client}");
    }
}

async fn forwarding_fields_of_a_draft_are_not_sent(database: &TestDatabase) {
    let app = app(database, &["10.0.0.0/8"]).await;
    let mut form = vec![("method", "POST"), ("target", "/api/echo")];
    form.extend(TYPED);
    form.extend([("header-name", "X-Other"), ("header-value", "is sent")]);
    let from = ("10.1.1.1:5000", Some("192.0.2.1"));
    let page = post(&app, from, "/en/try", &form).await;
    let (_, response) = page.html.split_once("class=\"response\"").unwrap();
    let (response, _) = response.split_once("PlaygroundIsland").unwrap();
    assert!(response.contains("x-other"), "{response}");
    // The echo hides the values of some fields, so the names are looked for.
    for name in ["x-forwarded-for", "x-real-ip", "forwarded"] {
        assert!(!response.contains(name), "{name}: {response}");
    }
}
