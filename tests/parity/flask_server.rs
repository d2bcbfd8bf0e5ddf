//! The Flask version as a process: started on a free port of 127.0.0.1, ended with its test.

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

/// Longest time for the Flask version to start, and for it to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running flask with a database file of its own.
pub(crate) struct FlaskServer {
    address: String,
    // Killed when dropped, and by the kernel should the test end otherwise.
    _process: Child,
    _folder: TempDir,
}

impl FlaskServer {
    /// Starts it under gunicorn, as two processes on one file.
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

    /// Starts it by itself.
    pub(crate) async fn start_alone() -> FlaskServer {
        FlaskServer::run(&["app.py"], "Running on http://").await
    }

    /// Runs Python, and reads from its log where it listens: what follows `mark`.
    async fn run(arguments: &[&str], mark: &str) -> FlaskServer {
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
        let mut seen = String::new();
        let listening = async {
            while let Some(line) = log.next_line().await.unwrap() {
                if let Some((_, address)) = line.split_once(mark) {
                    return address.split_whitespace().next().map(str::to_owned);
                }
                seen.push_str(&line);
                seen.push('\n');
            }
            None
        };
        let address = timeout(PATIENCE, listening).await.ok().flatten();
        let address = address.unwrap_or_else(|| panic!("the Flask version did not start:\n{seen}"));
        // What it logs later belongs to the output of the test.
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

    /// Puts the first users back.
    pub(crate) async fn reset(&self) {
        let draft = RequestDraft {
            method: "POST".to_owned(),
            target: "/api/sandbox/reset".to_owned(),
            ..RequestDraft::default()
        };
        assert_eq!(self.send(&draft).await.status, 204);
    }

    /// Sends a request over a connection of its own, as it is.
    pub(crate) async fn send(&self, draft: &RequestDraft) -> TestResponse {
        let exchange = async {
            let mut stream = TcpStream::connect(&self.address).await?;
            stream.write_all(&bytes(draft)).await?;
            let mut response = Vec::new();
            stream.read_to_end(&mut response).await?;
            Ok::<_, std::io::Error>(response)
        };
        let response = timeout(PATIENCE, exchange).await;
        TestResponse::parse(
            &response
                .expect("the Flask version answers in time")
                .unwrap(),
        )
    }
}

/// A request on the wire.
fn bytes(draft: &RequestDraft) -> Vec<u8> {
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

/// The Python that has the Flask version's packages.
#[expect(clippy::disallowed_methods, reason = "a test has no configuration")]
fn python() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
    let cache =
        || std::env::var_os("XDG_CACHE_HOME").map_or_else(|| home().join(".cache"), PathBuf::from);
    let named = std::env::var_os("ROUTEBOOK_FLASK_PYTHON").map(PathBuf::from);
    let python = named.unwrap_or_else(|| cache().join("routebook/python/flask/bin/python"));
    assert!(
        python.is_file(),
        "there is no {}: `scripts/setup test` installs the packages of the Flask version there; \
         ROUTEBOOK_FLASK_PYTHON may name another Python that has those of \
         content/flask/requirements.txt",
        python.display()
    );
    python
}
