//! The program as a server process on the databases of a test, and requests over TCP.

use std::cell::OnceCell;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::database::TestDatabase;

/// How long a process may take to start, and a response to arrive.
const LIMIT: Duration = Duration::from_secs(60);

/// A running server on a free port of this machine. It is killed when dropped.
pub(crate) struct ServerProcess {
    process: Child,
    /// The port on which it listens.
    pub(crate) port: u16,
    /// What it prints after its address.
    lines: Receiver<String>,
    first_admin: OnceCell<String>,
}

/// A response whose header section was received; when the server is killed, the content may be cut off.
#[derive(Debug)]
pub(crate) struct ProcessResponse {
    /// The status.
    pub(crate) status: u16,
    head: String,
    /// The body.
    pub(crate) body: String,
}

impl ServerProcess {
    /// Starts a server, and waits until it listens.
    pub(crate) fn start(database: &TestDatabase) -> ServerProcess {
        let mut process = Command::new(env!("CARGO_BIN_EXE_routebook"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(["--database", &database.url("portal")])
            .args(["--sandbox-database", &database.url("sandbox")])
            // Every visitor of a test has the same address.
            .env("ROUTEBOOK_LIMITS_SANDBOXES_PER_HOUR", "1000000")
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = channel();
        // Read to its end, so that the server does not wait for a reader.
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                // Failed when nobody wants to know more.
                drop(sender.send(line));
            }
        });
        let first = lines.recv_timeout(LIMIT).expect("the server starts");
        let address = first.strip_prefix("Routebook is at http://127.0.0.1:");
        let port = address.expect("an address").parse().unwrap();
        ServerProcess {
            process,
            port,
            lines,
            first_admin: OnceCell::new(),
        }
    }

    /// Waits for the link of the first admin, and returns its path.
    pub(crate) fn first_admin_path(&self) -> &str {
        self.first_admin.get_or_init(|| {
            loop {
                let line = self.lines.recv_timeout(LIMIT);
                let line = line.expect("the link of the first admin");
                if let Some(at) = line.find("/en/join/").or(line.find("/ko/join/")) {
                    return line[at..].to_owned();
                }
            }
        })
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // SIGKILL: nothing is finished or written any more.
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl ProcessResponse {
    /// Returns the pair of a cookie that the response sets, as a request sends it.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let mut fields = self.head.lines().filter_map(|line| {
            let (field, value) = line.split_once(": ")?;
            let value = value.split(';').next()?;
            field.eq_ignore_ascii_case("set-cookie").then_some(value)
        });
        let pair = fields.find(|pair| pair.split('=').next() == Some(name))?;
        Some(pair.to_owned())
    }
}

/// Fetches a page; `None` when the server is gone before the end of the header section.
pub(crate) async fn get(port: u16, path: &str, cookies: &str) -> Option<ProcessResponse> {
    exchange(port, &format!("GET {path}"), cookies, ("", "")).await
}

/// Posts a form; `None` when the server is gone before the end of the header section.
pub(crate) async fn post_form(
    port: u16,
    path: &str,
    cookies: &str,
    form: &[(&str, &str)],
) -> Option<ProcessResponse> {
    // In a block, because the serializer must not be held while the response is awaited.
    let body = {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form).finish()
    };
    let body = ("application/x-www-form-urlencoded", body.as_str());
    exchange(port, &format!("POST {path}"), cookies, body).await
}

/// Posts a JSON body; `None` when the server is gone before the end of the header section.
pub(crate) async fn post_json(
    port: u16,
    path: &str,
    cookies: &str,
    body: &str,
) -> Option<ProcessResponse> {
    let body = ("application/json", body);
    exchange(port, &format!("POST {path}"), cookies, body).await
}

async fn exchange(
    port: u16,
    target: &str,
    cookies: &str,
    (kind, body): (&str, &str),
) -> Option<ProcessResponse> {
    let request = format!(
        "{target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nCookie: lang=en; {cookies}\r\n\
         Content-Type: {kind}\r\nSec-Fetch-Site: same-origin\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let received = tokio::time::timeout(LIMIT, async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut response = Vec::new();
        stream.read_to_end(&mut response).await.ok()?;
        Some(response)
    });
    let response = received.await.expect("a response in time")?;
    let response = String::from_utf8_lossy(&response).into_owned();
    let (head, body) = response.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    Some(ProcessResponse {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

/// The password of the accounts that [`join`] creates.
const PASSWORD: &str = "correct horse";

/// Creates an account with the link of an invitation; the response sets the cookie of its session.
pub(crate) async fn join(port: u16, link: &str, email: &str) -> Option<ProcessResponse> {
    let form = [("name", "Ada"), ("email", email), ("password", PASSWORD)];
    post_form(port, link, "", &form).await
}

/// Creates an invitation with the session of an admin, and returns the path of its link.
pub(crate) async fn invite(port: u16, admin: &str, uses: &str) -> String {
    let form = [
        ("do", "create"),
        ("role", "learner"),
        ("days", "7"),
        ("uses", uses),
        ("emails", ""),
    ];
    let page = post_form(port, "/en/admin/invitations", admin, &form).await;
    let page = page.unwrap().body;
    let start = page.find("/en/join/").expect("a link");
    let link = page[start..].chars();
    link.take_while(|character| !"<\"\n".contains(*character))
        .collect()
}
