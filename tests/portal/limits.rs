//! Rate limits: members are limited by account, anonymous clients by address.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use routebook::model::limits::Limits;

use crate::app::{App, TestResponse};
use crate::database::TestDatabase;

on_both_engines! {
    new_sandboxes_of_members_are_limited_by_account,
    page_names_the_limit_that_was_exceeded,
}

async fn app(database: &TestDatabase) -> App {
    let limits = Limits {
        sandboxes_per_hour: 1,
        ..Limits::default()
    };
    App::with_limits(database, limits).await
}

/// Sends a POST from the same address each time, with a form or an empty body.
async fn post(app: &App, path: &str, session: Option<&str>, form: &'static str) -> TestResponse {
    let mut request = Request::post(path)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    if let Some(session) = session {
        request = request.header(COOKIE, format!("{}={session}", app.cookie));
    }
    let mut request = request.body(Body::from(form)).unwrap();
    let peer: SocketAddr = "192.0.2.1:5000".parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    app.send(request).await
}

async fn new_sandboxes_of_members_are_limited_by_account(database: &TestDatabase) {
    let app = app(database).await;
    app.register("ada@example.com", "Ada Lovelace").await;
    let create = async |session: Option<&str>| post(&app, "/api/sandbox", session, "").await;
    assert_eq!(create(None).await.status, 201);
    let refused = create(None).await;
    assert_eq!(refused.status, 429);
    assert!(
        refused
            .body
            .contains("1 new sandboxes from one address an hour")
    );
    let grace = app.log_in_as_grace(None).await;
    assert_eq!(create(Some(&grace)).await.status, 201);
    let refused = create(Some(&grace)).await;
    assert_eq!(refused.status, 429);
    assert!(
        refused
            .body
            .contains("1 new sandboxes of one account an hour")
    );
    // The limit counts another session of the same account, but not another account.
    let again = app.log_in_as_grace(None).await;
    assert_eq!(create(Some(&again)).await.status, 429);
    let ada = app
        .log_in(None, "ada@example.com", crate::app::PASSWORD)
        .await;
    let ada = ada.session_id(app.cookie).unwrap();
    assert_eq!(create(Some(&ada)).await.status, 201);
    // An invalid session cookie is ignored.
    assert_eq!(create(Some("made-up")).await.status, 429);
}

async fn page_names_the_limit_that_was_exceeded(database: &TestDatabase) {
    let app = app(database).await;
    let grace = app.log_in_as_grace(None).await;
    let switch = "do=behaviors&latency_ms=1";
    for (session, en, ko) in [
        (None, "network address", "네트워크 주소"),
        (Some(grace.as_str()), "for your account", "이 계정으로"),
    ] {
        assert_eq!(post(&app, "/en/data", session, switch).await.status, 303);
        for (path, text) in [("/en/data", en), ("/ko/data", ko)] {
            let page = post(&app, path, session, switch).await;
            assert_eq!(page.status, 429, "{path}");
            assert!(page.body.contains(text), "{path}: {text}");
        }
    }
}
