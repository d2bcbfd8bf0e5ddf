//! Sends requests to a site under test.

use axum::body::Body;
use axum::http::response::Parts;
use axum::http::{HeaderMap, Request};

use crate::database::TestDatabase;
use crate::site::TestApp;

/// A page with its status and headers.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The body without the comments by which Leptos finds texts when it hydrates them.
    pub(crate) html: String,
    /// The body as it was received.
    pub(crate) body: String,
}

impl Page {
    pub(crate) fn new(parts: Parts, body: Vec<u8>) -> Page {
        let body = String::from_utf8(body).unwrap();
        Page {
            status: parts.status.as_u16(),
            headers: parts.headers,
            html: body.replace("<!>", ""),
            body,
        }
    }

    /// Returns the value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// Sends a GET request with headers.
pub(crate) async fn get(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Page {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, body) = app.send(request.body(Body::empty()).unwrap()).await;
    Page::new(parts, body)
}

/// Returns a site with default configuration.
pub(crate) async fn app(database: &TestDatabase) -> TestApp {
    TestApp::new(database, "http://127.0.0.1:3000").await
}

/// Posts a form.
pub(crate) async fn post(
    app: &TestApp,
    path: &str,
    headers: &[(&str, &str)],
    form: &[(&str, &str)],
) -> Page {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    let mut request =
        Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, body) = app
        .send(request.body(Body::from(body.finish())).unwrap())
        .await;
    Page::new(parts, body)
}

/// Sends a request with a JSON body to the API with the cookie of a visitor.
pub(crate) async fn call(
    app: &TestApp,
    cookie: &str,
    method: &str,
    target: &str,
    body: &str,
) -> Page {
    let request = Request::builder()
        .method(method)
        .uri(target)
        .header("content-type", "application/json")
        .header("cookie", cookie)
        .body(Body::from(body.to_owned()));
    let (parts, body) = app.send(request.unwrap()).await;
    Page::new(parts, body)
}

/// Creates a sandbox and returns its cookie.
pub(crate) async fn sandbox_cookie(app: &TestApp) -> String {
    let created = call(app, "", "POST", "/api/sandbox", "").await;
    cookie_of(&created)
}

/// Returns the cookie that a response sets.
pub(crate) fn cookie_of(page: &Page) -> String {
    let cookie = page.header("set-cookie").unwrap();
    cookie.split(';').next().unwrap().to_owned()
}
