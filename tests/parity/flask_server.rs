//! The Flask version as a process that listens on a free port of 127.0.0.1 and ends with its test.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use routebook::model::http::RequestDraft;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::response::TestResponse;

/// The maximum time for the Flask version to start, and for one response.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A running Flask version with a separate database file.
pub(crate) struct FlaskServer {
    address: String,
    // Killed when dropped, and by the kernel when the test process ends without dropping it.
    _process: Child,
    _folder: TempDir,
}

impl FlaskServer {
    /// Starts it under gunicorn with two worker processes that share the database file.
    pub(crate) async fn start() -> FlaskServer {
        let command = [
            "-m",
            "gunicorn",
            "--workers=2",
            "--no-control-socket",
            "--limit-request-line=8190",
            "--bind=127.0.0.1:0",
            "app:app",
        ];
        FlaskServer::run(&command, "Listening at: http://").await
    }

    /// Starts it with the development server of Flask.
    pub(crate) async fn start_development_server() -> FlaskServer {
        FlaskServer::run(&["app.py"], "Running on http://").await
    }

    /// Runs Python with these arguments and reads the address from its log, which is the text after `prefix`.
    async fn run(arguments: &[&str], prefix: &str) -> FlaskServer {
        let python = python();
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "--"])
            .arg(&python)
            .args(arguments)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/content/flask"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("FLASK_DATABASE", folder.path().join("users.db"))
            .env("FLASK_RUN_PORT", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut output = String::new();
        let listening = async {
            while let Some(line) = log.next_line().await.unwrap() {
                if let Some((_, address)) = line.split_once(prefix) {
                    return address.split_whitespace().next().map(str::to_owned);
                }
                output.push_str(&line);
                output.push('\n');
            }
            None
        };
        let address = timeout(TIMEOUT, listening).await.ok().flatten();
        let address =
            address.unwrap_or_else(|| panic!("the Flask version did not start:\n{output}"));
        // Copies its later log to the output of the test.
        tokio::spawn(async move {
            while let Ok(Some(line)) = log.next_line().await {
                eprintln!("flask: {line}");
            }
        });
        FlaskServer {
            address,
            _process: process,
            _folder: folder,
        }
    }

    /// Restores the seed.
    pub(crate) async fn reset(&self) {
        let draft = RequestDraft {
            method: "POST".to_owned(),
            target: "/api/sandbox/reset".to_owned(),
            ..RequestDraft::default()
        };
        assert_eq!(self.send(&draft).await.status, 204);
    }

    /// Sends a request unchanged over a new connection.
    pub(crate) async fn send(&self, draft: &RequestDraft) -> TestResponse {
        let exchange = async {
            let mut stream = TcpStream::connect(&self.address).await?;
            stream.write_all(&message(draft)).await?;
            let mut response = Vec::new();
            stream.read_to_end(&mut response).await?;
            Ok::<_, std::io::Error>(response)
        };
        let response = timeout(TIMEOUT, exchange).await;
        TestResponse::parse(
            &response
                .expect("a response of the Flask version within the time limit")
                .unwrap(),
        )
    }
}

/// Returns the bytes of a request message.
fn message(draft: &RequestDraft) -> Vec<u8> {
    let mut text = format!("{} {} HTTP/1.1\r\n", draft.method, draft.target);
    for header in &draft.headers {
        text.push_str(&format!("{}: {}\r\n", header.name, header.value));
    }
    if !draft.body.is_empty() {
        text.push_str(&format!("Content-Length: {}\r\n", draft.body.len()));
    }
    text.push_str("Connection: close\r\n\r\n");
    text.push_str(&draft.body);
    text.into_bytes()
}

/// Returns the Python that has the packages of the Flask version.
#[expect(clippy::disallowed_methods, reason = "a test has no configuration")]
fn python() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
    let cache =
        || std::env::var_os("XDG_CACHE_HOME").map_or_else(|| home().join(".cache"), PathBuf::from);
    let named = std::env::var_os("ROUTEBOOK_FLASK_PYTHON").map(PathBuf::from);
    let python = named.unwrap_or_else(|| cache().join("routebook/python/flask/bin/python"));
    assert!(
        python.is_file(),
        "{} does not exist: run `scripts/setup test`, which installs the packages of the Flask version \
         there, or set ROUTEBOOK_FLASK_PYTHON to a Python that has the packages of \
         content/flask/requirements.txt",
        python.display()
    );
    python
}
