//! A server on a socket, and a client that sends and reads bytes.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use routebook::server::limits::ServerLimits;
use routebook::server::{self, HttpService, listen};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::database::TestDatabase;
use crate::site::TestApp;

/// A time limit for every read: longer than any response here takes, and shorter than the default
/// limits.
pub(crate) const LONG: Duration = Duration::from_secs(8);

/// A server, stopped at the end of the test.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) stop: CancellationToken,
    pub(crate) task: JoinHandle<()>,
}

impl Server {
    /// Serves a router.
    pub(crate) async fn of(router: Router, limits: ServerLimits) -> Server {
        Server::stopped_by(CancellationToken::new(), router, limits).await
    }

    async fn stopped_by(
        stop: CancellationToken,
        service: impl HttpService,
        limits: ServerLimits,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Server {
            address: listener.local_addr().unwrap(),
            task: tokio::spawn(listen::serve(listener, service, limits, &[], stop.clone())),
            stop,
        }
    }

    pub(crate) async fn connect(&self) -> Connection {
        Connection(TcpStream::connect(self.address).await.unwrap())
    }

    /// Sends bytes on a new connection, and returns everything received until it is closed.
    pub(crate) async fn exchange(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut connection = self.connect().await;
        connection.send(bytes).await;
        connection.read_to_end().await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The whole site on a socket, with a sandbox.
pub(crate) struct Site {
    pub(crate) server: Server,
    pub(crate) app: TestApp,
    /// The key of the sandbox.
    pub(crate) key: String,
    _database: TestDatabase,
}

impl Site {
    pub(crate) async fn new(limits: ServerLimits) -> Site {
        let database = TestDatabase::sqlite().await;
        let app = TestApp::new(&database, "http://127.0.0.1:3000").await;
        let site = server::create_site(app.state.clone()).await.unwrap();
        let create = Request::post("/api/sandbox").body(Body::empty()).unwrap();
        let (created, _) = app.send(create).await;
        Site {
            key: created.headers["sandbox-key"].to_str().unwrap().to_owned(),
            server: Server::stopped_by(app.state.stop.clone(), site, limits).await,
            app,
            _database: database,
        }
    }

    /// Returns the number of users in the sandbox.
    pub(crate) async fn users(&self) -> usize {
        let list = Request::get("/api/users?per_page=1").header("sandbox-key", &self.key);
        let (list, _) = self.app.send(list.body(Body::empty()).unwrap()).await;
        list.headers["total-count"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap()
    }

    /// Returns a request that creates a user, with `Content-Length` replaced by these fields, and
    /// this body.
    pub(crate) fn creation(&self, framing: &str, body: &str) -> String {
        format!(
            "POST /api/users HTTP/1.1\r\nHost: 127.0.0.1\r\nSandbox-Key: {}\r\n\
             Content-Type: application/json\r\n{framing}\r\n{body}",
            self.key
        )
    }

    /// Returns a valid request that creates a user.
    pub(crate) fn plain_creation(&self, name: &str) -> String {
        let user = user(name);
        self.creation(&format!("Content-Length: {}\r\n", user.len()), &user)
    }
}

/// The JSON of a new user.
pub(crate) fn user(name: &str) -> String {
    format!(r#"{{"name":"{name}","email":"{name}@example.org","role":"member"}}"#)
}

/// The JSON of a new user as one chunk and the last chunk.
pub(crate) fn chunked(name: &str) -> String {
    let user = user(name);
    format!("{:x}\r\n{user}\r\n0\r\n\r\n", user.len())
}

/// Returns a request without a body.
pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
}

/// Returns the status codes of all responses in a text, in order.
pub(crate) fn statuses(text: &str) -> Vec<&str> {
    let lines = text.split("HTTP/1.").skip(1);
    lines.map(|line| &line[2..5]).collect()
}

/// The client side of a connection.
pub(crate) struct Connection(TcpStream);

impl Connection {
    /// Sends bytes; those that the server does not accept are lost.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        drop(self.try_send(bytes).await);
    }

    /// Sends bytes, and returns whether the server accepted all of them.
    pub(crate) async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let sent = timeout(LONG, self.0.write_all(bytes.as_ref())).await;
        sent.expect("the server takes the bytes or closes")
    }

    /// Reads this number of bytes and leaves the rest.
    pub(crate) async fn take(&mut self, count: usize) {
        let mut bytes = vec![0; count];
        let read = timeout(LONG, self.0.read_exact(&mut bytes)).await;
        read.expect("bytes in time").unwrap();
    }

    /// Reads the next response: its head, and a body of the length in `Content-Length`.
    pub(crate) async fn response(&mut self) -> String {
        let mut text = Vec::new();
        let read = async {
            while !text.ends_with(b"\r\n\r\n") {
                text.push(self.0.read_u8().await.expect("a whole head"));
            }
            let head = String::from_utf8_lossy(&text).to_lowercase();
            let length = head.split("content-length: ").nth(1);
            let length = length.and_then(|rest| rest.lines().next()?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            self.0.read_exact(&mut body).await.expect("a whole body");
            text.extend(body);
        };
        timeout(LONG, read).await.expect("a response in time");
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Reads the head of the next response.
    pub(crate) async fn head(&mut self) -> String {
        let mut text = Vec::new();
        let read = async {
            while !text.ends_with(b"\r\n\r\n") {
                text.push(self.0.read_u8().await.expect("a whole head"));
            }
        };
        timeout(LONG, read).await.expect("a head in time");
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Closes the client's side of the connection.
    pub(crate) async fn finish(&mut self) {
        self.0.shutdown().await.unwrap();
    }

    /// Resets the connection, as the operating system does for a client that has been killed.
    pub(crate) fn reset(self) {
        self.0.set_zero_linger().unwrap();
    }

    /// Reads everything until the connection is closed.
    pub(crate) async fn read_to_end(&mut self) -> String {
        let mut text = Vec::new();
        let read = timeout(LONG, self.0.read_to_end(&mut text)).await;
        // A reset counts as an end.
        drop(read.expect("the connection is closed in time"));
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Sends these bytes repeatedly until the connection is closed; returns the received bytes and
    /// the time it took.
    pub(crate) async fn send_slowly(&mut self, bytes: &str, pause: Duration) -> (String, Duration) {
        let start = Instant::now();
        let mut text = Vec::new();
        let (mut reader, mut writer) = self.0.split();
        let sending = async {
            loop {
                tokio::time::sleep(pause).await;
                drop(writer.write_all(bytes.as_bytes()).await);
            }
        };
        let closed = async {
            tokio::select! {
                _ = reader.read_to_end(&mut text) => {}
                () = sending => {}
            }
        };
        let closed = timeout(LONG, closed).await;
        closed.expect("the connection is closed in time");
        let text = String::from_utf8_lossy(&text).into_owned();
        (text, start.elapsed())
    }

    /// Expects the connection to stay open and silent for a while.
    pub(crate) async fn assert_silent(&mut self, time: Duration) {
        let read = timeout(time, self.0.read_u8()).await;
        assert!(read.is_err(), "{read:?}");
    }
}
