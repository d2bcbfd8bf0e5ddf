//! The test client of the API.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, Response};
use routebook::clock::Clock;
use routebook::model::limits::Limits;
use routebook::sandbox::Sandboxes;
use routebook::server;
use serde_json::Value;
use sqlx::{AnyConnection, Connection as _, Executor as _, Row as _};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::{TcpListener, TcpStream};

use crate::database::TestDatabase;
use crate::site::TestApp;

/// A running site with a client of its API.
#[derive(Clone)]
pub(crate) struct App {
    site: TestApp,
    /// The clock of the site.
    pub(crate) clock: Clock,
    /// The data of the visitors.
    pub(crate) sandboxes: Sandboxes,
}

/// A complete response.
pub(crate) struct TestResponse {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl App {
    pub(crate) async fn new(database: &TestDatabase) -> App {
        App::with_base(database, "http://127.0.0.1:3000").await
    }

    pub(crate) async fn with_base(database: &TestDatabase, base: &str) -> App {
        App::of(TestApp::new(database, base).await)
    }

    /// Starts the site with other limits.
    pub(crate) async fn with_limits(database: &TestDatabase, limits: Limits) -> App {
        App::of(TestApp::with_limits(database, "http://127.0.0.1:3000", limits).await)
    }

    fn of(site: TestApp) -> App {
        App {
            clock: site.state.portal.clock.clone(),
            sandboxes: site.state.sandboxes.clone(),
            site,
        }
    }

    /// Waits until the exchanges are recorded, which happens after the response.
    pub(crate) async fn finish_recording(&self) {
        // The runtime of a test has one thread, so yielding runs the spawned tasks.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    /// Sends a request and returns the response before its body is complete.
    pub(crate) async fn respond(&self, request: Request<Body>) -> Response<Body> {
        self.site.respond(request).await
    }

    /// Sends a request.
    pub(crate) async fn send(&self, request: Request<Body>) -> TestResponse {
        let (parts, body) = self.site.send(request).await;
        TestResponse {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        }
    }

    /// Sends bytes over a new connection and returns the first line of the response.
    pub(crate) async fn first_line(&self, bytes: &str) -> String {
        let site = server::create_site(self.site.state.clone()).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let limits = server::limits::ServerLimits::default();
        let stop = self.site.state.stop.clone();
        let server = tokio::spawn(server::listen::serve(listener, site, limits, &[], stop));
        let mut stream = BufStream::new(TcpStream::connect(address).await.unwrap());
        stream.write_all(bytes.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        let mut line = String::new();
        let read = tokio::time::timeout(Duration::from_secs(10), stream.read_line(&mut line));
        read.await.expect("an answer within 10 s").unwrap();
        server.abort();
        line
    }

    /// Sends a request without a body.
    pub(crate) async fn get(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> TestResponse {
        self.request(method, path, headers, "").await
    }

    /// Sends a request with only these headers and this body.
    pub(crate) async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> TestResponse {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Sends JSON in a sandbox, as a merge patch when the method is PATCH.
    pub(crate) async fn json(
        &self,
        key: &str,
        method: &str,
        path: &str,
        body: &str,
    ) -> TestResponse {
        let format = if method == "PATCH" {
            "application/merge-patch+json"
        } else {
            "application/json"
        };
        let headers = [("sandbox-key", key), ("content-type", format)];
        self.request(method, path, &headers, body.to_owned()).await
    }

    /// Creates a sandbox and returns its key.
    pub(crate) async fn sandbox(&self) -> String {
        let created = self.get("POST", "/api/sandbox", &[]).await;
        assert_eq!(created.status, 201);
        created.header("sandbox-key").unwrap().to_owned()
    }

    /// Returns the body of the complete list.
    pub(crate) async fn users(&self, key: &str) -> Vec<u8> {
        let response = self
            .get("GET", "/api/users?per_page=100", &[("sandbox-key", key)])
            .await;
        assert_eq!(response.status, 200);
        response.body
    }
}

impl TestResponse {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Asserts that the response is a problem document with this status, and returns it.
    pub(crate) fn problem(&self, status: u16) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{text}");
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{text}"
        );
        let problem = self.json();
        assert_eq!(problem["status"], status);
        let id = self.header("request-id").unwrap();
        assert_eq!(problem["instance"], format!("urn:uuid:{id}"));
        assert!(
            problem["type"]
                .as_str()
                .unwrap()
                .starts_with("http://127.0.0.1:3000/problems/")
        );
        for member in ["title", "detail"] {
            assert!(!problem[member].as_str().unwrap().is_empty(), "{member}");
        }
        problem
    }

    /// Returns the pointers of the errors of a problem, in order.
    pub(crate) fn pointers(&self, status: u16) -> Vec<String> {
        let problem = self.problem(status);
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .map(|error| error["pointer"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// Runs a statement directly in the database.
pub(crate) async fn execute(database: &TestDatabase, sql: &'static str) {
    let mut connection = connect(database).await;
    connection.execute(sql).await.unwrap();
    connection.close().await.unwrap();
}

/// Reads the value of a query directly from the database.
pub(crate) async fn value<T>(database: &TestDatabase, sql: &'static str) -> T
where
    T: for<'r> sqlx::Decode<'r, sqlx::Any> + sqlx::Type<sqlx::Any>,
{
    let mut connection = connect(database).await;
    let row = connection.fetch_one(sql).await.unwrap();
    connection.close().await.unwrap();
    row.get(0)
}

/// Opens a connection directly to the database.
pub(crate) async fn connect(database: &TestDatabase) -> AnyConnection {
    let mut connection = AnyConnection::connect(&database.url("sandbox"))
        .await
        .unwrap();
    if let TestDatabase::Postgres { .. } = database {
        connection
            .execute("SET search_path = sandbox")
            .await
            .unwrap();
    }
    connection
}

/// Reads the rows of all visitors directly from the database.
pub(crate) async fn rows(database: &TestDatabase) -> Vec<String> {
    let mut connection = connect(database).await;
    let mut all = Vec::new();
    for sql in [
        "SELECT CAST(id AS TEXT) || ' ' || CAST(floor AS TEXT) || ' ' || CAST(created_at AS TEXT) || ' ' \
         || CAST(last_used_at AS TEXT) || ' ' || CAST(cookie_at AS TEXT) FROM sandbox ORDER BY id",
        "SELECT CAST(sandbox_id AS TEXT) || ' ' || CAST(id AS TEXT) || ' ' || name || ' ' || email || ' ' \
         || email_folded || ' ' || role || ' ' || COALESCE(bio, 'null') || ' ' || CAST(created_at AS TEXT) || ' ' \
         || CAST(updated_at AS TEXT) FROM users ORDER BY sandbox_id, id",
    ] {
        let found = connection.fetch_all(sql).await.unwrap();
        all.extend(found.iter().map(|row| row.get::<String, _>(0)));
    }
    connection.close().await.unwrap();
    all
}

/// Counts rows directly in the database.
pub(crate) async fn count(database: &TestDatabase, sql: &'static str) -> i64 {
    value(database, sql).await
}

/// Returns the number of sandboxes.
pub(crate) async fn sandboxes(database: &TestDatabase) -> i64 {
    count(database, "SELECT COUNT(*) FROM sandbox").await
}
