//! The binary: its commands, and a server that is requested over TCP.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// Runs a command to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_routebook"))
        .args(arguments)
        .output()
        .unwrap()
}

/// Runs a command in a terminal with a language.
pub(crate) fn run_in(language: &str, arguments: &[&str]) -> Output {
    in_language(language).args(arguments).output().unwrap()
}

/// Returns the program in a terminal with a language.
fn in_language(language: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_routebook"));
    command.env_remove("LC_ALL").env_remove("LC_MESSAGES");
    command.env("LANG", language);
    command
}

/// Starts a server in a terminal with a language, and returns the address on which the first admin is created.
pub(crate) fn first_admin_link(language: &str, flags: &[&str]) -> String {
    let data = tempfile::tempdir().unwrap();
    let mut process = in_language(language)
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data.path())
        .args(flags)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut lines = lines.map(Result::unwrap);
    let link = lines.find(|line| line.contains("/join/"));
    process.kill().unwrap();
    process.wait().unwrap();
    link.expect("a link")
}

/// Runs a command that must succeed, and returns what it prints.
pub(crate) fn print(arguments: &[&str]) -> String {
    let output = run(arguments);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (printed, errors) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {printed}{errors}");
    printed
}

/// Runs a command that must fail, and returns its error.
pub(crate) fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(!output.status.success(), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A server of a content folder, stopped when it is dropped.
pub(crate) struct Server {
    process: Child,
    address: String,
    data: TempDir,
}

impl Server {
    pub(crate) fn start(content: &Path, flags: &[&str]) -> Server {
        Server::start_with(content, flags, &[])
    }

    /// Starts a server with environment variables.
    pub(crate) fn start_with(content: &Path, flags: &[&str], variables: &[(&str, &str)]) -> Server {
        let data = tempfile::tempdir().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_routebook"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .arg("--content")
            .arg(content)
            .args(flags)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let first = lines.next().expect("the server starts").unwrap();
        let (_, address) = first.split_once("http://").expect("an address");
        let address = address.to_owned();
        Server {
            process,
            address,
            data,
        }
    }

    fn connect(&self, path: &str, cookie: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let address = &self.address;
        let cookie = match cookie {
            "" => String::new(),
            cookie => format!("Cookie: {cookie}\r\n"),
        };
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {address}\r\n{cookie}Connection: close\r\n\r\n"
        )
        .unwrap();
        stream
    }

    /// Returns head and body of the response to a GET request, without decoding the body.
    pub(crate) fn get(&self, path: &str) -> String {
        let mut bytes = Vec::new();
        self.connect(path, "").read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Creates an admin and returns the cookie of a session.
    pub(crate) fn log_in_as_admin(&self) -> String {
        let mut process = Command::new(env!("CARGO_BIN_EXE_routebook"))
            .args(["account", "create", "--email", "boss@example.com"])
            .args(["--name", "Boss", "--role", "admin", "--data"])
            .arg(self.data.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut input = process.stdin.take().unwrap();
        input.write_all(b"correct horse\n").unwrap();
        drop(input);
        assert!(process.wait().unwrap().success());
        let form = "email=boss%40example.com&password=correct+horse";
        let response = self.post("/en/login", "", form);
        let cookies = response
            .lines()
            .filter_map(|line| line.strip_prefix("set-cookie: "));
        let mut pairs = cookies.filter_map(|cookie| cookie.split(';').next());
        let session = pairs.find(|pair| pair.starts_with("routebook="));
        session.expect("a session").to_owned()
    }

    /// Returns head and body of the response to a GET request with a cookie.
    pub(crate) fn get_with(&self, path: &str, cookie: &str) -> String {
        let head = format!("GET {path} HTTP/1.1\r\nCookie: {cookie}\r\n");
        self.exchange(&head, "")
    }

    /// Returns head and body of the response to a form.
    pub(crate) fn post(&self, path: &str, cookie: &str, form: &str) -> String {
        let head = format!(
            "POST {path} HTTP/1.1\r\nCookie: {cookie}\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n",
            form.len()
        );
        self.exchange(&head, form)
    }

    fn exchange(&self, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let limit = Some(Duration::from_secs(20));
        stream.set_read_timeout(limit).unwrap();
        let address = &self.address;
        write!(
            stream,
            "{head}Host: {address}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Returns the first line of the response to a GET request, which may have no end.
    pub(crate) fn status_line(&self, path: &str, cookie: &str) -> String {
        let mut line = String::new();
        let mut response = BufReader::new(self.connect(path, cookie));
        response.read_line(&mut line).unwrap();
        line
    }

    /// Returns the first event of an event stream.
    pub(crate) fn first_event(&self, path: &str) -> serde_json::Value {
        self.first_event_with(path, "")
    }

    /// Returns the first event of an event stream for a cookie.
    pub(crate) fn first_event_with(&self, path: &str, cookie: &str) -> serde_json::Value {
        let lines = BufReader::new(self.connect(path, cookie)).lines();
        let mut lines = lines.map(Result::unwrap);
        let data = lines.find_map(|line| Some(line.strip_prefix("data: ")?.to_owned()));
        serde_json::from_str(&data.unwrap()).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}
