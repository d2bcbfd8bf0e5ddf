//! The server as a process: signals, and running out of file descriptors.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::{LONG, get};

struct Process {
    child: Child,
    address: SocketAddr,
    folder: tempfile::TempDir,
}

impl Process {
    /// Starts a server with a limit of open files.
    fn start(files: u32) -> Process {
        let (process, output) = Process::start_with_output(files);
        // Reads the output to its end, as a terminal does.
        std::thread::spawn(move || output.lines().count());
        process
    }

    /// Starts a server with a limit of open files; returns its output after the first line.
    fn start_with_output(files: u32) -> (Process, BufReader<ChildStdout>) {
        let folder = tempfile::tempdir().unwrap();
        let script =
            format!("ulimit -n {files} && exec \"$0\" serve --listen 127.0.0.1:0 --data \"$1\"");
        let mut child = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_routebook")])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let address = line.trim().rsplit('/').next().unwrap().parse().unwrap();
        let process = Process {
            child,
            address,
            folder,
        };
        (process, output)
    }

    async fn get_user(&self) -> Option<String> {
        self.send(&get("/api/users/2")).await
    }

    /// Sends a request without a body on a new connection.
    async fn send(&self, request: &str) -> Option<String> {
        let mut stream = TcpStream::connect(self.address).await.ok()?;
        let request = request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut text = String::new();
        timeout(LONG, stream.read_to_string(&mut text))
            .await
            .ok()?
            .ok()?;
        Some(text)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[tokio::test]
async fn server_without_file_descriptors_waits_and_recovers() {
    let process = Process::start(80);
    let mut open = Vec::new();
    for _ in 0..120 {
        open.push(TcpStream::connect(process.address).await.unwrap());
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let log = fs::read_to_string(process.folder.path().join("log")).unwrap();
    let attempts = log.matches("cannot accept a connection").count();
    assert!((1..=4).contains(&attempts), "{log}");
    drop(open);
    let text = process.get_user().await.unwrap();
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
}

#[tokio::test]
async fn requested_failures_are_not_logged() {
    let process = Process::start(1024);
    let long = "x".repeat(8000);
    let paths = [
        format!("/api/{long}"),
        format!("/en/{long}"),
        "/api/status/500".to_owned(),
        "/api/status/501".to_owned(),
        "/api/status/503".to_owned(),
        "/api/users/%00%1b%5b2J".to_owned(),
    ];
    for path in &paths {
        for method in ["GET", "BREW", &long] {
            let request = get(path).replacen("GET", method, 1);
            let text = process.send(&request).await.unwrap();
            assert!(text.starts_with("HTTP/1.1 "), "{text}");
        }
    }
    let log = fs::read_to_string(process.folder.path().join("log")).unwrap();
    assert!(!log.contains("ERROR"), "{log}");
    assert!(log.len() < 1000 * paths.len(), "{} bytes: {log}", log.len());
    assert!(!log.contains(&long[..300]), "{log}");
}

#[tokio::test]
async fn signal_stops_the_server_gracefully() {
    for signal in ["TERM", "INT"] {
        let mut process = Process::start(1024);
        let mut idle = TcpStream::connect(process.address).await.unwrap();
        assert!(process.get_user().await.is_some());
        let id = process.child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.unwrap().success());
        let start = Instant::now();
        assert_eq!(timeout(LONG, idle.read_u8()).await.unwrap().ok(), None);
        while start.elapsed() < LONG && process.child.try_wait().unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let status = process.child.try_wait().unwrap();
        assert!(
            status.is_some_and(|status| status.success()),
            "{signal}: {status:?}"
        );
    }
}

#[tokio::test]
async fn server_whose_output_is_closed_stops_at_a_signal() {
    let (mut process, output) = Process::start_with_output(1024);
    drop(output);
    let text = process.get_user().await.unwrap();
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    let id = process.child.id().to_string();
    let killed = Command::new("kill").args(["-TERM", &id]).status().unwrap();
    assert!(killed.success());
    let end = Instant::now() + LONG;
    let status = loop {
        if let Some(status) = process.child.try_wait().unwrap() {
            break status;
        }
        assert!(Instant::now() < end, "the server still runs");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(status.success(), "{status}");
}
